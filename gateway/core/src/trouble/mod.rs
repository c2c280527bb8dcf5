//! Whose fault a failure is, and which failures are one problem. Judges each fault by its kind, origin and code; what fails
//! within a planned maintenance is nobody's fault. The edge counts with it, the operator port groups with it.
//!
//! Pure, but for [`gather`], which reads the journal, and [`Live`], which remembers tries of this node.

mod gather;
mod live;
mod tell;

pub use gather::{Cached, Problem, Problems, gather};
pub use live::{Live, Run};

use crate::deliver::BREAKER_OPEN;
use crate::exchange::Stored;
use crate::flows::Flows;
use connector_sdk::{Fault, FaultKind, Origin};
use jiff::Timestamp;

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The calling system.
    Consumer,
    /// Simpul, its settings and credentials.
    Gateway,
    /// Names, routes, certificates between us and the system.
    Network,
    /// SPLP, the national service connector.
    NationalConnector,
    /// The system itself.
    System,
    /// Nobody: it was announced, or the system keeps hours.
    Maintenance,
}

impl Side {
    /// All sides.
    pub const ALL: [Self; 6] = [
        Self::Consumer,
        Self::Gateway,
        Self::Network,
        Self::NationalConnector,
        Self::System,
        Self::Maintenance,
    ];

    /// The word in answers, metrics and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Consumer => "konsumen",
            Self::Gateway => "gateway",
            Self::Network => "jaringan",
            Self::NationalConnector => "konektor_nasional",
            Self::System => "sistem",
            Self::Maintenance => "pemeliharaan",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.word() == word)
    }
}

/// What failed, as coarse as its cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Content that cannot be served.
    Input,
    /// The system refused the content.
    Refused,
    /// The system does not have it.
    Missing,
    /// The system's state conflicts.
    Conflict,
    /// Credentials ended or are refused.
    Credential,
    /// Settings, subscription or address are wrong.
    Settings,
    /// We are to slow down.
    Throttled,
    /// It cannot be reached, or says that it is down.
    Down,
    /// Its name is not found.
    Name,
    /// No connection in time, or TLS fails.
    Route,
    /// Outside its hours.
    Hours,
    /// No answer in time.
    Slow,
    /// Its answers lost their recorded shape.
    Drift,
    /// A defect or trouble of ours.
    Defect,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 14] = [
        Self::Input,
        Self::Refused,
        Self::Missing,
        Self::Conflict,
        Self::Credential,
        Self::Settings,
        Self::Throttled,
        Self::Down,
        Self::Name,
        Self::Route,
        Self::Hours,
        Self::Slow,
        Self::Drift,
        Self::Defect,
    ];

    /// The word in answers, metrics and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Input => "isi_tidak_sesuai",
            Self::Refused => "ditolak_sistem",
            Self::Missing => "tanpa_data",
            Self::Conflict => "bentrok",
            Self::Credential => "kredensial",
            Self::Settings => "pengaturan",
            Self::Throttled => "dibatasi",
            Self::Down => "tidak_terhubung",
            Self::Name => "nama_tidak_ditemukan",
            Self::Route => "jalur_putus",
            Self::Hours => "di_luar_jam",
            Self::Slow => "lambat",
            Self::Drift => "menyimpang",
            Self::Defect => "cacat_gateway",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }

    /// Whether a planned maintenance explains it.
    fn is_outage(self) -> bool {
        match self {
            Self::Throttled | Self::Down | Self::Name | Self::Route | Self::Hours | Self::Slow => true,
            Self::Input
            | Self::Refused
            | Self::Missing
            | Self::Conflict
            | Self::Credential
            | Self::Settings
            | Self::Drift
            | Self::Defect => false,
        }
    }
}

/// A maintenance that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// System.
    pub system: String,
    /// From.
    pub from: Timestamp,
    /// Until.
    pub until: Timestamp,
    /// What was announced, for people.
    pub note: String,
}

/// The maintenance of a system that holds at a time.
pub fn planned<'f>(flows: &'f Flows, system: &str, at: Timestamp) -> Option<&'f Maintenance> {
    flows
        .maintenance
        .iter()
        .find(|one| one.system == system && one.from <= at && at < one.until)
}

/// Whether a call was held back by an open breaker: no failure of its own, but the echo of those before.
pub fn is_echo(fault: &Fault) -> bool {
    fault.native_code.as_deref() == Some(BREAKER_OPEN)
}

/// Cause and side of a fault that happened to a call of a system at a time.
pub fn judge(flows: &Flows, system: &str, fault: &Fault, at: Timestamp) -> (Cause, Side) {
    let (cause, side) = plainly(fault);
    if cause.is_outage() && planned(flows, system, at).is_some() {
        return (cause, Side::Maintenance);
    }
    (cause, side)
}

/// The same of an exchange whose last try failed.
pub fn of_stored(flows: &Flows, stored: &Stored) -> Option<(Cause, Side)> {
    let fault = stored.fault.as_ref()?;
    Some(judge(flows, &stored.system, fault, stored.changed))
}

