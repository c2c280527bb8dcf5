//! The settings of one endpoint as written in configuration, and what operations read: the contract as a table. Unknown
//! keys are refused; every path, header, field, code and form has a default from the inferred contract.

use crate::codes::{Codes, LISTS, List};
use crate::elements;
use crate::ops::PATHS;
use crate::times::Clock;
use connector_sdk::{FaultKind, RelativePath, Secret, SettingComplaint, Settings};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Names = BTreeMap<String, String>;

/// Which system is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// SRIKANDI.
    #[default]
    Srikandi,
    /// An agency's e-office that dispositions are pushed to.
    Eoffice,
}

/// Whether a write that was lost may be sent again under its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Repeat {
    /// The system recognises the key.
    Kunci,
    /// It does not: a lost answer waits for a person.
    Jangan,
}

/// Meaning of a native error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Meaning {
    Ditolak,
    TidakAda,
    Bentrok,
    Token,
    Akses,
    Jeda,
    Terganggu,
}

impl Meaning {
    pub(crate) fn kind(self) -> FaultKind {
        match self {
            Self::Ditolak | Self::Akses => FaultKind::Rejected,
            Self::TidakAda => FaultKind::NotFound,
            Self::Bentrok => FaultKind::Conflict,
            Self::Token => FaultKind::CredentialExpired,
            Self::Jeda => FaultKind::Throttled,
            Self::Terganggu => FaultKind::Unavailable,
        }
    }
}

/// Names of headers; an empty one is not sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Headers {
    pub(crate) instansi: String,
    pub(crate) kunci: String,
    pub(crate) permintaan: String,
}

impl Default for Headers {
    fn default() -> Self {
        Self {
            instansi: "X-Instansi-Kode".into(),
            kunci: "Idempotency-Key".into(),
            permintaan: "X-Request-Id".into(),
        }
    }
}

/// Names of the parts of an upload.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Parts {
    pub(crate) metadata: String,
    pub(crate) naskah: String,
    pub(crate) lampiran: String,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            metadata: "metadata".into(),
            naskah: "file_naskah".into(),
            lampiran: "lampiran[]".into(),
        }
    }
}

/// The envelope, and what counts as an acknowledgement: a success status alone does not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Envelope {
    /// Pointer to the field that says success.
    pub(crate) sukses: String,
    /// Its value.
    pub(crate) nilai: Value,
    pub(crate) data: String,
    /// Pointer within the data to the remote id of what was created.
    pub(crate) id: String,
    pub(crate) kode: String,
    pub(crate) galat: String,
    pub(crate) halaman: String,
    pub(crate) per_halaman: String,
    pub(crate) jumlah: String,
    /// Pointer to the cursor of the change feed.
    pub(crate) penanda: String,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            sukses: "/success".into(),
            nilai: Value::Bool(true),
            data: "/data".into(),
            id: "/id".into(),
            kode: "/code".into(),
            galat: "/errors".into(),
            halaman: "/meta/page".into(),
            per_halaman: "/meta/per_page".into(),
            jumlah: "/meta/total".into(),
            penanda: "/meta/cursor".into(),
        }
    }
}

/// Forms of time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Times {
    pub(crate) tanggal: String,
    pub(crate) saat: String,
    pub(crate) menit_timur: i32,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            tanggal: "%Y-%m-%d".into(),
            saat: "%Y-%m-%dT%H:%M:%S%:z".into(),
            menit_timur: 420,
        }
    }
}

/// What files are taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Files {
    pub(crate) naskah: Vec<String>,
    pub(crate) lampiran: Vec<String>,
    pub(crate) batas: u64,
}

const PDF: &str = "application/pdf";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

impl Default for Files {
    fn default() -> Self {
        Self {
            naskah: [PDF, DOCX].map(str::to_owned).to_vec(),
            lampiran: [PDF, DOCX, "application/msword", "image/jpeg", "image/png"]
                .map(str::to_owned)
                .to_vec(),
            batas: 25 * 1024 * 1024,
        }
    }
}

/// The call-back. Without it none is declared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Push {
    #[serde(default = "signature_header")]
    pub(crate) kepala: String,
    #[serde(default)]
    pub(crate) awalan: String,
    /// Header with the moment of sending; without one a push is bounded by its event id alone.
    #[serde(default = "moment_header")]
    pub(crate) kepala_waktu: String,
    #[serde(default = "secret_names")]
    pub(crate) rahasia: Vec<String>,
    #[serde(default = "five_minutes")]
    pub(crate) selisih_detik: i64,
}

