//! The data-set files hold together, and every field of every table is shown by a fixture.

use crate::dataset::{self, Field};
use crate::value::Kind;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn fixture(set: &str, file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(set)
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

/// Kinds whose value does not stand under a native name of its own.
fn apart(field: &Field) -> bool {
    matches!(field.jenis, Kind::State | Kind::Categories | Kind::Months)
        || field.asli.iter().any(|name| name.starts_with('@'))
}

#[test]
fn every_field_of_every_table_is_in_a_golden_fixture() {
    for set in dataset::all().expect("readable") {
        let page = fixture(&set.id, "ok/canonical_page.json");
        let records = page["records"].as_array().expect("records").clone();
        let seen: BTreeSet<&String> = records
            .iter()
            .filter_map(Value::as_object)
            .flatten()
            .map(|(name, _)| name)
            .collect();
        let reply = fixture(&set.id, "ok/native_reply.json").to_string();
        for field in &set.bidang {
            let other_generation = !field.asli.iter().any(|name| {
                name.split('+')
                    .all(|name| reply.contains(&format!("\"{name}\"")) || reply.contains(&format!("\\\"{name}\\\"")))
            });
            // The schema of SP2D is shared: each generation shows the names that are its own.
            if other_generation && !apart(field) && !seen.contains(&field.ke) {
                assert!(
                    shown_elsewhere(&set.id, &set.skema, &field.ke),
                    "{}: {} is in no fixture",
                    set.id,
                    field.ke
                );
                continue;
            }
            assert!(seen.contains(&field.ke), "{}: {} does not come out", set.id, field.ke);
        }
        for key in &set.kunci {
            let name = key.trim_start_matches('/');
            assert!(
                set.bidang.iter().any(|field| field.ke == name),
                "{}: key {name}",
                set.id
            );
        }
    }
}

fn shown_elsewhere(id: &str, schema: &str, name: &str) -> bool {
    let sets = dataset::all().expect("readable");
    sets.iter()
        .filter(|set| set.skema == schema && set.id != id)
        .any(|set| {
            let page = fixture(&set.id, "ok/canonical_page.json");
            page["records"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|record| record.get(name).is_some())
        })
}

#[test]
fn no_template_keeps_an_unknown_name() {
    for set in dataset::all().expect("readable") {
        for case in ["ok", "kosong"] {
            let request = fixture(&set.id, &format!("{case}/native_request.json")).to_string();
            let left = request.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            let left: Vec<&str> = left
                .map(|(name, _)| name)
                .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
                .collect();
            let left: Vec<&&str> = left
                .iter()
                .filter(|name| !name.is_empty() && **name != "kredensial")
                .collect();
            assert!(left.is_empty(), "{}/{case}: {left:?}", set.id);
        }
    }
}
