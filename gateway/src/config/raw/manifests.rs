//! `[manifes]`: what connectors registered at run time may do beyond the usual.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// Rules for registered connectors.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawManifests {
    pub place: Place,
    pub alamat_dalam: Vec<Placed<String>>,
    pub rahasia: Option<Placed<String>>,
}

impl RawManifests {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            alamat_dalam: table.texts("alamat_dalam"),
            rahasia: table.text("rahasia"),
        };
        table.finish();
        raw
    }
}
