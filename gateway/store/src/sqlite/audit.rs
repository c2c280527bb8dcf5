//! Reads the evidence of a journal file without taking it: beside a running gateway, or from a backup. Changes nothing,
//! not even the version of its tables. Called by whoever verifies or exports.

use super::trouble::{Trouble, told};
use super::{Options, connect, read};
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::evidence::binder::KEYS;
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

    /// Batches after a number, in order.
    pub fn batches(&self, after: i64, limit: usize) -> Result<Vec<Batch>, JournalError> {
        read::batches(&self.connection, after, limit, false).map_err(|trouble| match trouble {
            Trouble::Refused(error) => error,
            Trouble::Storage(error) => told(&error),
        })
    }

    /// The public keys that the journal knows, oldest first, as their documents say.
    pub fn keys(&self) -> Result<Vec<Bytes>, JournalError> {
        let keys = || {
            let sql = "SELECT body FROM documents WHERE kind = ?1 AND body IS NOT NULL ORDER BY revision";
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([KEYS], |row| row.get::<_, Vec<u8>>(0))?;
            rows.map(|row| row.map(Bytes::from))
                .collect::<rusqlite::Result<Vec<Bytes>>>()
        };
        keys().map_err(|error| told(&error))
    }
}
