//! One operation of the document as an operation of the manifest, or what stands against it.

use super::document::{Document, Wrong, plain};
use super::identity::{self, Way};
use super::schema::Converter;
use super::{Notes, Words};
use crate::manifest::{Address, BodyForm, EffectText, Manifest, NativeText, OperationText};
use crate::rule::Rule;
use connector_sdk::Text;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Statuses that may carry the answer, the likeliest first.
const ANSWERS: [&str; 6] = ["200", "201", "202", "203", "2XX", "default"];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

pub(super) struct Maker<'d> {
    document: &'d Document,
    system: &'d str,
    taken: BTreeSet<String>,
    /// Names of parameters by the path before them: two operations may not call the same place differently.
    names: BTreeMap<String, String>,
}

/// What is gathered about the input.
#[derive(Default)]
struct Input {
    fields: Map<String, Value>,
    required: Vec<Value>,
    query: Vec<Rule>,
    path: Vec<Rule>,
    body: Vec<Rule>,
    form: BodyForm,
}

impl Input {
    fn add(&mut self, name: &str, schema: Value, required: bool) {
        self.fields.insert(name.to_owned(), schema);
        if required {
            self.required.push(json!(name));
        }
    }
}

impl<'d> Maker<'d> {
    pub(super) fn new(document: &'d Document, system: &'d str) -> Self {
        Self {
            document,
            system,
            taken: BTreeSet::new(),
            names: BTreeMap::new(),
        }
    }

    pub(super) fn one(
        &mut self,
        key: &str,
        (method, path): (&str, &str),
        (item, operation): (&Value, &Value),
        manifest: &mut Manifest,
        notes: &mut Notes,
    ) {
        // What one operation tells is told only if it is kept, or as the reason why it is not.
        let mut own = Notes::default();
        let made = self.made(key, (method, path), (item, operation), &mut own);
        notes.left.append(&mut own.left);
        if let Some((operation, schemas)) = notes.kept(made, key, "") {
            for flaw in own.look {
                if !notes.look.contains(&flaw) {
                    notes.look.push(flaw);
                }
            }
            manifest.operasi.push(operation);
            manifest.skema.extend(schemas);
        }
    }

