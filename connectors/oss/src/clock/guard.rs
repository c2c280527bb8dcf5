//! Refuses states that cannot follow what is there and flags those that seldom do: a state sent twice or out of order
//! shifts the legal clock. Pure.

use super::Entry;
use crate::status::Status;
use connector_sdk::Text;

/// The verdict about a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing to remark.
    Usual,
    /// Sent, but worth a look.
    Suspicious(Reason),
    /// Not sent.
    Impossible(Reason),
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The application is decided.
    Decided,
    /// The same state again.
    Repeated,
    /// An answer to a clarification that was not asked.
    NotAsked,
    /// A clarification is open and was not answered.
    Unanswered,
    /// A measure after issue, before there is a licence.
    NotIssued,
    /// It begins before the state in front of it.
    Backwards,
    /// Approved or refused without any examination before.
    Unexamined,
    /// Only OSS sets this state.
    OfOss,
    /// A code that is in no list.
    Unknown,
}

impl Reason {
    /// For the caller.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Decided => Text::new(
                "Permohonan sudah diputus; keadaan ini tidak dapat menyusul.",
                "The application is decided; this state cannot follow.",
            ),
            Self::Repeated => Text::new(
                "Keadaan ini baru saja dilaporkan; mengulanginya menggeser waktu layanan.",
                "This state has just been reported; repeating it shifts the service clock.",
            ),
            Self::NotAsked => Text::new(
                "Klarifikasi diterima tanpa pernah diminta.",
                "A clarification is received that was never asked.",
            ),
            Self::Unanswered => Text::new(
                "Klarifikasi masih terbuka: laporkan dulu jawabannya.",
                "A clarification is still open: report its answer first.",
            ),
            Self::NotIssued => Text::new(
                "Tindakan ini hanya untuk izin yang sudah terbit.",
                "This measure is for issued licences only.",
            ),
            Self::Backwards => Text::new(
                "Waktunya mendahului keadaan sebelumnya.",
                "Its time is before the state in front of it.",
            ),
            Self::Unexamined => Text::new(
                "Diputus tanpa pemeriksaan yang dilaporkan.",
                "Decided without any examination reported.",
            ),
            Self::OfOss => Text::new("Keadaan ini hanya ditetapkan OSS.", "Only OSS sets this state."),
            Self::Unknown => Text::new("Kode keadaan tidak dikenal.", "The code of the state is unknown."),
        }
    }
}

/// Judges a state by the one before it alone.
#[must_use]
pub fn step(before: Option<Status>, next: Status) -> Step {
    if next.is_for_oss_only() {
        return Step::Impossible(Reason::OfOss);
    }
    let measure = matches!(next, Status::Warning | Status::Suspension | Status::Fine);
    let Some(before) = before else {
        return match next {
            Status::ClarificationReceived | Status::RenewedClarificationReceived => Step::Impossible(Reason::NotAsked),
            _ if measure => Step::Impossible(Reason::NotIssued),
            Status::Approved | Status::Rejected => Step::Suspicious(Reason::Unexamined),
            _ => Step::Usual,
        };
    };
    let issued = matches!(
        before,
        Status::Approved
            | Status::ApprovedBySilence
            | Status::IssuedVerified
            | Status::Warning
            | Status::Suspension
            | Status::Fine
    );
    if measure {
        return if issued {
            Step::Usual
        } else {
            Step::Impossible(Reason::NotIssued)
        };
    }
    if before == next {
        return Step::Impossible(Reason::Repeated);
    }
    if issued || matches!(before, Status::Rejected | Status::Revoked | Status::Cancelled) {
        return Step::Impossible(Reason::Decided);
    }
    match (before, next) {
        (Status::ClarificationAsked, Status::ClarificationReceived)
        | (Status::RenewedClarificationAsked, Status::RenewedClarificationReceived) => Step::Usual,
        (_, Status::ClarificationReceived | Status::RenewedClarificationReceived) => Step::Impossible(Reason::NotAsked),
        // An applicant who never answers is refused; anything else leaves the clock paused for good.
        (
            Status::ClarificationAsked | Status::RenewedClarificationAsked,
            Status::Rejected | Status::RejectedByOffice,
        ) => Step::Usual,
        (Status::ClarificationAsked | Status::RenewedClarificationAsked, _) => Step::Suspicious(Reason::Unanswered),
        _ => Step::Usual,
    }
}

/// Judges a state by all that went before it. States of unknown code in between are passed over.
#[must_use]
pub fn check(history: &[Entry], next: &Entry) -> Step {
    let Some(status) = next.status else {
        return Step::Suspicious(Reason::Unknown);
    };
    if history.last().is_some_and(|last| next.at < last.at) {
        return Step::Impossible(Reason::Backwards);
    }
    let known: Vec<Status> = history.iter().filter_map(|entry| entry.status).collect();
    let decided = known.iter().any(|status| {
        matches!(
            status,
            Status::Rejected | Status::Revoked | Status::Cancelled | Status::Approved | Status::ApprovedBySilence
        )
    });
    match step(known.last().copied(), status) {
        Step::Usual | Step::Suspicious(_)
            if decided && !matches!(status, Status::Warning | Status::Suspension | Status::Fine) =>
        {
            Step::Impossible(Reason::Decided)
        }
        other => other,
    }
}
