//! `[[konsumen]]`: who may call, with which keys, for what.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;

/// A consumer.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawConsumer {
    pub place: Place,
    pub id: Placed<String>,
    pub nama: Placed<String>,
    pub kunci: Vec<RawKey>,
    pub sertifikat: Vec<Placed<String>>,
    pub hak: Vec<RawGrant>,
}

/// The stored half of an API key.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawKey {
    pub awalan: Placed<String>,
    pub sha256: Placed<String>,
}

/// A grant, for one operation or several.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawGrant {
    pub place: Place,
    pub operasi: Vec<Placed<String>>,
    pub bidang: Vec<Placed<String>>,
    pub tujuan: Placed<String>,
    pub dasar_hukum: Placed<String>,
    pub perjanjian: Placed<String>,
    pub berlaku_dari: Option<Placed<String>>,
    pub berlaku_sampai: Option<Placed<String>>,
    pub per_menit: Option<Placed<u64>>,
    pub sekaligus: Option<Placed<u64>>,
}

impl RawConsumer {
    pub(super) fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            id: table.needed("id"),
            nama: table.needed("nama"),
            sertifikat: table.texts("sertifikat"),
            kunci: table.tables("kunci").into_iter().map(RawKey::read).collect(),
            hak: table.tables("hak").into_iter().map(RawGrant::read).collect(),
        };
        table.finish();
        raw
    }
}

impl RawKey {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            awalan: table.needed("awalan"),
            sha256: table.needed("sha256"),
        };
        table.finish();
        raw
    }
}

impl RawGrant {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            place: table.place().clone(),
            operasi: table.texts("operasi"),
            bidang: table.texts("bidang"),
            tujuan: table.needed("tujuan"),
            dasar_hukum: table.needed("dasar_hukum"),
            perjanjian: table.needed("perjanjian"),
            berlaku_dari: table.moment("berlaku_dari"),
            berlaku_sampai: table.moment("berlaku_sampai"),
            per_menit: table.number("per_menit", 1),
            sekaligus: table.number("sekaligus", 1),
        };
        table.finish();
        raw
    }
}
