//! `[simpul.jurnal]`: one file, or a database that nodes share. A key of the other kind is a mistake, not an ornament.

use super::Check;
use crate::config::complaint::{Place, Placed};
use crate::config::raw::{JournalKind, RawNode};
use crate::config::secrets::SecretRef;
use gateway_store::postgres;
use std::path::PathBuf;

/// Where exchanges are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Journal {
    /// One SQLite file.
    Sqlite {
        /// Its path.
        file: PathBuf,
    },
    /// A PostgreSQL database, shared by nodes of different names.
    Postgres {
        /// Where its connection string comes from.
        connection: Placed<SecretRef>,
        /// Schema that holds the tables; `None`: the store's usual one.
        schema: Option<String>,
        /// Most connections; `None`: the store's usual number.
        pool: Option<usize>,
    },
}

impl Check {
    pub(super) fn journal(&mut self, raw: &RawNode, default: Journal) -> Journal {
        match &raw.jurnal_jenis {
            Some(kind) if kind.value == JournalKind::Postgres => self.postgres(raw, &kind.place).unwrap_or(default),
            _ => self.sqlite(raw, default),
        }
    }

    fn sqlite(&mut self, raw: &RawNode, default: Journal) -> Journal {
        let foreign = [
            ("koneksi", raw.jurnal_koneksi.as_ref().map(|given| &given.place)),
            ("skema", raw.jurnal_skema.as_ref().map(|given| &given.place)),
            ("kolam", raw.jurnal_kolam.as_ref().map(|given| &given.place)),
        ];
        for (key, place) in foreign {
            if let Some(place) = place {
                self.other_kind(key, "postgres", place);
            }
        }
        match &raw.jurnal_berkas {
            Some(file) => Journal::Sqlite {
                file: PathBuf::from(&file.value),
            },
            None => default,
        }
    }

    fn postgres(&mut self, raw: &RawNode, kind: &Place) -> Option<Journal> {
        if let Some(file) = &raw.jurnal_berkas {
            self.other_kind("berkas", "sqlite", &file.place);
        }
        if raw.jurnal_kunci_induk.is_none() {
            self.say(
                kind,
                (
                    "jurnal postgres tanpa `kunci_induk`",
                    "a postgres journal without `kunci_induk`",
                ),
                (
                    "semua node memakai kunci yang sama: kunci_induk = { env = \"NAMA\" } atau { file = \"jalur\" }",
                    "all nodes use the same key: kunci_induk = { env = \"NAME\" } or { file = \"path\" }",
                ),
            );
        }
        if raw.jurnal_koneksi.is_none() {
            self.say(
                kind,
                (
                    "jurnal postgres tanpa `koneksi`",
                    "a postgres journal without `koneksi`",
                ),
                (
                    "tambahkan koneksi = { env = \"NAMA\" } atau { file = \"jalur\" }",
                    "add koneksi = { env = \"NAME\" } or { file = \"path\" }",
                ),
            );
        }
        if raw.nama.is_none() {
            self.say(
                &raw.place,
                (
                    "jurnal postgres tanpa `nama` node",
                    "a postgres journal without the node's `nama`",
                ),
                (
                    "tulis nama; tiap node yang berbagi jurnal bernama lain, dan tetap",
                    "write a name; every node that shares the journal has its own, and keeps it",
                ),
            );
        }
        if let Some(schema) = raw.jurnal_skema.as_ref().filter(|schema| !postgres::is_plain(schema)) {
            self.say(
                &schema.place,
                ("nama skema tidak sah", "the name of the schema is not valid"),
                (
                    "pakai huruf kecil, angka dan garis bawah; mulai dengan huruf; paling panjang 63",
                    "use lower-case letters, digits and underscores; begin with a letter; at most 63",
                ),
            );
        }
        Some(Journal::Postgres {
            connection: raw.jurnal_koneksi.clone()?,
            schema: raw.jurnal_skema.as_ref().map(|schema| schema.value.clone()),
            pool: raw.jurnal_kolam.as_ref().and_then(|n| usize::try_from(n.value).ok()),
        })
    }

    fn other_kind(&mut self, key: &str, kind: &str, place: &Place) {
        self.say(
            place,
            (
                format!("`{key}` hanya untuk jenis \"{kind}\""),
                format!("`{key}` is only for kind \"{kind}\""),
            ),
            (
                format!("hapus, atau tulis jenis = \"{kind}\""),
                format!("remove it, or write jenis = \"{kind}\""),
            ),
        );
    }
}
