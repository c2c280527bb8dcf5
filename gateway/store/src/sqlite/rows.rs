//! Rows as values of the model.

use super::trouble::Trouble;
use crate::codes::{digest, from_json, json, nanos, state_code, state_of, time};
use bytes::Bytes;
use gateway_core::exchange::{State, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Change, Set, Standing};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

/// Columns of [`stored`], from exchanges `e`, bodies `b` and replies `r`.
pub(super) const STORED: &str = "e.seq, e.id, e.consumer, e.operation, e.system, e.purpose, e.fingerprint, e.reference, \
     e.lane, e.state, e.attempts, e.lookups, e.due, b.input, b.seal, r.reply, e.fault, e.reason, e.trace, e.cause, \
     e.created, e.changed";

/// The tables of [`STORED`].
pub(super) const TABLES: &str = "exchanges e LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN replies r ON r.seq = e.seq";

fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Bytes>> {
    Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(Bytes::from))
}

pub(super) fn exchange_id(blob: &[u8]) -> Result<ExchangeId, String> {
    Uuid::from_slice(blob)
        .map(ExchangeId)
        .map_err(|e| format!("an exchange id is damaged: {e}"))
}

/// One exchange, from the columns of [`STORED`].
pub(super) fn stored(row: &Row<'_>) -> Result<Stored, Trouble> {
    let state = state_of(row.get(9)?)?;
    let reply = bytes(row, 15)?;
    Ok(Stored {
        seq: row.get(0)?,
        id: exchange_id(row.get_ref(1)?.as_blob().unwrap_or_default())?,
        consumer: row.get(2)?,
        operation: row.get(3)?,
        system: row.get(4)?,
        purpose: row.get(5)?,
        fingerprint: digest(row.get_ref(6)?.as_blob().unwrap_or_default())?,
        reference: row.get(7)?,
        lane: row.get(8)?,
        state,
        attempts: row.get(10)?,
        lookups: row.get(11)?,
        due: time(row.get(12)?),
        // Erased bodies have no row any more.
        input: bytes(row, 13)?.unwrap_or_default(),
        seal: bytes(row, 14)?,
        reply: reply.or((state == State::Done).then(Bytes::new)),
        fault: row.get::<_, Option<String>>(16)?.map(|f| from_json(&f)).transpose()?,
        reason: row.get(17)?,
        trace: row.get(18)?,
        cause: row
            .get::<_, Option<Vec<u8>>>(19)?
            .map(|c| exchange_id(&c))
            .transpose()?,
        created: time(row.get(20)?),
        changed: time(row.get(21)?),
    })
}

/// One exchange by position.
pub(super) fn by_seq(connection: &Connection, seq: i64) -> Result<Stored, Trouble> {
    let sql = format!("SELECT {STORED} FROM {TABLES} WHERE e.seq = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([seq])?;
    match rows.next()? {
        Some(row) => stored(row),
        None => Err(format!("exchange at {seq} is gone").into()),
    }
}

/// What moves, with what it needs to be stored again.
pub(super) struct Moving {
    pub(super) seq: i64,
    pub(super) system: String,
    pub(super) lane: Option<String>,
    pub(super) head: bool,
    pub(super) standing: Standing,
    pub(super) fault: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) checkpoints: Option<String>,
}

const MOVING: &str = "SELECT seq, system, lane, head, state, before, fence, until, due, attempts, lookups, tries, \
     changed, fault, reason, checkpoints FROM exchanges";

fn moving(row: &Row<'_>) -> Result<Moving, Trouble> {
    Ok(Moving {
        seq: row.get(0)?,
        system: row.get(1)?,
        lane: row.get(2)?,
        head: row.get(3)?,
        standing: Standing {
            state: state_of(row.get(4)?)?,
            before: state_of(row.get(5)?)?,
            fence: row.get(6)?,
            until: row.get::<_, Option<i64>>(7)?.map(time),
            due: time(row.get(8)?),
            attempts: row.get(9)?,
            lookups: row.get(10)?,
            tries: row.get(11)?,
            changed: time(row.get(12)?),
        },
        fault: row.get(13)?,
        reason: row.get(14)?,
        checkpoints: row.get(15)?,
    })
}