fn plainly(fault: &Fault) -> (Cause, Side) {
    if fault.origin == Origin::Consumer {
        return (Cause::Input, Side::Consumer);
    }
    if fault.origin == Origin::Gateway {
        return (Cause::Defect, Side::Gateway);
    }
    let code = fault.native_code.as_deref().unwrap_or_default();
    // SPLP answers in the system's place; only what it says about the system behind it is the system's.
    let answered_by_splp = code.starts_with("splp-");
    let behind = matches!(
        code,
        "splp-101503" | "splp-101504" | "splp-101505" | "splp-101508" | "splp-303001"
    );
    let theirs = if answered_by_splp && !behind {
        Side::NationalConnector
    } else {
        Side::System
    };
    match fault.kind {
        FaultKind::Invalid => (Cause::Input, Side::Consumer),
        FaultKind::Rejected => (Cause::Refused, theirs),
        FaultKind::NotFound => (Cause::Missing, theirs),
        FaultKind::Conflict => (Cause::Conflict, theirs),
        // Keys and settings are kept on our side, also those for SPLP.
        FaultKind::CredentialExpired => (Cause::Credential, Side::Gateway),
        FaultKind::Misconfigured if answered_by_splp => (Cause::Settings, Side::NationalConnector),
        FaultKind::Misconfigured => (Cause::Settings, Side::Gateway),
        FaultKind::Throttled => (Cause::Throttled, theirs),
        FaultKind::Unavailable => match code {
            "dns" => (Cause::Name, Side::Network),
            "tls" => (Cause::Route, Side::Network),
            _ => (Cause::Down, theirs),
        },
        FaultKind::OutOfHours => (Cause::Hours, Side::Maintenance),
        FaultKind::Timeout if code == "connect-timeout" => (Cause::Route, Side::Network),
        FaultKind::Timeout => (Cause::Slow, theirs),
        FaultKind::Drift => (Cause::Drift, theirs),
        FaultKind::Internal => (Cause::Defect, Side::Gateway),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::Text;

    fn fault(kind: FaultKind, code: &str) -> Fault {
        let fault = Fault::new(kind, Text::new("Uji.", "Trial."));
        if code.is_empty() {
            fault
        } else {
            fault.native_code(code)
        }
    }

    fn at() -> Timestamp {
        "2026-02-03T12:00:00+07:00".parse().unwrap()
    }

    #[test]
    fn each_fault_has_a_side() {
        let flows = Flows::default();
        for (kind, code, cause, side) in [
            (FaultKind::Invalid, "", Cause::Input, Side::Consumer),
            (FaultKind::Rejected, "E-9", Cause::Refused, Side::System),
            (FaultKind::Unavailable, "", Cause::Down, Side::System),
            (FaultKind::Unavailable, BREAKER_OPEN, Cause::Down, Side::System),
            (FaultKind::Unavailable, "dns", Cause::Name, Side::Network),
            (FaultKind::Unavailable, "tls", Cause::Route, Side::Network),
            (FaultKind::Timeout, "connect-timeout", Cause::Route, Side::Network),
            (FaultKind::Timeout, "", Cause::Slow, Side::System),
            (
                FaultKind::Unavailable,
                "splp-900907",
                Cause::Down,
                Side::NationalConnector,
            ),
            (
                FaultKind::Throttled,
                "splp-900802",
                Cause::Throttled,
                Side::NationalConnector,
            ),
            (
                FaultKind::Misconfigured,
                "splp-900908",
                Cause::Settings,
                Side::NationalConnector,
            ),
            (FaultKind::Unavailable, "splp-101503", Cause::Down, Side::System),
            (FaultKind::CredentialExpired, "", Cause::Credential, Side::Gateway),
            (FaultKind::OutOfHours, "hours", Cause::Hours, Side::Maintenance),
            (FaultKind::Drift, "", Cause::Drift, Side::System),
            (FaultKind::Internal, "", Cause::Defect, Side::Gateway),
        ] {
            assert_eq!(
                judge(&flows, "lapor", &fault(kind, code), at()),
                (cause, side),
                "{kind:?} {code}"
            );
        }
    }

    #[test]
    fn what_was_announced_is_nobodys_fault_and_only_then() {
        let flows = Flows {
            maintenance: vec![Maintenance {
                system: "lapor".into(),
                from: at(),
                until: "2026-02-03T13:00:00+07:00".parse().unwrap(),
                note: "Pemeliharaan".into(),
            }],
            ..Flows::default()
        };
        let down = fault(FaultKind::Unavailable, "");
        assert_eq!(judge(&flows, "lapor", &down, at()).1, Side::Maintenance);
        assert_eq!(judge(&flows, "sipd", &down, at()).1, Side::System);
        let over = "2026-02-03T13:00:00+07:00".parse().unwrap();
        assert_eq!(judge(&flows, "lapor", &down, over).1, Side::System);
        assert_eq!(
            judge(&flows, "lapor", &fault(FaultKind::Invalid, ""), at()).1,
            Side::Consumer,
            "a bad body stays one"
        );
    }

    #[test]
    fn words_are_distinct_and_lead_back() {
        for cause in Cause::ALL {
            assert_eq!(Cause::from_word(cause.word()), Some(cause));
        }
        for side in Side::ALL {
            assert_eq!(Side::from_word(side.word()), Some(side));
        }
    }
}
