//! Code lists: verdicts by day, loading, and documents held against them.

use crate::model::{example, registry};
use jiff::civil::{Date, date};
use schemas::{CodeLists, Findings, Verdict};
use serde_json::{Value, json};

const TODAY: Date = date(2026, 2, 3);

fn lists() -> CodeLists {
    CodeLists::embedded().unwrap()
}

fn checked(change: impl FnOnce(&mut Value)) -> Findings {
    let registry = registry();
    let schema = registry.get("pengaduan").unwrap();
    let mut value = example(schema);
    change(&mut value);
    assert_eq!(schema.check(&value), Ok(()));
    lists().check(schema, &value, TODAY)
}

fn named(list: &[schemas::Violation]) -> Vec<(&str, &str)> {
    list.iter()
        .map(|violation| (violation.pointer.as_str(), violation.code))
        .collect()
}

#[test]
fn examples_of_all_schemas_use_known_codes() {
    for schema in registry().iter() {
        for example in schema.document()["examples"].as_array().unwrap() {
            assert_eq!(lists().check(schema, example, TODAY).hard, [], "{}", schema.id());
        }
    }
}

#[test]
fn every_list_named_in_a_schema_exists() {
    fn visit(node: &Value, lists: &CodeLists) {
        if let Some(list) = node["x-kode"].as_str() {
            assert!(lists.get(list).is_some(), "{list}");
        }
        for child in node.as_object().into_iter().flat_map(|map| map.values()) {
            visit(child, lists);
        }
    }
    for schema in registry().iter() {
        visit(schema.document(), &lists());
    }
}

#[test]
fn region_codes_are_hard_for_districts_and_soft_for_villages() {
    let lists = lists();
    assert_eq!(lists.get("wilayah").unwrap().rows.len(), 13);
    for (code, verdict) in [
        ("36.71.01", Verdict::Valid),
        ("36.71.13", Verdict::Valid),
        ("36.71.14", Verdict::Unknown),
        ("36.74.01", Verdict::Unknown),
        ("36.71.05.1001", Verdict::Unlisted),
        ("36.71.14.1001", Verdict::Unknown),
        ("", Verdict::Unknown),
    ] {
        assert_eq!(lists.contains("wilayah", code, TODAY), verdict, "{code}");
    }
    assert_eq!(lists.contains("tiada", "x", TODAY), Verdict::NoList);
}

#[test]
fn codes_hold_on_their_days_only() {
    let list = json!({"daftar": "coba", "judul": "Coba", "x-en": "Trial", "penerbit": "contoh", "versi": "2", "baris": [
        {"kode": "a", "nama": "A", "berlaku_dari": "2024-01-01", "berlaku_sampai": "2024-12-31"},
        {"kode": "a", "nama": "A baru", "berlaku_dari": "2026-01-01"},
        {"kode": "b", "nama": "B"}]});
    let lists = CodeLists::default().load(&list.to_string()).unwrap();
    for (code, on, verdict) in [
        ("a", date(2023, 12, 31), Verdict::NotYet),
        ("a", date(2024, 1, 1), Verdict::Valid),
        ("a", date(2024, 12, 31), Verdict::Valid),
        ("a", date(2026, 1, 1), Verdict::Valid),
        ("b", date(1990, 1, 1), Verdict::Valid),
        ("A", TODAY, Verdict::Unknown),
    ] {
        assert_eq!(lists.contains("coba", code, on), verdict, "{code} {on}");
    }
    assert_eq!(lists.contains("coba", "a", date(2025, 6, 1)), Verdict::Expired);
}

#[test]
fn broken_lists_are_refused() {
    let list = |rows: Value| {
        json!({"daftar": "coba", "judul": "C", "x-en": "T", "penerbit": "c", "versi": "1", "baris": rows}).to_string()
    };
    for (text, expected) in [
        ("[]".to_owned(), "cannot be read"),
        (list(json!([])), "no rows"),
        (list(json!([{"kode": "a", "nama": "A", "lain": 1}])), "cannot be read"),
        (list(json!([{"kode": "a ", "nama": "A"}])), "white space"),
        (
            list(json!([{"kode": "a", "nama": "A"}, {"kode": "a", "nama": "B"}])),
            "overlap",
        ),
        (
            list(json!([{"kode": "a", "nama": "A", "berlaku_dari": "2026-01-01", "berlaku_sampai": "2025-01-01"}])),
            "before it begins",
        ),
    ] {
        let error = CodeLists::default().load(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn unknown_codes_are_refused_and_say_the_list_and_version() {
    let found = checked(|v| v["kategori"] = json!("naga"));
    assert_eq!(named(&found.hard), [("/kategori", "unknown_code")]);
    assert!(found.hard[0].id.contains("kategori, versi 2026.1") && !found.hard[0].en.contains("naga"));
    assert!(!found.accepted());
    assert_eq!(
        named(&checked(|v| v["opd_tujuan"] = json!("dinas_tiada")).hard),
        [("/opd_tujuan", "unknown_code")]
    );
    assert_eq!(
        named(&checked(|v| v["lokasi"]["kode_wilayah"] = json!("36.74.01")).hard),
        [("/lokasi/kode_wilayah", "unknown_code")]
    );
}

#[test]
fn doubtful_values_pass_with_a_flag() {
    let found = checked(|v| v["lokasi"]["kode_wilayah"] = json!("36.71.05.1001"));
    assert!(found.accepted());
    assert!(named(&found.soft).contains(&("/lokasi/kode_wilayah", "unlisted_code")));
    let found = checked(|v| v["lokasi"]["lat"] = json!(-7.5));
    assert!(found.accepted() && named(&found.soft).contains(&("/lokasi", "outside_bounds")));
    let found = checked(|v| v["pelapor"]["telepon"] = json!("12345"));
    assert!(found.accepted() && named(&found.soft).contains(&("/pelapor/telepon", "phone_form")));
    assert_eq!(named(&checked(|_| {}).soft), [("/pelapor/nik", "nik_serial")]);
}

#[test]
fn an_incident_is_not_in_the_future() {
    assert!(checked(|v| v["tanggal_kejadian"] = json!("2026-02-03")).accepted());
    let found = checked(|v| v["tanggal_kejadian"] = json!("2026-02-04"));
    assert_eq!(named(&found.hard), [("/tanggal_kejadian", "future_date")]);
}

#[test]
fn rules_reach_into_arrays_and_without_a_list_nothing_passes() {
    let registry = registry()
        .with(vec![
            json!({"$id": "urn:contoh:a:1", "type": "array", "items": {"properties": {
            "k": {"type": "string", "x-kode": "tiada"}, "nop": {"type": "string", "x-rujukan": "nop"}}}}),
        ])
        .unwrap();
    let schema = registry.get("urn:contoh:a:1").unwrap();
    let found = lists().check(schema, &json!([{}, {"k": "x", "nop": "360101000100100010"}]), TODAY);
    assert_eq!(named(&found.hard), [("/1/k", "code_list_missing")]);
    assert_eq!(named(&found.soft), [("/1/nop", "nop_region")]);
}
