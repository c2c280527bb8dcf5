//! `[masuk_oidc]`: the identity provider by which operators may come in to the console.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;
use crate::config::secrets::SecretRef;

/// The table as written.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawOidc {
    pub place: Place,
    pub nama: Option<Placed<String>>,
    pub penerbit: Placed<String>,
    pub klien: Placed<String>,
    pub rahasia: Option<Placed<SecretRef>>,
    pub otorisasi: Placed<String>,
    pub token: Placed<String>,
    pub jwks: Placed<String>,
    pub kembali: Placed<String>,
    pub algoritma: Vec<Placed<String>>,
    pub cakupan: Option<Placed<String>>,
    pub klaim_nama: Option<Placed<String>>,
    pub klaim_peran: Option<Placed<String>>,
    pub peran: Vec<(String, Placed<String>)>,
}

impl RawOidc {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            nama: table.text("nama"),
            penerbit: table.needed("penerbit"),
            klien: table.needed("klien"),
            rahasia: table.optional_secret("rahasia"),
            otorisasi: table.needed("otorisasi"),
            token: table.needed("token"),
            jwks: table.needed("jwks"),
            kembali: table.needed("kembali"),
            algoritma: table.texts("algoritma"),
            cakupan: table.text("cakupan"),
            klaim_nama: table.text("klaim_nama"),
            klaim_peran: table.text("klaim_peran"),
            peran: table.pairs("peran"),
        };
        table.finish();
        raw
    }
}
