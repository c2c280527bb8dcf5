//! What a manifest says, as it is written. Keys are Indonesian like those of the configuration; those of rules are the
//! words of the design (`to`, `from`, `const`, `concat`, `each`, `when`, `ops`, `default`, `on_error`).

use crate::flaw::Flaw;
use crate::lines::Lines;
use crate::rule::Rule;
use connector_sdk::{FaultKind, Landed, NativeLimits, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest text of a manifest.
const LARGEST: usize = 1024 * 1024;

/// One system in one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the form; `1`.
    pub manifes: u32,
    /// Id of the system.
    pub sistem: String,
    /// Version of this manifest, counted by its author.
    pub versi: u32,
    /// Name for people.
    pub judul: Text,
    /// Who runs the system.
    pub pemilik: String,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kontak: Option<String>,
    /// Version of the native interface.
    pub versi_asli: String,
    /// Where it is described.
    pub dokumentasi: String,
    /// Base URL.
    pub alamat: String,
    /// The way to it.
    #[serde(default, skip_serializing_if = "Profile::is_direct")]
    pub profil: Profile,
    /// How the gateway proves itself.
    pub auth: Auth,
    /// Headers with each request; never credentials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kepala: BTreeMap<String, String>,
    /// The system's own limits.
    #[serde(default, skip_serializing_if = "Limits::is_none")]
    pub batas: Limits,
    /// Errors inside successful answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub galat: Option<Errors>,
    /// A reading path that shows that the system answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sehat: Option<String>,
    /// Operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operasi: Vec<OperationText>,
    /// Pushes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masuk: Vec<HookText>,
    /// Data sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub salinan: Vec<MirrorText>,
    /// Schemas it brings along; each has an `$id` `urn:{sistem}:{nama}:{versi}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skema: Vec<Value>,
    /// Rights asked for together with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hak: Vec<Grant>,
}

/// The way to a system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Straight to it.
    #[default]
    Langsung,
    /// Over the national service connector, whose own faults are recognised first.
    Splp,
}

impl Profile {
    fn is_direct(&self) -> bool {
        *self == Self::Langsung
    }
}

/// How the gateway proves itself to the system. Secrets are names; values are kept by the gateway's operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "jenis", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// No credentials.
    None,
    /// Static headers.
    Headers {
        /// Each header with the name of its secret.
        kepala: Vec<AuthHeader>,
    },
    /// HTTP Basic.
    Basic {
        /// User.
        pengguna: String,
        /// Name of the secret.
        sandi: String,
    },
    /// OAuth2 client credentials.
    ClientCredentials {
        /// Path below `alamat`.
        alamat_token: String,
        /// Client id.
        id_klien: String,
        /// Name of the secret.
        rahasia_klien: String,
        /// Scope.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lingkup: Option<String>,
    },
}

/// One credential header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthHeader {
    /// Header.
    pub nama: String,
    /// Put before the secret.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub awalan: String,
    /// Name of the secret.
    pub rahasia: String,
}

/// The system's own limits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls per minute.
    pub per_menit: Option<u32>,
    /// Calls at once.
    pub serentak: Option<u32>,
}

impl Limits {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// As the contract says it.
    pub(crate) fn native(&self) -> NativeLimits {
        NativeLimits {
            per_minute: self.per_menit,
            concurrent: self.serentak,
            ..NativeLimits::default()
        }
    }
}

/// Where an answer says that it is an error although HTTP says it is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Pointer to the member that tells success.
    pub letak: String,
    /// Its values that mean success.
    pub berhasil: Vec<Value>,
    /// Pointer to the system's own code.
    #[serde(default)]
    pub kode: String,
    /// What codes mean; others are a refusal whose effect is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arti: BTreeMap<String, Meaning>,
}

/// What a native code means.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Kind of fault.
    pub jenis: FaultKind,
    /// Whether a write took effect.
    pub mendarat: Landed,
}

/// Effect of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectText {
    /// Nothing changes.
    Baca,
    /// A write whose repetition the system recognises by our reference.
    TulisAman,
    /// A write that is never repeated by itself.
    TulisSekali,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationText {
    /// Canonical id.
    pub id: String,
    /// One sentence.
    pub ringkasan: Text,
    /// Where consumers find it.
    pub terbit: Address,
    /// Schema of the input.
    pub masukan: String,
    /// Schema of the reply.
    pub keluaran: String,
    /// Effect.
    pub akibat: EffectText,
    /// Pointers that name the business object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rujukan: Vec<String>,
    /// Pointers that name the lane.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urutan: Vec<String>,
    /// Milliseconds one attempt may take.
    #[serde(default = "deadline")]
    pub tenggat_ms: u32,
    /// The native request.
    pub asli: NativeText,
    /// Native answer to canonical reply.
    pub jawab: Vec<Rule>,
    /// Recorded exchanges, which the trials run on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contoh: Vec<OperationSample>,
}

fn deadline() -> u32 {
    10_000
}

/// Method and path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Method.
    pub metode: String,
    /// Path with `{parameters}`.
    pub jalur: String,
}

/// Form of a native body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// No body.
    #[default]
    Kosong,
    /// JSON.
    Json,
    /// `application/x-www-form-urlencoded`; the rules write a flat object.
    Form,
}

/// The native request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeText {
    /// Method.
    pub metode: String,
    /// Path below `alamat`; `{x}` is the value that the rule `to: /x` of `jalur_isi` gives.
    pub jalur: String,
    /// Rules for parameters of the path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jalur_isi: Vec<Rule>,
    /// Rules for the query: a flat object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kueri: Vec<Rule>,
    /// Form of the body.
    #[serde(default)]
    pub isi: BodyForm,
    /// Rules for the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kirim: Vec<Rule>,
    /// Header that carries the reference, so that the system recognises a repetition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kepala_rujukan: Option<String>,
    /// Schema of the native body, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skema_kirim: Option<String>,
    /// Schema of the native answer, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skema_jawab: Option<String>,
}