impl Moving {
    pub(super) fn by_id(connection: &Connection, id: ExchangeId) -> Result<Option<Self>, Trouble> {
        let mut statement = connection.prepare_cached(&format!("{MOVING} WHERE id = ?1"))?;
        let mut rows = statement.query([id.0.as_bytes().as_slice()])?;
        rows.next()?.map(moving).transpose()
    }

    pub(super) fn by_seq(connection: &Connection, seq: i64) -> Result<Self, Trouble> {
        let mut statement = connection.prepare_cached(&format!("{MOVING} WHERE seq = ?1"))?;
        let mut rows = statement.query([seq])?;
        match rows.next()? {
            Some(row) => moving(row),
            None => Err(format!("exchange at {seq} is gone").into()),
        }
    }

    /// Stores it again; `owner` is who holds it from now on.
    pub(super) fn save(&self, connection: &Connection, owner: Option<&str>) -> rusqlite::Result<()> {
        let s = &self.standing;
        let sql =
            "UPDATE exchanges SET state = ?2, before = ?3, fence = ?4, until = ?5, due = ?6, wake = ?7, head = ?8,
                   attempts = ?9, lookups = ?10, tries = ?11, changed = ?12, fault = ?13, reason = ?14, owner = ?15 WHERE seq = ?1";
        let values = rusqlite::params![
            self.seq,
            state_code(s.state),
            state_code(s.before),
            s.fence,
            s.until.map(nanos),
            nanos(s.due),
            nanos(s.wake()),
            self.head,
            s.attempts,
            s.lookups,
            s.tries,
            nanos(s.changed),
            self.fault,
            self.reason,
            owner,
        ];
        connection.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// Applies what a move changes beside the standing, writing the attempt and the reply.
    pub(super) fn apply(&mut self, connection: &Connection, change: Change) -> Result<(), Trouble> {
        match change.fault {
            Set::Keep => {}
            Set::Clear => self.fault = None,
            Set::To(fault) => self.fault = Some(json(&fault)?),
        }
        change.reason.apply(&mut self.reason);
        if let Set::To(reply) = change.reply {
            let sql = "INSERT OR REPLACE INTO replies (seq, reply) VALUES (?1, ?2)";
            connection.prepare_cached(sql)?.execute((self.seq, &reply[..]))?;
        }
        if let Some(attempt) = change.attempt {
            let sql = "INSERT INTO attempts (seq, number, attempt) VALUES (?1, ?2, ?3)";
            connection
                .prepare_cached(sql)?
                .execute((self.seq, attempt.number, json(&attempt)?))?;
        }
        Ok(())
    }

    /// Gives the lane to whom it belongs after this exchange moved from `from`. Sets `head` of this one, saves the
    /// other. An exchange without a lane is its own head while open.
    pub(super) fn pass_lane(&mut self, connection: &Connection, from: State) -> rusqlite::Result<()> {
        let open = self.standing.state.is_open();
        let Some(lane) = &self.lane else {
            self.head = open;
            return Ok(());
        };
        let others = "FROM exchanges WHERE system = ?1 AND lane = ?2 AND state < 4 AND lane IS NOT NULL AND seq <> ?3";
        let mark = |seq: i64, head: bool| {
            let sql = "UPDATE exchanges SET head = ?2 WHERE seq = ?1";
            connection.prepare_cached(sql)?.execute((seq, head)).map(drop)
        };
        let name = (&self.system, lane, self.seq);
        if self.head {
            let sql = format!("SELECT seq {others} ORDER BY seq LIMIT 1");
            let eldest: Option<i64> = connection
                .prepare_cached(&sql)?
                .query_row(name, |r| r.get(0))
                .optional()?;
            match eldest {
                Some(eldest) if !open || (eldest < self.seq && self.standing.state != State::Leased) => {
                    self.head = false;
                    mark(eldest, true)?;
                }
                _ => self.head = open,
            }
        } else if open && !from.is_open() {
            let sql = format!("SELECT seq, state {others} AND head = 1 ORDER BY seq LIMIT 1");
            let head: Option<(i64, i64)> = connection
                .prepare_cached(&sql)?
                .query_row(name, |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?;
            match head {
                None => self.head = true,
                Some((seq, state)) if seq > self.seq && state != i64::from(state_code(State::Leased)) => {
                    self.head = true;
                    mark(seq, false)?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
