//! Data sets as data: where a list is asked for, how it is paged and wrapped, and its field table. One file each under
//! `src/datasets/`; a new one is a file and a line here.

use crate::value::Kind;
use serde::Deserialize;

/// A generation of SIPD's interface, or a local copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Generation {
    /// Push service of 2017 to 2020.
    A,
    /// Archives of the system of 2021 to 2023.
    B,
    /// Planning and budgeting.
    C1,
    /// Treasury and accounting.
    C2,
    /// A local copy (wp-sipd).
    Salinan,
}

impl Generation {
    /// Name of its step, for attempts and metrics.
    pub(crate) fn step(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::C1 => "c1",
            Self::C2 => "c2",
            Self::Salinan => "salinan",
        }
    }
}

/// What stands around the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wrapping {
    /// The body is the list.
    Polos,
    /// The body is one record.
    Objek,
    /// `{status, status_code, data}`, the data perhaps obfuscated, perhaps a grid.
    C1,
    /// `{data: {list, total}}`.
    Aklap,
    /// `{data: […]}`, or a bare list.
    Data,
}

/// How a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Paging {
    /// Everything at once.
    Tunggal,
    /// Page numbers; the reply's headers say how many.
    Kepala,
    /// Grid: `start` and `length`, `recordsFiltered` says how many.
    Tabel,
    /// Page numbers; `total` beside the list says how many.
    Jumlah,
}

/// Where rows are asked for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Parent {
    pub(crate) jalur: String,
    #[serde(default)]
    pub(crate) parameter: Vec<(String, String)>,
    pub(crate) bungkus: Wrapping,
    pub(crate) halaman: Paging,
    /// Native ids of a row under which the data set is asked for.
    pub(crate) ambil: Vec<String>,
}

/// Shapes inside a record that a table cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Extra {
    RincianBelanja,
    Dpa,
    Jurnal,
}

/// A line of the field table: canonical name, kind, native names in the order of trust.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct Field {
    pub(crate) ke: String,
    pub(crate) jenis: Kind,
    pub(crate) asli: Vec<String>,
}

impl From<Vec<String>> for Field {
    fn from(row: Vec<String>) -> Self {
        let mut row = row.into_iter();
        let ke = row.next().unwrap_or_default();
        let jenis = Kind::of(&row.next().unwrap_or_default());
        let asli = row.collect();
        Self { ke, jenis, asli }
    }
}

/// One data set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dataset {
    pub(crate) id: String,
    pub(crate) generasi: Generation,
    /// Indonesian, English.
    pub(crate) judul: (String, String),
    /// Name of the schema of a record.
    pub(crate) skema: String,
    pub(crate) kunci: Vec<String>,
    pub(crate) jalur: String,
    #[serde(default)]
    pub(crate) parameter: Vec<(String, String)>,
    pub(crate) bungkus: Wrapping,
    pub(crate) halaman: Paging,
    pub(crate) setiap_detik: u32,
    pub(crate) susut_persen: u8,
    pub(crate) halaman_maks: u32,
    #[serde(default = "page_size")]
    pub(crate) batas: u32,
    /// Parameters whose every value is asked for in turn.
    #[serde(default)]
    pub(crate) putaran: Vec<(String, Vec<String>)>,
    /// The list under whose rows this one stands.
    #[serde(default)]
    pub(crate) induk: Option<Parent>,
    /// `null` means that there are none, even without paging headers.
    #[serde(default)]
    pub(crate) null_kosong: bool,
    /// Can be narrowed to a month by a piece of the document number.
    #[serde(default)]
    pub(crate) menurut_bulan: bool,
    #[serde(default)]
    pub(crate) tambahan: Option<Extra>,
    pub(crate) bidang: Vec<Field>,
}

fn page_size() -> u32 {
    100
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[&str] = &[$(include_str!(concat!("datasets/", $name, ".json"))),*];
    };
}

files![
    "skpd",
    "akun",
    "sub_kegiatan",
    "rincian_belanja",
    "skpd_ringkas",
    "dpa",
    "anggaran_kas",
    "spd",
    "spp",
    "spm",
    "sp2d",
    "realisasi",
    "realisasi_akun",
    "jurnal",
    "lra",
    "arsip_sp2d",
    "salinan_spd",
    "salinan_sub_kegiatan",
];

/// All of them, or why a file cannot be read (a defect of this crate).
pub(crate) fn all() -> Result<Vec<Dataset>, String> {
    FILES
        .iter()
        .map(|text| serde_json::from_str(text).map_err(|error| error.to_string()))
        .collect()
}

impl Dataset {
    /// Number of combinations of values asked for in turn, for one parent and month pattern.
    pub(crate) fn turns(&self, months: usize) -> usize {
        self.putaran.iter().map(|(_, values)| values.len()).product::<usize>() * months.max(1)
    }
}
