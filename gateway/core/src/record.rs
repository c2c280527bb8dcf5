//! Room 14: outcome, evidence, metrics, trace. What a try led to becomes durable here, in one transaction.

mod scribe;
mod unjournalled;

pub use scribe::Scribe;
pub(crate) use unjournalled::note;
pub use unjournalled::{Copied, copied, read, shown, turned_away};

use crate::catalogue::Catalogue;
use crate::deadlines;
use crate::deliver::Task;
use crate::events;
use crate::evidence::{About, Record, fault_word, sha256};
use crate::exchange::{Attempt, NewEvent, Next, Settlement, State, TryKind};
use crate::ids::ExchangeId;
use crate::journal::JournalError;
use crate::likeness;
use crate::observe::{EGRESS_REFUSED, Failed, Finished, Tried};
use crate::outcome::{Outcome, Refusal, Verdict};
use crate::pipeline::{Rooms, done};
use crate::relay::{self, Ended, SetOff};
use crate::subject;
use crate::trouble;
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Landed, Origin, Text};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Who asked and why, for evidence.
#[derive(Clone)]
pub struct Party {
    /// Consumer.
    pub consumer: String,
    /// Purpose of the grant.
    pub purpose: String,
}

/// Settles a journalled try and says what the caller hears.
pub async fn settle(
    rooms: &Rooms,
    catalogue: &Catalogue,
    task: &Task,
    party: &Party,
    before: State,
    attempt: Attempt,
    decided: (Next, Option<&Value>),
) -> Verdict {
    let (mut next, reply) = decided;
    let at = rooms.clock.now();
    let hinted = match (reply, &next) {
        (Some(reply), Next::Done { .. }) => likeness::hint(rooms, catalogue, &ended(task, party, reply, at)).await,
        _ => None,
    };
    if let Some(hinted) = &hinted {
        next = done(hinted);
    }
    let reply = hinted.as_ref().or(reply);
    let state = next.state(before);
    let sets_off = match (reply, &next) {
        (Some(reply), Next::Done { .. }) => SetsOff::Done(ended(task, party, reply, at)),
        // A refusal that the sender must mend is over; everything else that waits for a person holds its record's place.
        (None, Next::Dead { .. } | Next::Parked { .. }) if !is_refusal(&attempt) => SetsOff::Waiting(task),
        _ => SetsOff::Nothing,
    };
    let operation = task.routed.operation();
    let ended_as = events::Ended {
        exchange: task.exchange,
        consumer: &party.consumer,
        operation: &operation.id,
        before,
        state,
        reply,
        at,
    };
    let mut told = events::of_outcome(rooms, catalogue, &ended_as);
    let turn = events::turn(&rooms.events, task, &attempt, at);
    told.extend(turn.as_ref().and_then(|turn| turn.event(rooms)));
    follow(&mut told, task);
    let answered = match &next {
        Next::Done { reply } => Some(reply),
        _ => None,
    };
    let about = subject::about(rooms, &party.consumer, task, reply);
    let evidence = evidence(task, party, &attempt, Some(state), answered, about);
    observe(rooms, task, &attempt, state.word());
    let fault = attempt.fault.clone();
    let verdict = match &next {
        Next::Done { reply } => Verdict::Done(reply.clone()),
        Next::Schedule { due } | Next::Release { due } => Verdict::Underway {
            state,
            changed: at,
            due: *due,
            fault,
        },
        Next::Failed | Next::Dead { .. } | Next::Unresolved { .. } | Next::Parked { .. } => Verdict::Faulted {
            fault: fault.unwrap_or_else(|| unclear(&next)),
            state: Some(state),
        },
    };
    let Some(held) = task.held else { return verdict };
    let next = sealed(task, next);
    let released = matches!(next, Next::Release { .. });
    let settlement = Settlement {
        id: held.id,
        fence: held.fence,
        before,
        // What was only held back was no try: nothing happened that could be proved.
        attempt: (!released).then_some(attempt),
        next,
        at,
        relays: Vec::new(),
        events: told,
        timers: Vec::new(),
        evidence: (!released).then_some(evidence),
    };
    match store(rooms, catalogue, settlement, &sets_off).await {
        Ok(()) => {
            if let Some(turn) = turn {
                turn.carry_out(rooms, task.exchange).await;
            }
            verdict
        }
        Err(error) => {
            // The try happened but its end is not durable. The lease will run out and the system will be asked.
            tracing::error!(exchange = %task.exchange, %error, "outcome not stored");
            Verdict::Faulted {
                fault: not_stored(),
                state: Some(State::Leased),
            }
        }
    }
}

/// What is told of an exchange goes on in its trace.
fn follow(told: &mut [NewEvent], task: &Task) {
    for event in told {
        event.trace.clone_from(&task.trace);
    }
}

