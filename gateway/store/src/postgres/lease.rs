//! Leases by `SKIP LOCKED`: nodes pass by what another is just taking.

use super::rows::{Columns, MOVING, STORED, UPDATE, moving, stored};
use super::shared::{Shared, tidy};
use super::trouble::Trouble;
use crate::codes::{from_json, json, nanos, state_code, time};
use bytes::Bytes;
use deadpool_postgres::Client;
use gateway_core::exchange::{LeaseRequest, Leased, State};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{JournalError, LeasedTimer, Timer, lost_timer};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Per system, so that a long queue of one that is left out need not be walked.
const DUE: &str = "FROM systems s CROSS JOIN LATERAL (
        SELECT * FROM exchanges x WHERE x.head AND x.system = s.system AND x.wake <= $2
        ORDER BY x.wake, x.seq LIMIT $3 FOR UPDATE SKIP LOCKED) e
    WHERE s.system <> ALL ($1) ORDER BY e.wake, e.seq LIMIT $3";

pub(super) async fn lease(
    shared: &Shared,
    request: &LeaseRequest,
    now: Timestamp,
    limit: usize,
    skip: &[String],
) -> Result<Vec<Leased>, Trouble> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let client = shared.pool.get().await?;
    let leased = take(&client, request, now, limit, skip).await;
    tidy(client, leased).await
}

async fn take(
    client: &Client,
    request: &LeaseRequest,
    now: Timestamp,
    limit: usize,
    skip: &[String],
) -> Result<Vec<Leased>, Trouble> {
    let due = client.prepare_cached(&format!("SELECT {MOVING} {DUE}")).await?;
    let update = client.prepare_cached(UPDATE).await?;
    let read = format!(
        "SELECT {STORED} FROM exchanges e LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN replies r ON r.seq = e.seq
         WHERE e.seq = ANY ($1)"
    );
    let read = client.prepare_cached(&read).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (_, rows) = tokio::try_join!(
        biased;
        client.batch_execute("BEGIN"),
        async { client.query(&due, &[&skip, &nanos(now), &limit]).await },
    )?;
    let mut columns = Columns::default();
    let mut taken = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut moving = moving(row)?;
        moving.standing.lease(request, now);
        columns.push(&moving);
        taken.push(moving);
    }
    let seqs: Vec<i64> = taken.iter().map(|m| m.seq).collect();
    let (_, rows, _) = tokio::try_join!(
        biased;
        columns.save(client, &update, Some(&request.owner)),
        async { client.query(&read, &[&seqs]).await },
        client.batch_execute("COMMIT"),
    )?;
    let mut exchanges = HashMap::new();
    for row in &rows {
        exchanges.insert(row.get::<_, i64>(0), stored(row)?);
    }
    let mut leased = Vec::with_capacity(taken.len());
    for moving in taken {
        let exchange = exchanges.remove(&moving.seq).ok_or(JournalError::Missing(moving.id))?;
        let checkpoints = moving
            .checkpoints
            .as_deref()
            .map_or_else(|| Ok(Map::new()), from_json)?;
        let (fence, before) = (moving.standing.fence, moving.standing.before);
        leased.push(Leased {
            exchange,
            fence,
            before,
            checkpoints,
        });
    }
    Ok(leased)
}

pub(super) async fn renew(shared: &Shared, id: ExchangeId, fence: i64, until: Timestamp) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    let sql = "UPDATE exchanges SET until = $3, wake = $3 WHERE id = $1 AND fence = $2 AND state = $4";
    let renew = client.prepare_cached(sql).await?;
    let held = state_code(State::Leased);
    if client.execute(&renew, &[&id.0, &fence, &nanos(until), &held]).await? == 1 {
        return Ok(());
    }
    lost(&client, id).await
}

/// Ends the leases of an owner that is starting anew.
pub(super) async fn recover(shared: &Shared, owner: &str, now: Timestamp) -> Result<u64, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "UPDATE exchanges SET until = $2, wake = $2 WHERE until > $2 AND owner = $1 AND state = $3";
    let recover = client.prepare_cached(sql).await?;
    Ok(client
        .execute(&recover, &[&owner, &nanos(now), &state_code(State::Leased)])
        .await?)
}

async fn lost(client: &Client, id: ExchangeId) -> Result<(), Trouble> {
    let there = client
        .query_opt("SELECT 1 FROM exchanges WHERE id = $1", &[&id.0])
        .await?
        .is_some();
    Err(if there {
        JournalError::Stale(id)
    } else {
        JournalError::Missing(id)
    }
    .into())
}

pub(super) async fn checkpoint(
    shared: &Shared,
    id: ExchangeId,
    fence: i64,
    name: &str,
    value: &Value,
) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    let result = add_checkpoint(&client, id, fence, name, value).await;
    tidy(client, result).await
}

async fn add_checkpoint(client: &Client, id: ExchangeId, fence: i64, name: &str, value: &Value) -> Result<(), Trouble> {
    client.batch_execute("BEGIN").await?;
    let find = "SELECT checkpoints FROM exchanges WHERE id = $1 AND fence = $2 AND state = $3 FOR UPDATE";
    let find = client.prepare_cached(find).await?;
    let Some(row) = client
        .query_opt(&find, &[&id.0, &fence, &state_code(State::Leased)])
        .await?
    else {
        return lost(client, id).await;
    };
    let mut all: Map<String, Value> = row
        .get::<_, Option<&str>>(0)
        .map_or_else(|| Ok(Map::new()), from_json)?;
    all.insert(name.to_owned(), value.clone());
    let store = client
        .prepare_cached("UPDATE exchanges SET checkpoints = $2 WHERE id = $1")
        .await?;
    client.execute(&store, &[&id.0, &json(&all)?]).await?;
    Ok(client.batch_execute("COMMIT").await?)
}

