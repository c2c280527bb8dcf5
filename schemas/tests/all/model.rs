//! The canonical schemas: examples hold, wrong documents are named, marks are found, nothing leaks.

use schemas::{MAX_VIOLATIONS, PersonalClass, Registry, Schema, Violation};
use serde_json::{Value, json};

pub(crate) fn registry() -> Registry {
    Registry::embedded().unwrap()
}

pub(crate) fn example(schema: &Schema) -> Value {
    schema.document()["examples"][0].clone()
}

/// Code and pointer of each violation of the changed example complaint.
fn broken(change: impl FnOnce(&mut Value)) -> Vec<(String, &'static str)> {
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let mut value = example(schema);
    change(&mut value);
    let found = schema.check(&value).unwrap_err();
    assert!(!schema.is_valid(&value));
    found
        .into_iter()
        .map(|violation| (violation.pointer, violation.code))
        .collect()
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn every_schema_has_examples_that_satisfy_it_and_both_languages() {
    let registry = registry();
    assert!(registry.ids().count() >= 20);
    for schema in registry.iter() {
        let document = schema.document();
        let examples = document["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{}", schema.id());
        for example in examples {
            assert_eq!(schema.check(example), Ok(()), "{}", schema.id());
        }
        for text in [
            &document["title"],
            &document["description"],
            &document["x-en"]["title"],
            &document["x-en"]["description"],
        ] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{}", schema.id());
        }
        assert_described(schema.id(), document);
    }
}

fn assert_described(at: &str, node: &Value) {
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        if property.get("type").is_some() && property.get("description").is_none() {
            assert!(node["description"].is_string(), "{at} has no description");
        } else if property.get("$ref").is_none() && property.get("type").is_some() {
            assert!(property["x-en"].is_string(), "{at} has no English");
        }
        assert_described(&at, property);
        assert_described(&at, &property["items"]);
    }
}

#[test]
fn every_file_is_in_the_list() {
    for (folder, known) in [
        ("kanonik", registry().ids().count()),
        ("kode", schemas::CodeLists::embedded().unwrap().names().count()),
    ] {
        let path = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(std::fs::read_dir(path).unwrap().count(), known, "{folder}");
    }
}

#[test]
fn ids_are_found_in_full_and_by_name() {
    let registry = registry();
    let full = registry.get("urn:simpul:skema:pengaduan:1").unwrap();
    assert_eq!(registry.get("pengaduan").unwrap().id(), full.id());
    assert_eq!(registry.get("pengaduan:1").unwrap().id(), full.id());
    assert!(registry.get("pengaduan:2").is_none() && registry.get("penga").is_none() && registry.get("").is_none());
}

#[test]
fn each_rule_of_a_complaint_is_named_once_with_its_place() {
    assert_eq!(broken(|v| v["judul"] = json!("Apa")), one("/judul", "min_length"));
    assert_eq!(
        broken(|v| v["judul"] = json!("a".repeat(256))),
        one("/judul", "max_length")
    );
    assert_eq!(broken(|v| v["isi"] = json!("pendek")), one("/isi", "min_length"));
    assert_eq!(
        broken(|v| v["isi"] = json!("a".repeat(10_001))),
        one("/isi", "max_length")
    );
    assert_eq!(broken(|v| v["anonim"] = json!("false")), one("/anonim", "type"));
    assert_eq!(broken(|v| v["rahasia"] = json!(0)), one("/rahasia", "type"));
    assert_eq!(broken(|v| v["sumber"] = json!("faks")), one("/sumber", "enum"));
    assert_eq!(
        broken(|v| v["dikirim_pada"] = json!("2026-02-03T08:15:00")),
        one("/dikirim_pada", "format")
    );
    assert_eq!(
        broken(|v| v["tanggal_kejadian"] = json!("2026-02-30")),
        one("/tanggal_kejadian", "format")
    );
    assert_eq!(
        broken(|v| v["lokasi"]["kode_wilayah"] = json!("36.71")),
        one("/lokasi/kode_wilayah", "pattern")
    );
    assert_eq!(
        broken(|v| v["lokasi"]["kode_wilayah"] = json!("36.71.05.3001")),
        one("/lokasi/kode_wilayah", "pattern")
    );
    assert_eq!(
        broken(|v| v["lokasi"]["lat"] = json!(91)),
        one("/lokasi/lat", "maximum")
    );
    assert_eq!(
        broken(|v| v["pelapor"]["nik"] = json!("367101010190000")),
        one("/pelapor/nik", "pattern")
    );
    assert_eq!(
        broken(|v| v["pelapor"]["email"] = json!("bukan surel")),
        one("/pelapor/email", "format")
    );
    assert_eq!(
        broken(|v| v["lampiran"][0]["sha256"] = json!("00")),
        one("/lampiran/0/sha256", "pattern")
    );
    assert_eq!(
        broken(|v| v["lampiran"][0]["nama_berkas"] = json!("../a")),
        one("/lampiran/0/nama_berkas", "pattern")
    );
    assert_eq!(
        broken(|v| v["lampiran"] = json!(vec![v["lampiran"][0].clone(); 6])),
        one("/lampiran", "max_items")
    );
    assert_eq!(
        broken(|v| v["prioritas"] = json!(1)),
        one("/prioritas", "unknown_field")
    );
    assert_eq!(
        broken(|v| v["lokasi"]["kota"] = json!("x")),
        one("/lokasi/kota", "unknown_field")
    );
    assert_eq!(broken(|v| *v = json!([])), one("", "type"));
}

