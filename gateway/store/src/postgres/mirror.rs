//! Copies of data sets, beside the journal in the same database.

use super::PgJournal;
use super::moves::publish;
use super::shared::{Shared, tidy};
use super::trouble::Trouble;
use crate::codes::{digest, from_json, json, nanos, time};
use crate::mirror_sql::{self, COLUMNS};
use bytes::Bytes;
use deadpool_postgres::Client;
use gateway_core::journal::JournalError;
use gateway_core::mirror::{Held, MirrorStore, Row, SLOTS, Search, SetRow, Step, Tally, Then, lost};
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;
use tokio_postgres::Row as SqlRow;
use tokio_postgres::types::ToSql;

/// Accounts of runs that are kept for each set.
const RUNS: i64 = 400;

impl MirrorStore for PgJournal {
    fn plant(&self, set: String, due: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "INSERT INTO mirror_sets (name, due, until, fence, state, revision)
                       VALUES ($1, $2, NULL, 0, '', 0) ON CONFLICT (name) DO NOTHING";
            client.execute(sql, &[&set, &nanos(due)]).await?;
            Ok(())
        }))
    }

    fn take(&self, set: String, now: Timestamp, until: Timestamp) -> BoxFuture<'_, Result<Option<Held>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "UPDATE mirror_sets SET fence = fence + 1, until = $3
                       WHERE name = $1 AND coalesce(until, due) <= $2 RETURNING fence, state";
            let take = client.prepare_cached(sql).await?;
            let found = client.query_opt(&take, &[&set, &nanos(now), &nanos(until)]).await?;
            Ok(found.map(|row| Held {
                set,
                fence: row.get(0),
                state: row.get::<_, Vec<u8>>(1).into(),
            }))
        }))
    }

    fn hurry(&self, set: String, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "UPDATE mirror_sets SET due = least(due, $2) WHERE name = $1";
            Ok(client.execute(sql, &[&set, &nanos(now)]).await? > 0)
        }))
    }

    fn step(&self, step: Step) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let result = write(&client, &step).await;
            if result.is_ok() && !step.events.is_empty() {
                shared.wake();
            }
            tidy(client, result).await?;
            if step.ended.is_some()
                && let Err(trouble) = measure(&shared).await
            {
                tracing::warn!(error = %trouble.told(), "copies not measured; questions may be slow until the database does it");
            }
            Ok(())
        }))
    }

    fn sets(&self) -> BoxFuture<'_, Result<Vec<SetRow>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "SELECT name, due, until, state, revision FROM mirror_sets ORDER BY name COLLATE \"C\"";
            let sets = client.prepare_cached(sql).await?;
            let rows = client.query(&sets, &[]).await?;
            let set = |row: &SqlRow| SetRow {
                set: row.get(0),
                due: time(row.get(1)),
                until: row.get::<_, Option<i64>>(2).map(time),
                state: row.get::<_, Vec<u8>>(3).into(),
                revision: row.get(4),
            };
            Ok(rows.iter().map(set).collect())
        }))
    }

    fn find(&self, set: String, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let sql = format!("SELECT {COLUMNS} FROM mirror_rows WHERE name = $1 AND key = ANY($2)");
        Box::pin(self.asked(sql, move || vec![Box::new(set), Box::new(keys)]))
    }

    fn unseen(
        &self,
        set: String,
        scope: String,
        run: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM mirror_rows WHERE name = $1 AND scope = $2 AND run < $3 AND missed_run < $3
             AND gone IS NULL ORDER BY key LIMIT $4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Box::pin(self.asked(sql, move || {
            vec![Box::new(set), Box::new(scope), Box::new(run), Box::new(limit)]
        }))
    }

    fn tally(&self, set: String, scope: Option<String>, run: i64) -> BoxFuture<'_, Result<Tally, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "SELECT count(*), count(*) FILTER (WHERE run < $2) FROM mirror_rows
                       WHERE name = $1 AND ($3::text IS NULL OR scope = $3) AND gone IS NULL";
            let row = client.query_one(sql, &[&set, &run, &scope]).await?;
            Ok(Tally {
                live: row.get::<_, i64>(0).unsigned_abs(),
                unseen: row.get::<_, i64>(1).unsigned_abs(),
            })
        }))
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let (sql, values) = mirror_sql::search(&search, |n| format!("${n}"));
        Box::pin(self.asked(sql, move || {
            values.into_iter().map(|value| Box::new(value) as Parameter).collect()
        }))
    }

    fn walk(&self, set: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        let sql = format!("SELECT {COLUMNS} FROM mirror_rows WHERE name = $1 AND key > $2 ORDER BY key LIMIT $3");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Box::pin(self.asked(sql, move || vec![Box::new(set), Box::new(after), Box::new(limit)]))
    }

    fn purge(&self, set: String, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "DELETE FROM mirror_rows WHERE name = $1 AND key IN
                       (SELECT key FROM mirror_rows WHERE name = $1 AND gone < $2 ORDER BY gone LIMIT $3)";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            Ok(client.execute(sql, &[&set, &nanos(before), &limit]).await?)
        }))
    }

    fn history(&self, set: String, limit: usize) -> BoxFuture<'_, Result<Vec<Bytes>, JournalError>> {
        Box::pin(self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let sql = "SELECT body FROM mirror_runs WHERE name = $1 ORDER BY number DESC LIMIT $2";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = client.query(sql, &[&set, &limit]).await?;
            Ok(rows.iter().map(|row| row.get::<_, Vec<u8>>(0).into()).collect())
        }))
    }
}

type Parameter = Box<dyn ToSql + Sync + Send>;

