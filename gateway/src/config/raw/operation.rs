//! `[[operasi]]` and `[[operasi_dalam]]`: what is published, and what only Simpul itself asks for.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// A published operation.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawOperation {
    pub place: Place,
    pub id: Placed<String>,
    pub metode: Placed<String>,
    pub jalur: Placed<String>,
    pub sistem: Placed<String>,
    pub ukuran_maks: Option<Placed<u64>>,
    pub kunci_wajib: Option<Placed<bool>>,
    pub usang_sejak: Option<Placed<String>>,
    pub berakhir_pada: Option<Placed<String>>,
    pub pengganti: Option<Placed<String>>,
}

impl RawOperation {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            id: table.needed("id"),
            metode: table.needed("metode"),
            jalur: table.needed("jalur"),
            sistem: table.needed("sistem"),
            ukuran_maks: table.bytes("ukuran_maks"),
            kunci_wajib: table.flag("kunci_wajib"),
            usang_sejak: table.moment("usang_sejak"),
            berakhir_pada: table.moment("berakhir_pada"),
            pengganti: table.text("pengganti"),
        };
        table.finish();
        raw
    }
}

/// An operation without an address: relays ask for it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawInternal {
    pub place: Place,
    pub id: Placed<String>,
    pub sistem: Placed<String>,
}

impl RawInternal {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            id: table.needed("id"),
            sistem: table.needed("sistem"),
        };
        table.finish();
        raw
    }
}
