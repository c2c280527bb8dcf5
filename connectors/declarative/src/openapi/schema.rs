//! Schemas of the document as JSON Schema 2020-12, references put in their place. Bounded: references that multiply each
//! other end at a number of nodes, those that lead back to themselves at once.

use super::Notes;
use super::document::{Document, Wrong};
use serde_json::{Map, Value, json};

/// Nodes of one schema, references expanded.
const MOST_NODES: usize = 5_000;
/// References inside each other.
const DEEPEST: usize = 40;
/// Words that mean the same in all versions.
const KEPT: [&str; 16] = [
    "const",
    "description",
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "required",
    "title",
    "type",
    "uniqueItems",
    "x-data-pribadi",
    "x-en",
];
/// Words about the document and not about values.
const SILENT: [&str; 9] = [
    "default",
    "deprecated",
    "example",
    "examples",
    "externalDocs",
    "nullable",
    "readOnly",
    "writeOnly",
    "xml",
];
const FORMATS: [&str; 9] = [
    "date",
    "date-time",
    "time",
    "email",
    "uri",
    "uuid",
    "ipv4",
    "ipv6",
    "hostname",
];
/// Names behind which there are persons.
const PERSONAL: [&str; 14] = [
    "nik",
    "no_ktp",
    "nama",
    "nama_lengkap",
    "alamat",
    "telepon",
    "no_telepon",
    "no_hp",
    "hp",
    "email",
    "surel",
    "npwp",
    "tanggal_lahir",
    "tempat_lahir",
];

pub(super) struct Converter<'d> {
    document: &'d Document,
    nodes: usize,
    open: Vec<String>,
}

impl<'d> Converter<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            document,
            nodes: 0,
            open: Vec::new(),
        }
    }

    pub(super) fn run(&mut self, schema: &Value, key: &str, notes: &mut Notes) -> Result<Value, Wrong> {
        self.nodes += 1;
        if self.nodes > MOST_NODES || self.open.len() > DEEPEST {
            return Err(Wrong::TooLarge);
        }
        if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
            if self.open.iter().any(|open| open == to) {
                return Err(Wrong::Cyclic(to.to_owned()));
            }
            let target = self.document.target(to)?;
            self.open.push(to.to_owned());
            let made = self.run(target, key, notes)?;
            self.open.pop();
            return Ok(made);
        }
        let Some(words) = schema.as_object() else {
            return Ok(schema.clone());
        };
        let mut out = Map::new();
        for (word, value) in words {
            let here = format!("{key}.{word}");
            match word.as_str() {
                "properties" => {
                    let mut fields = Map::new();
                    for (name, field) in value.as_object().into_iter().flatten() {
                        let mut made = self.run(field, &format!("{here}.{name}"), notes)?;
                        personal(name, &mut made);
                        fields.insert(name.clone(), made);
                    }
                    out.insert(word.clone(), Value::Object(fields));
                }
                "items" | "not" | "additionalProperties" => {
                    out.insert(word.clone(), self.run(value, &here, notes)?);
                }
                "allOf" | "anyOf" | "oneOf" => {
                    let mut all = Vec::new();
                    for one in value.as_array().into_iter().flatten() {
                        all.push(self.run(one, &here, notes)?);
                    }
                    out.insert(word.clone(), Value::Array(all));
                }
                "minimum" | "maximum" => {
                    let exclusive = if word == "minimum" {
                        "exclusiveMinimum"
                    } else {
                        "exclusiveMaximum"
                    };
                    let name = if words.get(exclusive) == Some(&Value::Bool(true)) {
                        exclusive
                    } else {
                        word
                    };
                    out.insert(name.to_owned(), value.clone());
                }
                "exclusiveMinimum" | "exclusiveMaximum" => {
                    if value.is_number() {
                        out.insert(word.clone(), value.clone());
                    }
                }
                "format" => {
                    if value.as_str().is_some_and(|format| FORMATS.contains(&format)) {
                        out.insert(word.clone(), value.clone());
                    }
                }
                "pattern" => match value.as_str() {
                    Some(pattern) if linear(pattern) => {
                        out.insert(word.clone(), value.clone());
                    }
                    _ => notes.left(
                        &here,
                        (
                            "pola tidak dapat dijalankan linear",
                            "the pattern cannot be run in linear time",
                        ),
                        ("tulis pola tanpa (?=, (?! dan \\1", "write it without (?=, (?! and \\1"),
                    ),
                },
                word if KEPT.contains(&word) => {
                    out.insert(word.to_owned(), value.clone());
                }
                word if SILENT.contains(&word) || word.starts_with("x-") => {}
                _ => notes.left(
                    &here,
                    ("kata skema ini tidak diimpor", "this word of a schema is not imported"),
                    (
                        "tulis sendiri di `skema` bila perlu",
                        "write it in `skema` where needed",
                    ),
                ),
            }
        }
        merge(&mut out);
        nullable(&mut out, words.get("nullable") == Some(&Value::Bool(true)));
        if out.get("type").is_some_and(|kind| kind == "number") {
            notes.look(
                key,
                ("angka pecahan", "a number with a fraction"),
                (
                    "untuk uang pakai teks dan langkah `decimal`",
                    "for money use text and the operation `decimal`",
                ),
            );
        }
        Ok(Value::Object(out))
    }
}

