//! One TLS stack, one HTTP stack, no OpenSSL: judged on Cargo.lock, which names everything that is ever linked.

use crate::assert_none;
use e2e::repo;

const ABSENT: [&str; 7] = [
    "ring",
    "openssl",
    "openssl-sys",
    "native-tls",
    "reqwest",
    "serde_yaml",
    "rsa",
];
const ONCE: [&str; 5] = ["hyper", "rustls", "http", "tokio", "aws-lc-rs"];
/// The only place a crate may come from, in the spelling every Cargo.lock has.
const SOURCE: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

fn judge(lock: &str) -> Result<Vec<String>, String> {
    let lock: toml::Value = toml::from_str(lock).map_err(|error| format!("Cargo.lock is not TOML: {error}"))?;
    let packages = lock
        .get("package")
        .and_then(toml::Value::as_array)
        .ok_or("Cargo.lock has no packages")?;
    let field = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let names: Vec<String> = packages.iter().filter_map(|package| field(package, "name")).collect();
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();

    let present = ABSENT
        .iter()
        .filter(|name| count(name) > 0)
        .map(|name| format!("{name} is in Cargo.lock; deny.toml says why not"));
    let not_once = ONCE
        .iter()
        .filter(|name| count(name) != 1)
        .map(|name| format!("{name} is there {} times, not once", count(name)));
    let strays = packages.iter().filter_map(|package| {
        let source = field(package, "source")?;
        (source != SOURCE).then(|| format!("{} comes from {source}", field(package, "name").unwrap_or_default()))
    });
    Ok(present.chain(not_once).chain(strays).collect())
}

#[test]
fn one_tls_stack_and_one_http_stack() {
    assert_none("Cargo.lock", &judge(&repo::read("Cargo.lock").unwrap()).unwrap());
}

#[test]
fn a_second_version_a_banned_crate_and_a_stray_source_are_found() {
    let one = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"{SOURCE}\"\n");
    let good: String = ONCE.iter().map(|name| one(name)).collect();
    assert_none("self", &judge(&good).unwrap());
    let bad = format!(
        "{good}{}{}[[package]]\nname = \"x\"\nsource = \"git+https://example.invalid\"\n",
        one("hyper"),
        one("ring")
    );
    assert_eq!(judge(&bad).unwrap().len(), 3);
}
