//! Who may import whom: the table of ARCHITECTURE.md against `cargo metadata` and against the source.
//!
//! Normal, build and dev edges are judged apart. In the last column a word with `::` or a capital letter is a path that
//! must not stand in product code; any other word is a crate that must not be a direct dependency.

use crate::{assert_none, markdown};
use e2e::{repo, source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// One row of the table.
#[derive(Debug, Clone)]
struct Right {
    may: Vec<String>,
    dev: Vec<String>,
    never_crates: Vec<String>,
    never_paths: Vec<String>,
}

/// One direct dependency of one workspace crate.
#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    kind: Kind,
    ours: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Dev,
    Build,
}

fn parse_table(page: &str) -> Result<BTreeMap<String, Right>, String> {
    let rows = markdown::table(page, "crate").ok_or("ARCHITECTURE.md has no table whose first column is `crate`")?;
    let mut rights = BTreeMap::new();
    for row in rows {
        let [name, may, dev, never] = row.as_slice() else {
            return Err(format!("the row {row:?} of the dependency table has not four cells"));
        };
        let (never_paths, never_crates) = markdown::quoted(never)
            .into_iter()
            .partition(|word| word.contains("::") || word.contains(char::is_uppercase));
        let right = Right {
            may: markdown::quoted(may),
            dev: markdown::quoted(dev),
            never_crates,
            never_paths,
        };
        for name in markdown::quoted(name) {
            rights.insert(name, right.clone());
        }
    }
    Ok(rights)
}

/// The row of a crate: its own, or `connector-*` for a connector without one.
fn row_name<'a>(rights: &'a BTreeMap<String, Right>, name: &str) -> Option<&'a str> {
    let exact = rights.keys().find(|key| key.as_str() == name);
    let wildcard = || {
        rights
            .keys()
            .find(|key| name.starts_with("connector-") && key.as_str() == "connector-*")
    };
    exact.or_else(wildcard).map(String::as_str)
}

fn judge(rights: &BTreeMap<String, Right>, edges: &[Edge]) -> Vec<String> {
    edges.iter().filter_map(|edge| judge_edge(rights, edge)).collect()
}

fn judge_edge(rights: &BTreeMap<String, Right>, edge: &Edge) -> Option<String> {
    let Edge { from, to, kind, ours } = edge;
    let Some(right) = row_name(rights, from).and_then(|row| rights.get(row)) else {
        return Some(format!("{from} has no row in the dependency table of ARCHITECTURE.md"));
    };
    if !ours {
        let forbidden = *kind != Kind::Dev && right.never_crates.contains(to);
        return forbidden.then(|| format!("{from} must never import {to} ({kind:?} dependency)"));
    }
    let target = row_name(rights, to).unwrap_or(to).to_owned();
    let allowed = match kind {
        Kind::Normal => right.may.contains(&target),
        Kind::Dev => right.may.contains(&target) || right.dev.contains(&target),
        Kind::Build => false,
    };
    (!allowed).then(|| format!("{from} may not import {to} ({kind:?} dependency); see the table in ARCHITECTURE.md"))
}

fn judge_source(name: &str, file: &str, text: &str, right: &Right) -> Vec<String> {
    let code = source::product_code(text);
    let hits = right.never_paths.iter().flat_map(|path| {
        source::lines_with(&code, path)
            .into_iter()
            .map(move |line| format!("{file}:{line}: {name} must never use {path}"))
    });
    hits.collect()
}

fn metadata() -> Result<Value, String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
            "--locked",
        ])
        .current_dir(repo::root())
        .output()
        .map_err(|error| format!("cargo metadata did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata is not JSON: {error}"))
}

fn edges(metadata: &Value) -> Vec<Edge> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut found = Vec::new();
    for package in packages {
        for dependency in package["dependencies"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
        {
            let to = dependency["name"].as_str().unwrap_or_default();
            let kind = match dependency["kind"].as_str() {
                Some("dev") => Kind::Dev,
                Some("build") => Kind::Build,
                _ => Kind::Normal,
            };
            let from = package["name"].as_str().unwrap_or_default();
            found.push(Edge {
                from: from.to_owned(),
                to: to.to_owned(),
                kind,
                ours: ours.contains(to),
            });
        }
    }
    found
}

