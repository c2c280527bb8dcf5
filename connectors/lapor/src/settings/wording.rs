//! Words the connector itself puts into native texts, in Indonesian, since citizens and agencies read them.

use serde::Deserialize;

/// Text templates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wording {
    /// Stands where identity was taken out.
    pub(crate) samaran: String,
    /// Sentence on the place; `{tempat}` is the place in words.
    pub(crate) lokasi: String,
    /// Sentence on the position; `{lat}`, `{lon}`.
    pub(crate) koordinat: String,
    /// File name of an anonymous report's attachment; `{nomor}`, the ending is added.
    pub(crate) berkas: String,
    /// Note when evidence could not be uploaded and the route allows sending without it.
    pub(crate) tanpa_lampiran: String,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            samaran: "[disamarkan]".to_owned(),
            lokasi: "Lokasi: {tempat}.".to_owned(),
            koordinat: "Koordinat: {lat}, {lon}.".to_owned(),
            berkas: "lampiran-{nomor}".to_owned(),
            tanpa_lampiran: "Lampiran tidak dapat diunggah ke SP4N-LAPOR!.".to_owned(),
        }
    }
}