fn signature_header() -> String {
    "X-Signature".into()
}
fn moment_header() -> String {
    "X-Timestamp".into()
}
fn secret_names() -> Vec<String> {
    vec!["kunci_panggil_balik".into()]
}
fn five_minutes() -> i64 {
    300
}

/// Settings as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) dialek: Dialect,
    pub(crate) kode_instansi: String,
    #[serde(default)]
    pub(crate) kepala: Headers,
    #[serde(default)]
    pub(crate) jalur: Names,
    #[serde(default)]
    pub(crate) metode_tarik: Option<String>,
    #[serde(default)]
    pub(crate) bagian: Parts,
    #[serde(default)]
    pub(crate) parameter: Names,
    #[serde(default = "per_page")]
    pub(crate) per_halaman: u32,
    #[serde(default)]
    pub(crate) bidang: Names,
    #[serde(default)]
    pub(crate) tetap: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    pub(crate) kode: BTreeMap<String, Names>,
    #[serde(default)]
    pub(crate) sinonim: BTreeMap<String, Names>,
    #[serde(default)]
    pub(crate) amplop: Envelope,
    #[serde(default)]
    pub(crate) galat: BTreeMap<String, Meaning>,
    #[serde(default)]
    pub(crate) waktu: Times,
    pub(crate) ulang: Option<Repeat>,
    #[serde(default)]
    pub(crate) file: Files,
    #[serde(default)]
    pub(crate) tidak_wajib: Vec<String>,
    pub(crate) panggil_balik: Option<Push>,
    /// Whether letters of the predecessor may be imported.
    #[serde(default)]
    pub(crate) sikd: bool,
}

fn per_page() -> u32 {
    50
}

/// Native error codes of the inferred contract.
const ERRORS: [(&str, Meaning); 9] = [
    ("VALIDASI_GAGAL", Meaning::Ditolak),
    ("TOKEN_KEDALUWARSA", Meaning::Token),
    ("TOKEN_TIDAK_SAH", Meaning::Token),
    ("AKSES_DITOLAK", Meaning::Akses),
    ("TIDAK_DITEMUKAN", Meaning::TidakAda),
    ("NOMOR_GANDA", Meaning::Bentrok),
    ("STATUS_TIDAK_SESUAI", Meaning::Bentrok),
    ("DISPOSISI_SUDAH_DIBACA", Meaning::Bentrok),
    ("BERKAS_TERLALU_BESAR", Meaning::Ditolak),
];
const ERRORS_TOO: [(&str, Meaning); 1] = [("JENIS_BERKAS_DITOLAK", Meaning::Ditolak)];

/// Query parameters of the inferred contract.
const PARAMETERS: [&str; 9] = [
    "status",
    "tanggal_dari",
    "tanggal_sampai",
    "page",
    "per_page",
    "naskah_id",
    "sejak",
    "bagian",
    "indeks",
];

/// What operations read.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) raw: Raw,
    pub(crate) clock: Clock,
    codes: BTreeMap<&'static str, Codes>,
    pub(crate) errors: BTreeMap<String, Meaning>,
    pub(crate) push_secrets: Vec<Secret>,
}

