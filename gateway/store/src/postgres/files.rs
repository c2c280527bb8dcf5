//! Files of consumers, beside the journal in the same database.

use super::PgJournal;
use crate::codes::{nanos, time};
use bytes::Bytes;
use gateway_core::files::{Files, StoredFile};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::JournalError;
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;

impl Files for PgJournal {
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "INSERT INTO files (id, owner, name, media_type, size, sha256, seal, body, pieces, needs, at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
            let put = client.prepare_cached(sql).await?;
            let (size, at) = (i64::try_from(file.size).unwrap_or(i64::MAX), nanos(file.at));
            let (name, seal, body) = (&file.name[..], &file.seal[..], &file.body[..]);
            client
                .execute(
                    &put,
                    &[
                        &file.id.0,
                        &file.owner,
                        &name,
                        &file.media_type,
                        &size,
                        &file.sha256,
                        &seal,
                        &body,
                        &i64::from(file.pieces),
                        &file.needs,
                        &at,
                    ],
                )
                .await?;
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
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "INSERT INTO file_pieces (id, number, body, at) VALUES ($1, $2, $3, $4)";
            let put = client.prepare_cached(sql).await?;
            let (number, body) = (i64::from(number), &body[..]);
            client.execute(&put, &[&id.0, &number, &body, &nanos(at)]).await?;
            Ok(())
        }))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql =
                "SELECT owner, name, media_type, size, sha256, seal, body, pieces, needs, at FROM files WHERE id = $1";
            let find = client.prepare_cached(sql).await?;
            let found = client.query_opt(&find, &[&id.0]).await?;
            let bytes = |row: &tokio_postgres::Row, at: usize| Bytes::from(row.get::<_, Vec<u8>>(at));
            Ok(found.map(|row| StoredFile {
                id,
                owner: row.get(0),
                name: bytes(&row, 1),
                media_type: row.get(2),
                size: row.get::<_, i64>(3).unsigned_abs(),
                sha256: row.get(4),
                seal: bytes(&row, 5),
                body: bytes(&row, 6),
                pieces: u32::try_from(row.get::<_, i64>(7)).unwrap_or(u32::MAX),
                needs: row.get(8),
                at: time(row.get(9)),
            }))
        }))
    }

    fn piece(&self, id: ExchangeId, number: u32) -> BoxFuture<'_, Result<Option<Bytes>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "SELECT body FROM file_pieces WHERE id = $1 AND number = $2";
            let find = client.prepare_cached(sql).await?;
            let found = client.query_opt(&find, &[&id.0, &i64::from(number)]).await?;
            Ok(found.map(|row| Bytes::from(row.get::<_, Vec<u8>>(0))))
        }))
    }

    fn guard(&self, id: ExchangeId, right: String) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "UPDATE files SET needs = $2 WHERE id = $1";
            client.execute(sql, &[&id.0, &right]).await?;
            Ok(())
        }))
    }

    fn discard(&self, id: ExchangeId) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "DELETE FROM file_pieces WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = $1)";
            client.execute(sql, &[&id.0]).await?;
            Ok(())
        }))
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            // One statement: the pieces go with their files or not at all.
            let sql = "WITH gone AS (
                           DELETE FROM files WHERE id IN (SELECT id FROM files WHERE at < $1 ORDER BY at LIMIT $2)
                           RETURNING id
                       ), pieces AS (DELETE FROM file_pieces p USING gone g WHERE p.id = g.id)
                       SELECT count(*) FROM gone";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let row = client.query_one(sql, &[&nanos(before), &limit]).await?;
            Ok(row.get::<_, i64>(0).unsigned_abs())
        }))
    }

    fn sweep(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "DELETE FROM file_pieces WHERE (id, number) IN (SELECT p.id, p.number FROM file_pieces p
                       WHERE p.at < $1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.id = p.id) LIMIT $2)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            Ok(client.execute(sql, &[&nanos(before), &limit]).await?)
        }))
    }
}
