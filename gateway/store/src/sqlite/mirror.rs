//! Copies of data sets, beside the journal in the same file.

use super::SqliteJournal;
use super::trouble::Trouble;
use super::write::publish;
use super::writer::Writing;
use crate::codes::{digest, from_json, json, nanos, time};
use crate::mirror_sql::{self, COLUMNS};
use bytes::Bytes;
use gateway_core::journal::JournalError;
use gateway_core::mirror::{Held, MirrorStore, Row, Search, SetRow, Step, Tally, Then, lost};
use gateway_core::sdk::BoxFuture;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params, params_from_iter};

/// Accounts of runs that are kept for each set.
const RUNS: i64 = 400;

impl MirrorStore for SqliteJournal {
    fn plant(&self, set: String, due: Timestamp) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql =
                "INSERT INTO mirror_sets (name, due, until, fence, state, revision) VALUES (?1, ?2, NULL, 0, x'', 0)
                       ON CONFLICT (name) DO NOTHING";
            tx.connection.prepare_cached(sql)?.execute((&set, nanos(due)))?;
            Ok(())
        }))
    }

    fn take(&self, set: String, now: Timestamp, until: Timestamp) -> BoxFuture<'_, Result<Option<Held>, JournalError>> {
        Box::pin(async move {
            // Most looks find nothing due; they must not wait for the writer.
            let name = set.clone();
            let due = self.readers.read(move |connection| {
                let sql = "SELECT 1 FROM mirror_sets WHERE name = ?1 AND coalesce(until, due) <= ?2";
                Ok(connection.prepare_cached(sql)?.exists((&name, nanos(now)))?)
            });
            if !due.await? {
                return Ok(None);
            }
            self.write(move |tx| {
                let sql = "UPDATE mirror_sets SET fence = fence + 1, until = ?3
                           WHERE name = ?1 AND coalesce(until, due) <= ?2 RETURNING fence, state";
                let mut take = tx.connection.prepare_cached(sql)?;
                let held = take.query_row((&set, nanos(now), nanos(until)), |row| {
                    Ok(Held {
                        set: set.clone(),
                        fence: row.get(0)?,
                        state: row.get::<_, Vec<u8>>(1)?.into(),
                    })
                });
                Ok(held.optional()?)
            })
            .await
        })
    }

    fn hurry(&self, set: String, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "UPDATE mirror_sets SET due = min(due, ?2) WHERE name = ?1";
            Ok(tx.connection.prepare_cached(sql)?.execute((&set, nanos(now)))? > 0)
        }))
    }

    fn step(&self, step: Step) -> BoxFuture<'_, Result<(), JournalError>> {
        Box::pin(self.write(move |tx| write(tx, &step)))
    }

    fn sets(&self) -> BoxFuture<'_, Result<Vec<SetRow>, JournalError>> {
        Box::pin(self.readers.read(|connection| {
            let sql = "SELECT name, due, until, state, revision FROM mirror_sets ORDER BY name";
            let mut sets = connection.prepare_cached(sql)?;
            let rows = sets.query_map([], |row| {
                Ok(SetRow {
                    set: row.get(0)?,
                    due: time(row.get(1)?),
                    until: row.get::<_, Option<i64>>(2)?.map(time),
                    state: row.get::<_, Vec<u8>>(3)?.into(),
                    revision: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }

    fn find(&self, set: String, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM mirror_rows WHERE name = ?1 AND key = ?2");
            let mut found = Vec::new();
            for key in &keys {
                let mut one = connection.prepare_cached(&sql)?;
                let mut rows = one.query((&set, key))?;
                found.extend(rows.next()?.map(row).transpose()?);
            }
            Ok(found)
        }))
    }

    fn unseen(
        &self,
        set: String,
        scope: String,
        run: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM mirror_rows INDEXED BY mirror_scope WHERE name = ?1 AND scope = ?2 AND run < ?3
                 AND missed_run < ?3 AND gone IS NULL ORDER BY key LIMIT ?4"
            );
            let mut unseen = connection.prepare_cached(&sql)?;
            all(unseen.query((&set, &scope, run, limit as i64))?)
        }))
    }

    fn tally(&self, set: String, scope: Option<String>, run: i64) -> BoxFuture<'_, Result<Tally, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let of = if scope.is_some() {
                "AND scope = ?3"
            } else {
                "AND ?3 = ''"
            };
            let sql = format!(
                "SELECT count(*), coalesce(sum(run < ?2), 0) FROM mirror_rows INDEXED BY mirror_scope
                 WHERE name = ?1 {of} AND gone IS NULL"
            );
            let mut tally = connection.prepare_cached(&sql)?;
            Ok(tally.query_row((&set, run, scope.unwrap_or_default()), |row| {
                Ok(Tally {
                    live: row.get::<_, i64>(0)?.unsigned_abs(),
                    unseen: row.get::<_, i64>(1)?.unsigned_abs(),
                })
            })?)
        }))
    }

    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let (sql, values) = mirror_sql::search(&search, |n| format!("?{n}"));
            all(connection.prepare_cached(&sql)?.query(params_from_iter(values))?)
        }))
    }

    fn walk(&self, set: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM mirror_rows WHERE name = ?1 AND key > ?2 ORDER BY key LIMIT ?3");
            all(connection.prepare_cached(&sql)?.query((&set, &after, limit as i64))?)
        }))
    }

    fn purge(&self, set: String, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(self.write(move |tx| {
            let sql = "DELETE FROM mirror_rows WHERE id IN
                       (SELECT id FROM mirror_rows WHERE name = ?1 AND gone < ?2 ORDER BY gone LIMIT ?3)";
            let mut purge = tx.connection.prepare_cached(sql)?;
            Ok(purge.execute((&set, nanos(before), limit as i64))? as u64)
        }))
    }

    fn history(&self, set: String, limit: usize) -> BoxFuture<'_, Result<Vec<Bytes>, JournalError>> {
        Box::pin(self.readers.read(move |connection| {
            let sql = "SELECT body FROM mirror_runs WHERE name = ?1 ORDER BY number DESC LIMIT ?2";
            let mut history = connection.prepare_cached(sql)?;
            let rows = history.query_map((&set, limit as i64), |row| Ok(row.get::<_, Vec<u8>>(0)?.into()))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }))
    }
}

