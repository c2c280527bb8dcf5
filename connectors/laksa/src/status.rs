//! Canonical status to LAKSA's three words (reference §2.7). What has no counterpart is written as the nearest open or
//! closed word by default and told apart by `detail_status`; an unknown status is never written.

/// LAKSA's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaksaStatus {
    Waiting,
    InProgress,
    Done,
}

impl LaksaStatus {
    /// The native word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "menunggu",
            Self::InProgress => "proses",
            Self::Done => "selesai",
        }
    }

    /// From configuration.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Waiting, Self::InProgress, Self::Done]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

const DEFAULTS: [(&str, LaksaStatus); 9] = [
    ("diterima", LaksaStatus::Waiting),
    ("belum_terverifikasi", LaksaStatus::Waiting),
    ("terverifikasi", LaksaStatus::Waiting),
    ("menunggu_pelapor", LaksaStatus::Waiting),
    ("dikembalikan", LaksaStatus::Waiting),
    ("diproses", LaksaStatus::InProgress),
    ("selesai", LaksaStatus::Done),
    ("diarsipkan", LaksaStatus::Done),
    ("ditolak", LaksaStatus::Done),
];

/// The default word of a canonical status.
pub(crate) fn default_of(canonical: &str) -> Option<LaksaStatus> {
    DEFAULTS
        .iter()
        .find(|(known, _)| *known == canonical)
        .map(|(_, status)| *status)
}

/// The canonical status of a native word; the least that it says.
pub(crate) fn canonical_of(word: &str) -> &'static str {
    match LaksaStatus::parse(word.trim()) {
        Some(LaksaStatus::Waiting) => "diterima",
        Some(LaksaStatus::InProgress) => "diproses",
        Some(LaksaStatus::Done) => "selesai",
        None => "tidak_dikenal",
    }
}

/// Whether a word is a canonical status that can be mapped.
pub(crate) fn is_canonical(word: &str) -> bool {
    word == "tidak_dikenal" || default_of(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_table_holds() {
        for (canonical, word) in [
            ("terverifikasi", "menunggu"),
            ("diproses", "proses"),
            ("selesai", "selesai"),
        ] {
            assert_eq!(default_of(canonical).map(LaksaStatus::word), Some(word));
        }
        assert_eq!(default_of("tidak_dikenal"), None);
    }
}
