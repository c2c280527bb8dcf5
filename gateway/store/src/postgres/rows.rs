//! Rows as values of the model.

use super::trouble::Trouble;
use crate::codes::{digest, from_json, json, nanos, state_code, state_of, time};
use bytes::Bytes;
use gateway_core::exchange::{Attempt, State, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Change, Set, Standing};
use tokio_postgres::Row;
use uuid::Uuid;

/// Columns of [`stored`], from exchanges `e`, bodies `b` and replies `r`.
pub(super) const STORED: &str = "e.seq, e.id, e.consumer, e.operation, e.system, e.purpose, e.fingerprint, e.reference, \
     e.lane, e.state, e.attempts, e.lookups, e.due, b.input, b.seal, r.reply, e.fault, e.reason, e.trace, e.cause, \
     e.created, e.changed";

/// The tables of [`STORED`].
pub(super) const TABLES: &str = "exchanges e LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN replies r ON r.seq = e.seq";

fn bytes(row: &Row, column: usize) -> Option<Bytes> {
    row.get::<_, Option<Vec<u8>>>(column).map(Bytes::from)
}

fn count(row: &Row, column: usize) -> u32 {
    row.get::<_, i32>(column).unsigned_abs()
}

/// A count as a column.
pub(super) fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// One exchange, from the columns of [`STORED`].
pub(super) fn stored(row: &Row) -> Result<Stored, Trouble> {
    let state = state_of(row.get::<_, i16>(9).into())?;
    Ok(Stored {
        seq: row.get(0),
        id: ExchangeId(row.get(1)),
        consumer: row.get(2),
        operation: row.get(3),
        system: row.get(4),
        purpose: row.get(5),
        fingerprint: digest(row.get(6))?,
        reference: row.get(7),
        lane: row.get(8),
        state,
        attempts: count(row, 10),
        lookups: count(row, 11),
        due: time(row.get(12)),
        // Erased bodies have no row any more.
        input: bytes(row, 13).unwrap_or_default(),
        seal: bytes(row, 14),
        reply: bytes(row, 15).or((state == State::Done).then(Bytes::new)),
        fault: row.get::<_, Option<&str>>(16).map(from_json).transpose()?,
        reason: row.get(17),
        trace: row.get(18),
        cause: row.get::<_, Option<Uuid>>(19).map(ExchangeId),
        created: time(row.get(20)),
        changed: time(row.get(21)),
    })
}

/// What moves, with what it needs to be stored again.
pub(super) struct Moving {
    pub(super) seq: i64,
    pub(super) id: ExchangeId,
    pub(super) system: String,
    pub(super) lane: Option<String>,
    pub(super) standing: Standing,
    pub(super) fault: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) checkpoints: Option<String>,
    pub(super) reply: Option<Bytes>,
    pub(super) attempt: Option<Attempt>,
}

/// Columns of [`moving`], from exchanges `e`.
pub(super) const MOVING: &str = "e.seq, e.id, e.system, e.lane, e.state, e.before, e.fence, e.until, e.due, e.attempts, \
     e.lookups, e.tries, e.changed, e.fault, e.reason, e.checkpoints";

pub(super) fn moving(row: &Row) -> Result<Moving, Trouble> {
    Ok(Moving {
        seq: row.get(0),
        id: ExchangeId(row.get(1)),
        system: row.get(2),
        lane: row.get(3),
        standing: Standing {
            state: state_of(row.get::<_, i16>(4).into())?,
            before: state_of(row.get::<_, i16>(5).into())?,
            fence: row.get(6),
            until: row.get::<_, Option<i64>>(7).map(time),
            due: time(row.get(8)),
            attempts: count(row, 9),
            lookups: count(row, 10),
            tries: count(row, 11),
            changed: time(row.get(12)),
        },
        fault: row.get(13),
        reason: row.get(14),
        checkpoints: row.get(15),
        reply: None,
        attempt: None,
    })
}

impl Moving {
    /// Takes over what a move changes beside the standing.
    pub(super) fn apply(&mut self, change: Change) -> Result<(), String> {
        match change.fault {
            Set::Keep => {}
            Set::Clear => self.fault = None,
            Set::To(fault) => self.fault = Some(json(&fault)?),
        }
        change.reason.apply(&mut self.reason);
        change.reply.apply(&mut self.reply);
        self.attempt = change.attempt;
        Ok(())
    }
}

/// Columns of an update of many standings at once.
#[derive(Default)]
pub(super) struct Columns {
    seq: Vec<i64>,
    state: Vec<i16>,
    before: Vec<i16>,
    fence: Vec<i64>,
    until: Vec<Option<i64>>,
    due: Vec<i64>,
    wake: Vec<i64>,
    attempts: Vec<i32>,
    lookups: Vec<i32>,
    tries: Vec<i32>,
    changed: Vec<i64>,
    fault: Vec<Option<String>>,
    reason: Vec<Option<String>>,
}

/// Stores standings again; `$14` is who holds them from now on. A closed exchange is nobody's head, an open one without
/// a lane its own; whose turn a lane has is settled afterwards.
pub(super) const UPDATE: &str = "
    UPDATE exchanges e SET state = u.state, before = u.before, fence = u.fence, until = u.until, due = u.due,
        wake = u.wake, attempts = u.attempts, lookups = u.lookups, tries = u.tries, changed = u.changed,
        fault = u.fault, reason = u.reason, owner = $14::text, head = (e.lane IS NULL OR e.head) AND u.state < 4
    FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::integer[], $9::integer[], $10::integer[], $11::bigint[], $12::text[], $13::text[])
        u (seq, state, before, fence, until, due, wake, attempts, lookups, tries, changed, fault, reason)
    WHERE e.seq = u.seq";

impl Columns {
    pub(super) fn push(&mut self, moving: &Moving) {
        let s = &moving.standing;
        self.seq.push(moving.seq);
        self.state.push(state_code(s.state));
        self.before.push(state_code(s.before));
        self.fence.push(s.fence);
        self.until.push(s.until.map(nanos));
        self.due.push(nanos(s.due));
        self.wake.push(nanos(s.wake()));
        self.attempts.push(number(s.attempts));
        self.lookups.push(number(s.lookups));
        self.tries.push(number(s.tries));
        self.changed.push(nanos(s.changed));
        self.fault.push(moving.fault.clone());
        self.reason.push(moving.reason.clone());
    }

    pub(super) async fn save(
        &self,
        client: &deadpool_postgres::Client,
        update: &tokio_postgres::Statement,
        owner: Option<&str>,
    ) -> Result<(), tokio_postgres::Error> {
        if self.seq.is_empty() {
            return Ok(());
        }
        client
            .execute(
                update,
                &[
                    &self.seq,
                    &self.state,
                    &self.before,
                    &self.fence,
                    &self.until,
                    &self.due,
                    &self.wake,
                    &self.attempts,
                    &self.lookups,
                    &self.tries,
                    &self.changed,
                    &self.fault,
                    &self.reason,
                    &owner,
                ],
            )
            .await
            .map(drop)
    }
}
