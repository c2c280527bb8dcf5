//! A ban without a reason is a riddle: every ban of clippy.toml and deny.toml says why, and the vital ones stand.

use crate::assert_none;
use e2e::repo;
use toml::Value;

const VITAL: [&str; 6] = ["ring", "openssl", "native-tls", "reqwest", "serde_yaml", "rsa"];

fn parse(name: &str, text: &str) -> Result<Value, String> {
    toml::from_str(text).map_err(|error| format!("{name} is not TOML: {error}"))
}

fn has_reason(ban: &Value) -> bool {
    ban.get("reason")
        .and_then(Value::as_str)
        .is_some_and(|reason| reason.trim().len() >= 10)
}

fn judge_clippy(text: &str) -> Result<Vec<String>, String> {
    let config = parse("clippy.toml", text)?;
    let lists = [
        "disallowed-methods",
        "disallowed-types",
        "disallowed-macros",
        "disallowed-names",
    ];
    let bans = lists.iter().filter_map(|list| config.get(*list)?.as_array()).flatten();
    let mute: Vec<String> = bans
        .clone()
        .filter(|ban| !has_reason(ban))
        .map(|ban| format!("{ban} has no reason"))
        .collect();
    if bans.count() == 0 {
        return Err("clippy.toml bans nothing".to_owned());
    }
    Ok(mute)
}

fn judge_deny(text: &str) -> Result<Vec<String>, String> {
    let config = parse("deny.toml", text)?;
    let bans = config
        .get("bans")
        .and_then(|bans| bans.get("deny"))
        .and_then(Value::as_array)
        .ok_or("deny.toml bans nothing")?;
    let name = |ban: &Value| {
        ban.get("crate")
            .or_else(|| ban.get("name"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mute = bans
        .iter()
        .filter(|ban| !has_reason(ban))
        .map(|ban| format!("the ban of `{}` has no reason", name(ban)));
    let absent = VITAL
        .iter()
        .filter(|vital| !bans.iter().any(|ban| name(ban) == **vital))
        .map(|vital| format!("{vital} is not banned"));
    Ok(mute.chain(absent).collect())
}

#[test]
fn every_clippy_ban_has_a_reason() {
    assert_none(
        "clippy.toml",
        &judge_clippy(&repo::read("clippy.toml").unwrap()).unwrap(),
    );
}

#[test]
fn every_crate_ban_has_a_reason() {
    assert_none("deny.toml", &judge_deny(&repo::read("deny.toml").unwrap()).unwrap());
}

#[test]
fn a_mute_ban_and_a_missing_ban_are_found() {
    let clippy = "disallowed-methods = [{ path = \"a\", reason = \"take a Clock instead\" }, { path = \"b\" }, \"c\"]";
    assert_eq!(judge_clippy(clippy).unwrap().len(), 2);
    assert!(judge_clippy("x = 1").is_err());
    let deny = "[bans]\ndeny = [{ crate = \"ring\" }, { crate = \"openssl\", reason = \"one TLS stack: rustls\" }]";
    assert_eq!(judge_deny(deny).unwrap().len(), 1 + 4);
}
