//! Pushes of the document as drafts of `masuk`: `callbacks` of an operation (3.0) and `webhooks` (3.1). A document does not say
//! how a push is signed, what names it and what it is about: those stay open, with what the document hints at, and loading
//! refuses the draft until a person has written them.

use super::document::{Document, Wrong, plain};
use super::identity::{self, Way};
use super::operation::{headed, is_json, moved, sentence, snake};
use super::schema::Converter;
use super::{METHODS, Notes};
use crate::manifest::{HookText, Manifest, SignatureText};
use connector_sdk::Text;
use serde_json::{Value, json};

/// Pushes of one draft.
const MOST: usize = 40;

/// Every push of the document, those of operations that were left out too.
pub(super) fn all(document: &Document, system: &str, below: &str, manifest: &mut Manifest, notes: &mut Notes) {
    let mut maker = Maker {
        document,
        system,
        manifest,
        notes,
    };
    for (path, item) in document.paths().filter(|(path, _)| path.starts_with(below)) {
        // An item that cannot be followed was told with its operations.
        let Ok(item) = document.settled(item) else { continue };
        for (method, operation) in METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?))) {
            maker.callbacks(&format!("paths.{path}.{method}.callbacks"), operation.get("callbacks"));
        }
    }
    maker.callbacks("components.callbacks", document.at("components.callbacks"));
    for (name, item) in fields(document.at("webhooks")) {
        maker.item(&format!("webhooks.{name}"), name, item);
    }
}

struct Maker<'d> {
    document: &'d Document,
    system: &'d str,
    manifest: &'d mut Manifest,
    notes: &'d mut Notes,
}

impl Maker<'_> {
    /// Callbacks by name; in each, items by the expression of the address they go to.
    fn callbacks(&mut self, key: &str, callbacks: Option<&Value>) {
        for (name, callback) in fields(callbacks) {
            let key = format!("{key}.{name}");
            let Some(callback) = self.notes.kept(self.document.settled(callback), &key, "") else {
                continue;
            };
            for (address, item) in fields(Some(callback)).filter(|(address, _)| !address.starts_with("x-")) {
                self.item(&format!("{key}.{address}"), name, item);
            }
        }
    }

    fn item(&mut self, key: &str, name: &str, item: &Value) {
        let Some(item) = self.notes.kept(self.document.settled(item), key, "") else {
            return;
        };
        for (method, operation) in METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?))) {
            let key = format!("{key}.{method}");
            if method != "post" {
                self.notes.left(
                    &key,
                    (
                        "kiriman dengan metode selain POST",
                        "a push by another method than POST",
                    ),
                    ("minta sistem itu memakai POST", "ask the system to use POST"),
                );
                continue;
            }
            let made = self.made(&key, name, item, operation);
            if let Some((hook, schema)) = self.notes.kept(made, &key, "") {
                self.manifest.masuk.push(hook);
                self.manifest.skema.push(schema);
            }
        }
    }

    fn made(&mut self, key: &str, name: &str, item: &Value, operation: &Value) -> Result<(HookText, Value), Wrong> {
        let id: String = snake(name).replace('_', "-").chars().take(40).collect();
        if self.manifest.masuk.iter().any(|hook| hook.id == id) {
            return Err(Wrong::Unsayable(
                "nama kiriman ini sudah dipakai kiriman lain",
                "the name of this push is taken by another",
            ));
        }
        if self.manifest.masuk.len() == MOST {
            return Err(Wrong::Unsayable("lebih dari 40 kiriman", "more than 40 pushes"));
        }
        let body = operation.get("requestBody").ok_or(BODILESS)?;
        let content = self.document.settled(body)?.get("content").and_then(Value::as_object);
        let (media, body) = content
            .into_iter()
            .flatten()
            .find(|(media, _)| is_json(media))
            .ok_or(BODILESS)?;
        let native = body.get("schema").cloned().unwrap_or_else(|| json!({}));
        let place = format!("{key}.requestBody.content.{media}.schema");
        let native = Converter::new(self.document).run(&native, &place, self.notes)?;
        let mut rules = Vec::new();
        let data = identity::object(&native, "", 0, Way::Out, &mut rules).unwrap_or_else(|| {
            rules.push(moved("/isi", ""));
            json!({"type": "object", "required": ["isi"], "properties": {"isi": native.clone()}, "additionalProperties": false})
        });
        self.hints(key, &native, item, operation);
        let words = ["summary", "description"];
        let summary = words
            .iter()
            .find_map(|word| operation.get(*word).map(plain).filter(|text| !text.is_empty()))
            .unwrap_or_else(|| format!("{}: {name}", self.manifest.judul.id));
        let event = id.replace('-', "_");
        let schema = format!("urn:{}:{event}_peristiwa:1", self.system);
        let hook = HookText {
            id,
            ringkasan: Text::owned(sentence(&summary), sentence(&summary)),
            peristiwa: format!("{}.{event}", self.system),
            skema: schema.clone(),
            pokok: Vec::new(),
            tanda_tangan: SignatureText::default(),
            id_peristiwa: Vec::new(),
            terjemah: rules,
            jawaban: None,
            contoh: Vec::new(),
        };
        Ok((hook, headed(data, &schema, &format!("Peristiwa {event}"))))
    }

    /// What the document hints at but does not say.
    fn hints(&mut self, key: &str, native: &Value, item: &Value, operation: &Value) {
        let lists = [item.get("parameters"), operation.get("parameters")].into_iter();
        let parameters = lists.filter_map(|list| list?.as_array()).flatten();
        let headers: Vec<String> = parameters
            .filter_map(|parameter| self.document.settled(parameter).ok())
            .filter(|parameter| parameter.get("in").map(plain).as_deref() == Some("header"))
            .filter_map(|parameter| parameter.get("name").map(plain))
            .collect();
        let listed = |names: &[String], none: &str| match names.is_empty() {
            true => none.to_owned(),
            false => names.join(", "),
        };
        self.notes.left(
            key,
            (
                "tanda tangan kiriman tidak dinyatakan OpenAPI; draf ditolak sampai ditulis",
                "OpenAPI does not say how a push is signed; the draft is refused until it is written",
            ),
            (
                &format!(
                    "tulis `tanda_tangan`; header yang disebut: {}",
                    listed(&headers, "tidak ada")
                ),
                &format!(
                    "write `tanda_tangan`; headers that are named: {}",
                    listed(&headers, "none")
                ),
            ),
        );
        let required = native.get("required").and_then(Value::as_array);
        let names: Vec<String> = required
            .into_iter()
            .flatten()
            .filter_map(|name| Some(format!("/{}", name.as_str()?)))
            .collect();
        self.notes.look(
            key,
            (
                "bidang yang membedakan kiriman dan pokoknya tidak disebut",
                "what tells pushes apart, and what they are about, is not said",
            ),
            (
                &format!(
                    "tulis `id_peristiwa` dan `pokok`; yang selalu ada: {}",
                    listed(&names, "tidak ada")
                ),
                &format!(
                    "write `id_peristiwa` and `pokok`; always there: {}",
                    listed(&names, "none")
                ),
            ),
        );
    }
}

const BODILESS: Wrong = Wrong::Unsayable("kiriman tanpa isi JSON", "a push without a body in JSON");

fn fields(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}