impl Setup {
    /// Reads and checks; all complaints at once.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let mut complaints = Vec::new();
        let mut say = |key: String, advice: String| complaints.push(SettingComplaint { key, advice });
        if raw.kode_instansi.trim().is_empty() {
            say("kode_instansi".into(), "write the code of the institution".into());
        }
        for name in raw
            .jalur
            .keys()
            .filter(|name| !PATHS.iter().any(|(known, _)| known == name))
        {
            let known: Vec<&str> = PATHS.iter().map(|(known, _)| *known).collect();
            say(format!("jalur.{name}"), format!("one of: {}", known.join(", ")));
        }
        for name in raw.parameter.keys().filter(|name| !PARAMETERS.contains(&name.as_str())) {
            say(
                format!("parameter.{name}"),
                format!("one of: {}", PARAMETERS.join(", ")),
            );
        }
        let lists: Vec<&str> = LISTS.iter().map(|(name, ..)| *name).collect();
        for (key, given) in [("kode", &raw.kode), ("sinonim", &raw.sinonim)] {
            for name in given.keys().filter(|name| !lists.contains(&name.as_str())) {
                say(format!("{key}.{name}"), format!("one of: {}", lists.join(", ")));
            }
        }
        for name in &raw.tidak_wajib {
            if !elements::names().any(|known| known == name) {
                let known: Vec<&str> = elements::names().collect();
                say("tidak_wajib".into(), format!("one of: {}", known.join(", ")));
            }
        }
        if let Some(method) = &raw.metode_tarik
            && !["DELETE", "POST"].contains(&method.as_str())
        {
            say("metode_tarik".into(), "DELETE or POST".into());
        }
        if raw.per_halaman == 0 || raw.per_halaman > 1000 {
            say("per_halaman".into(), "a number from 1 to 1000".into());
        }
        let clock = Clock::new(&raw.waktu.tanggal, &raw.waktu.saat, raw.waktu.menit_timur);
        if clock.is_none() {
            say("waktu".into(), "forms as %Y-%m-%d and %Y-%m-%dT%H:%M:%S%:z".into());
        }
        let names = raw
            .panggil_balik
            .as_ref()
            .map(|push| push.rahasia.as_slice())
            .unwrap_or_default();
        let push_secrets: Vec<Secret> = names.iter().filter_map(|name| settings.secret(name)).collect();
        if push_secrets.len() != names.len() {
            say(
                "panggil_balik.rahasia".into(),
                "names of secrets that are configured".into(),
            );
        }
        let Some(clock) = clock.filter(|_| complaints.is_empty()) else {
            return Err(complaints);
        };
        let codes = LISTS.iter().map(|list| (list.0, codes(&raw, list))).collect();
        let errors = if raw.galat.is_empty() {
            let known = ERRORS.iter().chain(&ERRORS_TOO);
            known.map(|(code, meaning)| ((*code).to_owned(), *meaning)).collect()
        } else {
            raw.galat.clone()
        };
        Ok(Self {
            raw,
            clock,
            codes,
            errors,
            push_secrets,
        })
    }

    /// Whether a lost write is sent again. The contract names a key; of an e-office nobody knows until it is said.
    pub(crate) fn repeat(&self) -> Repeat {
        self.raw.ulang.unwrap_or(match self.raw.dialek {
            Dialect::Srikandi => Repeat::Kunci,
            Dialect::Eoffice => Repeat::Jangan,
        })
    }

    /// A code list.
    pub(crate) fn codes(&self, list: &str) -> &Codes {
        static NONE: std::sync::LazyLock<Codes> = std::sync::LazyLock::new(Codes::default);
        self.codes.get(list).unwrap_or(&NONE)
    }

    /// A path with `{id}` put in.
    pub(crate) fn path(&self, name: &str, id: Option<&str>) -> RelativePath {
        let usual = PATHS
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, path)| path);
        let template = self.raw.jalur.get(name).map_or(usual, String::as_str);
        let segments = template.split('/').filter(|segment| !segment.is_empty());
        segments.fold(RelativePath::root(), |path, segment| match (segment, id) {
            ("{id}", Some(id)) => path.segment(id),
            (segment, _) => path.segment(segment),
        })
    }

    /// The native name of a query parameter.
    pub(crate) fn parameter<'a>(&'a self, name: &'a str) -> &'a str {
        self.raw.parameter.get(name).map_or(name, String::as_str)
    }

    /// The native name of a field in a message; `None` when it is left out.
    pub(crate) fn field<'a>(&'a self, message: &str, ours: &str, usual: &'a str) -> Option<&'a str> {
        let own = self.raw.bidang.get(&format!("{message}.{ours}"));
        let name = own.or_else(|| self.raw.bidang.get(ours)).map_or(usual, String::as_str);
        (!name.is_empty()).then_some(name)
    }
}

fn codes(raw: &Raw, (name, pairs, synonyms): &List) -> Codes {
    let texts =
        |names: &'_ Names| -> Vec<(String, String)> { names.iter().map(|(a, b)| (a.clone(), b.clone())).collect() };
    let own = raw.kode.get(*name).map(texts);
    let added = raw.sinonim.get(*name).map(texts).unwrap_or_default();
    let added = added.iter().map(|(a, b)| (a.as_str(), b.as_str()));
    match &own {
        Some(own) => Codes::new(own.iter().map(|(a, b)| (a.as_str(), b.as_str())), added),
        None => Codes::new(pairs.iter().copied(), added.chain(synonyms.iter().copied())),
    }
}
