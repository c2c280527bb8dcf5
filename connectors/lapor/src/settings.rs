//! The settings of one LAPOR! endpoint as written in configuration. Unknown keys are refused; every default is here or
//! in the table of status names. `check` turns this into [`Setup`], which the operations read.

mod check;
mod g1;
mod paths;
mod search;
mod switches;
mod wording;

pub(crate) use check::Setup;
pub(crate) use g1::Desk;
pub(crate) use paths::{Paths, with_id};
pub(crate) use search::{Absent, Listing, Search};
pub(crate) use switches::Switches;
pub(crate) use wording::Wording;

use crate::native_id::NativeId;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How upload ids are written in `attachments` (reference §2.3: all three forms were seen).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttachmentsForm {
    /// `"[101,102]"`.
    #[default]
    JsonList,
    /// `"[101,102]."`, with a full stop.
    JsonListDot,
}

/// Generation of the native interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// JSON over REST.
    #[default]
    G3,
    /// XML push, historical; only `pengaduan.kirim` exists in it.
    G1,
}

/// Settings as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) dialek: Dialect,
    #[serde(default)]
    pub(crate) jalur: Paths,
    pub(crate) kanal: NativeId,
    pub(crate) id_pengguna: NativeId,
    #[serde(default)]
    pub(crate) pelapor_baru: bool,
    pub(crate) klasifikasi: BTreeMap<String, NativeId>,
    #[serde(default)]
    pub(crate) kategori: BTreeMap<String, NativeId>,
    #[serde(default)]
    pub(crate) lokasi: BTreeMap<String, NativeId>,
    pub(crate) lokasi_bawaan: Option<NativeId>,
    #[serde(default)]
    pub(crate) nama_wilayah: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) instansi: BTreeMap<String, NativeId>,
    pub(crate) instansi_sendiri: NativeId,
    pub(crate) disposisi_bawaan: Option<NativeId>,
    pub(crate) info_disposisi: Option<String>,
    pub(crate) info_lampiran: Option<String>,
    #[serde(default = "date_format")]
    pub(crate) format_tanggal: String,
    #[serde(default)]
    pub(crate) bentuk_lampiran: AttachmentsForm,
    #[serde(default)]
    pub(crate) kirim_tanpa_lampiran: bool,
    #[serde(default)]
    pub(crate) sakelar: Switches,
    #[serde(default)]
    pub(crate) tagar: String,
    #[serde(default = "title_cap")]
    pub(crate) batas_judul: usize,
    #[serde(default = "content_cap")]
    pub(crate) batas_isi: usize,
    #[serde(default = "follow_up_cap")]
    pub(crate) batas_tindak_lanjut: usize,
    #[serde(default = "marker")]
    pub(crate) penanda: String,
    #[serde(default = "main_source")]
    pub(crate) sumber_utama: String,
    pub(crate) url_publik: Option<String>,
    #[serde(default)]
    pub(crate) id_adalah_nomor_lacak: bool,
    pub(crate) pencarian: Option<Search>,
    pub(crate) masuk: Option<Listing>,
    #[serde(default = "max_pages")]
    pub(crate) halaman_maksimum: u32,
    #[serde(default = "zone")]
    pub(crate) zona: String,
    #[serde(default)]
    pub(crate) status: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) kode_status: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) teks: Wording,
    #[serde(default)]
    pub(crate) templat: BTreeMap<String, String>,
    pub(crate) g1: Option<Desk>,
}

fn date_format() -> String {
    "%Y-%m-%d".to_owned()
}
fn title_cap() -> usize {
    255
}
fn content_cap() -> usize {
    10_000
}
fn follow_up_cap() -> usize {
    1000
}
fn marker() -> String {
    "[Ref {tiket}]".to_owned()
}
fn main_source() -> String {
    "laksa".to_owned()
}
fn max_pages() -> u32 {
    50
}
fn zone() -> String {
    "Asia/Jakarta".to_owned()
}