/// A recorded exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationSample {
    /// Name.
    pub nama: String,
    /// Canonical input.
    pub masukan: Value,
    /// The native request it must become: `metode`, `jalur`, `kueri`, `isi`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permintaan: Option<Map<String, Value>>,
    /// HTTP status of the recorded answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// The recorded answer.
    pub jawaban: Value,
    /// The canonical reply it must become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keluaran: Option<Value>,
    /// Or the fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub galat: Option<FaultKind>,
}

fn ok() -> u16 {
    200
}

/// One push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookText {
    /// Name in the path.
    pub id: String,
    /// One sentence.
    pub ringkasan: Text,
    /// Event it becomes.
    pub peristiwa: String,
    /// Schema of the event's data.
    pub skema: String,
    /// Pointers in the data that are its subject.
    pub pokok: Vec<String>,
    /// How the sender proves itself. Only a draft may leave it out; such a manifest is refused when it is loaded.
    #[serde(default, skip_serializing_if = "SignatureText::is_none")]
    pub tanda_tangan: SignatureText,
    /// Pointers in the native body that name the push.
    #[serde(default)]
    pub id_peristiwa: Vec<String>,
    /// Native body to event data.
    pub terjemah: Vec<Rule>,
    /// What is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jawaban: Option<Value>,
    /// Recorded pushes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contoh: Vec<HookSample>,
}

/// HMAC-SHA256 over the exact body, or over `{time}.{body}` when a header carries a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureText {
    /// Header with the signature.
    pub kepala: String,
    /// Text before it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub awalan: String,
    /// `hex` or `base64`.
    #[serde(default)]
    pub bentuk: SignatureForm,
    /// Name of the secret.
    pub rahasia: String,
    /// Header with the time of sending in Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kepala_waktu: Option<String>,
    /// Seconds that time may be off.
    #[serde(default = "tolerance")]
    pub toleransi_detik: i64,
}

fn tolerance() -> i64 {
    300
}

impl SignatureText {
    /// Whether no rule is written; nothing passes then.
    pub(crate) fn is_none(&self) -> bool {
        self.kepala.is_empty()
    }
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureForm {
    /// Hexadecimal.
    #[default]
    Hex,
    /// Base64.
    Base64,
}

/// A recorded push.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookSample {
    /// Name.
    pub nama: String,
    /// Native body.
    pub isi: Value,
    /// Event data it must become.
    pub data: Value,
}

/// One data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorText {
    /// Name.
    pub id: String,
    /// One sentence.
    pub ringkasan: Text,
    /// Schema of a record.
    pub skema: String,
    /// Pointers in the translated record that name it.
    pub kunci: Vec<String>,
    /// Seconds between pulls.
    #[serde(default = "hourly")]
    pub tiap_detik: u32,
    /// Path below `alamat`.
    pub jalur: String,
    /// Fixed query pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kueri: BTreeMap<String, String>,
    /// Pointer to the list of records.
    pub butir: String,
    /// How pages follow each other.
    #[serde(default)]
    pub halaman: PagesText,
    /// Native record to canonical record.
    pub terjemah: Vec<Rule>,
}

fn hourly() -> u32 {
    3600
}

/// Pages of a data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PagesText {
    /// One answer holds everything.
    #[default]
    Satu,
    /// Page numbers from 1.
    Nomor {
        /// Query parameter.
        parameter: String,
        /// Pointer to the number of the last page.
        terakhir: String,
    },
    /// An opaque mark.
    Kursor {
        /// Query parameter.
        parameter: String,
        /// Pointer to the next mark; null or absent at the end.
        berikut: String,
    },
}

/// A right that the author of the manifest asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Consumer.
    pub konsumen: String,
    /// Operations or events.
    pub operasi: Vec<String>,
    /// Purpose.
    pub tujuan: String,
    /// Legal basis.
    pub dasar_hukum: String,
    /// Agreement.
    pub perjanjian: String,
}

/// Reads YAML or JSON. Form first; what only meaning can judge is [`crate::check`].
///
/// # Errors
/// What is wrong with the form, with its line.
pub fn read(text: &str) -> Result<Manifest, Vec<Flaw>> {
    let refused = |line: Option<u64>, why: String, advice: (&str, &str)| {
        vec![Flaw {
            line,
            ..Flaw::new("", (why.clone(), why), advice)
        }]
    };
    if text.len() > LARGEST {
        let why = "manifes lebih besar dari 1 MiB / larger than 1 MiB".to_owned();
        return Err(refused(
            None,
            why,
            ("bagi menjadi beberapa sistem", "split it into several systems"),
        ));
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map(|at| at.line());
        let first = error.to_string();
        let first = first.lines().next().unwrap_or_default().to_owned();
        refused(
            line,
            first,
            (
                "perbaiki tulisannya; docs/manifes.schema.json memuat setiap kunci",
                "correct the form; docs/manifes.schema.json has every key",
            ),
        )
    })
}

/// Gives each flaw its line.
pub(crate) fn located(text: &str, mut flaws: Vec<Flaw>) -> Vec<Flaw> {
    let lines = Lines::of(text);
    for flaw in &mut flaws {
        flaw.line = flaw.line.or_else(|| lines.find(&flaw.key));
    }
    flaws.sort_by(|a, b| (a.line, &a.key, &a.what.id).cmp(&(b.line, &b.key, &b.what.id)));
    flaws
}
