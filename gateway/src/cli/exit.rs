//! How a command ended, as scripts read it.

use std::process::ExitCode;

/// Exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Done.
    Fine = 0,
    /// It did not work.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// There is no such thing.
    Missing = 3,
    /// Not allowed: token missing or wrong, or another person is needed.
    NotAllowed = 4,
    /// The state does not allow it.
    Conflict = 5,
    /// The gateway cannot be reached.
    Unreachable = 6,
}

impl Exit {
    /// Of a refusal by the operator port.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            400 | 413 | 415 | 422 => Self::Usage,
            401 | 403 => Self::NotAllowed,
            404 => Self::Missing,
            409 => Self::Conflict,
            _ => Self::Failed,
        }
    }
}

impl From<bool> for Exit {
    fn from(fine: bool) -> Self {
        if fine { Self::Fine } else { Self::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
