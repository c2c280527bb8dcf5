//! The file as the source of a copy: nobody else has it open, and afterwards nobody opens it again.

use super::trouble::{Trouble, told};
use super::{Options, connect, schema};
use gateway_core::journal::JournalError;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use std::fs::File;
use std::path::Path;

/// See the module.
pub(crate) struct Source {
    connection: Connection,
    _lock: File,
}

/// Numbers that outlive their rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counters {
    pub(crate) exchange: i64,
    pub(crate) event: i64,
    pub(crate) revision: i64,
    pub(crate) timer_fence: i64,
    pub(crate) link: i64,
}

/// Whether the journal was moved to a database; then opening it would deliver things twice.
pub(super) fn is_moved(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM counters WHERE name = 'moved'")?
        .exists([])
}

impl Source {
    /// Opens a journal that nobody has open, upgrading it where needed. One that was moved already may be read again.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        if !path.exists() {
            return Err(JournalError::Broken(format!(
                "there is no journal at {}",
                path.display()
            )));
        }
        let lock = connect::lock(path).map_err(JournalError::Broken)?;
        let mut connection = connect::writer(path, &Options::default()).map_err(|e| told(&e))?;
        schema::migrate(&mut connection).map_err(JournalError::Broken)?;
        Ok(Self {
            connection,
            _lock: lock,
        })
    }

    /// Tells this journal from another.
    pub(crate) fn identity(&self) -> Result<String, JournalError> {
        let sql = "SELECT hex(id) FROM exchanges ORDER BY seq LIMIT 1";
        let first = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .optional()
            .map_err(|e| told(&e))?;
        Ok(first.unwrap_or_else(|| "empty".into()))
    }

    /// Rows of tables and conditions as written after `FROM`.
    pub(crate) fn count(&self, from: &str) -> Result<u64, JournalError> {
        let sql = format!("SELECT count(*) FROM {from}");
        let count: i64 = self
            .connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(|e| told(&e))?;
        Ok(count.unsigned_abs())
    }

    /// Hands each row to `each` until that answers `false`.
    pub(crate) fn rows(
        &self,
        sql: &str,
        mut values: Vec<Value>,
        limit: i64,
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool, Refused>,
    ) -> Result<(), JournalError> {
        values.push(Value::Integer(limit));
        let mut read = || -> Result<(), Refused> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params_from_iter(values.drain(..)))?;
            while let Some(row) = rows.next()? {
                if !each(row)? {
                    break;
                }
            }
            Ok(())
        };
        read().map_err(|Refused(trouble)| match trouble {
            Trouble::Refused(error) => error,
            Trouble::Storage(error) => told(&error),
        })
    }

    pub(crate) fn counters(&self) -> Result<Counters, JournalError> {
        let number = |sql: &str| {
            let found: rusqlite::Result<Option<i64>> = self.connection.query_row(sql, [], |row| row.get(0)).optional();
            found.map(Option::unwrap_or_default).map_err(|e| told(&e))
        };
        Ok(Counters {
            exchange: number("SELECT coalesce(max(seq), 0) FROM exchanges")?,
            event: number("SELECT coalesce(max(seq), 0) FROM events")?,
            revision: number("SELECT value FROM counters WHERE name = 'revision'")?,
            timer_fence: number("SELECT value FROM counters WHERE name = 'timer_fence'")?,
            link: number("SELECT coalesce(max(seq), 0) FROM evidence")?,
        })
    }

    /// From now on no gateway opens it.
    pub(crate) fn mark_moved(&self) -> Result<(), JournalError> {
        let sql = "INSERT OR REPLACE INTO counters (name, value) VALUES ('moved', 1)";
        self.connection.execute(sql, []).map(drop).map_err(|e| told(&e))
    }
}

/// Why a row could not be taken over.
pub(crate) struct Refused(Trouble);

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self(Trouble::Storage(error))
    }
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self(Trouble::Refused(JournalError::Broken(text)))
    }
}
