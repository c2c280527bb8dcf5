//! The end of a try, and a person's decision: state, attempt, lane, relays, events, evidence together.

use super::super::rows::Moving;
use super::super::trouble::Trouble;
use super::super::writer::Writing;
use super::accept::{accept_quietly, reference_is_taken};
use super::evidence::append;
use super::shared::{put_timer, still_seen};
use crate::codes::nanos;
use bytes::Bytes;
use gateway_core::exchange::{NewEvent, NewExchange, Settlement, State};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Change, Intervention, JournalError, Planned};
use rusqlite::params;

pub(in super::super) fn settle(tx: &mut Writing<'_>, settlement: &Settlement) -> Result<(), Trouble> {
    let mut moving = find(tx, settlement.id)?;
    let from = moving.standing.state;
    let change = moving.standing.settle(settlement)?;
    // Checked before anything is written: a refusal leaves nothing behind.
    for planned in &settlement.timers {
        still_seen(tx, planned)?;
    }
    store(tx, moving, from, change)?;
    set_off(tx, &settlement.relays, &settlement.events, &settlement.timers)?;
    if let Some(record) = &settlement.evidence {
        append(tx, record)?;
    }
    Ok(())
}

pub(in super::super) fn intervene(
    tx: &mut Writing<'_>,
    intervention: &Intervention,
    evidence: &Bytes,
) -> Result<(), Trouble> {
    let mut moving = find(tx, intervention.id)?;
    let from = moving.standing.state;
    let change = moving.standing.intervene(intervention)?;
    for planned in &intervention.timers {
        still_seen(tx, planned)?;
    }
    let comes_back = from.gives_up_reference() && !moving.standing.state.gives_up_reference();
    if comes_back && reference_is_taken(tx, moving.seq)? {
        return Err(JournalError::State(intervention.id, from).into());
    }
    store(tx, moving, from, change)?;
    set_off(tx, &intervention.relays, &intervention.events, &intervention.timers)?;
    append(tx, evidence)
}

fn set_off(
    tx: &mut Writing<'_>,
    relays: &[NewExchange],
    events: &[NewEvent],
    timers: &[Planned],
) -> Result<(), Trouble> {
    for relay in relays {
        accept_quietly(tx, relay)?;
    }
    for event in events {
        publish(tx, event)?;
    }
    for planned in timers {
        put_timer(tx, &planned.timer, None)?;
    }
    Ok(())
}

fn find(tx: &Writing<'_>, id: ExchangeId) -> Result<Moving, Trouble> {
    Ok(Moving::by_id(tx.connection, id)?.ok_or(JournalError::Missing(id))?)
}

fn store(tx: &mut Writing<'_>, mut moving: Moving, from: State, change: Change) -> Result<(), Trouble> {
    moving.apply(tx.connection, change)?;
    moving.pass_lane(tx.connection, from)?;
    moving.save(tx.connection, None)?;
    tx.heads.moved(&moving.system, Some(from), moving.standing.state);
    // The lane went on, or this one comes back: perhaps sooner than somebody was told.
    tx.heads.wake |= moving.lane.is_some() || moving.standing.state.is_open();
    Ok(())
}

pub(in super::super) fn publish(tx: &mut Writing<'_>, event: &NewEvent) -> Result<(), Trouble> {
    let sql = "INSERT INTO events (seq, id, kind, subject, subject_seq, source, at, data, schema, trace)
               VALUES (?1, ?2, ?3, ?4, 1 + (SELECT coalesce(max(subject_seq), 0) FROM events WHERE subject = ?4),
               ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING";
    let seq = tx.heads.event + 1;
    let values = params![
        seq,
        event.id.as_bytes().as_slice(),
        event.kind,
        event.subject,
        event.source,
        nanos(event.at),
        &event.data[..],
        event.schema,
        event.trace,
    ];
    // The same fact may be met twice; it is one event.
    if tx.connection.prepare_cached(sql)?.execute(values)? > 0 {
        tx.heads.event = seq;
    }
    Ok(())
}
