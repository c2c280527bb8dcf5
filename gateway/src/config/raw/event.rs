//! `[[peristiwa]]` as written: what the success of an operation tells subscribers.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawEvent {
    pub place: Place,
    pub dari: Placed<String>,
    pub jenis: Placed<String>,
    pub subjek: Vec<Placed<String>>,
    pub bila: Vec<(String, Placed<Value>)>,
    pub tiap: Option<Placed<String>>,
    pub utuh: Option<Placed<bool>>,
    pub salin: Vec<(String, Placed<String>)>,
    pub skema: Option<Placed<String>>,
    pub hak: Option<Placed<String>>,
}

impl RawEvent {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            dari: table.needed("dari"),
            jenis: table.needed("jenis"),
            subjek: table.texts("subjek"),
            bila: table.values("bila"),
            tiap: table.text("tiap"),
            utuh: table.flag("utuh"),
            salin: table.pairs("salin"),
            skema: table.text("skema"),
            hak: table.text("hak"),
        };
        table.finish();
        raw
    }
}
