//! The database as the target of a copy. It keeps in itself how far the copy is.

use super::trouble::Trouble;
use super::{Options, connect, read, schema};
use crate::migrate::{Column, Counters};
use deadpool_postgres::{Client, Pool};
use gateway_core::journal::{EvidenceLink, JournalError, MAIN_CHAIN};
use tokio_postgres::types::ToSql;

/// See the module.
pub(crate) struct Target {
    pool: Pool,
}

type Told<T> = Result<T, JournalError>;

/// Refuses a journal into which a copy is still under way: half of it would be missing.
pub(super) async fn is_whole(client: &Client) -> Result<(), Trouble> {
    if client
        .query_opt("SELECT 1 FROM journal_copy WHERE NOT finished", &[])
        .await?
        .is_some()
    {
        return Err(Trouble::words(
            "a copy into this journal is not finished; run `simpul journal migrate` again",
        ));
    }
    Ok(())
}

impl Target {
    pub(crate) async fn open(options: Options) -> Told<Self> {
        let opened = async {
            let pool = connect::pool(&options)?;
            schema::migrate(&mut pool.get().await?, &options.schema).await?;
            Ok(pool)
        };
        opened
            .await
            .map(|pool| Self { pool })
            .map_err(|trouble: Trouble| trouble.told())
    }

    /// Begins a copy from this source into an empty journal, or goes on with it.
    pub(crate) async fn begin(&self, source: &str) -> Told<()> {
        self.run(async |client| {
            match client
                .query_opt("SELECT source, finished FROM journal_copy", &[])
                .await?
            {
                Some(row) if row.get::<_, &str>(0) != source => Err(Trouble::words(
                    "another journal is being copied into this schema; give an empty one",
                )),
                Some(row) if row.get::<_, bool>(1) => Err(Trouble::words(
                    "this journal was copied into this schema already; nothing is left to do",
                )),
                Some(_) => Ok(()),
                None => {
                    let used = "SELECT 1 FROM exchanges UNION ALL SELECT 1 FROM documents
                                UNION ALL SELECT 1 FROM timers UNION ALL SELECT 1 FROM chains LIMIT 1";
                    if client.query_opt(used, &[]).await?.is_some() {
                        return Err(Trouble::words("the schema holds a journal already; give an empty one"));
                    }
                    client
                        .execute("INSERT INTO journal_copy VALUES ($1, false)", &[&source])
                        .await?;
                    Ok(())
                }
            }
        })
        .await
    }

    /// Where a table's copy stopped.
    pub(crate) async fn position(&self, table: &str) -> Told<Option<String>> {
        self.run(async |client| {
            let sql = "SELECT position FROM journal_copy_parts WHERE part = $1";
            Ok(client.query_opt(sql, &[&table]).await?.map(|row| row.get(0)))
        })
        .await
    }

    /// Rows and the position after them, together.
    pub(crate) async fn insert(&self, table: &str, sql: &str, columns: &[Column], position: &str) -> Told<()> {
        let mut client = self.pool.get().await.map_err(|e| Trouble::from(e).told())?;
        let insert = async {
            let tx = client.transaction().await?;
            let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(Column::sql).collect();
            tx.execute(sql, &values).await?;
            let sql = "INSERT INTO journal_copy_parts VALUES ($1, $2)
                       ON CONFLICT (part) DO UPDATE SET position = $2";
            tx.execute(sql, &[&table, &position]).await?;
            tx.commit().await
        };
        insert.await.map_err(|e| Trouble::from(e).told())
    }

    pub(crate) async fn count(&self, table: &str) -> Told<u64> {
        self.run(async |client| {
            let row = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?;
            Ok(row.get::<_, i64>(0).unsigned_abs())
        })
        .await
    }

    pub(crate) async fn evidence(&self, chain: &str, after: i64, limit: usize) -> Told<Vec<EvidenceLink>> {
        self.run(async |client| read::links(client, chain, after, limit).await)
            .await
    }

    /// Sets what outlives its rows, and opens the journal to nodes.
    pub(crate) async fn finish(&self, counters: &Counters) -> Told<()> {
        let mut client = self.pool.get().await.map_err(|e| Trouble::from(e).told())?;
        let finish = async {
            let tx = client.transaction().await?;
            for (name, value) in [("event", counters.event), ("revision", counters.revision)] {
                tx.execute("UPDATE counters SET value = $2 WHERE name = $1", &[&name, &value])
                    .await?;
            }
            for (name, value) in [
                ("exchange_seq", counters.exchange),
                ("timer_fence", counters.timer_fence),
            ] {
                tx.execute(
                    "SELECT setval($1::text::regclass, $2::bigint + 1, false)",
                    &[&name, &value],
                )
                .await?;
            }
            if counters.link > 0 {
                let end = "INSERT INTO chains SELECT chain, seq, hash FROM evidence WHERE chain = $1 AND seq = $2";
                tx.execute(end, &[&MAIN_CHAIN, &counters.link]).await?;
            }
            tx.execute("UPDATE journal_copy SET finished = true", &[]).await?;
            tx.commit().await?;
            client
                .batch_execute("ANALYZE exchanges, bodies, events, evidence")
                .await
        };
        finish.await.map_err(|e| Trouble::from(e).told())
    }

    async fn run<T>(&self, work: impl AsyncFnOnce(&Client) -> Result<T, Trouble>) -> Told<T> {
        let client = self.pool.get().await.map_err(|e| Trouble::from(e).told())?;
        work(&client).await.map_err(|trouble| trouble.told())
    }
}
