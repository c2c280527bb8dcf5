//! `/v1/pertukaran/{id}`: where an exchange stands. A consumer sees its own exchanges only; others do not exist for it.

use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, faults, refusals, respond};
use bytes::Bytes;
use connector_sdk::{Fault, Landed, Text};
use gateway_core::Refusal;
use gateway_core::catalogue::Published;
use gateway_core::events::DELIVERY;
use gateway_core::exchange::{Attempt, State, Stored, TryKind};
use gateway_core::identity::{Consumer, Identified};
use gateway_core::ids::ExchangeId;
use gateway_core::seal::Sealer;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Answers for the exchange named in the path.
pub(super) async fn exchange(
    edge: &Arc<Edge>,
    who: &Identified,
    parameters: &Map<String, Value>,
    own: ExchangeId,
    language: Language,
) -> Answer {
    let wanted = parameters
        .get("id")
        .and_then(Value::as_str)
        .and_then(|id| id.parse::<ExchangeId>().ok());
    let Some(wanted) = wanted else {
        return unknown().render(own, language);
    };
    let journal = &edge.rooms.journal;
    let (stored, attempts) = match (journal.get(wanted).await, journal.attempts(wanted).await) {
        (Ok(Some(stored)), Ok(attempts)) => (stored, attempts),
        (Ok(None), _) => return unknown().render(own, language),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "exchange not readable");
            return refusals::problem(&Refusal::CannotStore).render(own, language);
        }
    };
    if stored.consumer != who.consumer().id {
        return unknown().render(own, language);
    }
    respond::json(
        StatusCode::OK,
        Bytes::from(view(&edge.rooms.sealer, who.consumer(), &stored, &attempts, language).to_string()),
    )
}

/// The resource, schema `pertukaran`.
fn view(sealer: &Sealer, owner: &Consumer, stored: &Stored, attempts: &[Attempt], language: Language) -> Value {
    let reply = gateway_core::idempotency::reply_of(sealer, stored).ok();
    let mut reply = reply.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    match owner.grants.get(&stored.operation) {
        Some(grant) => {
            if let (Some(fields), Some(reply)) = (&grant.fields, &mut reply) {
                fields.minimise(reply);
            }
        }
        None if stored.operation == DELIVERY => {}
        // The grant may have been limited before it was taken away.
        None => reply = None,
    }
    json!({
        "id": stored.id.to_string(),
        "operasi": stored.operation,
        "konsumen": stored.consumer,
        "sistem": stored.system,
        "keadaan": stored.state.word(),
        "rujukan": stored.reference,
        "alasan": stored.reason,
        "dibuat_pada": stored.created.to_string(),
        "diperbarui_pada": stored.changed.to_string(),
        "percobaan": attempts.iter().map(attempt).collect::<Vec<_>>(),
        "percobaan_berikut_pada": next(stored.state, stored.due),
        "balasan": reply,
        "masalah": stored.fault.as_ref().filter(|_| stored.state != State::Done).map(|f| trouble(f, stored.state, language)),
    })
}

/// A row of a list: the resource without attempts and reply.
pub(super) fn brief(stored: &Stored, language: Language) -> Value {
    json!({
        "id": stored.id.to_string(),
        "operasi": stored.operation,
        "konsumen": stored.consumer,
        "sistem": stored.system,
        "keadaan": stored.state.word(),
        "rujukan": stored.reference,
        "alasan": stored.reason,
        "dibuat_pada": stored.created.to_string(),
        "diperbarui_pada": stored.changed.to_string(),
        "percobaan_berikut_pada": next(stored.state, stored.due),
        "masalah": stored.fault.as_ref().filter(|_| stored.state != State::Done).map(|f| trouble(f, stored.state, language)),
    })
}

/// The same resource for a write that has just been taken on, without asking the journal.
pub(super) fn underway(
    id: ExchangeId,
    operation: &Published,
    consumer: &str,
    state: State,
    changed: Timestamp,
    due: Timestamp,
    fault: Option<&Fault>,
) -> Value {
    json!({
        "id": id.to_string(),
        "operasi": operation.id,
        "konsumen": consumer,
        "sistem": operation.system,
        "keadaan": state.word(),
        "dibuat_pada": created(id).unwrap_or(changed).to_string(),
        "diperbarui_pada": changed.to_string(),
        "percobaan_berikut_pada": next(state, due),
        "balasan": null,
        "masalah": fault.map(|f| trouble(f, state, Language::Id)),
    })
}

/// A UUIDv7 carries its time.
fn created(id: ExchangeId) -> Option<Timestamp> {
    let (seconds, nanos) = id.0.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
}

fn next(state: State, due: Timestamp) -> Option<String> {
    matches!(state, State::Accepted | State::Scheduled | State::Unresolved).then(|| due.to_string())
}

fn attempt(attempt: &Attempt) -> Value {
    let (outcome, landed) = match attempt.fault.as_ref().map(|f| f.landed) {
        None => ("berhasil", "yes"),
        Some(Landed::Yes) => ("gagal", "yes"),
        Some(Landed::No) => ("gagal", "no"),
        Some(Landed::Unknown) => ("belum_pasti", "unknown"),
    };
    let kind = match attempt.kind {
        TryKind::Deliver => "kirim",
        TryKind::Lookup => "cari",
        TryKind::Late => "susulan",
        TryKind::Person => "petugas",
    };
    json!({
        "nomor": attempt.number,
        "jenis": kind,
        "mulai_pada": attempt.started.to_string(),
        "selesai_pada": attempt.ended.to_string(),
        "hasil": outcome,
        "landed": landed,
        "code": attempt.fault.as_ref().map(|f| faults::problem(f, None).code),
    })
}

fn trouble(fault: &Fault, state: State, language: Language) -> Value {
    let problem = faults::problem(fault, Some(state));
    json!({
        "code": problem.code,
        "origin": problem.origin,
        "landed": problem.landed,
        "detail": language.pick(&problem.detail),
    })
}

fn unknown() -> Problem {
    Problem::consumer(
        "tidak-ditemukan",
        Text::new(
            "Tidak ada pertukaran dengan nomor ini untuk konsumen Anda.",
            "There is no exchange with this number for your consumer.",
        ),
    )
}
