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
    pub token_operator: Vec<RawOperator>,
    pub jurnal_jenis: Option<Placed<JournalKind>>,
    pub jurnal_berkas: Words,
    pub jurnal_koneksi: Option<Placed<SecretRef>>,
    pub jurnal_skema: Words,
    pub jurnal_kolam: Number,
    pub jurnal_kunci_induk: Option<Placed<SecretRef>>,
    pub jurnal_kunci_bukti: Option<Placed<SecretRef>>,
    pub jurnal_ikat_setiap: Span,
    pub batas_koneksi: Number,
    pub batas_serentak: Number,
    pub batas_serentak_konsumen: Number,
    pub batas_jabat_tangan: Span,
    pub batas_waktu_kepala: Span,
    pub batas_waktu_isi: Span,
    pub batas_waktu_total: Span,
    pub batas_waktu_diam: Span,
    pub batas_permintaan_koneksi: Option<Placed<u64>>,
    pub batas_umur_koneksi: Span,
    pub batas_kepala: Option<Placed<u64>>,
    pub batas_jumlah_kepala: Number,
    pub batas_aliran: Number,
    pub batas_lampiran: Option<Placed<u64>>,
    pub pekerja_serentak: Number,
    pub pekerja_lihat_setiap: Span,
    pub langganan_jadwal: Option<Placed<Pushes>>,
    pub langganan_penerima_dalam: Vec<Placed<String>>,
    pub log_tingkat: Words,
    pub log_bentuk: Option<Placed<LogFormat>>,
    pub telemetri_kolektor: Words,
    pub telemetri_per_seribu: Number,
    pub telemetri_ukuran_setiap: Span,
}

/// What stores exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalKind {
    /// One file, one node.
    Sqlite,
    /// A database that nodes share.
    Postgres,
}

/// How soon pushes are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushes {
    /// The schedule of Standard Webhooks.
    Standard,
    /// What takes days takes minutes.
    Sandbox,
}

/// One operator's token: whose it is, and the half of it that is stored.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawOperator {
    pub nama: Placed<String>,
    pub sha256: Placed<String>,
    pub peran: Option<Placed<String>>,
    pub sandi: Option<Placed<String>>,
    pub totp: Option<Placed<SecretRef>>,
}

impl RawOperator {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            nama: table.needed("nama"),
            sha256: table.needed("sha256"),
            peran: table.text("peran"),
            sandi: table.text("sandi"),
            totp: table.optional_secret("totp"),
        };
        table.finish();
        raw
    }
}

/// `[simpul.tls]`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "config/rujukan.toml documents every key")]
pub struct RawTls {
    pub sertifikat: Placed<String>,
    pub ca_klien: Option<Placed<String>>,
    pub daftar_cabut: Vec<Placed<String>>,
    pub kunci: Option<Placed<SecretRef>>,
}

impl RawTls {
    fn read(table: Table<'_>) -> Self {
        let raw = Self {
            sertifikat: table.needed("sertifikat"),
            ca_klien: table.text("ca_klien"),
            daftar_cabut: table.texts("daftar_cabut"),
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
        let pushes = table.table("langganan");
        let log = table.table("log");
        let telemetry = table.table("telemetri");
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
            token_operator: table
                .tables("token_operator")
                .into_iter()
                .map(RawOperator::read)
                .collect(),
            tls: table.table("tls").map(RawTls::read),
            jurnal_jenis: journal.as_ref().and_then(|t| {
                t.word(
                    "jenis",
                    &[("sqlite", JournalKind::Sqlite), ("postgres", JournalKind::Postgres)],
                )
            }),
            jurnal_koneksi: journal.as_ref().and_then(|t| t.optional_secret("koneksi")),
            jurnal_skema: journal.as_ref().and_then(|t| t.text("skema")),
            jurnal_kolam: journal.as_ref().and_then(|t| t.number("kolam", 4)),
            jurnal_kunci_induk: journal.as_ref().and_then(|t| t.optional_secret("kunci_induk")),
            jurnal_kunci_bukti: journal.as_ref().and_then(|t| t.optional_secret("kunci_bukti")),
            jurnal_ikat_setiap: journal.as_ref().and_then(|t| t.duration("ikat_setiap")),
            jurnal_berkas: journal.as_ref().and_then(|t| t.text("berkas")),
            batas_koneksi: limits.as_ref().and_then(|t| t.number("koneksi", 1)),
            batas_serentak: limits.as_ref().and_then(|t| t.number("serentak", 1)),
            batas_serentak_konsumen: limits.as_ref().and_then(|t| t.number("serentak_konsumen", 1)),
            batas_jabat_tangan: limits.as_ref().and_then(|t| t.duration("jabat_tangan")),
            batas_waktu_kepala: limits.as_ref().and_then(|t| t.duration("waktu_kepala")),
            batas_waktu_isi: limits.as_ref().and_then(|t| t.duration("waktu_isi")),
            batas_waktu_total: limits.as_ref().and_then(|t| t.duration("waktu_total")),
            batas_waktu_diam: limits.as_ref().and_then(|t| t.duration("waktu_diam")),
            batas_permintaan_koneksi: limits.as_ref().and_then(|t| t.number("permintaan_koneksi", 1)),
            batas_umur_koneksi: limits.as_ref().and_then(|t| t.duration("umur_koneksi")),
            batas_kepala: limits.as_ref().and_then(|t| t.bytes("kepala")),
            batas_jumlah_kepala: limits.as_ref().and_then(|t| t.number("jumlah_kepala", 1)),
            batas_lampiran: limits.as_ref().and_then(|t| t.bytes("lampiran")),
            batas_aliran: limits.as_ref().and_then(|t| t.number("aliran", 1)),
            pekerja_serentak: worker.as_ref().and_then(|t| t.number("serentak", 1)),
            pekerja_lihat_setiap: worker.as_ref().and_then(|t| t.duration("lihat_setiap")),
            langganan_jadwal: pushes
                .as_ref()
                .and_then(|t| t.word("jadwal", &[("standar", Pushes::Standard), ("sandbox", Pushes::Sandbox)])),
            langganan_penerima_dalam: pushes.as_ref().map_or_else(Vec::new, |t| t.texts("penerima_dalam")),
            log_tingkat: log.as_ref().and_then(|t| t.text("tingkat")),
            log_bentuk: log
                .as_ref()
                .and_then(|t| t.word("bentuk", &[("json", LogFormat::Json), ("teks", LogFormat::Text)])),
            telemetri_kolektor: telemetry.as_ref().map(|t| t.needed("kolektor")),
            telemetri_per_seribu: telemetry.as_ref().and_then(|t| t.number("per_seribu", 0)),
            telemetri_ukuran_setiap: telemetry.as_ref().and_then(|t| t.duration("ukuran_setiap")),
        };
        for table in [journal, limits, worker, pushes, log, telemetry, Some(table)]
            .into_iter()
            .flatten()
        {
            table.finish();
        }
        raw
    }
}
