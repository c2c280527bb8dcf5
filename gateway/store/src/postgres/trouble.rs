//! What can go wrong with the database, in words for the caller. PostgreSQL's details and hints are left out: they may
//! quote values.

use deadpool_postgres::PoolError;
use gateway_core::journal::JournalError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why a piece of work did not come out.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The caller is told; nothing was written.
    Refused(JournalError),
    /// The database said no, or went away.
    Database(Error),
    /// No connection to be had.
    Pool(String),
}

impl Trouble {
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self::Refused(JournalError::Broken(text.into()))
    }

    /// Two transactions stood in each other's way; the same again may well work.
    pub(super) fn is_collision(&self) -> bool {
        let Self::Database(error) = self else { return false };
        matches!(
            error.code(),
            Some(&SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE)
        )
    }

    /// It was the content of one piece, not the database: others may still come out.
    pub(super) fn is_of_content(&self) -> bool {
        let Self::Database(error) = self else {
            return matches!(self, Self::Refused(_));
        };
        error
            .code()
            .is_some_and(|code| code.code().starts_with("22") || code.code().starts_with("23"))
            || (error.code().is_none() && !error.is_closed() && error.to_string().starts_with("error serializing"))
    }

    /// For the caller.
    pub(super) fn told(&self) -> JournalError {
        match self {
            Self::Refused(error) => match error {
                JournalError::Stale(id) => JournalError::Stale(*id),
                JournalError::Missing(id) => JournalError::Missing(*id),
                JournalError::State(id, state) => JournalError::State(*id, *state),
                JournalError::Moved(timer) => JournalError::Moved(timer.clone()),
                JournalError::Full(text) => JournalError::Full(text.clone()),
                JournalError::Broken(text) => JournalError::Broken(text.clone()),
            },
            Self::Pool(text) => JournalError::Broken(format!("no connection to the database: {text}")),
            Self::Database(error) => match error.as_db_error() {
                Some(db) => {
                    let text = format!("database: {} ({})", db.message(), db.code().code());
                    let full = db.code().code().starts_with("53") || *db.code() == SqlState::READ_ONLY_SQL_TRANSACTION;
                    if full {
                        JournalError::Full(text)
                    } else {
                        JournalError::Broken(text)
                    }
                }
                None => JournalError::Broken(format!("database: {error}{}", cause(error))),
            },
        }
    }
}

/// Why no answer came: refused, unknown host, no password given. Causes about values are left out.
fn cause(error: &Error) -> String {
    let of_values = error.to_string().contains("serializing");
    match std::error::Error::source(error).filter(|_| !of_values) {
        Some(cause) => format!(": {cause}"),
        None => String::new(),
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Self::Refused(error)
    }
}

impl From<PoolError> for Trouble {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Database(error),
            other => Self::Pool(other.to_string()),
        }
    }
}

/// A column that cannot be read or written as what it should be.
impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self::words(text)
    }
}
