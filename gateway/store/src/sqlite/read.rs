//! What readers ask. Each query is served by an index, also when a million exchanges wait.

use super::rows::{Moving, STORED, TABLES, stored};
use super::trouble::Trouble;
use crate::codes::{digest, from_json, state_of, time};
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::exchange::{Attempt, NewEvent, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Document, EvidenceLink, JournalError, QueueStat, StoredEvent, Timer};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub(super) fn get(connection: &Connection, id: ExchangeId) -> Result<Option<Stored>, Trouble> {
    let sql = format!("SELECT {STORED} FROM {TABLES} WHERE e.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id.0.as_bytes().as_slice()])?;
    rows.next()?.map(stored).transpose()
}

pub(super) fn attempts(connection: &Connection, id: ExchangeId) -> Result<Vec<Attempt>, Trouble> {
    let Some(moving) = Moving::by_id(connection, id)? else {
        return Ok(Vec::new());
    };
    let sql = "SELECT attempt FROM attempts WHERE seq = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([moving.seq])?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(from_json(row.get_ref(0)?.as_str().unwrap_or_default())?);
    }
    Ok(attempts)
}

pub(super) fn checkpoints(connection: &Connection, id: ExchangeId) -> Result<Map<String, Json>, Trouble> {
    let moving = Moving::by_id(connection, id)?.ok_or(JournalError::Missing(id))?;
    Ok(moving
        .checkpoints
        .as_deref()
        .map_or_else(|| Ok(Map::new()), from_json)?)
}

pub(super) fn systems(connection: &Connection) -> Result<Vec<String>, Trouble> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT system FROM depths")?;
    let systems = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(systems)
}

pub(super) fn queues(connection: &Connection) -> Result<Vec<QueueStat>, Trouble> {
    let sql = "SELECT d.system, d.state, d.count,
               (SELECT created FROM exchanges e WHERE e.state = d.state AND e.state <> 5 AND e.system = d.system
                ORDER BY seq LIMIT 1)
               FROM depths d WHERE d.count > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut queues = Vec::new();
    while let Some(row) = rows.next()? {
        queues.push(QueueStat {
            system: row.get(0)?,
            state: state_of(row.get(1)?)?,
            count: row.get::<_, i64>(2)?.unsigned_abs(),
            oldest: time(row.get::<_, Option<i64>>(3)?.unwrap_or_default()),
        });
    }
    Ok(queues)
}