fn write(tx: &mut Writing<'_>, step: &Step) -> Result<(), Trouble> {
    let (until, due) = match step.then {
        Then::Hold(until) => (Some(nanos(until)), None),
        Then::Release(due) => (None, Some(nanos(due))),
    };
    let sql = "UPDATE mirror_sets SET state = ?3, until = ?4, due = coalesce(?5, due), revision = revision + ?6
               WHERE name = ?1 AND fence = ?2 AND until IS NOT NULL";
    let values = params![
        step.set,
        step.fence,
        &step.state[..],
        until,
        due,
        i64::from(step.changed)
    ];
    if tx.connection.prepare_cached(sql)?.execute(values)? == 0 {
        return Err(lost(&step.set).into());
    }
    for row in &step.rows {
        put(tx.connection, &step.set, row)?;
    }
    for event in &step.events {
        publish(tx, event)?;
    }
    if let Some((number, body)) = &step.ended {
        let sql = "INSERT OR REPLACE INTO mirror_runs (name, number, body) VALUES (?1, ?2, ?3)";
        tx.connection
            .prepare_cached(sql)?
            .execute((&step.set, number, &body[..]))?;
        let sql = "DELETE FROM mirror_runs WHERE name = ?1 AND number <= ?2";
        tx.connection.prepare_cached(sql)?.execute((&step.set, number - RUNS))?;
    }
    Ok(())
}

fn put(connection: &Connection, set: &str, row: &Row) -> Result<(), Trouble> {
    let sql = "INSERT INTO mirror_rows (name, key, scope, body, masked, version, digest, run, fetched, changed, missed,
               missed_run, gone, s0, s1, s2, s3, s4, s5, s6, s7) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
               ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT (name, key) DO UPDATE SET
               scope = excluded.scope, body = excluded.body, masked = excluded.masked, version = excluded.version,
               digest = excluded.digest, run = excluded.run, fetched = excluded.fetched, changed = excluded.changed,
               missed = excluded.missed, missed_run = excluded.missed_run, gone = excluded.gone, s0 = excluded.s0,
               s1 = excluded.s1, s2 = excluded.s2, s3 = excluded.s3, s4 = excluded.s4, s5 = excluded.s5,
               s6 = excluded.s6, s7 = excluded.s7";
    let masked = match row.masked.is_empty() {
        true => None,
        false => Some(json(&row.masked)?),
    };
    let slot = |at: usize| row.slots.get(at).cloned().flatten();
    let values = params![
        set,
        row.key,
        row.scope,
        &row.body[..],
        masked,
        row.version,
        row.digest.as_slice(),
        row.run,
        nanos(row.fetched),
        nanos(row.changed),
        row.missed,
        row.missed_run,
        row.gone.map(nanos),
        slot(0),
        slot(1),
        slot(2),
        slot(3),
        slot(4),
        slot(5),
        slot(6),
        slot(7),
    ];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn all(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Row>, Trouble> {
    let mut found = Vec::new();
    while let Some(next) = rows.next()? {
        found.push(row(next)?);
    }
    Ok(found)
}

/// One record, from the columns of [`COLUMNS`].
fn row(row: &SqlRow<'_>) -> Result<Row, Trouble> {
    let masked: Option<String> = row.get(3)?;
    let slots: Result<Vec<Option<String>>, _> = (12..20).map(|column| row.get(column)).collect();
    Ok(Row {
        key: row.get(0)?,
        scope: row.get(1)?,
        body: row.get::<_, Vec<u8>>(2)?.into(),
        masked: masked.map(|m| from_json(&m)).transpose()?.unwrap_or_default(),
        version: row.get(4)?,
        digest: digest(row.get_ref(5)?.as_blob().unwrap_or_default())?,
        run: row.get(6)?,
        fetched: time(row.get(7)?),
        changed: time(row.get(8)?),
        missed: row.get(9)?,
        missed_run: row.get(10)?,
        gone: row.get::<_, Option<i64>>(11)?.map(time),
        slots: slots?,
    })
}
