//! `[katalog]`: what people must say about the catalogue.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// The catalogue.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawCatalogue {
    pub place: Place,
    pub penyelenggara: Option<Placed<String>>,
    pub kode_instansi: Option<Placed<String>>,
    pub kontak: Option<Placed<String>>,
    pub alamat: Option<Placed<String>>,
    pub terbuka: Vec<Placed<String>>,
}

impl RawCatalogue {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            penyelenggara: table.text("penyelenggara"),
            kode_instansi: table.text("kode_instansi"),
            kontak: table.text("kontak"),
            alamat: table.text("alamat"),
            terbuka: table.texts("terbuka"),
        };
        table.finish();
        raw
    }
}