/// No word of a pattern that only a backtracking engine understands.
fn linear(pattern: &str) -> bool {
    let ahead = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|word| pattern.contains(word));
    let back = pattern
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'\\' && (b'1'..=b'9').contains(&pair[1]));
    !ahead && !back
}

/// A field about a person is marked, so that it is masked from the first call on.
fn personal(name: &str, schema: &mut Value) {
    if let Some(words) = schema.as_object_mut()
        && PERSONAL.contains(&name.to_ascii_lowercase().as_str())
    {
        words.entry("x-data-pribadi").or_insert_with(|| json!("umum"));
    }
}

/// Objects that are put together from parts become one object, so that each field can be mapped.
fn merge(out: &mut Map<String, Value>) {
    let only = |part: &Value| {
        let words = part.as_object();
        words.is_some_and(|words| {
            let object = words.get("type").is_none_or(|kind| kind == "object");
            object
                && words
                    .keys()
                    .all(|w| matches!(w.as_str(), "type" | "properties" | "required" | "title" | "description"))
        })
    };
    let Some(Value::Array(parts)) = out.get("allOf") else {
        return;
    };
    if let [one] = parts.as_slice()
        && let Some(words) = one.as_object().cloned()
    {
        out.remove("allOf");
        for (word, value) in words {
            out.entry(word).or_insert(value);
        }
        return;
    }
    if !parts.iter().all(only) {
        return;
    }
    let Some(Value::Array(parts)) = out.remove("allOf") else {
        return;
    };
    out.insert("type".to_owned(), json!("object"));
    for part in parts {
        for (name, field) in part.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let fields = out.entry("properties").or_insert_with(|| json!({}));
            if let Some(fields) = fields.as_object_mut() {
                fields.insert(name.clone(), field.clone());
            }
        }
        for name in part.get("required").and_then(Value::as_array).into_iter().flatten() {
            let required = out.entry("required").or_insert_with(|| json!([]));
            if let Some(required) = required.as_array_mut()
                && !required.contains(name)
            {
                required.push(name.clone());
            }
        }
    }
}

/// `nullable` of OpenAPI 3.0.
fn nullable(out: &mut Map<String, Value>, wanted: bool) {
    if !wanted {
        return;
    }
    match out.get_mut("type") {
        Some(Value::String(kind)) => {
            let kinds = json!([kind, "null"]);
            out.insert("type".to_owned(), kinds);
        }
        Some(Value::Array(kinds)) if !kinds.contains(&json!("null")) => kinds.push(json!("null")),
        _ => {}
    }
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}
