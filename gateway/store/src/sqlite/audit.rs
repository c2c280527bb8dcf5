//! Reads the evidence of a journal file without taking it: beside a running gateway, or from a backup. Changes nothing,
//! not even the version of its tables. Called by whoever verifies or exports.

use super::trouble::{Trouble, told};
use super::{Options, connect, read};
use gateway_core::journal::{EvidenceLink, JournalError};
use rusqlite::Connection;
use std::path::Path;

/// The evidence in a journal file.
pub struct EvidenceFile {
    connection: Connection,
}

impl EvidenceFile {
    /// Opens the file for reading.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let connection = connect::reader(path.as_ref(), &Options::default()).map_err(|error| told(&error))?;
        Ok(Self { connection })
    }

    /// Links after a position, in order.
    pub fn after(&self, position: i64, limit: usize) -> Result<Vec<EvidenceLink>, JournalError> {
        read::evidence(&self.connection, position, limit).map_err(|trouble| match trouble {
            Trouble::Refused(error) => error,
            Trouble::Storage(error) => told(&error),
        })
    }

    /// Position of the newest link, 0 when there is none.
    pub fn newest(&self) -> Result<i64, JournalError> {
        self.connection
            .query_row("SELECT coalesce(max(seq), 0) FROM evidence", [], |row| row.get(0))
            .map_err(|error| told(&error))
    }
}
