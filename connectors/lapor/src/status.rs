//! Native status names to canonical ones. The defaults are the names seen so far (reference §2.7); configuration adds
//! and overrides. An unmapped name is `tidak_dikenal`: shown with its raw name, never guessed.

use std::collections::BTreeMap;

/// Canonical status of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Received,
    Unverified,
    Verified,
    InProgress,
    AwaitingReporter,
    Returned,
    Done,
    Archived,
    Rejected,
    Unknown,
}

const WORDS: [(&str, Status); 10] = [
    ("diterima", Status::Received),
    ("belum_terverifikasi", Status::Unverified),
    ("terverifikasi", Status::Verified),
    ("diproses", Status::InProgress),
    ("menunggu_pelapor", Status::AwaitingReporter),
    ("dikembalikan", Status::Returned),
    ("selesai", Status::Done),
    ("diarsipkan", Status::Archived),
    ("ditolak", Status::Rejected),
    ("tidak_dikenal", Status::Unknown),
];

const DEFAULTS: [(&str, Status); 16] = [
    ("belum terverifikasi", Status::Unverified),
    ("terverifikasi", Status::Verified),
    ("terdisposisi", Status::Verified),
    ("terverifikasi & terdisposisi", Status::Verified),
    ("terverifikasi dan terdisposisi", Status::Verified),
    ("belum diproses", Status::Verified),
    ("dalam proses", Status::InProgress),
    ("tunda", Status::AwaitingReporter),
    ("ditunda", Status::AwaitingReporter),
    ("pending", Status::AwaitingReporter),
    ("bukan wewenang", Status::Returned),
    ("bukan kewenangan", Status::Returned),
    ("selesai", Status::Done),
    ("diarsipkan", Status::Archived),
    ("dihapus", Status::Archived),
    ("ditolak", Status::Rejected),
];

impl Status {
    /// The canonical word.
    pub(crate) fn word(self) -> &'static str {
        WORDS
            .iter()
            .find(|(_, status)| *status == self)
            .map_or("tidak_dikenal", |(word, _)| word)
    }

    /// From a canonical word in configuration.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, status)| *status)
    }
}

/// The canonical words, for advice.
pub(crate) fn words() -> String {
    WORDS.map(|(word, _)| word).join(", ")
}

/// The mapping in force.
#[derive(Debug, Clone)]
pub(crate) struct StatusMap {
    names: BTreeMap<String, Status>,
    codes: BTreeMap<String, Status>,
}

impl StatusMap {
    /// Defaults, overridden by configured names, and configured codes.
    pub(crate) fn new(names: Vec<(String, Status)>, codes: Vec<(String, Status)>) -> Self {
        let defaults = DEFAULTS.iter().map(|(name, status)| ((*name).to_owned(), *status));
        let configured = names.into_iter().map(|(name, status)| (fold(&name), status));
        Self {
            names: defaults.chain(configured).collect(),
            codes: codes.into_iter().collect(),
        }
    }

    /// By name; by code only when there is no name.
    pub(crate) fn canonical(&self, name: Option<&str>, code: Option<&str>) -> Status {
        match (name.map(fold).filter(|name| !name.is_empty()), code) {
            (Some(name), _) => self.names.get(&name),
            (None, Some(code)) => self.codes.get(code),
            (None, None) => None,
        }
        .copied()
        .unwrap_or(Status::Unknown)
    }
}

fn fold(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> StatusMap {
        StatusMap::new(
            vec![("Sedang Ditinjau".to_owned(), Status::InProgress)],
            vec![("4".to_owned(), Status::Done)],
        )
    }

    #[test]
    fn names_fold_case_and_space_and_configuration_adds() {
        assert_eq!(map().canonical(Some(" dalam  PROSES "), None), Status::InProgress);
        assert_eq!(map().canonical(Some("Sedang ditinjau"), None), Status::InProgress);
    }

    #[test]
    fn an_unmapped_name_is_unknown_even_when_its_code_is_mapped() {
        assert_eq!(map().canonical(Some("Status Baru"), Some("4")), Status::Unknown);
        assert_eq!(map().canonical(None, Some("4")), Status::Done);
        assert_eq!(map().canonical(None, None), Status::Unknown);
    }

    #[test]
    fn every_word_parses_back() {
        for (word, status) in WORDS {
            assert_eq!((Status::parse(word), status.word()), (Some(status), word));
        }
    }
}