fn is_refusal(attempt: &Attempt) -> bool {
    attempt
        .fault
        .as_ref()
        .is_some_and(|fault| fault.kind == FaultKind::Invalid)
}

fn ended<'a>(task: &'a Task, party: &'a Party, reply: &'a Value, at: Timestamp) -> Ended<'a> {
    Ended {
        operation: &task.routed.operation().id,
        exchange: task.exchange,
        cause: task.cause,
        consumer: &party.consumer,
        purpose: &party.purpose,
        trace: task.trace.as_deref(),
        input: &task.input,
        reply,
        at,
    }
}

/// The reply goes into the journal sealed. Should the cipher fail, the exchange is done all the same, without its body.
fn sealed(task: &Task, next: Next) -> Next {
    let Next::Done { reply } = next else { return next };
    let sealed = task.data_key.as_ref().map(|key| key.seal(&reply, task.exchange));
    match sealed {
        Some(Ok(reply)) => Next::Done { reply },
        Some(Err(error)) => {
            tracing::error!(exchange = %task.exchange, %error, "reply not sealed and not kept");
            Next::Done { reply: Bytes::new() }
        }
        None => Next::Done { reply: Bytes::new() },
    }
}

/// What an outcome sets off, judged by how things stand when it is stored.
enum SetsOff<'a> {
    Done(Ended<'a>),
    Waiting(&'a Task),
    Nothing,
}

impl SetsOff<'_> {
    async fn now(&self, rooms: &Rooms, catalogue: &Catalogue) -> SetOff {
        match self {
            Self::Done(ended) => relay::set_off(rooms, catalogue, ended).await,
            Self::Waiting(task) => SetOff {
                timers: deadlines::waits(rooms, catalogue, task).await.into_iter().collect(),
                ..SetOff::default()
            },
            Self::Nothing => SetOff::default(),
        }
    }
}

/// How often an outcome is judged anew because another one was quicker.
const MOST_TURNS: u32 = 20;

/// Stores an outcome with what it sets off. Where an outcome of another lane moved one of its timers meanwhile, what it
/// sets off is judged anew by what stands there now.
async fn store(
    rooms: &Rooms,
    catalogue: &Catalogue,
    mut settlement: Settlement,
    sets_off: &SetsOff<'_>,
) -> Result<(), JournalError> {
    let mut turn = 1;
    loop {
        let SetOff { exchanges, timers } = sets_off.now(rooms, catalogue).await;
        settlement.relays = exchanges;
        settlement.timers = timers;
        match write(rooms, &settlement).await {
            Err(JournalError::Moved(_)) if turn < MOST_TURNS => turn += 1,
            other => return other,
        }
    }
}

/// Writes an outcome; a journal that is busy or full gets a few chances, since the effect has happened already.
async fn write(rooms: &Rooms, settlement: &Settlement) -> Result<(), JournalError> {
    let mut pause = Duration::from_millis(50);
    loop {
        match rooms.journal.settle(settlement.clone()).await {
            Ok(()) => return Ok(()),
            Err(
                error @ (JournalError::Stale(_)
                | JournalError::Missing(_)
                | JournalError::State(..)
                | JournalError::Moved(_)),
            ) => {
                return Err(error);
            }
            Err(error) if pause > Duration::from_secs(2) => return Err(error),
            Err(_) => {
                rooms.clock.sleep(pause).await;
                pause *= 2;
            }
        }
    }
}

/// A write answered after it was given up: if it is still unresolved, it is now done.
pub async fn late(rooms: &Arc<Rooms>, task: &Task, reply: &Value, attempt: Attempt) {
    let Some(held) = task.held else { return };
    let catalogue = rooms.catalogue.load_full();
    let at = rooms.clock.now();
    let party = match rooms.journal.get(held.id).await {
        Ok(Some(stored)) => Party {
            consumer: stored.consumer,
            purpose: stored.purpose,
        },
        _ => return,
    };
    let mut told = events::of_outcome(
        rooms,
        &catalogue,
        &events::Ended {
            exchange: task.exchange,
            consumer: &party.consumer,
            operation: &task.routed.operation().id,
            before: State::Unresolved,
            state: State::Done,
            reply: Some(reply),
            at,
        },
    );
    follow(&mut told, task);
    let bytes = Bytes::from(schemas::canon::to_bytes(reply));
    let settlement = Settlement {
        id: held.id,
        fence: held.fence,
        before: State::Unresolved,
        evidence: Some(evidence(
            task,
            &party,
            &attempt,
            Some(State::Done),
            Some(&bytes),
            subject::about(rooms, &party.consumer, task, Some(reply)),
        )),
        next: sealed(task, Next::Done { reply: bytes }),
        attempt: Some(attempt.clone()),
        at,
        relays: Vec::new(),
        events: told,
        timers: Vec::new(),
    };
    let sets_off = SetsOff::Done(ended(task, &party, reply, at));
    match store(rooms, &catalogue, settlement, &sets_off).await {
        Ok(()) => observe(rooms, task, &attempt, State::Done.word()),
        Err(error) => tracing::info!(exchange = %task.exchange, %error, "late answer not needed"),
    }
}