impl PgJournal {
    async fn asked(&self, sql: String, values: impl FnOnce() -> Vec<Parameter>) -> Result<Vec<Row>, JournalError> {
        let values = values();
        self.run(move |shared| async move {
            let client = shared.pool.get().await?;
            let statement = client.prepare_cached(&sql).await?;
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|v| &**v as &(dyn ToSql + Sync)).collect();
            let rows = client.query(&statement, &values).await?;
            rows.iter().map(row).collect()
        })
        .await
    }
}

/// Tells the planner what there is now. Until it knows, it holds a set for a handful of records and reads all of them for
/// every question; the database would do this by itself only some time after the run.
async fn measure(shared: &Shared) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    Ok(client.batch_execute("ANALYZE mirror_rows").await?)
}

async fn write(client: &Client, step: &Step) -> Result<(), Trouble> {
    client.batch_execute("BEGIN").await?;
    let (until, due) = match step.then {
        Then::Hold(until) => (Some(nanos(until)), None),
        Then::Release(due) => (None, Some(nanos(due))),
    };
    let sql = "UPDATE mirror_sets SET state = $3, until = $4, due = coalesce($5, due), revision = revision + $6
               WHERE name = $1 AND fence = $2 AND until IS NOT NULL";
    let update = client.prepare_cached(sql).await?;
    let (state, changed) = (&step.state[..], i64::from(step.changed));
    let moved = client
        .execute(&update, &[&step.set, &step.fence, &state, &until, &due, &changed])
        .await?;
    if moved == 0 {
        return Err(lost(&step.set).into());
    }
    put(client, &step.set, &step.rows).await?;
    publish(client, &step.events.iter().collect::<Vec<_>>()).await?;
    if let Some((number, body)) = &step.ended {
        let sql = "INSERT INTO mirror_runs (name, number, body) VALUES ($1, $2, $3)
                   ON CONFLICT (name, number) DO UPDATE SET body = excluded.body";
        client.execute(sql, &[&step.set, number, &&body[..]]).await?;
        let sql = "DELETE FROM mirror_runs WHERE name = $1 AND number <= $2";
        client.execute(sql, &[&step.set, &(number - RUNS)]).await?;
    }
    Ok(client.batch_execute("COMMIT").await?)
}

async fn put(client: &Client, set: &str, rows: &[Row]) -> Result<(), Trouble> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO mirror_rows (name, key, scope, body, masked, version, digest, run, fetched, changed, missed,
               missed_run, gone, s0, s1, s2, s3, s4, s5, s6, s7)
               SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::bytea[],
               $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[],
               $15::text[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[])
               ON CONFLICT (name, key) DO UPDATE SET scope = excluded.scope, body = excluded.body,
               masked = excluded.masked, version = excluded.version, digest = excluded.digest, run = excluded.run,
               fetched = excluded.fetched, changed = excluded.changed, missed = excluded.missed,
               missed_run = excluded.missed_run, gone = excluded.gone, s0 = excluded.s0, s1 = excluded.s1,
               s2 = excluded.s2, s3 = excluded.s3, s4 = excluded.s4, s5 = excluded.s5, s6 = excluded.s6,
               s7 = excluded.s7";
    let put = client.prepare_cached(sql).await?;
    let texts = |of: fn(&Row) -> &str| rows.iter().map(of).collect::<Vec<&str>>();
    let numbers = |of: fn(&Row) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let (key, scope) = (texts(|r| &r.key), texts(|r| &r.scope));
    let body: Vec<&[u8]> = rows.iter().map(|r| &r.body[..]).collect();
    let digests: Vec<&[u8]> = rows.iter().map(|r| r.digest.as_slice()).collect();
    let version: Vec<Option<&str>> = rows.iter().map(|r| r.version.as_deref()).collect();
    let mut masked = Vec::with_capacity(rows.len());
    for row in rows {
        masked.push(match row.masked.is_empty() {
            true => None,
            false => Some(json(&row.masked)?),
        });
    }
    let run = numbers(|r| r.run);
    let fetched = numbers(|r| nanos(r.fetched));
    let changed = numbers(|r| nanos(r.changed));
    let missed = numbers(|r| r.missed);
    let missed_run = numbers(|r| r.missed_run);
    let gone: Vec<Option<i64>> = rows.iter().map(|r| r.gone.map(nanos)).collect();
    let slot = |at: usize| {
        rows.iter()
            .map(|r| r.slots.get(at).and_then(Option::as_deref))
            .collect::<Vec<_>>()
    };
    let slots: Vec<Vec<Option<&str>>> = (0..SLOTS).map(slot).collect();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![
        &set,
        &key,
        &scope,
        &body,
        &masked,
        &version,
        &digests,
        &run,
        &fetched,
        &changed,
        &missed,
        &missed_run,
        &gone,
    ];
    values.extend(slots.iter().map(|slot| slot as &(dyn ToSql + Sync)));
    client.execute(&put, &values).await?;
    Ok(())
}

/// One record, from the columns of [`COLUMNS`].
fn row(row: &SqlRow) -> Result<Row, Trouble> {
    let masked: Option<&str> = row.get(3);
    Ok(Row {
        key: row.get(0),
        scope: row.get(1),
        body: row.get::<_, Vec<u8>>(2).into(),
        masked: masked.map(from_json).transpose()?.unwrap_or_default(),
        version: row.get(4),
        digest: digest(row.get(5))?,
        run: row.get(6),
        fetched: time(row.get(7)),
        changed: time(row.get(8)),
        missed: row.get(9),
        missed_run: row.get(10),
        gone: row.get::<_, Option<i64>>(11).map(time),
        slots: (12..12 + SLOTS).map(|column| row.get(column)).collect(),
    })
}
