//! `[[simpan]]`: how long bodies are kept.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// A class of operations whose bodies are kept equally long.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawRetention {
    pub place: Place,
    pub nama: Placed<String>,
    pub operasi: Vec<Placed<String>>,
    pub hari: Option<Placed<u64>>,
}

impl RawRetention {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            nama: table.needed("nama"),
            operasi: table.texts("operasi"),
            hari: table.number("hari", 1),
        };
        table.finish();
        raw
    }
}
