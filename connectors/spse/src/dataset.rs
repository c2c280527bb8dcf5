//! The table of data sets, read once when a connector is built: how each is asked for on each interface, and what its
//! fields are. The table is `data/himpunan.json`; this file only says its form.

use connector_sdk::Text;
use serde::Deserialize;

const TABLE: &str = include_str!("../data/himpunan.json");

/// What stands in a native field, and so how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A year.
    Tahun,
    /// A small whole number.
    Bilangan,
    /// An id or code: text, whatever it was written as.
    Kode,
    /// Text for people, tidied.
    Teks,
    /// Text with HTML in it.
    Html,
    /// A person's name; may come masked.
    Nama,
    /// An employee number, in the form received.
    Nip,
    /// A tax number, in the form received.
    Npwp,
    /// A bank account; spreadsheet apostrophes are dropped.
    Rekening,
    /// Rupiah, exact.
    Uang,
    /// Rupiah as a web table shows it: dots group, a comma parts; a rounded one stands apart and is never an amount.
    UangTampil,
    /// Another exact number.
    Angka,
    /// A day.
    Tanggal,
    /// A local time, or a day where no time was given.
    Waktu,
    /// A month, by its English name.
    Bulan,
    /// Yes or no.
    Ya,
    /// Values joined by `;`.
    Daftar,
    /// Values joined by `,`.
    DaftarKoma,
    /// Fund sources joined by `;` or `,`.
    DaftarDana,
    /// Account strings joined by `;` or `, `.
    DaftarMak,
    /// `NIP - NAME` pairs joined by `;`.
    Orang,
}

/// One field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    /// Canonical name.
    pub(crate) kanonik: String,
    /// Native names; the first that is there counts.
    pub(crate) asal: Vec<String>,
    /// How it is read.
    pub(crate) jenis: Kind,
}

/// How the old bus is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bus {
    /// Exact name.
    pub(crate) nama: String,
    /// Types of the parameters.
    pub(crate) tipe: String,
    /// Parameters in their order: `tahun`, `klpd`, `lpse`, `id`, `kata`.
    pub(crate) parameter: Vec<String>,
}

/// A web table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Name of the list.
    pub(crate) daftar: String,
    /// Query parameter that says whose rows: `idKldi` (the institution) or `idSatker` (a unit).
    pub(crate) menurut: String,
    /// What stands in each column, from the first.
    pub(crate) susunan: Vec<String>,
    /// Columns that show the same value; where they differ the columns have moved.
    #[serde(default)]
    pub(crate) sama: Vec<(String, String)>,
}

/// One data set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataSet {
    /// Id; the mirror is `spse.{id}`.
    pub(crate) id: String,
    /// Schema name.
    pub(crate) skema: String,
    /// One sentence.
    pub(crate) ringkas: Sentence,
    /// On the old bus.
    pub(crate) isb: Option<Bus>,
    /// Below `/v1` of the gateway.
    pub(crate) v1: Option<String>,
    /// Below `/legacy` of the gateway.
    pub(crate) legacy: Option<String>,
    /// In the open data.
    pub(crate) satu_data: Option<String>,
    /// In the web tables of SiRUP.
    pub(crate) sirup_web: Option<Table>,
    /// Query parameter that carries the id of a detail look-up on the gateway.
    pub(crate) parameter_id: Option<String>,
    /// Query pairs always sent to the gateway.
    #[serde(default)]
    pub(crate) tanya: Vec<(String, String)>,
    /// Canonical fields that name a record together.
    pub(crate) kunci: Vec<String>,
    /// Fields that name it on `/v1`, if others.
    #[serde(default)]
    pub(crate) kunci_v1: Vec<String>,
    /// Rows without this field are placeholders and left out.
    pub(crate) lewati_tanpa: Option<String>,
    /// Exact copies are rows of their own (budget lines), not repetitions.
    #[serde(default)]
    pub(crate) kembar_dihitung: bool,
    /// Constant canonical fields.
    #[serde(default)]
    pub(crate) tetap: Vec<(String, String)>,
    /// Keys may come with blanks, underscores and capitals.
    #[serde(default)]
    pub(crate) kunci_longgar: bool,
    /// Fields.
    pub(crate) kolom: Vec<Field>,
}

/// A sentence in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sentence {
    id: String,
    en: String,
}

impl DataSet {
    /// The sentence as the contract wants it.
    pub(crate) fn summary(&self) -> Text {
        Text::owned(self.ringkas.id.clone(), self.ringkas.en.clone())
    }
}

/// Every data set. The table is part of the program; a test reads it whole.
pub(crate) fn all() -> Result<Vec<DataSet>, serde_json::Error> {
    serde_json::from_str(TABLE)
}
