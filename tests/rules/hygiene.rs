//! What must not stand in the tree: paths of somebody's machine, hosts of package registries, unfinished work, tests
//! switched off without a reason, and calls that panic in product code.
//!
//! The patterns are written in two halves so that this file keeps its own rule.

use crate::assert_none;
use e2e::{repo, source};

/// Texts that no tracked file may hold.
const PLACES: [&str; 12] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/home", "/runner"),
    concat!("/Use", "rs/"),
    concat!(".libr", "ary/"),
    concat!(".cargo/", "registry"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("crates.io", "-index"),
    concat!("deb.debian", ".org"),
    concat!("registry.npmjs", ".org"),
    concat!("proxy.golang", ".org"),
];
/// Where a text above is right: the file, the text, and why.
const PLACES_ALLOWED: [(&str, &str, &str); 1] = [(
    "Cargo.lock",
    concat!("crates.io", "-index"),
    "cargo writes the public source of every crate; the rule on the lock file judges it",
)];

/// Crates whose library is test equipment and may therefore panic.
const TEST_CRATES: [&str; 2] = ["tests/", "connectors/testkit/"];
const UNFINISHED_CALLS: [&str; 2] = ["todo!", "unimplemented!"];
const UNFINISHED_NOTES: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X:")];

fn places(file: &str, text: &str) -> Vec<String> {
    let allowed = |place: &str| {
        PLACES_ALLOWED
            .iter()
            .any(|(in_file, what, _)| *in_file == file && *what == place)
    };
    let hits = PLACES.iter().filter(|place| !allowed(place)).flat_map(|place| {
        source::lines_with(text, place)
            .into_iter()
            .map(move |line| format!("{file}:{line}: names `{place}`"))
    });
    hits.collect()
}

fn unfinished(file: &str, text: &str) -> Vec<String> {
    let code = source::code(text);
    let mut findings = Vec::new();
    for call in UNFINISHED_CALLS {
        findings.extend(
            source::lines_with(&code, call)
                .into_iter()
                .map(|line| format!("{file}:{line}: {call}")),
        );
    }
    for note in UNFINISHED_NOTES {
        findings.extend(
            source::lines_with(text, note)
                .into_iter()
                .map(|line| format!("{file}:{line}: {note}")),
        );
    }
    for line in source::lines_with(&code, "#[ignore]") {
        findings.push(format!(
            "{file}:{line}: a test is switched off without a reason; write #[ignore = \"why\"]"
        ));
    }
    findings
}

fn panics(file: &str, text: &str) -> Vec<String> {
    let product =
        file.contains("/src/") && !repo::is_test_path(file) && !TEST_CRATES.iter().any(|own| file.starts_with(own));
    if !product {
        return Vec::new();
    }
    let code = source::product_code(text);
    let unwraps = source::lines_with(&code, ".unwrap()")
        .into_iter()
        .map(|line| (line, ".unwrap()"));
    let hits = unwraps.chain(expects(&code).into_iter().map(|line| (line, ".expect(\"…\")")));
    hits.map(|(line, call)| format!("{file}:{line}: {call} in product code"))
        .collect()
}

/// The lines with `.expect(` and a message; a parser's own method of that name takes something else.
fn expects(code: &str) -> Vec<usize> {
    let calls = code.match_indices(".expect(");
    let with_message = calls.filter(|(at, call)| {
        let argument = code[at + call.len()..].trim_start();
        argument.starts_with('"') || argument.starts_with('&') || argument.starts_with("concat!")
    });
    with_message
        .map(|(at, _)| code[..at].matches('\n').count() + 1)
        .collect()
}

fn over_files(extension: &str, judge: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let files = repo::files()
        .unwrap()
        .into_iter()
        .filter(|file| file.ends_with(extension));
    files
        .filter_map(|file| Some(judge(&file, &repo::text(&file)?)))
        .flatten()
        .collect()
}

#[test]
fn no_machine_path_and_no_registry_host() {
    assert_none("places", &over_files("", places));
}

#[test]
fn nothing_is_left_unfinished() {
    assert_none("unfinished", &over_files(".rs", unfinished));
}

#[test]
fn product_code_does_not_panic_by_unwrap_or_expect() {
    assert_none("panics", &over_files(".rs", panics));
}

#[cfg(test)]
mod self_tests {
    use super::*;

    #[test]
    fn a_place_is_found_unless_its_exception_says_why() {
        assert_eq!(places("README.md", &format!("see {}main", PLACES[0])).len(), 1);
        assert_eq!(places("README.md", PLACES[8]).len(), 1);
        assert!(places("Cargo.lock", PLACES[8]).is_empty());
        assert!(PLACES_ALLOWED.iter().all(|(_, _, why)| why.len() > 20));
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_notes_in_comments() {
        let text = format!(
            "fn a() {{ {}() }}\n// {}\n{}\nfn b() {{}}",
            UNFINISHED_CALLS[0],
            UNFINISHED_NOTES[0],
            concat!("#[ign", "ore]")
        );
        assert_eq!(unfinished("x.rs", &text).len(), 3);
        assert!(unfinished("x.rs", "#[ignore = \"needs a second disk\"]\nlet a = \"todo!\";").is_empty());
    }

    #[test]
    fn a_panic_is_found_in_product_code_only() {
        let text = "fn a() { b.unwrap(); c.expect(\"d\"); }\n#[cfg(test)]\nmod tests { fn e() { f.unwrap() } }";
        assert_eq!(panics("gateway/src/a.rs", text).len(), 2);
        let text = "fn a() { self.expect(b':')?; }\nfn b() {\n    c.expect(\n        \"d\");\n}";
        assert_eq!(
            panics("gateway/src/a.rs", text),
            ["gateway/src/a.rs:3: .expect(\"…\") in product code"]
        );
        assert!(panics("gateway/tests/all.rs", text).is_empty());
        assert!(panics("connectors/testkit/src/lib.rs", text).is_empty());
    }
}
