//! Code lists: named, versioned lists with validity dates, and the check of documents against them.
//!
//! Embedded lists are the sandbox default; a city loads its own files over them. Codes are compared exactly: an
//! unknown code is refused or flagged, never replaced by a default.

use crate::embedded;
use crate::findings::Findings;
use crate::rules;
use crate::schema::Schema;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a code list was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CodeListError {
    /// Not JSON of the expected shape.
    #[error("a code list cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// No rows: an empty list would refuse everything.
    #[error("code list `{0}` has no rows")]
    Empty(String),
    /// A row contradicts itself or another row.
    #[error("code list `{list}`, code `{code}`: {reason}")]
    BadRow {
        /// List.
        list: String,
        /// Code.
        code: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// One list with its provenance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// Name used by `x-kode`.
    #[serde(rename = "daftar")]
    pub name: String,
    /// Indonesian title.
    #[serde(rename = "judul")]
    pub title: String,
    /// English title.
    #[serde(rename = "x-en")]
    pub title_en: String,
    /// Who issues it.
    #[serde(rename = "penerbit")]
    pub issuer: String,
    /// Version or decree.
    #[serde(rename = "versi")]
    pub version: String,
    /// Codes below a listed one (`36.71.05.1001` below `36.71.05`) are flagged instead of refused.
    #[serde(rename = "turunan_lunak", default)]
    pub lenient_children: bool,
    /// Box that coordinates are expected in.
    #[serde(rename = "batas", default)]
    pub bounds: Option<Bounds>,
    /// Rows.
    #[serde(rename = "baris")]
    pub rows: Vec<CodeRow>,
}

/// A box of coordinates (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Bounds {
    pub lat_min: f64,
    pub lat_max: f64,
    pub lon_min: f64,
    pub lon_max: f64,
}

/// One code and when it holds. A code may have several rows with periods that do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRow {
    /// The code, compared exactly.
    #[serde(rename = "kode")]
    pub code: String,
    /// Indonesian name.
    #[serde(rename = "nama")]
    pub name: String,
    /// English name.
    #[serde(rename = "x-en", default)]
    pub name_en: Option<String>,
    /// Code above it.
    #[serde(rename = "induk", default)]
    pub parent: Option<String>,
    /// First day it holds; none means always.
    #[serde(rename = "berlaku_dari", default)]
    pub valid_from: Option<Date>,
    /// Last day it holds; none means still.
    #[serde(rename = "berlaku_sampai", default)]
    pub valid_to: Option<Date>,
}

/// What a list says about a code on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Listed and valid.
    Valid,
    /// Not listed itself, but below a valid listed code in a list that tolerates that: flag.
    Unlisted,
    /// Not listed: refuse.
    Unknown,
    /// Listed, but from a later day: refuse.
    NotYet,
    /// Listed, but no longer: refuse.
    Expired,
    /// There is no such list: refuse, since nothing can be said.
    NoList,
}

/// All code lists of this process.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {
    lists: BTreeMap<String, Indexed>,
}

#[derive(Debug, Clone)]
struct Indexed {
    list: CodeList,
    by_code: BTreeMap<String, Vec<usize>>,
}

impl CodeLists {
    /// The lists that ship with Simpul.
    ///
    /// # Errors
    /// When an embedded list is broken, which a test rules out.
    pub fn embedded() -> Result<Self, CodeListError> {
        embedded::CODE_LISTS
            .iter()
            .try_fold(Self::default(), |lists, (_, text)| lists.load(text))
    }

    /// These lists and one more from its JSON text; a list of the same name is replaced whole.
    ///
    /// # Errors
    /// When the text is not a code list, has no rows, or its rows contradict each other.
    pub fn load(mut self, json: &str) -> Result<Self, CodeListError> {
        let list: CodeList = serde_json::from_str(json)?;
        if list.rows.is_empty() {
            return Err(CodeListError::Empty(list.name));
        }
        let mut by_code: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, row) in list.rows.iter().enumerate() {
            let rows = by_code.entry(row.code.clone()).or_default();
            let wrong = fault(row, rows.iter().map(|other| &list.rows[*other]));
            if let Some(reason) = wrong {
                return Err(CodeListError::BadRow {
                    list: list.name.clone(),
                    code: row.code.clone(),
                    reason,
                });
            }
            rows.push(index);
        }
        self.lists.insert(list.name.clone(), Indexed { list, by_code });
        Ok(self)
    }

    /// A list by name.
    #[must_use]
    pub fn get(&self, list: &str) -> Option<&CodeList> {
        self.lists.get(list).map(|indexed| &indexed.list)
    }

    /// Names of the lists, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(String::as_str)
    }

    /// What `list` says about `code` on a day.
    #[must_use]
    pub fn contains(&self, list: &str, code: &str, on: Date) -> Verdict {
        let Some(indexed) = self.lists.get(list) else {
            return Verdict::NoList;
        };
        match indexed.verdict(code, on) {
            Verdict::Unknown if indexed.list.lenient_children => indexed.below_listed(code, on),
            verdict => verdict,
        }
    }

    /// Holds a document that satisfies `schema` against the code lists, the reference-code rules, the calendar (`on`
    /// is today in the city's zone) and the city's bounds.
    #[must_use]
    pub fn check(&self, schema: &Schema, value: &Value, on: Date) -> Findings {
        rules::check(self, schema, value, on)
    }
}

impl Indexed {
    fn verdict(&self, code: &str, on: Date) -> Verdict {
        let Some(rows) = self.by_code.get(code) else {
            return Verdict::Unknown;
        };
        let rows = rows.iter().map(|index| &self.list.rows[*index]);
        let mut verdict = Verdict::NotYet;
        for row in rows {
            if row.valid_to.is_some_and(|to| to < on) {
                verdict = Verdict::Expired;
            } else if row.valid_from.is_none_or(|from| from <= on) {
                return Verdict::Valid;
            }
        }
        verdict
    }

    fn below_listed(&self, code: &str, on: Date) -> Verdict {
        let Some((parent, _)) = code.rsplit_once('.') else {
            return Verdict::Unknown;
        };
        match self.verdict(parent, on) {
            Verdict::Valid => Verdict::Unlisted,
            other => other,
        }
    }
}

fn fault<'a>(row: &CodeRow, mut others: impl Iterator<Item = &'a CodeRow>) -> Option<&'static str> {
    if row.code.is_empty() || row.code.trim() != row.code {
        return Some("the code is empty or has white space around it");
    }
    let begin = |row: &CodeRow| row.valid_from.unwrap_or(Date::MIN);
    let end = |row: &CodeRow| row.valid_to.unwrap_or(Date::MAX);
    if begin(row) > end(row) {
        return Some("it ends before it begins");
    }
    let overlaps = others.any(|other| begin(row) <= end(other) && begin(other) <= end(row));
    overlaps.then_some("two rows of this code overlap in time")
}