    fn made(
        &mut self,
        key: &str,
        (method, path): (&str, &str),
        (item, operation): (&Value, &Value),
        notes: &mut Notes,
    ) -> Result<(OperationText, Vec<Value>), Wrong> {
        let word = operation.get("operationId").map(plain).filter(|id| !id.is_empty());
        let name = snake(&word.unwrap_or_else(|| format!("{method}_{path}")));
        let mut input = Input::default();
        let address = self.address(path, &mut input)?;
        let shared = item.get("parameters").and_then(Value::as_array);
        let own = operation.get("parameters").and_then(Value::as_array);
        for parameter in shared.into_iter().chain(own).flatten() {
            self.parameter(key, parameter, &mut input, notes)?;
        }
        if let Some(body) = operation.get("requestBody") {
            self.body(key, body, &mut input, notes)?;
        }
        if input.form == BodyForm::Kosong && !matches!(method, "get" | "delete") {
            notes.look(
                key,
                ("tulisan tanpa isi", "a write without a body"),
                (
                    "periksa apakah sistem memang tidak meminta isi",
                    "see whether the system really asks for none",
                ),
            );
        }
        let native = self.answer(key, operation, notes)?;
        let mut reply = Vec::new();
        let canonical = match identity::object(&native, "", 0, Way::Out, &mut reply) {
            Some(canonical) => canonical,
            None => {
                reply.push(moved("/isi", ""));
                json!({"type": "object", "required": ["isi"], "properties": {"isi": native.clone()}, "additionalProperties": false})
            }
        };
        // Taken last, so that what is refused takes no name.
        let published = (method.to_ascii_uppercase(), address);
        let place = format!("{} {}", published.0, published.1);
        let id = format!("{}.{name}", self.system);
        if self.taken.contains(&id) || !self.taken.insert(place) {
            return Err(Wrong::Unsayable(
                "nama atau alamat terbitnya sudah dipakai operasi lain",
                "its name or published address is taken by another operation",
            ));
        }
        self.taken.insert(id.clone());
        let summary = ["summary", "description"]
            .iter()
            .filter_map(|word| operation.get(*word).map(plain))
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| format!("{} {path}", published.0));
        let schema = |kind: &str| format!("urn:{}:{name}_{kind}:1", self.system);
        let texts = OperationText {
            id,
            ringkasan: Text::owned(sentence(&summary), sentence(&summary)),
            terbit: Address {
                metode: published.0.clone(),
                jalur: published.1,
            },
            masukan: schema("masukan"),
            keluaran: schema("keluaran"),
            akibat: effect(method, key, notes),
            rujukan: Vec::new(),
            urutan: Vec::new(),
            tenggat_ms: 10_000,
            asli: NativeText {
                metode: published.0,
                jalur: path.trim_start_matches('/').to_owned(),
                jalur_isi: input.path,
                kueri: input.query,
                isi: input.form,
                kirim: input.body,
                kepala_rujukan: None,
                skema_kirim: None,
                skema_jawab: Some(schema("asli")),
            },
            jawab: reply,
            contoh: Vec::new(),
        };
        let asked = json!({
            "type": "object", "required": input.required, "properties": input.fields, "additionalProperties": false,
        });
        let schemas = vec![
            headed(asked, &texts.masukan, &format!("Masukan {name}")),
            headed(canonical, &texts.keluaran, &format!("Keluaran {name}")),
            headed(native, &schema("asli"), &format!("Jawaban asli {name}")),
        ];
        Ok((texts, schemas))
    }

    /// The published address: the system's own space, then the native path without `api` and version.
    fn address(&mut self, path: &str, input: &mut Input) -> Result<String, Wrong> {
        let mut out = format!("/v1/{}", self.system);
        let mut leading = true;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            if let Some(native) = name {
                let wanted = snake(native);
                let canonical = self.names.entry(out.clone()).or_insert(wanted).clone();
                input.path.push(moved(&pointer(native), &pointer(&canonical)));
                out = format!("{out}/{{{canonical}}}");
            } else if segment.contains(['{', '}']) {
                return Err(Wrong::Unsayable(
                    "parameter jalur tidak memenuhi satu ruas",
                    "a parameter of the path does not fill a segment",
                ));
            } else if leading && (segment == "api" || version(segment)) {
                continue;
            } else {
                let plain = segment.to_ascii_lowercase();
                let plain = plain.replace(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'), "-");
                out = format!("{out}/{plain}");
            }
            leading = false;
        }
        match leading {
            true => Err(Wrong::Unsayable("jalur tanpa nama", "a path without a name")),
            false => Ok(out),
        }
    }

    fn parameter(&self, key: &str, parameter: &Value, input: &mut Input, notes: &mut Notes) -> Result<(), Wrong> {
        let parameter = self.document.settled(parameter)?;
        let native = parameter.get("name").map(plain).unwrap_or_default();
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let here = format!("{key}.parameters.{native}");
        let schema = parameter
            .get("schema")
            .cloned()
            .unwrap_or_else(|| json!({"type": "string"}));
        let schema = Converter::new(self.document).run(&schema, &here, notes)?;
        let place = parameter.get("in").map(plain).unwrap_or_default();
        let described = parameter.get("description").map(plain);
        let text = in_address(&schema, described);
        match (place.as_str(), text) {
            ("path", Some(text)) => {
                let native = pointer(&native);
                let rule = input.path.iter().find(|rule| rule.to == native);
                if let Some(name) = rule
                    .and_then(|rule| rule.from.as_deref())
                    .map(|from| from[1..].to_owned())
                {
                    input.add(&name, text, true);
                }
            }
            ("query", Some(text)) => {
                let name = snake(&native);
                input.query.retain(|rule| rule.to != pointer(&native));
                input.query.push(moved(&pointer(&native), &pointer(&name)));
                input.required.retain(|known| *known != json!(name));
                input.add(&name, text, required);
            }
            ("path" | "query", None) if required || place == "path" => {
                return Err(Wrong::Unsayable(
                    "parameter wajib berupa daftar atau objek",
                    "a required parameter is a list or an object",
                ));
            }
            ("path" | "query", None) => notes.left(
                &here,
                (
                    "parameter berupa daftar atau objek",
                    "the parameter is a list or an object",
                ),
                (
                    "tulis aturan `kueri` dengan `join` bila perlu",
                    "write a rule of `kueri` with `join` where needed",
                ),
            ),
            _ => notes.left(
                &here,
                ("parameter di header atau cookie", "a parameter in a header or cookie"),
                (
                    "tulis di `kepala` bila nilainya tetap; yang lain tidak dapat dinyatakan",
                    "write it in `kepala` if its value is fixed; others cannot be said",
                ),
            ),
        }
        Ok(())
    }

    fn body(&self, key: &str, body: &Value, input: &mut Input, notes: &mut Notes) -> Result<(), Wrong> {
        let body = self.document.settled(body)?;
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let found = [(JSON, BodyForm::Json), (FORM, BodyForm::Form)]
            .into_iter()
            .find_map(|(media, form)| Some((content.get(media)?, media, form)));
        let Some((media, name, form)) = found else {
            return Err(Wrong::Unsayable(
                "isi bukan JSON dan bukan formulir",
                "the body is neither JSON nor a form",
            ));
        };
        let here = format!("{key}.requestBody.content.{name}.schema");
        let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
        let schema = Converter::new(self.document).run(&schema, &here, notes)?;
        let required = body.get("required") == Some(&Value::Bool(true));
        input.form = form;
        let mut rules = Vec::new();
        let canonical = identity::object(&schema, "", 0, Way::In, &mut rules);
        let clash = canonical
            .as_ref()
            .and_then(|canonical| canonical.get("properties")?.as_object())
            .is_some_and(|fields| fields.keys().any(|name| input.fields.contains_key(name)));
        match canonical {
            Some(canonical) if !clash => {
                let wanted = canonical
                    .get("required")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default();
                for (name, field) in canonical
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    input.add(name, field.clone(), wanted.contains(&json!(name)));
                }
                input.body = rules;
            }
            // Whole, where there are no names or they are taken.
            _ => {
                input.add("isi", schema, required || form == BodyForm::Json);
                input.body = vec![moved("", "/isi")];
            }
        }
        Ok(())
    }

    fn answer(&self, key: &str, operation: &Value, notes: &mut Notes) -> Result<Value, Wrong> {
        let answers = operation.get("responses");
        for status in ANSWERS {
            let Some(answer) = answers.and_then(|answers| answers.get(status)) else {
                continue;
            };
            let answer = self.document.settled(answer)?;
            let content = answer.get("content").and_then(Value::as_object);
            let media = content.into_iter().flatten().find(|(media, _)| is_json(media));
            if let Some((name, media)) = media {
                let here = format!("{key}.responses.{status}.content.{name}.schema");
                let schema = media.get("schema").cloned().unwrap_or_else(|| json!({}));
                return Converter::new(self.document).run(&schema, &here, notes);
            }
        }
        Err(Wrong::Unsayable(
            "tidak ada jawaban berhasil berisi JSON",
            "there is no successful answer with JSON",
        ))
    }
}

