//! OpenAPI 3.1, whose schema dialect is the one our schemas are written in.

use super::entry::{Behind, Entry};
use super::facts::Facts;
use super::fixed;
use super::schema::Names;
use crate::http::CODES;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The whole document.
pub(super) fn document(entries: &[Entry<'_>], facts: &Facts, names: &Names<'_>) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for entry in entries {
        let item = paths.entry(entry.path.to_owned()).or_default();
        item.insert(entry.method.to_lowercase(), operation(entry, names));
    }
    for (path, method, operation) in fixed::operations(names) {
        paths
            .entry(path.to_owned())
            .or_default()
            .insert(method.to_owned(), operation);
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": info(facts),
        "servers": [{"url": facts.base.as_deref().unwrap_or("/")}],
        "tags": tags(entries),
        "security": [{"kunci": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"kunci": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "headers": headers(),
            "responses": problems(names),
        },
    });
    document["components"]["schemas"] = Value::Object(names.components(&document));
    document
}

/// `info`, shared with AsyncAPI.
pub(super) fn info(facts: &Facts) -> Value {
    let mut info = json!({
        "title": format!("Simpul — {}", facts.organiser),
        "version": "1",
        "description": "Satu antarmuka kanonik untuk sistem nasional dan sistem kota. / One canonical interface for \
                        national and city systems. Katalog: /katalog.",
    });
    if let Some(contact) = &facts.contact {
        let key = if contact.contains("://") { "url" } else { "email" };
        info["contact"] = json!({"name": facts.organiser, key: contact});
    }
    info
}

