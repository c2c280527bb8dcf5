//! Two kinds of failure: a refusal that belongs to one caller, and trouble with the file that belongs to all.

use gateway_core::journal::JournalError;
use rusqlite::ErrorCode;

/// Why a piece of work did not come out.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The caller is told; nothing was written.
    Refused(JournalError),
    /// The transaction cannot go on.
    Storage(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Self::Refused(error)
    }
}

/// A column that cannot be read or written as what it should be. As trouble of the file: it may be found when part of
/// the work was written already.
impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self::Storage(rusqlite::Error::ToSqlConversionFailure(text.into()))
    }
}

/// For the caller: SQLite's words hold names of columns and tables, never values.
pub(super) fn told(error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => JournalError::Full("the disk, or the journal's own size limit, is full".into()),
        Some(ErrorCode::ReadOnly) => JournalError::Full("the journal's file cannot be written to".into()),
        Some(ErrorCode::DatabaseCorrupt) => JournalError::Broken(format!(
            "the journal's file is damaged ({error}); keep it for the repair and restore the newest backup"
        )),
        _ => JournalError::Broken(error.to_string()),
    }
}

/// Whether the connection can still be trusted. After a failed write or sync nobody knows what the disk holds, so the
/// connection is given up and the file read anew.
pub(super) fn breaks_connection(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::ApiMisuse
                | ErrorCode::InternalMalfunction
        )
    )
}