#[test]
fn missing_fields_are_pointed_at_themselves() {
    for name in [
        "tiket",
        "sumber",
        "dikirim_pada",
        "klasifikasi",
        "kategori",
        "judul",
        "isi",
        "anonim",
        "rahasia",
    ] {
        let found = broken(|v| {
            v.as_object_mut().unwrap().remove(name);
        });
        assert_eq!(found, one(&format!("/{name}"), "required"));
    }
    let without_lon = broken(|v| {
        v["lokasi"].as_object_mut().unwrap().remove("lon");
    });
    assert_eq!(without_lon, one("/lokasi/lon", "required"));
}

#[test]
fn a_reporter_is_required_unless_the_complaint_is_anonymous() {
    let named = broken(|v| {
        v.as_object_mut().unwrap().remove("pelapor");
    });
    assert_eq!(named, one("/pelapor", "required"));
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let mut value = example(schema);
    value["anonim"] = json!(true);
    assert_eq!(schema.check(&value), Ok(()));
    value.as_object_mut().unwrap().remove("pelapor");
    assert_eq!(schema.check(&value), Ok(()));
}

#[test]
fn lengths_count_characters_not_bytes() {
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let mut value = example(schema);
    value["judul"] = json!("é".repeat(255));
    assert_eq!(schema.check(&value), Ok(()));
}

#[test]
fn a_status_needs_a_ticket_or_a_reference() {
    let registry = registry();
    let schema = registry.get("pengaduan_status").unwrap();
    let found = schema.check(&json!({"status": "selesai"})).unwrap_err();
    assert_eq!(
        (found[0].code, found[0].id.as_str()),
        ("any_of", "Sertakan salah satu dari: tiket, lapor.")
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        schema.check(&json!({"status": "selesai", "lapor": {"id_laporan": "7700123"}})),
        Ok(())
    );
    let found = schema.check(&json!({"tiket": "A-1", "status": "done"})).unwrap_err();
    assert!(found[0].id.contains("diterima, belum_terverifikasi") && found[0].en.starts_with("Not a known choice"));
}

#[test]
fn violations_never_repeat_a_value() {
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let canary = "Rahasia-3671010101900000-Suparman";
    fn poison(value: &Value, canary: &str) -> Vec<Value> {
        let mut all = vec![
            json!(canary),
            json!([canary]),
            json!({ canary: canary }),
            json!(3_671_010_101_900_000_u64),
        ];
        if let Value::Object(map) = value {
            for (key, child) in map {
                for bad in poison(child, canary) {
                    let mut copy = map.clone();
                    copy.insert(key.clone(), bad);
                    all.push(Value::Object(copy));
                }
            }
            let mut copy = map.clone();
            copy.insert(canary.to_owned(), json!(1));
            all.push(Value::Object(copy));
        }
        all
    }
    let mut refused = 0;
    for value in poison(&example(schema), canary) {
        if let Err(found) = schema.check(&value) {
            refused += 1;
            let text = format!("{found:?}");
            assert!(
                !text.contains("Rahasia-") && !text.contains("3671010101900000"),
                "{text}"
            );
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn violations_stop_at_the_limit() {
    let registry = registry();
    let schema = registry.get("wilayah_daftar").unwrap();
    let found = schema
        .check(&json!({"butir": vec![json!({}); 500], "halaman_berikut": null}))
        .unwrap_err();
    assert_eq!(found.len(), MAX_VIOLATIONS);
    let mut many = serde_json::Map::new();
    for number in 0..200 {
        many.insert(format!("x{number}"), json!(1));
    }
    let found: Vec<Violation> = registry
        .get("daftar_kunci")
        .unwrap()
        .check(&Value::Object(many))
        .unwrap_err();
    assert_eq!(found.len(), MAX_VIOLATIONS);
}

#[test]
fn personal_fields_are_listed_through_references_and_arrays() {
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let fields: Vec<&str> = schema
        .personal_fields()
        .iter()
        .map(|field| field.pointer_pattern.as_str())
        .collect();
    let expected = [
        "/isi",
        "/judul",
        "/lampiran/*/nama_berkas",
        "/lokasi/alamat",
        "/lokasi/lat",
        "/lokasi/lon",
        "/pelapor",
        "/pelapor/email",
        "/pelapor/nama",
        "/pelapor/nik",
        "/pelapor/telepon",
    ];
    assert_eq!(fields, expected);
    assert!(
        schema
            .personal_fields()
            .iter()
            .all(|field| field.class == PersonalClass::Umum)
    );
    let list = registry.get("tindak_lanjut_daftar").unwrap().personal_fields();
    assert!(
        list.iter()
            .any(|field| field.pointer_pattern == "/butir/*/lampiran/*/nama_berkas")
    );
}

#[test]
fn inputs_refuse_unknown_fields() {
    for schema in registry().iter() {
        let mut value = example(schema);
        value["bidang_asing"] = json!(1);
        let found = schema.check(&value).unwrap_err();
        let found: Vec<_> = found
            .iter()
            .map(|violation| (violation.pointer.as_str(), violation.code))
            .collect();
        assert_eq!(found, [("/bidang_asing", "unknown_field")], "{}", schema.id());
    }
}