/// Closes a call: metrics for all, evidence for those refused after the caller was known.
pub async fn close(rooms: &Rooms, outcome: &Outcome, operation: &str, system: &str, party: &Party, began: Timestamp) {
    let result = match &outcome.verdict {
        Verdict::Done(_) => "ok",
        Verdict::Underway { .. } => "underway",
        Verdict::Refused(refusal) => {
            return turned_away(rooms, outcome.exchange, refusal, operation, system, party, began).await;
        }
        Verdict::Faulted { fault, .. } => fault_word(fault),
    };
    rooms.observer.finished(&Finished {
        exchange: outcome.exchange,
        operation,
        consumer: &party.consumer,
        result,
        refused: false,
        replayed: outcome.replayed,
    });
}

fn evidence(
    task: &Task,
    party: &Party,
    attempt: &Attempt,
    state: Option<State>,
    reply: Option<&Bytes>,
    about: Option<About>,
) -> Bytes {
    let fault = attempt.fault.as_ref();
    bytes_of(&Record {
        exchange: task.exchange,
        consumer: &party.consumer,
        operation: &task.routed.operation().id,
        system: &task.routed.system().id,
        purpose: &party.purpose,
        started: attempt.started,
        ended: attempt.ended,
        state,
        result: fault.map_or("ok", fault_word),
        attempt: attempt.number,
        input: Some(hex::encode(task.fingerprint)),
        reply: reply.map(|r| hex::encode(sha256(r))),
        native: attempt.digests.clone(),
        origin: fault.map(|f| f.origin),
        landed: fault.map(|f| f.landed),
        about,
    })
}

fn bytes_of(record: &Record<'_>) -> Bytes {
    record.to_bytes().into()
}

fn observe(rooms: &Rooms, task: &Task, attempt: &Attempt, state: &str) {
    let code = attempt.fault.as_ref().and_then(|fault| fault.native_code.as_deref());
    if code == Some(EGRESS_REFUSED) {
        rooms.observer.noted(EGRESS_REFUSED, &task.routed.system().id);
    }
    let landed = match attempt.fault.as_ref().map(|f| f.landed) {
        None | Some(Landed::Yes) => "yes",
        Some(Landed::No) => "no",
        Some(Landed::Unknown) => "unknown",
    };
    rooms.observer.tried(&Tried {
        exchange: task.exchange,
        operation: &task.routed.operation().id,
        system: &task.routed.system().id,
        attempt: attempt.number,
        result: match (&attempt.fault, attempt.kind) {
            (Some(fault), _) => fault_word(fault),
            (None, TryKind::Lookup) => "looked_up",
            (None, _) => "ok",
        },
        landed,
        state,
        system_time: Duration::from_millis(attempt.system_ms),
        at: attempt.ended,
        failed: attempt
            .fault
            .as_ref()
            .map(|fault| failed(rooms, &task.routed.system().id, fault, attempt.ended)),
        trace: task.trace.as_deref(),
    });
}

/// Whose fault it was, for whoever counts.
pub(crate) fn failed<'f>(rooms: &Rooms, system: &str, fault: &'f Fault, at: Timestamp) -> Failed<'f> {
    let (cause, side) = trouble::judge(&rooms.catalogue.load().flows, system, fault, at);
    Failed {
        cause,
        side,
        code: fault.native_code.as_deref(),
        echo: trouble::is_echo(fault),
    }
}

fn unclear(next: &Next) -> Fault {
    let why = match next {
        Next::Parked { reason } | Next::Dead { reason } => reason.clone(),
        _ => "outcome unknown".to_owned(),
    };
    Fault::new(
        FaultKind::Timeout,
        Text::new(
            "Hasil belum pasti; gateway menanyakannya ke sistem tujuan.",
            "The outcome is not known yet; the gateway is asking the target system.",
        ),
    )
    .landed(Landed::Unknown)
    .internal(why)
}

fn not_stored() -> Fault {
    Fault::new(
        // Not a defect: the outcome stands in the system and will be learnt from there.
        FaultKind::Unavailable,
        Text::new(
            "Gateway tidak dapat mencatat hasilnya. Periksa status pertukaran sebelum mengirim lagi.",
            "The gateway could not record the outcome. Check the exchange before sending again.",
        ),
    )
    .origin(Origin::Gateway)
    .landed(Landed::Unknown)
}

/// Refusals that come before the pipeline are closed with the same words.
pub fn refused(exchange: ExchangeId, refusal: Refusal) -> Outcome {
    Outcome {
        exchange,
        verdict: Verdict::Refused(refusal),
        replayed: false,
        aged: None,
        standing: None,
        limited: false,
    }
}
