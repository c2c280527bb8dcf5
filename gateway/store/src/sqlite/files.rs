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
            let sql = "INSERT INTO files (id, owner, name, media_type, size, sha256, seal, body, pieces, needs, at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            let values = params![
                file.id.0.as_bytes().as_slice(),
                file.owner,
                &file.name[..],
                file.media_type,
                i64::try_from(file.size).unwrap_or(i64::MAX),
                file.sha256,
                &file.seal[..],
                &file.body[..],
                i64::from(file.pieces),
                file.needs,
                nanos(file.at),
            ];
            tx.connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        }))
    }

    fn put_piece(
        &self,
        id: ExchangeId,
        number: u32,
        body: Bytes,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "INSERT INTO file_pieces (id, number, body, at) VALUES (?1, ?2, ?3, ?4)";
            let values = params![id.0.as_bytes().as_slice(), i64::from(number), &body[..], nanos(at)];
            tx.connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        }))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        Box::pin(self.readers.read(move |connection| one(connection, id)))
    }

    fn piece(&self, id: ExchangeId, number: u32) -> BoxFuture<'_, Result<Option<Bytes>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let sql = "SELECT body FROM file_pieces WHERE id = ?1 AND number = ?2";
            let mut find = connection.prepare_cached(sql)?;
            let body = |row: &Row<'_>| row.get::<_, Vec<u8>>(0).map(Bytes::from);
            let key = (id.0.as_bytes().as_slice(), i64::from(number));
            Ok(find.query_row(key, body).optional()?)
        }))
    }

    fn guard(&self, id: ExchangeId, right: String) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "UPDATE files SET needs = ?2 WHERE id = ?1";
            let values = (id.0.as_bytes().as_slice(), &right);
            tx.connection.prepare_cached(sql)?.execute(values)?;
            Ok(())
        }))
    }

    fn discard(&self, id: ExchangeId) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "DELETE FROM file_pieces WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = ?1)";
            let gone = tx
                .connection
                .prepare_cached(sql)?
                .execute([id.0.as_bytes().as_slice()])?;
            tx.heads.erased |= gone > 0;
            Ok(())
        }))
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| {
            const OLD: &str = "(SELECT id FROM files WHERE at < ?1 ORDER BY at, id LIMIT ?2)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let pieces = format!("DELETE FROM file_pieces WHERE id IN {OLD}");
            tx.connection.prepare_cached(&pieces)?.execute((nanos(before), limit))?;
            let files = format!("DELETE FROM files WHERE id IN {OLD}");
            let erased = tx.connection.prepare_cached(&files)?.execute((nanos(before), limit))?;
            tx.heads.erased |= erased > 0;
            Ok(erased as u64)
        }))
    }

    fn sweep(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "DELETE FROM file_pieces WHERE rowid IN (SELECT p.rowid FROM file_pieces p
                       WHERE p.at < ?1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = p.id) LIMIT ?2)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let gone = tx.connection.prepare_cached(sql)?.execute((nanos(before), limit))?;
            tx.heads.erased |= gone > 0;
            Ok(gone as u64)
        }))
    }
}

fn one(connection: &Connection, id: ExchangeId) -> Result<Option<StoredFile>, Trouble> {
    let sql = "SELECT owner, name, media_type, size, sha256, seal, body, pieces, needs, at FROM files WHERE id = ?1";
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
            pieces: u32::try_from(row.get::<_, i64>(7)?).unwrap_or(u32::MAX),
            needs: row.get(8)?,
            at: time(row.get(9)?),
        })
    };
    let mut find = connection.prepare_cached(sql)?;
    Ok(find.query_row([id.0.as_bytes().as_slice()], file).optional()?)
}
