//! The settings of one signature service: which version, and what differs between installations.

use connector_sdk::{RelativePath, SettingComplaint, Settings};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Version of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Version {
    /// Forms; a PDF comes back, or an id to fetch it with, once.
    V1,
    /// JSON, base64.
    V2,
}

/// What proves the signer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Factor {
    /// The passphrase of the certificate.
    #[default]
    KataSandi,
    /// A one-time code that the signer got; version 2 only.
    Totp,
}

/// Settings as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    pub(crate) versi: Version,
    #[serde(default)]
    pub(crate) jalur: BTreeMap<String, String>,
    #[serde(default = "largest")]
    pub(crate) batas_berkas: u64,
    /// Native status codes of a signer, beside those known.
    #[serde(default)]
    pub(crate) status: BTreeMap<String, String>,
    /// What the version calls the page.
    #[serde(default = "page_field")]
    pub(crate) bidang_halaman: String,
    #[serde(default)]
    pub(crate) faktor: Factor,
}

fn largest() -> u64 {
    10 * 1024 * 1024
}
fn page_field() -> String {
    "page".into()
}

const PATHS: [(&str, &str, &str); 4] = [
    ("tandatangani", "api/sign/pdf", "api/v2/sign/pdf"),
    ("unduh", "api/sign/download", "api/sign/download"),
    ("periksa", "api/sign/verify", "api/v2/verify/pdf"),
    ("status", "api/user/status", "api/v2/user/check/status"),
];

/// What a status of a signer may be called.
pub(crate) const STATUSES: [&str; 5] = ["boleh", "tidak_terdaftar", "kedaluwarsa", "dicabut", "perlu_diperbarui"];

impl Setup {
    /// Reads and checks.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let setup: Self = settings.read()?;
        let mut complaints = Vec::new();
        for name in setup
            .jalur
            .keys()
            .filter(|name| !PATHS.iter().any(|(known, ..)| known == name))
        {
            complaints.push(SettingComplaint {
                key: format!("jalur.{name}"),
                advice: "one of: tandatangani, unduh, periksa, status".into(),
            });
        }
        if setup.faktor == Factor::Totp && setup.versi == Version::V1 {
            complaints.push(SettingComplaint {
                key: "faktor".into(),
                advice: "kata_sandi; version 1 takes no one-time code".into(),
            });
        }
        for (code, word) in setup
            .status
            .iter()
            .filter(|(_, word)| !STATUSES.contains(&word.as_str()))
        {
            complaints.push(SettingComplaint {
                key: format!("status.{code}"),
                advice: format!("{word}: one of {}", STATUSES.join(", ")),
            });
        }
        if complaints.is_empty() {
            Ok(setup)
        } else {
            Err(complaints)
        }
    }

    /// A path by name.
    pub(crate) fn path(&self, name: &str) -> RelativePath {
        let usual = PATHS.iter().find(|(known, ..)| *known == name);
        let usual = usual.map_or("", |(_, first, second)| match self.versi {
            Version::V1 => first,
            Version::V2 => second,
        });
        RelativePath::of(self.jalur.get(name).map_or(usual, String::as_str))
    }
}
