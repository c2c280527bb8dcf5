//! The settings of one endpoint as written in configuration. Unknown keys are refused, everything wrong is said at once.
//! Institution and LPSE codes, service numbers and paths differ between agencies, so none of them is a constant.

use crate::dataset::{self, DataSet};
use connector_sdk::{SettingComplaint, Settings};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Which of LKPP's interfaces the endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interface {
    /// The API gateway, `data.inaproc.id`.
    Gerbang,
    /// The old service bus.
    Isb,
    /// Open data without a key.
    SatuData,
    /// The web tables of SiRUP.
    SirupWeb,
}

/// Output form of the old bus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// A JSON array.
    #[default]
    Json,
    /// CSV with backslash escapes.
    Csv,
}

/// Settings as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    pub(crate) antarmuka: Interface,
    pub(crate) kode_klpd: Option<String>,
    pub(crate) kode_lpse: Option<String>,
    pub(crate) tahun: Option<u16>,
    #[serde(default = "seven_hours")]
    pub(crate) offset_menit: i16,
    #[serde(default = "hundred")]
    pub(crate) batas: u16,
    #[serde(default)]
    pub(crate) himpunan: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) pakai_legacy: bool,
    #[serde(default)]
    pub(crate) jalur: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) layanan: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) bentuk: Form,
    #[serde(default = "csv_word")]
    pub(crate) kata_csv: String,
    #[serde(default = "region_word")]
    pub(crate) kata_wilayah: String,
    #[serde(default)]
    pub(crate) spasi_jenis_paket: bool,
    #[serde(default)]
    pub(crate) kosong_nol_bita: Vec<String>,
    pub(crate) ocds: Option<Ocds>,
    /// Page that the web tables are asked from.
    pub(crate) perujuk: Option<String>,
    /// Columns of a web table, where they are no longer those of the data set.
    #[serde(default)]
    pub(crate) susunan: BTreeMap<String, Vec<String>>,
}

/// Who publishes in the Open Contracting form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ocds {
    /// Registered prefix, `ocds-xxxxxx`.
    pub(crate) awalan: String,
    /// Name of the publisher.
    pub(crate) penerbit: String,
    /// Address under which the packages are published.
    pub(crate) alamat: String,
}

/// Settings as checked.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) raw: Raw,
    /// `+07:00`
    pub(crate) offset: String,
    /// The data sets that this endpoint offers.
    pub(crate) sets: Vec<DataSet>,
}

impl Setup {
    /// Checks the settings.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let table = dataset::all().map_err(|error| vec![complaint("", format!("the table of data sets: {error}"))])?;
        let mut complaints = Vec::new();
        let names = raw.himpunan.iter().map(|id| ("himpunan", id));
        let names = names.chain(raw.kosong_nol_bita.iter().map(|id| ("kosong_nol_bita", id)));
        let names = names.chain(raw.jalur.keys().map(|id| ("jalur", id)));
        let names = names.chain(raw.susunan.keys().map(|id| ("susunan", id)));
        for (key, id) in names.chain(raw.layanan.keys().map(|id| ("layanan", id))) {
            if !table.iter().any(|set| set.id == *id) {
                complaints.push(complaint(
                    key,
                    format!("`{id}` is no data set; see the page of the connector"),
                ));
            }
        }
        if raw.antarmuka != Interface::SatuData && raw.kode_klpd.is_none() {
            let advice = "write the institution's code, as in MasterKLPD of Satu Data";
            complaints.push(complaint("kode_klpd", advice));
        }
        if raw.antarmuka == Interface::Isb && raw.layanan.is_empty() {
            let advice = "write the service number that was issued with each data set's key: tender_pengumuman = \"…\"";
            complaints.push(complaint("layanan", advice));
        }
        if raw.antarmuka == Interface::Isb && raw.kode_lpse.is_none() {
            complaints.push(complaint(
                "kode_lpse",
                "write the LPSE number, as in MasterLPSE of Satu Data",
            ));
        }
        if raw.antarmuka == Interface::SirupWeb && raw.perujuk.is_none() {
            let advice = "write the page that the tables stand on; SiRUP answers nobody who does not come from it";
            complaints.push(complaint("perujuk", advice));
        }
        if !(1..=1000).contains(&raw.batas) {
            complaints.push(complaint("batas", "write rows per page, 1 to 1000"));
        }
        if raw
            .ocds
            .as_ref()
            .is_some_and(|ocds| !ocds.awalan.starts_with("ocds-") || ocds.penerbit.is_empty())
        {
            let advice = "write the registered prefix ocds-…, and the publisher's name";
            complaints.push(complaint("ocds", advice));
        }
        if raw.offset_menit.abs() > 14 * 60 {
            complaints.push(complaint("offset_menit", "write minutes east of Greenwich; 420 is WIB"));
        }
        if !complaints.is_empty() {
            return Err(complaints);
        }
        let sign = if raw.offset_menit < 0 { '-' } else { '+' };
        let minutes = raw.offset_menit.abs();
        Ok(Self {
            offset: format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
            sets: table.into_iter().filter(|set| offered(&raw, set)).collect(),
            raw,
        })
    }
}

fn offered(raw: &Raw, set: &DataSet) -> bool {
    let wanted = raw.himpunan.is_empty() || raw.himpunan.contains(&set.id);
    wanted
        && match raw.antarmuka {
            Interface::Gerbang => set.v1.is_some() || (raw.pakai_legacy && set.legacy.is_some()),
            Interface::Isb => set.isb.is_some() && raw.layanan.contains_key(&set.id),
            Interface::SatuData => set.satu_data.is_some(),
            Interface::SirupWeb => set.sirup_web.is_some(),
        }
}

fn complaint(key: &str, advice: impl Into<String>) -> SettingComplaint {
    SettingComplaint {
        key: key.to_owned(),
        advice: advice.into(),
    }
}

fn seven_hours() -> i16 {
    420
}
fn hundred() -> u16 {
    100
}
fn yes() -> bool {
    true
}
fn csv_word() -> String {
    "csv".to_owned()
}
fn region_word() -> String {
    "semua".to_owned()
}
