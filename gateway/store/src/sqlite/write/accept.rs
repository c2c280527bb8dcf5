//! Rooms 10 and 11: known, mismatch, or stored.

use super::super::rows::by_seq;
use super::super::trouble::Trouble;
use super::super::writer::Writing;
use crate::codes::{digest, nanos, state_code};
use crate::fresh::fresh;
use gateway_core::exchange::{Key, NewExchange, Stored};
use gateway_core::journal::{Acceptance, Standing};
use rusqlite::{OptionalExtension, params};

pub(in super::super) fn accept(tx: &mut Writing<'_>, new: &NewExchange) -> Result<Acceptance, Trouble> {
    if let Some(key) = &new.key
        && let Some((seq, fingerprint)) = find_key(tx, new, key)?
    {
        let stored = Box::new(by_seq(tx.connection, seq)?);
        let same = fingerprint == key.fingerprint;
        return Ok(if same {
            Acceptance::Known(stored)
        } else {
            Acceptance::KeyMismatch(stored)
        });
    }
    if let Some(seq) = find_reference(tx, new, HELD)? {
        let stored = Box::new(by_seq(tx.connection, seq)?);
        if stored.fingerprint != new.fingerprint {
            return Ok(Acceptance::ReferenceMismatch(stored));
        }
        bind_key(tx, new, seq)?;
        return Ok(Acceptance::Known(stored));
    }
    let (stored, fence) = store(tx, new)?;
    Ok(Acceptance::New(Box::new(stored), fence))
}

/// Accepts what an outcome asks for: no lease, and what is known already is left out.
pub(super) fn accept_quietly(tx: &mut Writing<'_>, new: &NewExchange) -> Result<(), Trouble> {
    let known = match &new.key {
        Some(key) => find_key(tx, new, key)?.is_some(),
        None => false,
    };
    if known || find_reference(tx, new, "")?.is_some() {
        return Ok(());
    }
    let unleased = NewExchange {
        lease: None,
        ..new.clone()
    };
    store(tx, &unleased).map(drop)
}

pub(in super::super) fn dispatch(
    tx: &mut Writing<'_>,
    subscription: &str,
    from: i64,
    to: i64,
    deliveries: &[NewExchange],
) -> Result<bool, Trouble> {
    let at = super::super::read::cursor(tx.connection, subscription)?;
    if at != from {
        return Ok(false);
    }
    let sql = "INSERT OR REPLACE INTO cursors (subscription, position) VALUES (?1, ?2)";
    tx.connection.prepare_cached(sql)?.execute((subscription, to))?;
    for delivery in deliveries {
        accept_quietly(tx, delivery)?;
    }
    Ok(true)
}

fn find_key(tx: &Writing<'_>, new: &NewExchange, key: &Key) -> Result<Option<(i64, [u8; 32])>, Trouble> {
    let sql = "SELECT seq, fingerprint FROM keys WHERE consumer = ?1 AND operation = ?2 AND key = ?3";
    let found: Option<(i64, Vec<u8>)> = tx
        .connection
        .prepare_cached(sql)?
        .query_row((&new.consumer, &new.operation, &key.key), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found
        .map(|(seq, fingerprint)| digest(&fingerprint).map(|f| (seq, f)))
        .transpose()?)
}

/// Not given up: neither refused nor discarded.
const HELD: &str = " AND state NOT IN (6, 8)";

fn find_reference(tx: &Writing<'_>, new: &NewExchange, also: &str) -> Result<Option<i64>, Trouble> {
    let Some(reference) = &new.reference else {
        return Ok(None);
    };
    let sql = format!("SELECT seq FROM exchanges WHERE reference = ?1 AND operation = ?2{also} LIMIT 1");
    Ok(tx
        .connection
        .prepare_cached(&sql)?
        .query_row((reference, &new.operation), |row| row.get(0))
        .optional()?)
}

/// Whether the reference of an exchange that gave it up is held by another by now.
pub(super) fn reference_is_taken(tx: &Writing<'_>, seq: i64) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT 1 FROM exchanges e JOIN exchanges h ON h.reference = e.reference AND h.operation = e.operation
         WHERE e.seq = ?1 AND h.seq <> e.seq{} LIMIT 1",
        HELD.replace("state", "h.state")
    );
    tx.connection.prepare_cached(&sql)?.exists([seq])
}

fn bind_key(tx: &Writing<'_>, new: &NewExchange, seq: i64) -> rusqlite::Result<()> {
    let Some(key) = &new.key else { return Ok(()) };
    let sql = "INSERT INTO keys (consumer, operation, key, fingerprint, seq) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![new.consumer, new.operation, key.key, &key.fingerprint[..], seq];
    tx.connection.prepare_cached(sql)?.execute(values).map(drop)
}

fn lane_is_held(tx: &Writing<'_>, new: &NewExchange) -> rusqlite::Result<bool> {
    let Some(lane) = &new.lane else { return Ok(false) };
    let sql = "SELECT 1 FROM exchanges WHERE system = ?1 AND lane = ?2 AND lane IS NOT NULL AND state < 4 LIMIT 1";
    tx.connection.prepare_cached(sql)?.exists((&new.system, lane))
}

fn store(tx: &mut Writing<'_>, new: &NewExchange) -> Result<(Stored, Option<i64>), Trouble> {
    let seq = tx.heads.exchange + 1;
    let mut standing = Standing::accepted(new.at, new.due);
    let free = !lane_is_held(tx, new)?;
    let lease = new.lease.as_ref().filter(|_| free);
    if let Some(request) = lease {
        standing.lease(request, new.at);
    }
    let sql = "INSERT INTO exchanges (seq, id, consumer, operation, system, purpose, fingerprint, reference, lane,
               trace, cause, created, state, before, fence, until, due, wake, head, attempts, lookups, tries, changed,
               owner)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, 0, 0,
               ?12, ?21)";
    let values = params![
        seq,
        new.id.0.as_bytes().as_slice(),
        new.consumer,
        new.operation,
        new.system,
        new.purpose,
        &new.fingerprint[..],
        new.reference,
        new.lane,
        new.trace,
        new.cause.as_ref().map(|c| c.0.as_bytes().as_slice()),
        nanos(new.at),
        state_code(standing.state),
        state_code(standing.before),
        standing.fence,
        standing.until.map(nanos),
        nanos(new.due),
        nanos(standing.wake()),
        free,
        standing.attempts,
        lease.map(|l| &l.owner),
    ];
    tx.connection.prepare_cached(sql)?.execute(values)?;
    let sql = "INSERT INTO bodies (seq, input, seal) VALUES (?1, ?2, ?3)";
    tx.connection
        .prepare_cached(sql)?
        .execute((seq, &new.input[..], new.seal.as_deref()))?;
    bind_key(tx, new, seq)?;
    tx.heads.exchange = seq;
    tx.heads.moved(&new.system, None, standing.state);
    tx.heads.wake |= free && lease.is_none();
    Ok((fresh(new, seq, &standing), lease.map(|_| standing.fence)))
}
