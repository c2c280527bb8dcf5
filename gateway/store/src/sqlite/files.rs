//! Files of consumers, beside the journal in the same file.

use super::SqliteJournal;
use super::trouble::Trouble;
use crate::codes::{nanos, time};
use bytes::Bytes;
use gateway_core::files::{Files, StoredFile};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::JournalError;
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

impl Files for SqliteJournal {
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "INSERT INTO files (id, owner, name, media_type, size, sha256, seal, body, at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let values = params![
                file.id.0.as_bytes().as_slice(),
                file.owner,
                &file.name[..],
                file.media_type,
                i64::try_from(file.size).unwrap_or(i64::MAX),
                file.sha256,
                &file.seal[..],
                &file.body[..],
                nanos(file.at),
            ];
            tx.connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        }))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        Box::pin(self.readers.read(move |connection| one(connection, id)))
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE at < ?1 ORDER BY at LIMIT ?2)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let erased = tx.connection.prepare_cached(sql)?.execute((nanos(before), limit))?;
            tx.heads.erased |= erased > 0;
            Ok(erased as u64)
        }))
    }
}

fn one(connection: &Connection, id: ExchangeId) -> Result<Option<StoredFile>, Trouble> {
    let sql = "SELECT owner, name, media_type, size, sha256, seal, body, at FROM files WHERE id = ?1";
    let bytes = |row: &Row<'_>, at: usize| row.get::<_, Vec<u8>>(at).map(Bytes::from);
    let file = |row: &Row<'_>| {
        Ok(StoredFile {
            id,
            owner: row.get(0)?,
            name: bytes(row, 1)?,
            media_type: row.get(2)?,
            size: row.get::<_, i64>(3)?.unsigned_abs(),
            sha256: row.get(4)?,
            seal: bytes(row, 5)?,
            body: bytes(row, 6)?,
            at: time(row.get(7)?),
        })
    };
    let mut find = connection.prepare_cached(sql)?;
    Ok(find.query_row([id.0.as_bytes().as_slice()], file).optional()?)
}
