//! The settings of one SIPD endpoint. Unknown keys are refused; what the interface leaves open stands here. `read` checks
//! everything at once.

use crate::dataset::{self, Dataset, Generation};
use crate::fields::Context;
use crate::value::Ways;
use connector_sdk::{Pull, SettingComplaint, Settings, Str};
use serde::Deserialize;
use std::collections::BTreeMap;

/// As written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    /// Fiscal year that the token is bound to; none: each pull names its own.
    #[serde(default)]
    pub(crate) tahun: Option<u16>,
    /// Internal number of the region; unrelated to the region code.
    #[serde(default)]
    pub(crate) id_daerah: String,
    /// Four-digit region code of the push service.
    #[serde(default)]
    pub(crate) kode_pemda: String,
    #[serde(default = "treasury")]
    pub(crate) generasi: Vec<Generation>,
    #[serde(default)]
    pub(crate) awalan: BTreeMap<Generation, String>,
    #[serde(default)]
    pub(crate) jalur: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) batas: BTreeMap<String, u32>,
    #[serde(default)]
    pub(crate) dari: Option<String>,
    #[serde(default)]
    pub(crate) sampai: Option<String>,
    #[serde(default)]
    pub(crate) id_jadwal_sipd: String,
    #[serde(default = "newer")]
    pub(crate) tipe_q: String,
    #[serde(default)]
    pub(crate) jenis_dokumen: BTreeMap<String, String>,
    #[serde(default = "jakarta")]
    pub(crate) menit_zona: i32,
    #[serde(default)]
    pub(crate) capaian: Outcome,
}

/// Names of the fields of a programme's result, which the push service's page leaves open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Outcome {
    pub(crate) indikator: String,
    pub(crate) target: String,
    pub(crate) satuan: String,
    pub(crate) pagu: String,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            indikator: "tolokukur".to_owned(),
            target: "target".to_owned(),
            satuan: "satuan".to_owned(),
            pagu: "pagu".to_owned(),
        }
    }
}

fn treasury() -> Vec<Generation> {
    vec![Generation::C2]
}

fn newer() -> String {
    "NEW".to_owned()
}

fn jakarta() -> i32 {
    420
}

/// Settings that hold together, with the data sets.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) raw: Raw,
    pub(crate) sets: Vec<Dataset>,
}

impl Setup {
    pub(crate) fn read(settings: &Settings) -> Result<Self, Vec<SettingComplaint>> {
        let raw: Raw = settings.read()?;
        let sets = dataset::all().map_err(|error| vec![complaint("", &format!("data set file: {error}"))])?;
        let mut wrong = Vec::new();
        let mut need = |good: bool, key: &str, advice: &str| {
            if !good {
                wrong.push(complaint(key, advice));
            }
        };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let serves = |generation| raw.generasi.contains(&generation);
        need(
            raw.tahun.is_none_or(|year| (2015..=2100).contains(&year)),
            "tahun",
            "write the fiscal year that the token is bound to, or leave it out and name it in each copy: cakupan = { tahun = [\"{tahun}\"] }",
        );
        need(
            !raw.generasi.is_empty(),
            "generasi",
            "name at least one of a, b, c1, c2, salinan",
        );
        let internal = serves(Generation::C1) || serves(Generation::C2);
        need(
            !internal || digits(&raw.id_daerah),
            "id_daerah",
            "write SIPD's internal number of the region; it is not the region code",
        );
        need(
            !serves(Generation::A) || (digits(&raw.kode_pemda) && raw.kode_pemda.len() == 4),
            "kode_pemda",
            "write the region code in four digits, e.g. 3671",
        );
        for key in raw.jalur.keys().chain(raw.batas.keys()) {
            need(
                sets.iter().any(|set| set.id == *key),
                &format!("jalur.{key}"),
                "name a data set of this connector",
            );
        }
        for (key, size) in &raw.batas {
            need(
                (1..=5000).contains(size),
                &format!("batas.{key}"),
                "write a page size from 1 to 5000",
            );
        }
        for (key, day) in [("dari", &raw.dari), ("sampai", &raw.sampai)] {
            let good = day.as_ref().is_none_or(|day| day.parse::<jiff::civil::Date>().is_ok());
            need(good, key, "write a date as 2026-12-31");
        }
        for canonical in raw.jenis_dokumen.values() {
            need(
                ["up", "gu", "tu", "ls"].contains(&canonical.as_str()),
                "jenis_dokumen",
                "map to up, gu, tu or ls",
            );
        }
        need(
            (-720..=840).contains(&raw.menit_zona),
            "menit_zona",
            "write minutes east of Greenwich, e.g. 420",
        );
        need(
            ["OLD", "NEW"].contains(&raw.tipe_q.as_str()),
            "tipe_q",
            "write OLD or NEW",
        );
        if wrong.is_empty() {
            Ok(Self { raw, sets })
        } else {
            Err(wrong)
        }
    }

    /// Whether this endpoint has a generation behind it.
    pub(crate) fn serves(&self, generation: Generation) -> bool {
        self.raw.generasi.contains(&generation)
    }

    /// A path of a generation below the endpoint.
    pub(crate) fn path(&self, generation: Generation, path: &str) -> String {
        format!("{}/{path}", self.raw.awalan.get(&generation).map_or("", String::as_str))
    }

    /// How values are read.
    pub(crate) fn ways(&self) -> Ways<'_> {
        Ways {
            offset_minutes: self.raw.menit_zona,
            documents: &self.raw.jenis_dokumen,
        }
    }

    /// The fiscal year of a pull: its own, or the configured one.
    pub(crate) fn year(&self, pull: &Pull) -> String {
        let named = pull.scope.iter().find(|(name, _)| name == "tahun");
        let configured = || self.raw.tahun.map(|year| year.to_string());
        named
            .map(|(_, year)| year.clone())
            .or_else(configured)
            .unwrap_or_default()
    }

    /// What every pull must be told because the settings leave it open.
    pub(crate) fn wanted(&self) -> &'static [Str] {
        static YEAR: [Str; 1] = [Str::Borrowed("tahun")];
        match self.raw.tahun {
            None => &YEAR,
            Some(_) => &[],
        }
    }

    /// Facts of a pull: its scope over the settings.
    pub(crate) fn context(&self, pull: &Pull) -> Context {
        let year = self.year(pull);
        let mut context = Context::from([
            ("id_daerah".to_owned(), self.raw.id_daerah.clone()),
            ("id_jadwal_sipd".to_owned(), self.raw.id_jadwal_sipd.clone()),
            ("tipe_q".to_owned(), self.raw.tipe_q.clone()),
            (
                "dari".to_owned(),
                self.raw.dari.clone().unwrap_or_else(|| format!("{year}-01-01")),
            ),
            (
                "sampai".to_owned(),
                self.raw.sampai.clone().unwrap_or_else(|| format!("{year}-12-31")),
            ),
            ("tahun".to_owned(), year),
        ]);
        let known = ["dari", "sampai", "id_jadwal_sipd"];
        let scoped = pull.scope.iter().filter(|(name, _)| known.contains(&name.as_str()));
        context.extend(scoped.cloned());
        context
    }
}

fn complaint(key: &str, advice: &str) -> SettingComplaint {
    SettingComplaint {
        key: key.to_owned(),
        advice: advice.to_owned(),
    }
}
