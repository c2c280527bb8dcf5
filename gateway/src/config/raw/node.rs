//! `[simpul]`: this process. Where it listens, where it stores, what it may cost.

use crate::config::complaint::{Place, Placed};
use crate::config::reader::Table;
use crate::config::secrets::SecretRef;
use crate::telemetry::logs::LogFormat;
use std::time::Duration;

type Number = Option<Placed<u64>>;
type Span = Option<Placed<Duration>>;
type Words = Option<Placed<String>>;

/// The table as written; `None` takes the default of `check::node`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawNode {
    pub place: Place,
    pub nama: Words,
    pub dengar: Words,
    pub dengar_operator: Words,
    pub utas: Number,
    pub zona: Words,
    pub henti_paling_lama: Span,
    pub versi_berakhir: Vec<Placed<String>>,
    pub tls: Option<RawTls>,
    pub akar_tambahan: Vec<Placed<String>>,
    pub token_operator: Vec<Placed<String>>,
    pub jurnal_jenis: Option<Placed<()>>,
    pub jurnal_berkas: Words,
    pub jurnal_kunci_induk: Option<Placed<SecretRef>>,
    pub batas_koneksi: Number,
    pub batas_serentak: Number,
    pub batas_jabat_tangan: Span,
    pub batas_waktu_kepala: Span,
    pub batas_waktu_isi: Span,
    pub batas_waktu_total: Span,
    pub batas_waktu_diam: Span,
    pub batas_kepala: Option<Placed<u64>>,
    pub batas_jumlah_kepala: Number,
    pub batas_aliran: Number,
    pub pekerja_serentak: Number,
    pub pekerja_lihat_setiap: Span,
    pub log_tingkat: Words,
    pub log_bentuk: Option<Placed<LogFormat>>,
}

/// `[simpul.tls]`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawTls {
    pub sertifikat: Placed<String>,
    pub kunci: Option<Placed<SecretRef>>,
}

impl RawTls {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            sertifikat: table.needed("sertifikat"),
            kunci: table.secret("kunci"),
        };
        table.finish();
        raw
    }
}

impl RawNode {
    pub(super) fn read(table: Table<'_>) -> Self {
        let journal = table.table("jurnal");
        let limits = table.table("batas");
        let worker = table.table("pekerja");
        let log = table.table("log");
        let raw = Self {
            place: table.place().clone(),
            nama: table.text("nama"),
            dengar: table.text("dengar"),
            dengar_operator: table.text("dengar_operator"),
            utas: table.number("utas", 0),
            zona: table.text("zona"),
            henti_paling_lama: table.duration("henti_paling_lama"),
            versi_berakhir: table.texts("versi_berakhir"),
            akar_tambahan: table.texts("akar_tambahan"),
            token_operator: table.texts("token_operator"),
            tls: table.table("tls").map(RawTls::read),
            jurnal_jenis: journal.as_ref().and_then(|t| t.word("jenis", &[("sqlite", ())])),
            jurnal_kunci_induk: journal
                .as_ref()
                .filter(|t| t.has("kunci_induk"))
                .and_then(|t| t.secret("kunci_induk")),
            jurnal_berkas: journal.as_ref().and_then(|t| t.text("berkas")),
            batas_koneksi: limits.as_ref().and_then(|t| t.number("koneksi", 1)),
            batas_serentak: limits.as_ref().and_then(|t| t.number("serentak", 1)),
            batas_jabat_tangan: limits.as_ref().and_then(|t| t.duration("jabat_tangan")),
            batas_waktu_kepala: limits.as_ref().and_then(|t| t.duration("waktu_kepala")),
            batas_waktu_isi: limits.as_ref().and_then(|t| t.duration("waktu_isi")),
            batas_waktu_total: limits.as_ref().and_then(|t| t.duration("waktu_total")),
            batas_waktu_diam: limits.as_ref().and_then(|t| t.duration("waktu_diam")),
            batas_kepala: limits.as_ref().and_then(|t| t.bytes("kepala")),
            batas_jumlah_kepala: limits.as_ref().and_then(|t| t.number("jumlah_kepala", 1)),
            batas_aliran: limits.as_ref().and_then(|t| t.number("aliran", 1)),
            pekerja_serentak: worker.as_ref().and_then(|t| t.number("serentak", 1)),
            pekerja_lihat_setiap: worker.as_ref().and_then(|t| t.duration("lihat_setiap")),
            log_tingkat: log.as_ref().and_then(|t| t.text("tingkat")),
            log_bentuk: log
                .as_ref()
                .and_then(|t| t.word("bentuk", &[("json", LogFormat::Json), ("teks", LogFormat::Text)])),
        };
        for table in [journal, limits, worker, log, Some(table)].into_iter().flatten() {
            table.finish();
        }
        raw
    }
}
