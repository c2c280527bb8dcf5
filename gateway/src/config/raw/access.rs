//! `[akses]`: who may ask for access.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// Rules for requests for access.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawAccess {
    pub place: Place,
    pub pendatang: Option<Placed<String>>,
}

impl RawAccess {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            pendatang: table.text("pendatang"),
        };
        table.finish();
        raw
    }
}
