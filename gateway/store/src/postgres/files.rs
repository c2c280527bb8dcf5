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
            let sql = "INSERT INTO files (id, owner, name, media_type, size, sha256, seal, body, at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
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
                        &at,
                    ],
                )
                .await?;
            Ok(())
        }))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "SELECT owner, name, media_type, size, sha256, seal, body, at FROM files WHERE id = $1";
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
                at: time(row.get(7)),
            }))
        }))
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "DELETE FROM files WHERE id IN (SELECT id FROM files WHERE at < $1 ORDER BY at LIMIT $2)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            Ok(client.execute(sql, &[&nanos(before), &limit]).await?)
        }))
    }
}
