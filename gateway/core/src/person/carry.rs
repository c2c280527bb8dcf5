//! Carries a person's decision out. An exchange that a person saw in the system has landed like any other: what its
//! outcome sets off (relays, follows, links, service clocks, events) becomes durable in the transaction of the decision,
//! and its evidence names the person as the source.

use super::{PersonError, Proposal, Wish};
use crate::catalogue::Catalogue;
use crate::events;
use crate::evidence::sha256;
use crate::exchange::{State, Stored};
use crate::journal::{Action, Intervention, JournalError};
use crate::origin::opened;
use crate::pipeline::Rooms;
use crate::relay::{self, Ended, SetOff};
use bytes::Bytes;
use connector_sdk::{Effect, Replay};
use serde_json::{Value, json};

/// How often a decision is judged anew because an outcome of another lane moved one of its timers meanwhile.
const MOST_TURNS: u32 = 20;

pub(super) async fn out(
    rooms: &Rooms,
    stored: &Stored,
    proposal: Proposal,
    second: Option<String>,
) -> Result<(), PersonError> {
    let at = rooms.clock.now();
    let catalogue = rooms.catalogue.load_full();
    let Proposal { wish, by, reason, .. } = proposal;
    let word = word(&wish);
    let mut evidence = json!({
        "exchange": stored.id.to_string(), "operation": stored.operation, "system": stored.system,
        "person": by, "second": second, "action": word, "reason": reason, "at": at.to_string(),
        "before": stored.state.word(),
    });
    let seen = match &wish {
        Wish::NyatakanBerlaku { balasan } => Some(balasan.clone()),
        Wish::KirimUlang { .. } | Wish::Batalkan => None,
    };
    if let Some(reply) = &seen {
        evidence["landed"] = json!("yes");
        evidence["consumer"] = json!(stored.consumer);
        evidence["purpose"] = json!(stored.purpose);
        evidence["input"] = json!(hex::encode(stored.fingerprint));
        evidence["reply"] = json!(hex::encode(sha256(&schemas::canon::to_bytes(reply))));
    }
    let (action, state) = match wish {
        Wish::KirimUlang { paksa } => {
            let unsure = stored.state == State::Parked && lookup_possible(&catalogue, stored);
            let lookup_first = unsure && !paksa;
            (Action::Replay { due: at, lookup_first }, State::Scheduled)
        }
        Wish::Batalkan => (Action::Discard, State::Discarded),
        Wish::NyatakanBerlaku { balasan } => (landed(rooms, stored, &balasan)?, State::Done),
    };
    let mut told = events::of_outcome(
        rooms,
        &catalogue,
        &events::Ended {
            exchange: stored.id,
            consumer: &stored.consumer,
            operation: &stored.operation,
            before: stored.state,
            state,
            reply: seen.as_ref(),
            at,
        },
    );
    for event in &mut told {
        event.trace.clone_from(&stored.trace);
    }
    let decision = Intervention {
        events: told,
        relays: Vec::new(),
        timers: Vec::new(),
        id: stored.id,
        action,
        by,
        second,
        reason,
        at,
    };
    store(
        rooms,
        &catalogue,
        stored,
        decision,
        seen.as_ref(),
        &Bytes::from(evidence.to_string()),
    )
    .await?;
    tracing::info!(exchange = %stored.id, action = word, "a person decided");
    Ok(())
}

fn word(wish: &Wish) -> &'static str {
    match wish {
        Wish::KirimUlang { paksa: false } => "kirim_ulang",
        Wish::KirimUlang { paksa: true } => "kirim_ulang_paksa",
        Wish::Batalkan => "batalkan",
        Wish::NyatakanBerlaku { .. } => "nyatakan_berlaku",
    }
}

/// The decision with the reply that the person gives, sealed.
fn landed(rooms: &Rooms, stored: &Stored, reply: &Value) -> Result<Action, PersonError> {
    let plain = schemas::canon::to_bytes(reply);
    let sealed = rooms
        .sealer
        .unwrap(stored.seal.as_ref())
        .and_then(|key| key.seal(&plain, stored.id));
    Ok(Action::Landed {
        reply: sealed.map_err(|e| PersonError::Reply(e.to_string()))?,
    })
}

/// Stores a decision with what it sets off, judged by how things stand when it is stored.
async fn store(
    rooms: &Rooms,
    catalogue: &Catalogue,
    stored: &Stored,
    mut decision: Intervention,
    reply: Option<&Value>,
    evidence: &Bytes,
) -> Result<(), JournalError> {
    let input = reply.map(|_| opened(rooms, stored).input).unwrap_or_default();
    let mut turn = 1;
    loop {
        if let Some(reply) = reply {
            let ended = Ended {
                operation: &stored.operation,
                exchange: stored.id,
                cause: stored.cause,
                consumer: &stored.consumer,
                purpose: &stored.purpose,
                trace: stored.trace.as_deref(),
                input: &input,
                reply,
                at: decision.at,
            };
            let SetOff { exchanges, timers } = relay::set_off(rooms, catalogue, &ended).await;
            decision.relays = exchanges;
            decision.timers = timers;
        }
        match rooms.journal.intervene(decision.clone(), evidence.clone()).await {
            Err(JournalError::Moved(_)) if turn < MOST_TURNS => turn += 1,
            other => return other,
        }
    }
}

fn lookup_possible(catalogue: &Catalogue, stored: &Stored) -> bool {
    let operation = catalogue.operations.get(&stored.operation);
    operation.is_some_and(|o| {
        o.spec.effect
            == Effect::Write {
                replay: Replay::ByReference,
            }
    })
}