fn tags(entries: &[Entry<'_>]) -> Value {
    let mut tags: BTreeMap<&str, Value> = BTreeMap::new();
    for entry in entries {
        let title = entry.title();
        tags.entry(tag(entry))
            .or_insert_with(|| json!({"name": tag(entry), "description": format!("{} / {}", title.id, title.en)}));
    }
    tags.insert(
        "simpul",
        json!({"name": "simpul", "description": "Milik gateway / the gateway's own"}),
    );
    tags.into_values().collect()
}

fn tag<'a>(entry: &'a Entry<'_>) -> &'a str {
    match entry.system.as_str() {
        "" => "simpul",
        system => system,
    }
}

fn operation(entry: &Entry<'_>, names: &Names<'_>) -> Value {
    let mut operation = json!({
        "operationId": entry.id,
        "tags": [tag(entry)],
        "summary": entry.summary.id,
        "x-en": {"summary": entry.summary.en},
        "responses": responses(entry, names),
    });
    let mut parameters = parameters(entry, names);
    if entry.writes() {
        let wanted = matches!(entry.behind, Behind::Operation(published) if published.key_required);
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": wanted,
            "description": "Kunci Anda untuk maksud ini; ulangan dengan kunci sama tidak berakibat dua kali.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9._:-]+$"},
        }));
        parameters.push(json!({
            "name": "Prefer", "in": "header", "required": false,
            "description": "`respond-async`: dijawab 202 begitu tersimpan.",
            "schema": {"type": "string", "enum": ["respond-async"]},
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = body(entry, names) {
        operation["requestBody"] = json!({"required": true, "content": {"application/json": body}});
    }
    if entry.ageing.is_some() {
        operation["deprecated"] = json!(true);
    }
    operation
}

/// Whether the input comes in a body; what is asked with GET stands in the address.
fn has_body(entry: &Entry<'_>) -> bool {
    entry.request().is_some() && entry.method != "GET"
}

/// Names in the path.
pub(super) fn in_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameters(entry: &Entry<'_>, names: &Names<'_>) -> Vec<Value> {
    let Some(schema) = entry.request() else {
        return copy_parameters(entry);
    };
    let document = names.inline(schema);
    let required = |name: &str| {
        let all = document.get("required").and_then(Value::as_array);
        all.is_some_and(|all| all.iter().any(|one| one == name))
    };
    let properties = document
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut all = Vec::new();
    for (name, property) in properties {
        let place = match in_path(entry.path).any(|part| part == name) {
            true => "path",
            false if has_body(entry) => continue,
            false => "query",
        };
        let example = entry.example().and_then(|example| example.get(&name)).cloned();
        let mut parameter = json!({
            "name": name, "in": place, "required": place == "path" || required(&name), "schema": property,
        });
        if let Some(example) = example {
            parameter["example"] = example;
        }
        all.push(parameter);
    }
    all
}

/// What a copy can be asked by.
fn copy_parameters(entry: &Entry<'_>) -> Vec<Value> {
    let text = |name: &str, description: &str| {
        json!({"name": name, "in": "query", "required": false, "description": description,
               "schema": {"type": "string", "maxLength": 200}})
    };
    match entry.behind {
        Behind::Copy(plan) => {
            let fields = plan.fields.iter().map(|field| text(&field.name, "Saringan / filter"));
            let own = [
                (
                    "kunci",
                    "Satu rekaman menurut kuncinya, tanpa parameter lain / one record by its key, alone",
                ),
                ("kursor", "Halaman berikut / next page"),
                ("batas", "Rekaman sehalaman / records on a page"),
                ("urut", "Urut menurut bidang / order by a field"),
                (
                    "bidang",
                    "Bidang yang ditampilkan, dipisah koma / members shown, separated by commas",
                ),
                ("format", "json, csv atau ndjson / json, csv or ndjson"),
            ];
            let own = own
                .into_iter()
                .filter(|(name, _)| plan.fields.iter().all(|field| field.name != *name));
            fields.chain(own.map(|(name, why)| text(name, why))).collect()
        }
        Behind::Chain(plan) => {
            let steps: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
            let [mut step, mut key] = [
                text("langkah", "Langkah awal / step to begin at"),
                text("kunci", "Kunci rekaman pada langkah itu / key of the record there"),
            ];
            step["required"] = json!(true);
            step["schema"] = json!({"type": "string", "enum": steps});
            key["required"] = json!(true);
            vec![step, key]
        }
        Behind::Operation(_) => Vec::new(),
    }
}

/// The schema of the body: the input without what stands in the path.
fn body(entry: &Entry<'_>, names: &Names<'_>) -> Option<Value> {
    let schema = entry.request().filter(|_| has_body(entry))?;
    let parts: Vec<&str> = in_path(entry.path).collect();
    let mut examples: Vec<Value> = schema
        .document()
        .get("examples")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let shape = if parts.is_empty() {
        names.reference(schema.id())
    } else {
        let mut document = names.inline(schema);
        if let Some(fields) = document.as_object_mut() {
            fields.remove("examples");
        }
        let without = |value: Option<&mut Value>| match value {
            Some(Value::Object(fields)) => parts.iter().for_each(|part| {
                fields.remove(*part);
            }),
            Some(Value::Array(list)) => list.retain(|one| !parts.iter().any(|part| one == part)),
            _ => {}
        };
        without(document.get_mut("properties"));
        without(document.get_mut("required"));
        examples.iter_mut().for_each(|example| without(Some(example)));
        document
    };
    let mut content = json!({"schema": shape});
    if let Some(example) = examples.into_iter().next() {
        content["example"] = example;
    }
    Some(content)
}

fn responses(entry: &Entry<'_>, names: &Names<'_>) -> Value {
    let mut all = Map::new();
    let reply = match (&entry.behind, entry.reply()) {
        (Behind::Copy(_), Some(schema)) => page_of(&names.reference(schema.id())),
        (_, Some(schema)) => names.reference(schema.id()),
        (_, None) => json!({"type": "object"}),
    };
    let mut content = json!({"application/json": {"schema": reply}});
    if let Behind::Copy(_) = entry.behind {
        content["text/csv"] = json!({"schema": {"type": "string"}});
        content["application/x-ndjson"] = json!({"schema": {"type": "string"}});
        all.insert("304".into(), json!({"description": "Tidak berubah / not modified"}));
    }
    let status = if entry.writes() && entry.method == "POST" {
        "201"
    } else {
        "200"
    };
    all.insert(
        status.into(),
        json!({"description": "Selesai / done", "content": content, "headers": common_headers(entry.ageing.is_some())}),
    );
    if entry.writes() {
        let exchange = names.reference("urn:simpul:skema:pertukaran:1");
        all.insert(
            "202".into(),
            json!({
                "description": "Tersimpan, hasil menyusul di Location / stored, the outcome follows at Location",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": exchange}},
            }),
        );
    }
    for status in PROBLEMS {
        all.insert(
            status.to_string(),
            json!({"$ref": format!("#/components/responses/masalah_{status}")}),
        );
    }
    Value::Object(all)
}

fn common_headers(ageing: bool) -> Value {
    let mut all = vec!["X-Request-Id", "RateLimit", "RateLimit-Policy"];
    if ageing {
        all.extend(["Deprecation", "Sunset"]);
    }
    let one = |name: &&str| {
        (
            (*name).to_owned(),
            json!({"$ref": format!("#/components/headers/{name}")}),
        )
    };
    Value::Object(all.iter().map(one).collect())
}

fn headers() -> Value {
    let text = |why: &str| json!({"description": why, "schema": {"type": "string"}});
    json!({
        "X-Request-Id": text("Nomor untuk ditanyakan / number to quote"),
        "RateLimit": text("Sisa kuota / quota left"),
        "RateLimit-Policy": text("Kuota / quota"),
        "Deprecation": text("RFC 9745"),
        "Sunset": text("RFC 8594"),
    })
}

/// Statuses that any published operation may be answered with.
pub(super) const PROBLEMS: [u16; 16] = [
    400, 401, 403, 404, 408, 409, 410, 413, 415, 422, 429, 500, 501, 502, 503, 504,
];

/// A page of records of a copy. A grant may show fewer members than the record's schema asks for, so the record stands
/// beside the form and not in it.
fn page_of(record: &Value) -> Value {
    let null_or = |kind: &str| json!({"type": [kind, "null"]});
    json!({
        "type": "object",
        "required": ["salinan", "sumber", "diperbarui_pada", "umur_detik", "kedaluwarsa"],
        "properties": {
            "salinan": {"type": "string"},
            "sumber": {"type": "string"},
            "diperbarui_pada": null_or("string"),
            "umur_detik": null_or("integer"),
            "kedaluwarsa": {"type": "boolean"},
            "butir": {"type": "array", "items": {"type": "object"}},
            "kursor_berikut": null_or("string"),
        },
        "anyOf": [{"required": ["butir"]}, {"required": ["data"]}],
        "x-rekaman": record,
    })
}

fn problems(names: &Names<'_>) -> Value {
    let problem = |status: u16| {
        let codes = CODES
            .iter()
            .filter(|(_, of)| *of == status)
            .map(|(code, _)| format!("[`{code}`](/docs/masalah/{code})"));
        let codes: Vec<String> = codes.collect();
        let schema = names.reference("urn:simpul:skema:masalah:1");
        json!({
            "description": format!("Masalah / problem: {}", codes.join(", ")),
            "content": {"application/problem+json": {"schema": schema}},
        })
    };
    let all = PROBLEMS
        .iter()
        .map(|status| (format!("masalah_{status}"), problem(*status)));
    Value::Object(all.collect())
}
