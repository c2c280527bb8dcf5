//! Leases: heads of lanes that are due, oldest first, a few per system.

use super::super::rows::{Moving, by_seq};
use super::super::trouble::Trouble;
use super::super::writer::Writing;
use crate::codes::{from_json, json, nanos, state_code};
use gateway_core::exchange::{LeaseRequest, Leased, State};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::JournalError;
use jiff::Timestamp;
use serde_json::{Map, Value};

pub(in super::super) fn lease(
    tx: &mut Writing<'_>,
    request: &LeaseRequest,
    now: Timestamp,
    limit: usize,
    skip: &[String],
) -> Result<Vec<Leased>, Trouble> {
    let mut due: Vec<(i64, i64)> = Vec::new();
    let sql =
        "SELECT wake, seq FROM exchanges WHERE head = 1 AND system = ?1 AND wake <= ?2 ORDER BY wake, seq LIMIT ?3";
    for system in tx.heads.systems.iter().filter(|s| !skip.contains(s)) {
        let mut statement = tx.connection.prepare_cached(sql)?;
        let rows = statement.query_map((system, nanos(now), limit as i64), |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            due.push(row?);
        }
    }
    due.sort_unstable();
    due.truncate(limit);
    due.into_iter().map(|(_, seq)| take(tx, seq, request, now)).collect()
}

fn take(tx: &mut Writing<'_>, seq: i64, request: &LeaseRequest, now: Timestamp) -> Result<Leased, Trouble> {
    let mut moving = Moving::by_seq(tx.connection, seq)?;
    let from = moving.standing.state;
    moving.standing.lease(request, now);
    moving.save(tx.connection, Some(&request.owner))?;
    tx.heads.moved(&moving.system, Some(from), State::Leased);
    Ok(Leased {
        exchange: by_seq(tx.connection, seq)?,
        fence: moving.standing.fence,
        before: moving.standing.before,
        checkpoints: checkpoints(moving.checkpoints.as_deref())?,
    })
}

fn checkpoints(column: Option<&str>) -> Result<Map<String, Value>, String> {
    column.map_or_else(|| Ok(Map::new()), from_json)
}

fn held(tx: &Writing<'_>, id: ExchangeId, fence: i64) -> Result<Moving, Trouble> {
    let moving = Moving::by_id(tx.connection, id)?.ok_or(JournalError::Missing(id))?;
    moving.standing.held(id, fence)?;
    Ok(moving)
}

pub(in super::super) fn renew(
    tx: &mut Writing<'_>,
    id: ExchangeId,
    fence: i64,
    until: Timestamp,
) -> Result<(), Trouble> {
    let moving = held(tx, id, fence)?;
    let sql = "UPDATE exchanges SET until = ?2, wake = ?2 WHERE seq = ?1";
    tx.connection.prepare_cached(sql)?.execute((moving.seq, nanos(until)))?;
    Ok(())
}

/// Ends the leases of an owner that is starting anew.
pub(in super::super) fn recover(tx: &mut Writing<'_>, owner: &str, now: Timestamp) -> Result<u64, Trouble> {
    let sql = "UPDATE exchanges SET until = ?2, wake = ?2 WHERE until > ?2 AND owner = ?1 AND state = ?3";
    let freed = tx
        .connection
        .prepare_cached(sql)?
        .execute((owner, nanos(now), state_code(State::Leased)))?;
    Ok(u64::try_from(freed).unwrap_or(0))
}

pub(in super::super) fn checkpoint(
    tx: &mut Writing<'_>,
    id: ExchangeId,
    fence: i64,
    name: &str,
    value: &Value,
) -> Result<(), Trouble> {
    let moving = held(tx, id, fence)?;
    let mut all = checkpoints(moving.checkpoints.as_deref())?;
    all.insert(name.to_owned(), value.clone());
    let sql = "UPDATE exchanges SET checkpoints = ?2 WHERE seq = ?1";
    tx.connection.prepare_cached(sql)?.execute((moving.seq, json(&all)?))?;
    Ok(())
}
