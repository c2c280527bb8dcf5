//! How LAPOR! is set up: everything the real service leaves unknown.

use serde::{Deserialize, Serialize};

use crate::frame::Common;

/// Where a create answer carries the id of the new report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdPlace {
    /// `complaint_id`
    TopLevel,
    /// `data.complaint_id`
    Data,
    /// `results.complaint.id`
    Results,
    /// `data.results.complaint.id`
    DataResults,
}

/// Which form of the attachment list a tenant accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentList {
    /// Any of the three.
    Any,
    /// `"[1,2]"`, `"[]"` when none.
    Plain,
    /// `"[1,2]."`, `false` when none.
    FullStop,
}

/// An id with its name, a row of a master list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
}

/// A status with the code that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Code, as text.
    pub code: String,
    /// Name.
    pub name: String,
}

/// One step of the life every new report leads by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptStep {
    /// Seconds after creation, by the simulator's clock.
    pub after_seconds: i64,
    /// Status name to take.
    pub status: String,
    /// Note that goes with it.
    pub note: String,
}

/// The master lists and where they are found.
#[derive(Debug, Clone)]
pub struct Masters {
    /// Institutions, the city's own among them.
    pub institutions: Vec<Named>,
    /// Topics.
    pub categories: Vec<Named>,
    /// Classifications.
    pub classifications: Vec<Named>,
    /// Locations; not the ministry's region codes.
    pub locations: Vec<Named>,
    /// Codes of reply templates.
    pub templates: Vec<String>,
    /// Source channels; never listed by the service, only checked.
    pub channels: Vec<u64>,
    /// Path of the institution list.
    pub institutions_path: String,
    /// Path of the template list.
    pub templates_path: String,
    /// Path of the category list (a guess: the real one is not public).
    pub categories_path: String,
    /// Path of the classification list (a guess).
    pub classifications_path: String,
    /// Path of the location list (a guess).
    pub locations_path: String,
}

/// How LAPOR! is set up.
#[derive(Debug, Clone)]
pub struct LaporOptions {
    /// Address and clock.
    pub common: Common,
    /// Path before every endpoint; `/lapor/3.0.0` behind the connector.
    pub prefix: String,
    /// Whether credentials are refused by the national connector, in its own words.
    pub splp: bool,
    /// Name of the bearer header: `auth` or `Authorization`.
    pub bearer_header: String,
    /// The opaque part after the one `Bearer `.
    pub bearer: String,
    /// Name of the second header.
    pub token_header: String,
    /// Its value, braces included.
    pub token: String,
    /// Where a create answers the new id.
    pub id_place: IdPlace,
    /// Whether that id is a string.
    pub id_as_string: bool,
    /// Accepted attachment lists.
    pub attachment_list: AttachmentList,
    /// `strptime` pattern of `date_of_incident`.
    pub date_format: String,
    /// Accounts that may own reports; empty accepts any.
    pub users: Vec<u64>,
    /// Path of the report list.
    pub list_path: String,
    /// Rows of a page when the request does not say.
    pub page_size: usize,
    /// Seconds before a new report shows up in the list: a look-up right after a create may find nothing yet.
    pub list_lag_seconds: i64,
    /// Path of the old XML push.
    pub push_path: String,
    /// Token of the old XML push.
    pub push_token: String,
    /// Statuses, the first being that of a new report.
    pub statuses: Vec<Status>,
    /// Master lists.
    pub masters: Masters,
    /// What happens to every new report by itself.
    pub script: Vec<ScriptStep>,
}

impl Default for LaporOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            prefix: String::new(),
            splp: false,
            bearer_header: "auth".to_owned(),
            bearer: "$2y$10$contoh./SIMULASI.bukan/rahasia$nyata".to_owned(),
            token_header: "token".to_owned(),
            token: "{AAAAAAAA-0000-0000-0000-AAAAAAAAAAAA}".to_owned(),
            id_place: IdPlace::TopLevel,
            id_as_string: false,
            attachment_list: AttachmentList::Any,
            date_format: "%Y-%m-%d".to_owned(),
            users: vec![1_000_001],
            list_path: "/complaints/complaint".to_owned(),
            page_size: 15,
            list_lag_seconds: 0,
            push_path: "/api/stream/addstream".to_owned(),
            push_token: "{AAAAAAAA-0000-0000-0000-AAAAAAAAAAAA}".to_owned(),
            statuses: statuses(),
            masters: Masters::default(),
            script: Vec::new(),
        }
    }
}

impl LaporOptions {
    /// The same service, published through the national connector.
    #[must_use]
    pub fn behind_splp(self) -> Self {
        Self {
            prefix: "/lapor/3.0.0".to_owned(),
            splp: true,
            ..self
        }
    }
}

fn statuses() -> Vec<Status> {
    let rows = [
        ("1", "Belum Terverifikasi"),
        ("2", "Terverifikasi"),
        ("3", "Tunda"),
        ("4", "Dalam Proses"),
        ("5", "Selesai"),
        ("6", "Diarsipkan"),
        ("7", "Ditolak"),
        ("8", "Bukan Wewenang"),
    ];
    rows.map(|(code, name)| Status {
        code: code.to_owned(),
        name: name.to_owned(),
    })
    .into()
}

impl Default for Masters {
    fn default() -> Self {
        Self {
            institutions: named(&[
                (200_001, "Kementerian Contoh Republik Indonesia"),
                (200_002, "Pemerintah Kota Tangerang"),
                (200_003, "Pemerintah Provinsi Banten"),
                (200_004, "Pemerintah Kabupaten Contoh"),
                (200_005, "PT Contoh Listrik (Persero)"),
            ]),
            categories: named(&[
                (30, "Lampu Penerangan Jalan"),
                (31, "Jalan dan Jembatan"),
                (32, "Kebersihan dan Persampahan"),
                (33, "Banjir dan Drainase"),
                (34, "Ketertiban Umum"),
                (35, "Kesehatan"),
                (36, "Administrasi Kependudukan"),
                (37, "Pendidikan"),
                (38, "Ketenagakerjaan"),
                (39, "Perizinan"),
                (40, "Lingkungan Hidup"),
                (41, "Lainnya"),
            ]),
            classifications: named(&[(1, "Aspirasi"), (2, "Pengaduan"), (3, "Permintaan Informasi")]),
            locations: named(&[(34, "Nasional"), (404, "Kota Tangerang"), (405, "Kabupaten Contoh")]),
            templates: vec!["reply".to_owned(), "reply_lmw".to_owned(), "disposition".to_owned()],
            channels: vec![13, 26, 99],
            institutions_path: "/masters/institutions/external".to_owned(),
            templates_path: "/masters/templates".to_owned(),
            categories_path: "/masters/categories".to_owned(),
            classifications_path: "/masters/classifications".to_owned(),
            locations_path: "/masters/locations".to_owned(),
        }
    }
}

fn named(rows: &[(u64, &str)]) -> Vec<Named> {
    rows.iter()
        .map(|(id, name)| Named {
            id: *id,
            name: (*name).to_owned(),
        })
        .collect()
}
