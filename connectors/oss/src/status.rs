//! States of a licence application (list 10 of the guide): native code, canonical word, and what each means. New codes
//! come in through settings; a code that nobody knows stays unknown.

use std::collections::BTreeMap;

macro_rules! statuses {
    ($($name:ident $code:literal $word:literal $doc:literal),* $(,)?) => {
        /// A state of a licence application.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Status { $(#[doc = $doc] $name),* }

        impl Status {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Two digits, as OSS writes them; the leading zero counts.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The canonical word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

statuses![
    Screening "05" "penapisan_lingkungan" "Screening of the environmental document.",
    RequirementsCompleted "09" "persyaratan_dilengkapi" "Requirements completed by the applicant.",
    DocumentsComplete "10" "dokumen_lengkap" "Documents complete.",
    DocumentsIncomplete "11" "dokumen_tidak_lengkap" "Documents incomplete.",
    CommitmentFulfilment "12" "pemenuhan_komitmen" "Commitment fulfilment.",
    Validation "20" "validasi" "Validation.",
    PaymentVerification "30" "verifikasi_pembayaran" "Payment verification.",
    PaymentConfirmation "31" "konfirmasi_pembayaran" "Payment confirmation.",
    PaymentProofAwaited "32" "menunggu_periksa_bukti_bayar" "Waiting for the payment proof check.",
    PaymentApproved "33" "pembayaran_disetujui" "Payment approved.",
    PaymentCorrection "34" "perbaikan_pembayaran" "Payment correction.",
    Inspection "40" "pemeriksaan" "Inspection.",
    ClarificationAsked "41" "klarifikasi_diminta" "Clarification asked.",
    ClarificationReceived "42" "klarifikasi_diterima" "Clarification received.",
    RenewedClarificationAsked "43" "klarifikasi_ulang_diminta" "Renewed clarification asked.",
    RenewedClarificationReceived "44" "klarifikasi_ulang_diterima" "Renewed clarification received.",
    VerifiedByOffice "45" "terverifikasi_teknis" "Requirements verified by the technical office.",
    NumberTaken "49" "pengambilan_nomor" "Number taken.",
    Approved "50" "disetujui" "Approved.",
    ProvisionalIssue "52" "terbit_sementara" "Provisional issue.",
    ApprovedBySilence "57" "disetujui_otomatis" "Approved automatically by OSS.",
    IssuedVerified "58" "terbit_terverifikasi" "Issued, standard verified (not in OSS list 10).",
    Warning "60" "peringatan" "Warning.",
    Suspension "70" "pembekuan" "Suspension.",
    Fine "80" "denda" "Fine.",
    Rejected "90" "ditolak" "Rejected.",
    Revoked "91" "dicabut" "Revoked (removed in 4.3.19).",
    Cancelled "92" "dibatalkan" "Cancelled (removed in 4.3.19).",
    RejectedByOffice "93" "ditolak_teknis" "Requirements rejected by the technical office.",
];

/// The word for a code that is in no list.
pub(crate) const UNKNOWN: &str = "tidak_dikenal";

impl Status {
    /// The state of a canonical word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.word() == word)
    }

    /// The state of a native code. Some clients write `5` for `05`; nothing else is read into a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.trim();
        let padded = if code.len() == 1 {
            format!("0{code}")
        } else {
            code.to_owned()
        };
        Self::ALL.iter().copied().find(|status| status.code() == padded)
    }

    /// Whether only OSS itself sets this state, or it is not in the list any more: a city must not send it.
    #[must_use]
    pub fn is_for_oss_only(self) -> bool {
        matches!(
            self,
            Self::ApprovedBySilence | Self::IssuedVerified | Self::Revoked | Self::Cancelled
        )
    }
}

/// Native codes to states: the list above, with additions from settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatusMap(BTreeMap<String, Status>);

impl StatusMap {
    pub(crate) fn new(extra: BTreeMap<String, Status>) -> Self {
        Self(extra)
    }

    /// The state of a native code.
    pub(crate) fn status(&self, code: &str) -> Option<Status> {
        self.0.get(code.trim()).copied().or_else(|| Status::from_code(code))
    }

    /// Its word, or that it is unknown.
    pub(crate) fn word(&self, code: &str) -> &'static str {
        self.status(code).map_or(UNKNOWN, Status::word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_go_both_ways_and_unknown_ones_stay_unknown() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(*status));
            assert_eq!(Status::from_word(status.word()), Some(*status));
        }
        let map = StatusMap::new(BTreeMap::from([("61".to_owned(), Status::Warning)]));
        assert_eq!(map.word("5"), "penapisan_lingkungan");
        assert_eq!(map.word("61"), "peringatan");
        assert_eq!(map.word("99"), UNKNOWN);
        assert_eq!(map.word(""), UNKNOWN);
    }
}
