//! Schemas registered at run time: taken when closed and small, refused otherwise.

use crate::model::registry;
use schemas::{PersonalClass, SchemaError};
use serde_json::{Value, json};

fn refusal(extra: Value) -> String {
    let extra = if extra.is_array() {
        extra.as_array().unwrap().clone()
    } else {
        vec![extra]
    };
    registry().with(extra).unwrap_err().to_string()
}

#[test]
fn schemas_may_refer_to_each_other_and_to_the_model() {
    let more = registry()
        .with(vec![
            json!({"$id": "urn:contoh:a:1", "type": "object", "properties": {
                "b": {"$ref": "urn:contoh:b:1"}, "berkas": {"type": "array", "items": {"$ref": "urn:simpul:skema:lampiran:1"}},
                "c": {"$ref": "#/$defs/c"}}, "$defs": {"c": {"type": "integer"}}}),
            json!({"$id": "urn:contoh:b:1", "type": "string", "x-data-pribadi": "spesifik"}),
        ])
        .unwrap();
    let schema = more.get("urn:contoh:a:1").unwrap();
    assert!(schema.check(&json!({"b": "x", "c": 1, "berkas": []})).is_ok());
    assert_eq!(
        schema
            .check(&json!({"b": 1, "c": "x", "berkas": [1]}))
            .unwrap_err()
            .len(),
        3
    );
    let first = &schema.personal_fields()[0];
    assert_eq!(
        (first.pointer_pattern.as_str(), first.class),
        ("/b", PersonalClass::Spesifik)
    );
    assert!(registry().get("urn:contoh:a:1").is_none());
    assert!(more.get("pengaduan").is_some());
}

#[test]
fn remote_cyclic_and_dangling_references_are_refused() {
    for reference in [
        "https://contoh.invalid/x.json",
        "file:///etc/passwd",
        "urn:contoh:tiada:1",
        "#/$defs/tiada",
        "#jangkar",
        "x.json",
    ] {
        let text = refusal(json!({"$id": "urn:contoh:a:1", "properties": {"x": {"$ref": reference}}}));
        assert!(text.contains("leads nowhere"), "{reference}: {text}");
    }
    assert!(refusal(json!({"$id": "urn:contoh:a:1", "properties": {"x": {"$ref": "#"}}})).contains("cyclic"));
    assert!(
        refusal(json!({"$id": "urn:contoh:a:1", "properties": {"x": {"$ref": "urn:contoh:a:1"}}})).contains("cyclic")
    );
    let pair = json!([{"$id": "urn:contoh:a:1", "items": {"$ref": "urn:contoh:b:1"}}, {"$id": "urn:contoh:b:1", "items": {"$ref": "urn:contoh:a:1"}}]);
    assert!(refusal(pair).contains("cyclic"));
    let hidden = refusal(json!({"$id": "urn:contoh:a:1", "$defs": {"x": {"$ref": "https://contoh.invalid/x.json"}}}));
    assert!(hidden.contains("leads nowhere"), "{hidden}");
}

#[test]
fn what_could_hurt_is_refused() {
    let cases = [
        (json!({"type": "string"}), "no usable $id"),
        (json!({"$id": "https://contoh.invalid/a"}), "no usable $id"),
        (json!({"$id": "urn:simpul:skema:pengaduan:1"}), "is taken"),
        (
            json!({"$id": "urn:contoh:a:1", "$schema": "http://json-schema.org/draft-07/schema#"}),
            "only",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "properties": {"x": {"$id": "urn:contoh:b:1"}}}),
            "inner `$id`",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "$defs": {"x": {"$id": "urn:simpul:skema:lampiran:1"}}}),
            "inner `$id`",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "propertyNames": {"$id": "urn:contoh:b:1"}}),
            "inner `$id`",
        ),
        (json!({"$id": "urn:contoh:a:1", "$dynamicRef": "#x"}), "$dynamicRef"),
        (
            json!({"$id": "urn:contoh:a:1", "pattern": "^(?=a)a+$"}),
            "does not compile",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "pattern": "((a{1000}){1000}){1000}"}),
            "does not compile",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "pattern": "a".repeat(1001)}),
            "1000 characters",
        ),
        (
            json!({"$id": "urn:contoh:a:1", "format": "karangan"}),
            "does not compile",
        ),
        (json!({"$id": "urn:contoh:a:1", "type": "teks"}), "does not compile"),
        (
            json!({"$id": "urn:contoh:a:1", "x-data-pribadi": "Umum"}),
            "must be `umum` or `spesifik`",
        ),
        (json!({"$id": "urn:contoh:a:1", "x-rujukan": "npwp"}), "x-rujukan"),
        (json!({"$id": "urn:contoh:a:1", "x-kode": ""}), "x-kode"),
        (json!({"$id": "urn:contoh:a:1", "x-waktu": "depan"}), "x-waktu"),
        (
            json!({"$id": "urn:contoh:a:1", "description": "x".repeat(300_000)}),
            "256 KiB",
        ),
    ];
    for (schema, expected) in cases {
        let text = refusal(schema);
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn references_that_multiply_are_cut_off() {
    let mut definitions = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        definitions.insert(format!("d{level}"), json!({"properties": {"a": next, "b": next}}));
    }
    definitions.insert("d40".to_owned(), json!({"type": "string"}));
    let schema = json!({"$id": "urn:contoh:a:1", "$ref": "#/$defs/d0", "$defs": definitions});
    let error = registry().with(vec![schema]).unwrap_err();
    assert!(matches!(error, SchemaError::TooLarge { .. }), "{error}");
}
