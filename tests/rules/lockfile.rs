//! One TLS stack, one HTTP stack, no OpenSSL: judged on Cargo.lock and on what `cargo tree` says is built.
//!
//! `ring` is judged on the tree alone: Cargo.lock names it because rustls-webpki could use it, and nothing builds it.

use crate::assert_none;
use e2e::repo;
use std::process::Command;

/// Crates that are neither in Cargo.lock nor built.
const ABSENT: [&str; 6] = ["openssl", "openssl-sys", "native-tls", "reqwest", "serde_yaml", "rsa"];
/// Crates that are never built, though a lock file may name them.
const NOT_BUILT: [&str; 1] = ["ring"];
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

/// What `cargo tree --prefix none` prints, judged: one line per crate, name first.
fn judge_tree(tree: &str) -> Vec<String> {
    let built = |name: &str| tree.lines().any(|line| line.split_whitespace().next() == Some(name));
    let forbidden = NOT_BUILT.iter().chain(&ABSENT).filter(|name| built(name));
    forbidden
        .map(|name| format!("{name} is built; `cargo tree -i {name}` shows for whom, deny.toml why not"))
        .collect()
}

fn tree() -> Result<String, String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args([
            "tree",
            "--workspace",
            "--edges",
            "normal,build,dev",
            "--prefix",
            "none",
            "--offline",
            "--locked",
        ])
        .current_dir(repo::root())
        .output()
        .map_err(|error| format!("cargo tree did not start: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && printed.contains("rustls") {
        return Ok(printed);
    }
    Err(format!(
        "cargo tree printed no tree: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

#[test]
fn nothing_banned_is_built() {
    assert_none("cargo tree", &judge_tree(&tree().unwrap()));
}

#[test]
fn a_banned_crate_in_the_tree_is_found() {
    assert_none(
        "self",
        &judge_tree("gateway v0.1.0\nstring v1.0.0\nrustls v0.23.46 (*)"),
    );
    assert_eq!(
        judge_tree("gateway v0.1.0\nring v0.17.14 (*)\nopenssl v0.10.0").len(),
        2
    );
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
        one("openssl")
    );
    assert_eq!(judge(&bad).unwrap().len(), 3);
}
