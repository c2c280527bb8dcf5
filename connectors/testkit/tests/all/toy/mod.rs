//! A toy system, a toy connector with a switchable flaw, and the fixtures they share. All invented.

pub(crate) mod connector;
pub(crate) mod fixtures;
pub(crate) mod pushes;
pub(crate) mod server;

use connector_testkit::{Kit, Schemas, Violation};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// The kit for the toy connector with a flaw; the empty flaw is the sound one.
pub(crate) fn kit(root: &Path, flaw: &str) -> Kit {
    Kit::new(connector::FACTORY, settings(flaw), root)
        .schemas(Arc::new(Toy))
        .page(root.join("page.md"))
        .codes(["kode", "keadaan", "galat"])
        .hook("uji.kabar", pushes::sign)
        .simulator(server::start)
        .update_golden(false)
}

/// `kode` maps canonical codes to native ones; `cacat` names the flaw.
pub(crate) fn settings(flaw: &str) -> Value {
    json!({"kode": {"PAYUNG": "K1", "TAS": "K2"}, "cacat": flaw})
}

/// Fields each schema requires, and those it allows besides.
const SCHEMAS: [(&str, &[&str], &[&str]); 6] = [
    ("uji:kunci", &["kode"], &[]),
    ("uji:barang", &["kode", "nama", "keadaan"], &[]),
    ("uji:kiriman", &["rujukan", "kode"], &["catatan"]),
    ("uji:resi", &["id", "keadaan"], &[]),
    ("uji:kabar", &["nomor"], &[]),
    ("uji:baris", &["kode", "nama"], &[]),
];

struct Toy;

impl Schemas for Toy {
    fn check(&self, id: &str, value: &Value) -> Option<Vec<Violation>> {
        let (_, required, optional) = SCHEMAS.iter().find(|(known, ..)| *known == id)?;
        let missing = required
            .iter()
            .filter(|f| value.get(**f).is_none_or(Value::is_null))
            .map(|f| (*f, "is missing"));
        let known = |f: &str| required.contains(&f) || optional.contains(&f);
        let fields = value.as_object().into_iter().flat_map(|o| o.keys());
        let stray = fields
            .map(String::as_str)
            .filter(|f| !known(f))
            .map(|f| (f, "is unknown"));
        let violation = |(field, text): (&str, &str)| Violation {
            pointer: format!("/{field}"),
            text: text.into(),
        };
        Some(missing.chain(stray).map(violation).collect())
    }
}
