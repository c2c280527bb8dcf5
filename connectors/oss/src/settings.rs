//! The settings of one OSS endpoint as written in configuration. Unknown keys are refused. `check` turns this into
//! [`Setup`], which operations and hooks read. What the guide leaves open is a setting here.

mod check;

pub(crate) use check::{Setup, TokenSource};

use serde::Deserialize;
use std::collections::BTreeMap;

/// How non-tax revenue is written: the guide shows one object, some clients send a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RevenueForm {
    /// One object.
    #[default]
    Objek,
    /// A list of objects.
    Daftar,
}

/// What `inqueryLicense` gets in `data_persyaratan`; the guide's sample is not JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RequirementFlag {
    /// `true`.
    #[default]
    Benar,
    /// `"TRUE"`.
    Teks,
    /// Left out.
    Tanpa,
}

/// What the push token is made of besides user, password and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenForm {
    /// The NIB of the body.
    Nib,
    /// The tax number of the body, as older versions of the guide say.
    Npwp,
}

/// Settings of the pushes. Without them no push is declared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Push {
    pub(crate) pengguna: String,
    #[serde(default = "secret_names")]
    pub(crate) rahasia: Vec<String>,
    pub(crate) sumber: Vec<String>,
    #[serde(default = "token_headers")]
    pub(crate) kepala_token: Vec<String>,
    pub(crate) parameter_token: Option<String>,
    #[serde(default = "token_forms")]
    pub(crate) rumus: Vec<TokenForm>,
    #[serde(default = "token_zones")]
    pub(crate) zona: Vec<String>,
    #[serde(default = "midnight")]
    pub(crate) menit_tengah_malam: u16,
    #[serde(default = "max_body")]
    pub(crate) batas_isi: u64,
    #[serde(default = "reach")]
    pub(crate) jangkauan_nib: usize,
    #[serde(default = "volatile")]
    pub(crate) abaikan_pengulangan: Vec<String>,
}

/// Settings as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) jalur: BTreeMap<String, String>,
    pub(crate) kode_instansi: String,
    #[serde(default = "zone")]
    pub(crate) zona: String,
    #[serde(default)]
    pub(crate) status: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tipe_dokumen: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) bentuk_pnbp: RevenueForm,
    #[serde(default)]
    pub(crate) data_persyaratan: RequirementFlag,
    #[serde(default = "certificate_root")]
    pub(crate) akar_sertifikat: String,
    #[serde(default = "yes")]
    pub(crate) periksa_nomor_dulu: bool,
    #[serde(default)]
    pub(crate) nomor_tampak: bool,
    #[serde(default = "yes")]
    pub(crate) status_hanya_dari_kami: bool,
    #[serde(default)]
    pub(crate) kunci_bertukar: bool,
    #[serde(default = "absent_words")]
    pub(crate) kata_tidak_ditemukan: Vec<String>,
    pub(crate) cek_publik: Option<String>,
    #[serde(default = "reference_lists")]
    pub(crate) daftar_referensi: Vec<String>,
    pub(crate) tenggat: Option<serde_json::Value>,
    pub(crate) masuk: Option<Push>,
}

fn yes() -> bool {
    true
}
fn zone() -> String {
    "Asia/Jakarta".to_owned()
}
fn certificate_root() -> String {
    "DATACERTIFICATE".to_owned()
}
fn absent_words() -> Vec<String> {
    ["tidak ditemukan", "not found"].map(str::to_owned).to_vec()
}
fn reference_lists() -> Vec<String> {
    ["8", "15", "30", "32"].map(str::to_owned).to_vec()
}
fn secret_names() -> Vec<String> {
    vec!["kata_sandi_push".to_owned()]
}
fn token_headers() -> Vec<String> {
    vec!["Token".to_owned()]
}
fn token_forms() -> Vec<TokenForm> {
    vec![TokenForm::Nib]
}
fn token_zones() -> Vec<String> {
    vec![zone()]
}
fn midnight() -> u16 {
    15
}
fn max_body() -> u64 {
    32 * 1024 * 1024
}
fn reach() -> usize {
    8 * 1024 * 1024
}
fn volatile() -> Vec<String> {
    vec!["tgl_terkirim_oss".to_owned()]
}