/// Whether a media type holds JSON, or anything.
pub(super) fn is_json(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    media == JSON || media.ends_with("+json") || media == "*/*"
}

fn effect(method: &str, key: &str, notes: &mut Notes) -> EffectText {
    if method == "get" {
        return EffectText::Baca;
    }
    const ADVICE: Words<'static> = (
        "tulis `baca` bila hanya mencari, `tulis_aman` bila sistem mengenali ulangan, dan isi `rujukan`",
        "write `baca` if it only searches, `tulis_aman` if the system recognises a repetition, and fill `rujukan`",
    );
    notes.look(
        key,
        (
            "dianggap tulisan yang tidak boleh diulang",
            "taken for a write that may not be repeated",
        ),
        ADVICE,
    );
    EffectText::TulisSekali
}

/// A parameter of an address arrives as text.
fn in_address(schema: &Value, described: Option<String>) -> Option<Value> {
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .filter(|kind| *kind != "null")
            .collect(),
        _ => vec!["string"],
    };
    let mut out = match kinds.as_slice() {
        ["string"] => schema.as_object().cloned().unwrap_or_default(),
        ["integer"] => Map::from_iter([("pattern".to_owned(), json!("^-?[0-9]{1,18}$"))]),
        ["number"] => Map::from_iter([("pattern".to_owned(), json!("^-?[0-9]{1,18}([.][0-9]{1,18})?$"))]),
        ["boolean"] => Map::from_iter([("enum".to_owned(), json!(["true", "false"]))]),
        _ => return None,
    };
    out.insert("type".to_owned(), json!("string"));
    out.entry("maxLength").or_insert_with(|| json!(200));
    if let Some(text) = described.filter(|text| !text.is_empty()) {
        out.insert("description".to_owned(), json!(text));
    }
    Some(Value::Object(out))
}

pub(super) fn headed(mut schema: Value, id: &str, title: &str) -> Value {
    if let Some(words) = schema.as_object_mut() {
        words.insert("$schema".to_owned(), json!(DIALECT));
        words.insert("$id".to_owned(), json!(id));
        words.entry("title").or_insert_with(|| json!(title));
        words.entry("description").or_insert_with(|| json!(title));
    }
    schema
}

pub(super) fn moved(to: &str, from: &str) -> Rule {
    Rule {
        to: to.to_owned(),
        from: Some(from.to_owned()),
        ..Rule::default()
    }
}

fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

pub(super) fn sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    format!("{}.", line.trim_end_matches('.'))
}

/// `daftarJadwal`, `/api/x-y` → `daftar_jadwal`, `api_x_y`.
pub(super) fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut low = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && low {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            low = !c.is_ascii_uppercase();
        } else {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            low = false;
        }
    }
    let out = out.trim_end_matches('_');
    match out.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => out.chars().take(60).collect(),
        false => format!("x_{}", out.chars().take(58).collect::<String>()),
    }
}
