//! Listing endpoints whose paths and parameters the operator has not published: the look-up by marker and the list of
//! reports disposed to the city. Absent means: not available, and said so; never guessed.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The list endpoint by which an unknown create is reconciled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// Path.
    pub(crate) jalur: String,
    /// Query parameter that takes the text looked for.
    pub(crate) parameter: String,
    /// Text looked for: `{penanda}` (the whole marker) or `{tiket}`.
    #[serde(default = "whole_marker")]
    pub(crate) cari: String,
    /// Query parameter of the page number.
    #[serde(default = "page")]
    pub(crate) parameter_halaman: String,
    /// What it means that no page shows the report. No default: LAPOR! leaves deleted reports out of its lists, so the
    /// city decides which harm is the smaller one.
    pub(crate) bila_tidak_tampak: Absent,
    /// Fixed query pairs.
    #[serde(default)]
    pub(crate) tambahan: BTreeMap<String, String>,
    /// Field of an item that holds its id.
    #[serde(default = "id_field")]
    pub(crate) bidang_id: String,
    /// Field of an item that holds the report's text.
    #[serde(default = "content_field")]
    pub(crate) bidang_isi: String,
}

/// What a complete list without the report proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Absent {
    /// That it did not land: it is sent again. A report that was stored and deleted meanwhile is made a second time.
    KirimLagi,
    /// Nothing: a person decides. Nothing is ever made twice, and each lost answer before storing costs a person's look.
    TanyaPetugas,
}

/// The list of reports disposed to the city.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    /// Path.
    pub(crate) jalur: String,
    /// Query parameter of the page number.
    #[serde(default = "page")]
    pub(crate) parameter_halaman: String,
    /// Fixed query pairs; `{instansi}` in a value stands for the city's own institution id.
    #[serde(default)]
    pub(crate) tambahan: BTreeMap<String, String>,
    /// Field of an item that holds its id.
    #[serde(default = "id_field")]
    pub(crate) bidang_id: String,
    /// Field that holds the report's text.
    #[serde(default = "content_field")]
    pub(crate) bidang_isi: String,
    /// Field that holds the subject.
    #[serde(default = "title_field")]
    pub(crate) bidang_judul: String,
    /// Field that holds the time of submission.
    #[serde(default = "time_field")]
    pub(crate) bidang_waktu: String,
}

fn whole_marker() -> String {
    "{penanda}".to_owned()
}
fn page() -> String {
    "page".to_owned()
}
fn id_field() -> String {
    "id".to_owned()
}
fn content_field() -> String {
    "content".to_owned()
}
fn title_field() -> String {
    "title".to_owned()
}
fn time_field() -> String {
    "created_at".to_owned()
}
