//! The document itself: reading it within bounds, and following references inside it.

use crate::flaw::Flaw;
use crate::manifest::located;
use serde_json::Value;

/// Largest text.
const LARGEST: usize = 4 * 1024 * 1024;
/// References followed in a row.
const LONGEST: usize = 32;

pub(super) struct Document {
    root: Value,
}

/// Why something is not imported.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Leaves the document.
    Remote(String),
    /// Leads to nothing.
    Nowhere(String),
    /// Leads back to itself.
    Cyclic(String),
    /// Expands to too much.
    TooLarge,
    /// Rules cannot say it.
    Unsayable(&'static str, &'static str),
}

impl Wrong {
    pub(super) fn words(self) -> ((String, String), (&'static str, &'static str)) {
        match self {
            Self::Remote(to) => (
                (
                    format!("`$ref` ke luar dokumen: `{to}`; tidak ada yang diunduh"),
                    format!("a `$ref` out of the document: `{to}`; nothing is fetched"),
                ),
                ("gabungkan dokumennya lebih dulu", "bundle the document first"),
            ),
            Self::Nowhere(to) => (
                (
                    format!("`$ref` tidak menunjuk apa pun: `{to}`"),
                    format!("a `$ref` leads nowhere: `{to}`"),
                ),
                ("perbaiki dokumennya", "correct the document"),
            ),
            Self::Cyclic(to) => (
                (
                    format!("`$ref` berputar lewat `{to}`"),
                    format!("a cyclic `$ref` through `{to}`"),
                ),
                (
                    "batasi kedalamannya dalam skema tertulis, atau buat konektor Rust",
                    "write the schema to a fixed depth, or make a Rust connector",
                ),
            ),
            Self::TooLarge => (
                (
                    "skema mengembang melewati batas".to_owned(),
                    "the schema expands beyond its bound".to_owned(),
                ),
                ("tulis skema yang lebih kecil", "write a smaller schema"),
            ),
            Self::Unsayable(id, en) => (
                (id.to_owned(), en.to_owned()),
                (
                    "tulis operasinya sendiri, atau buat konektor Rust",
                    "write the operation by hand, or make a Rust connector",
                ),
            ),
        }
    }
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, Flaw> {
        let refused = |what: (String, String), advice: (&str, &str)| Flaw::new("", what, advice);
        if text.len() > LARGEST {
            let what = ("dokumen lebih besar dari 4 MiB", "the document is larger than 4 MiB");
            return Err(Flaw::new("", what, ("bagi dokumennya", "split the document")));
        }
        // JSON first: a large document in it need not pass the bounds meant for YAML's aliases.
        let root: Value = match serde_json::from_str(text) {
            Ok(root) => root,
            Err(_) => serde_saphyr::from_str(text).map_err(|error| {
                let line = error.location().map(|at| at.line());
                let first = error.to_string().lines().next().unwrap_or_default().to_owned();
                let flaw = refused((first.clone(), first), ("perbaiki tulisannya", "correct the form"));
                Flaw { line, ..flaw }
            })?,
        };
        let document = Self { root };
        let version = document.at("openapi").map(plain).unwrap_or_default();
        if !(version.starts_with("3.0") || version.starts_with("3.1")) {
            let flaw = refused(
                (
                    "bukan OpenAPI 3.0 atau 3.1".to_owned(),
                    "not OpenAPI 3.0 or 3.1".to_owned(),
                ),
                (
                    "ubah dokumennya ke OpenAPI 3 lebih dulu",
                    "convert the document to OpenAPI 3 first",
                ),
            );
            let flaw = Flaw {
                key: "openapi".to_owned(),
                ..flaw
            };
            return Err(located(text, vec![flaw.clone()]).pop().unwrap_or(flaw));
        }
        Ok(document)
    }

    /// A place such as `info.title`, `servers.0.url`.
    pub(super) fn at(&self, place: &str) -> Option<&Value> {
        place.split('.').try_fold(&self.root, |value, name| match value {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?),
            other => other.get(name),
        })
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.root.get("paths").and_then(Value::as_object).into_iter().flatten()
    }

    /// What a reference names.
    pub(super) fn target(&self, to: &str) -> Result<&Value, Wrong> {
        let pointer = to.strip_prefix('#').ok_or_else(|| Wrong::Remote(to.to_owned()))?;
        let found = self.root.pointer(pointer);
        found.ok_or_else(|| Wrong::Nowhere(to.to_owned()))
    }

    /// Follows the references of a path, parameter, body or answer.
    pub(super) fn settled<'d>(&'d self, value: &'d Value) -> Result<&'d Value, Wrong> {
        let mut value = value;
        for _ in 0..LONGEST {
            match value.get("$ref").and_then(Value::as_str) {
                Some(to) => value = self.target(to)?,
                None => return Ok(value),
            }
        }
        Err(Wrong::Cyclic(value.get("$ref").map(plain).unwrap_or_default()))
    }
}

/// A single value as text; YAML reads `2.1` as a number.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