/// Stores or replaces a timer and frees it.
pub(super) const PUT_TIMER: &str = "
    INSERT INTO timers (kind, id, due, wake, fence, body) VALUES ($1, $2, $3, $3, 0, $4)
    ON CONFLICT (kind, id) DO UPDATE SET due = $3, wake = $3, fence = 0, body = $4";

/// Stores a timer where there is none.
pub(super) const ADD_TIMER: &str = "
    INSERT INTO timers (kind, id, due, wake, fence, body) VALUES ($1, $2, $3, $3, 0, $4)
    ON CONFLICT (kind, id) DO NOTHING";

/// Replaces a timer whose body is still this, and frees it.
pub(super) const MOVE_TIMER: &str = "
    UPDATE timers SET due = $3, wake = $3, fence = 0, body = $4 WHERE kind = $1 AND id = $2 AND body = $5";

pub(super) async fn timer(shared: &Shared, kind: String, id: String) -> Result<Option<Timer>, Trouble> {
    let client = shared.pool.get().await?;
    let find = client
        .prepare_cached("SELECT due, body FROM timers WHERE kind = $1 AND id = $2")
        .await?;
    let found = client.query_opt(&find, &[&kind, &id]).await?;
    Ok(found.map(|row| Timer {
        due: time(row.get(0)),
        body: Bytes::from(row.get::<_, Vec<u8>>(1)),
        kind,
        id,
    }))
}

pub(super) async fn timers(shared: &Shared, kind: &str, after: &str, limit: usize) -> Result<Vec<Timer>, Trouble> {
    let client = shared.pool.get().await?;
    // By bytes, so that the order does not depend on the database's collation.
    let sql = "SELECT id, due, body FROM timers WHERE kind = $1 AND id COLLATE \"C\" > $2
               ORDER BY id COLLATE \"C\" LIMIT $3";
    let find = client.prepare_cached(sql).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client.query(&find, &[&kind, &after, &limit]).await?;
    let timer = |row: &tokio_postgres::Row| Timer {
        kind: kind.to_owned(),
        id: row.get(0),
        due: time(row.get(1)),
        body: Bytes::from(row.get::<_, Vec<u8>>(2)),
    };
    Ok(rows.iter().map(timer).collect())
}

pub(super) async fn put_timer(shared: &Shared, timer: &Timer, fence: Option<i64>) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    let due = nanos(timer.due);
    let stored = match fence {
        None => {
            let put = client.prepare_cached(PUT_TIMER).await?;
            client
                .execute(&put, &[&timer.kind, &timer.id, &due, &&timer.body[..]])
                .await?
        }
        Some(fence) => {
            let sql = "UPDATE timers SET due = $3, wake = $3, fence = 0, body = $4
                       WHERE kind = $1 AND id = $2 AND fence = $5";
            let put = client.prepare_cached(sql).await?;
            client
                .execute(&put, &[&timer.kind, &timer.id, &due, &&timer.body[..], &fence])
                .await?
        }
    };
    if stored == 1 {
        Ok(())
    } else {
        Err(lost_timer(&timer.kind, &timer.id).into())
    }
}

pub(super) async fn drop_timer(shared: &Shared, kind: &str, id: &str, fence: Option<i64>) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    let sql = "DELETE FROM timers WHERE kind = $1 AND id = $2 AND ($3::bigint IS NULL OR fence = $3)";
    let dropped = client.execute(sql, &[&kind, &id, &fence]).await?;
    let there = "SELECT 1 FROM timers WHERE kind = $1 AND id = $2";
    if dropped == 0 && client.query_opt(there, &[&kind, &id]).await?.is_some() {
        return Err(lost_timer(kind, id).into());
    }
    Ok(())
}

pub(super) async fn lease_timers(
    shared: &Shared,
    kind: &str,
    until: Timestamp,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<LeasedTimer>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "UPDATE timers t SET fence = nextval('timer_fence'), wake = greatest(t.due, $3)
               FROM (SELECT kind, id FROM timers WHERE kind = $1 AND wake <= $2 ORDER BY due, id LIMIT $4
                     FOR UPDATE SKIP LOCKED) d
               WHERE t.kind = d.kind AND t.id = d.id RETURNING t.id, t.due, t.body, t.fence";
    let lease = client.prepare_cached(sql).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = client
        .query(&lease, &[&kind, &nanos(now), &nanos(until), &limit])
        .await?;
    let mut leased: Vec<_> = rows
        .iter()
        .map(|row| {
            let body = Bytes::from(row.get::<_, Vec<u8>>(2));
            let timer = Timer {
                kind: kind.to_owned(),
                id: row.get(0),
                due: time(row.get(1)),
                body,
            };
            LeasedTimer {
                timer,
                fence: row.get(3),
            }
        })
        .collect();
    leased.sort_by(|a, b| (a.timer.due, &a.timer.id).cmp(&(b.timer.due, &b.timer.id)));
    Ok(leased)
}
