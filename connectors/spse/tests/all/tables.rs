//! Every field of every table of LKPP's data sets stands in a golden fixture, in at least one of its spellings.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What no interface that can be played has: `/v1` rows lack the day of extraction, and these sets are on `/v1` alone.
const NOWHERE: [(&str, &str); 2] = [
    ("rup_penyedia_semua", "tanggal_data"),
    ("rup_swakelola_semua", "tanggal_data"),
];

/// Native replies of all good fixtures of a data set.
fn replies(set: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["fixtures", "isb/fixtures", "satu_data/fixtures"].map(|folder| root.join(folder).join(set));
    let cases = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let good: Vec<PathBuf> = cases
        .map(|case| case.unwrap().path())
        .filter(|case| {
            case.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("ok"))
        })
        .collect();
    let text = |case: &PathBuf| fs::read_to_string(case.join("native_reply.json")).unwrap();
    good.iter().map(text).collect()
}

/// As the open data are read: case, blanks and underscores do not count.
fn loose(text: &str) -> String {
    text.to_lowercase().replace([' ', '_'], "")
}

#[test]
fn every_field_of_every_table_is_in_a_golden_fixture() {
    let sets: Value = serde_json::from_str(include_str!("../../data/himpunan.json")).unwrap();
    let mut missing = Vec::new();
    for set in sets.as_array().unwrap() {
        let id = set["id"].as_str().unwrap();
        // Its rows have no names; `web.rs` holds each of its fields.
        if set.get("sirup_web").is_some() {
            continue;
        }
        let replies = loose(&replies(&format!("spse.{id}")));
        for column in set["kolom"].as_array().unwrap() {
            let name = column["kanonik"].as_str().unwrap();
            let spellings = column["asal"].as_array().unwrap();
            let there = spellings
                .iter()
                .any(|spelling| replies.contains(&loose(spelling.as_str().unwrap())));
            if !there && !NOWHERE.contains(&(id, name)) {
                missing.push(format!("{id}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