pub(super) fn next_due(connection: &Connection, skip: &[String]) -> Result<Option<Timestamp>, Trouble> {
    let sql = "SELECT min(wake) FROM exchanges WHERE head = 1 AND system = ?1";
    let mut next: Option<i64> = None;
    for system in systems(connection)?.into_iter().filter(|s| !skip.contains(s)) {
        let wake: Option<i64> = connection.prepare_cached(sql)?.query_row([&system], |row| row.get(0))?;
        next = match (next, wake) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    Ok(next.map(time))
}

pub(super) fn evidence(connection: &Connection, after: i64, limit: usize) -> Result<Vec<EvidenceLink>, Trouble> {
    let sql = "SELECT seq, previous, record, hash FROM evidence WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, limit as i64))?;
    let mut links = Vec::new();
    while let Some(row) = rows.next()? {
        links.push(EvidenceLink {
            seq: row.get(0)?,
            previous: digest(row.get_ref(1)?.as_blob().unwrap_or_default())?,
            record: Bytes::from(row.get::<_, Vec<u8>>(2)?),
            hash: digest(row.get_ref(3)?.as_blob().unwrap_or_default())?,
        });
    }
    Ok(links)
}

/// Batches after a number, in order; newest first when `newest`.
pub(super) fn batches(connection: &Connection, after: i64, limit: usize, newest: bool) -> Result<Vec<Batch>, Trouble> {
    let sql = match newest {
        false => "SELECT number, statement, signature FROM evidence_batches WHERE number > ?1 ORDER BY number LIMIT ?2",
        true => {
            "SELECT number, statement, signature FROM evidence_batches WHERE number > ?1 ORDER BY number DESC LIMIT ?2"
        }
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((after, limit as i64))?;
    let mut batches = Vec::new();
    while let Some(row) = rows.next()? {
        let signature = row.get_ref(2)?.as_blob().unwrap_or_default();
        batches.push(Batch {
            number: row.get(0)?,
            statement: Bytes::from(row.get::<_, Vec<u8>>(1)?),
            signature: signature.try_into().map_err(|_| "a signature is damaged".to_owned())?,
        });
    }
    Ok(batches)
}

fn event(row: &Row<'_>) -> Result<StoredEvent, Trouble> {
    let id = Uuid::from_slice(row.get_ref(2)?.as_blob().unwrap_or_default());
    Ok(StoredEvent {
        seq: row.get(0)?,
        subject_seq: row.get(1)?,
        event: NewEvent {
            id: id.map_err(|e| format!("an event id is damaged: {e}"))?,
            kind: row.get(3)?,
            subject: row.get(4)?,
            source: row.get(5)?,
            at: time(row.get(6)?),
            data: Bytes::from(row.get::<_, Vec<u8>>(7)?),
            schema: row.get(8)?,
            trace: row.get(9)?,
        },
    })
}

pub(super) fn events(
    connection: &Connection,
    after: i64,
    kinds: &[String],
    limit: usize,
) -> Result<Vec<StoredEvent>, Trouble> {
    let columns = "SELECT seq, subject_seq, id, kind, subject, source, at, data, schema, trace FROM events";
    let mut events = Vec::new();
    let mut search = |sql: String, kind: &str| -> Result<(), Trouble> {
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query((after, limit as i64, kind))?;
        while let Some(row) = rows.next()? {
            events.push(event(row)?);
        }
        Ok(())
    };
    if kinds.is_empty() {
        search(
            format!("{columns} WHERE seq > ?1 AND ?3 = '' ORDER BY seq LIMIT ?2"),
            "",
        )?;
    }
    for kind in kinds {
        search(
            format!("{columns} WHERE kind = ?3 AND seq > ?1 ORDER BY seq LIMIT ?2"),
            kind,
        )?;
    }
    events.sort_by_key(|e| e.seq);
    events.dedup_by_key(|e| e.seq);
    events.truncate(limit);
    Ok(events)
}

pub(super) fn last_event(connection: &Connection) -> Result<i64, Trouble> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM events")?
        .query_row([], |row| row.get(0))?)
}

pub(super) fn cursor(connection: &Connection, subscription: &str) -> Result<i64, Trouble> {
    let sql = "SELECT position FROM cursors WHERE subscription = ?1";
    let found = connection
        .prepare_cached(sql)?
        .query_row([subscription], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

fn document_of(row: &Row<'_>) -> rusqlite::Result<Document> {
    let body: Option<Vec<u8>> = row.get(3)?;
    Ok(Document {
        kind: row.get(0)?,
        id: row.get(1)?,
        revision: row.get(2)?,
        body: body.map(Bytes::from),
    })
}

pub(super) fn document(connection: &Connection, kind: &str, id: &str) -> Result<Option<Document>, Trouble> {
    let sql = "SELECT kind, id, revision, body FROM documents WHERE kind = ?1 AND id = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .query_row((kind, id), document_of)
        .optional()?)
}

pub(super) fn documents(connection: &Connection, after: i64) -> Result<Vec<Document>, Trouble> {
    let sql = "SELECT kind, id, revision, body FROM documents WHERE revision > ?1 ORDER BY revision";
    let mut statement = connection.prepare_cached(sql)?;
    let documents = statement.query_map([after], document_of)?.collect::<Result<_, _>>()?;
    Ok(documents)
}

pub(super) fn timers(connection: &Connection, kind: &str, after: &str, limit: usize) -> Result<Vec<Timer>, Trouble> {
    let sql = "SELECT id, due, body FROM timers WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((kind, after, limit), |row| {
        Ok(Timer {
            kind: kind.to_owned(),
            id: row.get(0)?,
            due: time(row.get(1)?),
            body: Bytes::from(row.get::<_, Vec<u8>>(2)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn timer(connection: &Connection, kind: String, id: String) -> Result<Option<Timer>, Trouble> {
    let sql = "SELECT due, body FROM timers WHERE kind = ?1 AND id = ?2";
    let found = connection
        .prepare_cached(sql)?
        .query_row((&kind, &id), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    Ok(found.map(|(due, body)| Timer {
        kind,
        id,
        due: time(due),
        body: Bytes::from(body),
    }))
}
