//! The sandbox's documents: valid by the specification's own schema, closed over their references, complete in what a
//! catalogue must say, and the same for every kind of connector.

use super::*;
use crate::config::{self, CONNECTORS, SecretRef, Vault};
use connector_sdk::{Secret, Text};
use serde_json::Value;
use std::path::Path;

/// Any secret.
struct Anything;

impl Vault for Anything {
    fn read(&self, _name: &SecretRef) -> Result<Secret, Text> {
        Ok(Secret::new("uji"))
    }

    fn year(&self) -> i16 {
        2026
    }
}

fn sandbox() -> Reference {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/sandbox");
    let mut checked = config::check(&config::parse(&config::load(&path).unwrap()), CONNECTORS).unwrap();
    for system in &mut checked.systems {
        system.auth = config::check::AuthPlan::None;
    }
    let built = config::build(checked, &Anything, None).unwrap();
    let mut facts = built.facts.clone();
    facts.organiser = "Kota Contoh".into();
    facts.open.insert("perpustakaan.buku.lihat".into());
    Reference::build(&built.catalogue, &built.schemas, &facts)
}

fn json(bytes: &Bytes) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Which references lead nowhere.
fn dangling(document: &Value) -> Vec<String> {
    let mut all = Vec::new();
    references(document, &mut all);
    assert!(all.len() > 50, "few references: {}", all.len());
    all.retain(|to| {
        to.strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer))
            .is_none()
    });
    all
}

#[test]
fn openapi_is_valid_by_the_meta_schema_and_closed() {
    let document = json(&sandbox().openapi);
    let meta: Value = serde_json::from_str(include_str!("testdata/openapi-3.1.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&meta).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(dangling(&document), Vec::<String>::new());
    assert!(document["paths"].as_object().unwrap().len() > 40);
    assert!(
        !validator.is_valid(&serde_json::json!({"openapi": "3.1.0"})),
        "the meta-schema refuses nothing"
    );
}

#[test]
fn asyncapi_is_closed_and_has_every_event() {
    let document = json(&sandbox().asyncapi);
    assert_eq!(dangling(&document), Vec::<String>::new());
    assert_eq!(document["asyncapi"], "3.0.0");
    for event in ["pertukaran_selesai", "nib_diterima", "pengaduan_status_berubah"] {
        assert!(document["channels"].get(event).is_some(), "{event}");
    }
}

#[test]
fn every_entry_says_what_a_catalogue_must_say() {
    let reference = sandbox();
    let list = json(&reference.catalogue);
    let entries = list["butir"].as_array().unwrap();
    assert!(entries.len() > 40, "{}", entries.len());
    for entry in entries {
        let id = entry["id"].as_str().unwrap();
        for pointer in [
            "/nama/id",
            "/nama/en",
            "/uraian/id",
            "/alamat",
            "/akses",
            "/penyelenggara",
            "/versi",
        ] {
            assert!(
                entry
                    .pointer(pointer)
                    .and_then(Value::as_str)
                    .is_some_and(|t| !t.is_empty()),
                "{id} {pointer}"
            );
        }
        if entry["jenis"] != "rantai" {
            assert!(
                !entry["atribut"].as_array().unwrap().is_empty(),
                "{id} has no attributes"
            );
            assert!(
                entry["keluaran"].is_string() && !entry["penyedia"].as_str().unwrap().is_empty(),
                "{id}"
            );
        }
        let shown = reference.entry(id).unwrap();
        assert_eq!(shown.open, entry["akses"] == "terbuka", "{id}");
        assert_eq!(json(&shown.json)["id"], id);
    }
}

#[test]
fn dcat_names_every_service_and_data_set() {
    let reference = sandbox();
    let (dcat, list) = (json(&reference.dcat), json(&reference.catalogue));
    let count = |name: &str| dcat[name].as_array().unwrap().len();
    assert_eq!(
        count("dcat:service") + count("dcat:dataset"),
        list["butir"].as_array().unwrap().len()
    );
    assert!(dcat["dcat:service"][0]["dct:title"][1]["@language"] == "en");
}

#[test]
fn pages_are_in_both_languages_and_run_nothing() {
    let reference = sandbox();
    let entry = reference.entry("pengaduan.kirim").unwrap();
    for both in [&reference.catalogue_page, &reference.docs_page, &entry.page] {
        let page = |language| String::from_utf8(both.pick(language).to_vec()).unwrap();
        let (id, en) = (page(Language::Id), page(Language::En));
        assert!(id.contains("<html lang=\"id\">") && en.contains("<html lang=\"en\">"));
        assert_ne!(id, en);
        for text in [id, en] {
            assert!(
                !text.contains("<script") && !text.contains("style=") && !text.contains("src="),
                "{text}"
            );
            assert_eq!(text.matches("<h1>").count(), 1);
        }
    }
    let page = String::from_utf8(entry.page.pick(Language::Id).to_vec()).unwrap();
    for language in ["curl", "PHP", "Java", "Python"] {
        assert!(page.contains(&format!("<h3>{language}</h3>")), "{language}");
    }
}