#[test]
fn imports_follow_the_table() {
    let rights = parse_table(&repo::read("ARCHITECTURE.md").unwrap()).unwrap();
    let edges = edges(&metadata().unwrap());
    assert!(
        edges.iter().any(|edge| edge.ours),
        "cargo metadata named no edge between our crates"
    );
    assert_none("dependency table", &judge(&rights, &edges));
}

#[test]
fn every_row_names_what_exists() {
    let rights = parse_table(&repo::read("ARCHITECTURE.md").unwrap()).unwrap();
    let named = rights.values().flat_map(|right| right.may.iter().chain(&right.dev));
    let strays = named
        .filter(|name| !rights.contains_key(*name))
        .map(|name| format!("{name} has no row of its own"));
    assert_none("dependency table", &strays.collect::<Vec<_>>());
}

#[test]
fn source_keeps_out_what_the_table_forbids() {
    let rights = parse_table(&repo::read("ARCHITECTURE.md").unwrap()).unwrap();
    let metadata = metadata().unwrap();
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest
            .parent()
            .unwrap()
            .strip_prefix(repo::root().canonicalize().unwrap())
            .unwrap();
        let prefix = format!("{}/src/", folder.display());
        let Some(right) = row_name(&rights, name).and_then(|row| rights.get(row)) else {
            continue;
        };
        for file in repo::files_with("rs")
            .unwrap()
            .iter()
            .filter(|file| file.starts_with(&prefix))
        {
            if !repo::is_test_path(file) {
                findings.extend(judge_source(name, file, &repo::read(file).unwrap(), right));
            }
        }
    }
    assert_none("forbidden paths", &findings);
}

#[cfg(test)]
mod self_tests {
    use super::*;

    const PAGE: &str = "| crate | may import (ours) | in tests too | must never |\n|---|---|---|---|\n\
        | `sdk` | – | – | `hyper` |\n| `connector-*` | `sdk` | `simulators` | `tokio`, `std::fs` |\n\
        | `simulators` | – | – | – |\n| `gateway` | `sdk`, `connector-*` | – | – |\n";

    fn edge(from: &str, to: &str, kind: Kind, ours: bool) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            kind,
            ours,
        }
    }

    #[test]
    fn allowed_edges_pass() {
        let rights = parse_table(PAGE).unwrap();
        let good = [
            edge("connector-lapor", "sdk", Kind::Normal, true),
            edge("connector-lapor", "simulators", Kind::Dev, true),
            edge("connector-lapor", "tokio", Kind::Dev, false),
            edge("gateway", "connector-lapor", Kind::Normal, true),
        ];
        assert_none("self", &judge(&rights, &good));
    }

    #[test]
    fn each_kind_of_forbidden_edge_is_found() {
        let rights = parse_table(PAGE).unwrap();
        let bad = [
            edge("connector-lapor", "simulators", Kind::Normal, true),
            edge("connector-lapor", "connector-laksa", Kind::Normal, true),
            edge("connector-lapor", "sdk", Kind::Build, true),
            edge("connector-lapor", "tokio", Kind::Normal, false),
            edge("sdk", "hyper", Kind::Build, false),
            edge("gateway", "simulators", Kind::Dev, true),
            edge("newcomer", "sdk", Kind::Normal, true),
        ];
        assert_eq!(judge(&rights, &bad).len(), bad.len());
    }

    #[test]
    fn a_forbidden_path_is_found_in_code_only() {
        let rights = parse_table(PAGE).unwrap();
        let text = "// std::fs\nuse std::fs::read;\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        let found = judge_source("connector-lapor", "x.rs", text, &rights["connector-*"]);
        assert_eq!(found, ["x.rs:2: connector-lapor must never use std::fs"]);
    }

    #[test]
    fn edges_are_read_from_metadata() {
        let metadata = serde_json::json!({"packages": [
            {"name": "a", "dependencies": [{"name": "b", "kind": null}, {"name": "c", "kind": "dev"}]},
            {"name": "b", "dependencies": []}]});
        let found = edges(&metadata);
        assert_eq!((found[0].ours, found[0].kind), (true, Kind::Normal));
        assert_eq!((found[1].ours, found[1].kind), (false, Kind::Dev));
    }
}
