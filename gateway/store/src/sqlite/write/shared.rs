//! Small shared documents and timers.

use super::super::read;
use super::super::trouble::Trouble;
use super::super::writer::Writing;
use crate::codes::{nanos, time};
use bytes::Bytes;
use gateway_core::journal::{LeasedTimer, Planned, Seen, Timer, document_is_at, lost_timer, moved_timer};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

/// A counter that never goes back, not even when the rows it numbered are gone.
fn count(tx: &Writing<'_>, name: &str) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO counters (name, value) VALUES (?1, 1)
               ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    tx.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0))
}

pub(in super::super) fn put_document(
    tx: &mut Writing<'_>,
    kind: &str,
    id: &str,
    body: Option<&Bytes>,
    expected: Option<i64>,
) -> Result<Option<i64>, Trouble> {
    if let Some(expected) = expected
        && !document_is_at(read::document(tx.connection, kind, id)?.as_ref(), expected)
    {
        return Ok(None);
    }
    let revision = count(tx, "revision")?;
    let sql = "INSERT OR REPLACE INTO documents (kind, id, revision, body) VALUES (?1, ?2, ?3, ?4)";
    tx.connection
        .prepare_cached(sql)?
        .execute((kind, id, revision, body.map(|b| &b[..])))?;
    Ok(Some(revision))
}

/// Whether the timer is there; refuses a token that is not its newest.
fn held(tx: &Writing<'_>, kind: &str, id: &str, fence: Option<i64>) -> Result<bool, Trouble> {
    let sql = "SELECT fence FROM timers WHERE kind = ?1 AND id = ?2";
    let found: Option<i64> = tx
        .connection
        .prepare_cached(sql)?
        .query_row((kind, id), |row| row.get(0))
        .optional()?;
    match (found, fence) {
        (Some(newest), Some(fence)) if newest != fence => Err(lost_timer(kind, id).into()),
        _ => Ok(found.is_some()),
    }
}

/// Refuses a timer that was made from what is there no more.
pub(super) fn still_seen(tx: &Writing<'_>, planned: &Planned) -> Result<(), Trouble> {
    if planned.seen == Seen::Any {
        return Ok(());
    }
    let sql = "SELECT body FROM timers WHERE kind = ?1 AND id = ?2";
    let found: Option<Vec<u8>> = tx
        .connection
        .prepare_cached(sql)?
        .query_row((&planned.timer.kind, &planned.timer.id), |row| row.get(0))
        .optional()?;
    if planned.seen.holds(found.as_deref()) {
        Ok(())
    } else {
        Err(moved_timer(&planned.timer).into())
    }
}

pub(in super::super) fn put_timer(tx: &mut Writing<'_>, timer: &Timer, fence: Option<i64>) -> Result<(), Trouble> {
    if !held(tx, &timer.kind, &timer.id, fence)? && fence.is_some() {
        return Err(lost_timer(&timer.kind, &timer.id).into());
    }
    let sql = "INSERT OR REPLACE INTO timers (kind, id, due, wake, fence, body) VALUES (?1, ?2, ?3, ?3, 0, ?4)";
    tx.connection
        .prepare_cached(sql)?
        .execute((&timer.kind, &timer.id, nanos(timer.due), &timer.body[..]))?;
    Ok(())
}

pub(in super::super) fn drop_timer(
    tx: &mut Writing<'_>,
    kind: &str,
    id: &str,
    fence: Option<i64>,
) -> Result<(), Trouble> {
    held(tx, kind, id, fence)?;
    tx.connection
        .prepare_cached("DELETE FROM timers WHERE kind = ?1 AND id = ?2")?
        .execute((kind, id))?;
    Ok(())
}

pub(in super::super) fn lease_timers(
    tx: &mut Writing<'_>,
    kind: &str,
    until: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<LeasedTimer>, Trouble> {
    let sql = "SELECT id, due, body FROM timers WHERE kind = ?1 AND wake <= ?2 ORDER BY due, id LIMIT ?3";
    let due: Vec<(String, i64, Vec<u8>)> = {
        let mut statement = tx.connection.prepare_cached(sql)?;
        let rows = statement.query_map((kind, nanos(now), limit as i64), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.collect::<Result<_, _>>()?
    };
    let mut leased = Vec::new();
    for (id, due, body) in due {
        let fence = count(tx, "timer_fence")?;
        let sql = "UPDATE timers SET fence = ?3, wake = max(due, ?4) WHERE kind = ?1 AND id = ?2";
        tx.connection
            .prepare_cached(sql)?
            .execute((kind, &id, fence, nanos(until)))?;
        let timer = Timer {
            kind: kind.to_owned(),
            id,
            due: time(due),
            body: Bytes::from(body),
        };
        leased.push(LeasedTimer { timer, fence });
    }
    Ok(leased)
}

/// What ran out is forgotten a few rows at a time, faster than names come.
pub(in super::super) fn claim(
    tx: &mut Writing<'_>,
    name: &[u8; 16],
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, Trouble> {
    let sql = "DELETE FROM claims WHERE name IN (SELECT name FROM claims WHERE until < ?1 LIMIT 8)";
    tx.connection.prepare_cached(sql)?.execute([nanos(now)])?;
    let sql = "INSERT INTO claims (name, until) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let added = tx.connection.prepare_cached(sql)?.execute((&name[..], nanos(until)))?;
    Ok(added == 1)
}

/// A real write, so that readiness means that the journal can store.
pub(in super::super) fn probe(tx: &mut Writing<'_>) -> Result<(), Trouble> {
    Ok(count(tx, "probe").map(drop)?)
}
