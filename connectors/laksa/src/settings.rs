//! The settings of one LAKSA endpoint; unknown keys are refused.

use crate::status::{self, LaksaStatus};
use connector_sdk::{SettingComplaint, Settings};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How POST bodies are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyForm {
    /// `application/x-www-form-urlencoded`, the habit of the Tangerang LIVE back end.
    #[default]
    Form,
    /// JSON.
    Json,
}

/// Paths below the configured endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Paths {
    /// Status write-back.
    pub(crate) status: String,
    /// New ticket from a LAPOR! report.
    pub(crate) tiket: String,
    /// Follow-up of a ticket.
    pub(crate) tindak_lanjut: String,
    /// List of tickets; read by the look-up and the probe.
    pub(crate) daftar: String,
    /// One ticket; read by the look-up of follow-ups.
    pub(crate) lihat: String,
    /// Agencies' answers.
    pub(crate) tanggapan: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            status: "services/laksa/pengaduan/status".to_owned(),
            tiket: "services/laksa/pengaduan/tambah".to_owned(),
            tindak_lanjut: "services/laksa/pengaduan/tindaklanjut".to_owned(),
            daftar: "services/laksa/pengaduan/daftar".to_owned(),
            lihat: "services/laksa/pengaduan/detail".to_owned(),
            tanggapan: "services/laksa/pengaduan/tanggapan".to_owned(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) jalur: Paths,
    #[serde(default)]
    pub(crate) bentuk: BodyForm,
    #[serde(default)]
    pub(crate) status: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) pesan_tidak_ada: Vec<String>,
    #[serde(default)]
    pub(crate) pesan_sementara: Vec<String>,
    #[serde(default = "max_pages")]
    pub(crate) halaman_maksimum: u32,
}

fn max_pages() -> u32 {
    50
}

/// Checked settings.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// As written.
    pub(crate) raw: Raw,
    overrides: BTreeMap<String, LaksaStatus>,
}

impl Setup {
    /// Reads and judges the settings.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let mut complaints = Vec::new();
        let mut overrides = BTreeMap::new();
        for (canonical, native) in &raw.status {
            if !status::is_canonical(canonical) {
                complaints.push(SettingComplaint {
                    key: format!("status.{canonical}"),
                    advice: "use a canonical status on the left, such as `ditolak`".to_owned(),
                });
            }
            match LaksaStatus::parse(native) {
                Some(status) => {
                    overrides.insert(canonical.clone(), status);
                }
                None => complaints.push(SettingComplaint {
                    key: format!("status.{canonical}"),
                    advice: "use menunggu, proses or selesai on the right".to_owned(),
                }),
            }
        }
        if raw.halaman_maksimum == 0 {
            complaints.push(SettingComplaint {
                key: "halaman_maksimum".to_owned(),
                advice: "write at least 1".to_owned(),
            });
        }
        if complaints.is_empty() {
            Ok(Self { raw, overrides })
        } else {
            Err(complaints)
        }
    }

    /// The LAKSA status of a canonical one.
    pub(crate) fn status(&self, canonical: &str) -> Option<LaksaStatus> {
        self.overrides
            .get(canonical)
            .copied()
            .or_else(|| status::default_of(canonical))
    }
}
