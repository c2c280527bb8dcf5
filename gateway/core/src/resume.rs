//! What to do with a held exchange: deliver it, ask what became of it first, or give it back. Called by `advance` only.

use crate::catalogue::Catalogue;
use crate::deadlines;
use crate::deliver::decide::{Failed, after_fault};
use crate::deliver::{self, Task, Tried};
use crate::events;
use crate::evidence::{fault_word, sha256};
use crate::exchange::{Attempt, Leased, Next, Settlement, State, TryKind};
use crate::newest;
use crate::outcome::Verdict;
use crate::pipeline::{Rooms, done, held, may_have_sent};
use crate::route::{inbound, push, route};
use crate::spoken;
use crate::subject;
use crate::time::later;
use connector_sdk::{Effect, Fault, FaultKind, Found, Landed, Origin, Replay, Text};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long an exchange whose system is not set up waits before it is looked at again.
const UNROUTABLE_PAUSE: Duration = Duration::from_secs(60);

/// Room 12 for a stored exchange: its operation, its system, its input.
pub(crate) fn task(rooms: &Rooms, catalogue: &Catalogue, leased: &Leased) -> Result<Task, Fault> {
    let exchange = &leased.exchange;
    let not_installed = |what: &str| {
        Fault::new(FaultKind::Misconfigured, NOT_INSTALLED)
            .origin(Origin::Gateway)
            .internal(format!("{what} of exchange is not in the configuration"))
    };
    let routed = if exchange.operation == events::DELIVERY {
        push(&rooms.events, exchange, rooms.clock.now())?
    } else if let Some(receiver) = catalogue.inbound.get(&exchange.operation) {
        inbound(receiver)
    } else {
        let operation = catalogue
            .operations
            .get(&exchange.operation)
            .ok_or_else(|| not_installed("operation"))?;
        route(catalogue, operation, &exchange.consumer, exchange.id).map_err(|_| not_installed("system"))?
    };
    let unreadable = |why: String| Fault::new(FaultKind::Internal, UNREADABLE).internal(why);
    let key = rooms
        .sealer
        .unwrap(exchange.seal.as_ref())
        .map_err(|e| unreadable(e.to_string()))?;
    let plain = key
        .open(&exchange.input, exchange.id)
        .map_err(|e| unreadable(e.to_string()))?;
    let input: Value = serde_json::from_slice(&plain).map_err(|_| unreadable("stored input is not JSON".into()))?;
    if exchange.operation == events::DELIVERY {
        events::still_heard(rooms, catalogue, exchange, &input)?;
    }
    Ok(Task {
        routed,
        fingerprint: sha256(&plain),
        input: Arc::new(input),
        exchange: exchange.id,
        consumer: exchange.consumer.clone(),
        cause: exchange.cause,
        reference: exchange.reference.clone().unwrap_or_else(|| exchange.id.to_string()),
        number: exchange.attempts.max(1),
        held: held(exchange.id, leased.fence),
        data_key: Some(Arc::new(key)),
        checkpoints: leased.checkpoints.clone(),
        trace: exchange.trace.clone(),
        secret: None,
    })
}

/// Room 13 for a held exchange. Returns the attempt row, what follows, and the reply if it landed.
pub(crate) async fn work(
    rooms: &Arc<Rooms>,
    leased: &Leased,
    task: &Task,
    caller_waits: bool,
) -> (Attempt, Next, Option<Value>) {
    if !may_have_sent(leased.before) && subject::waits(rooms, &rooms.catalogue.load(), task) {
        let reason = "pemrosesan data seseorang di dalamnya dibatasi setelah pertukaran ini diterima".to_owned();
        return (mark(rooms, task, TryKind::Deliver, None), Next::Parked { reason }, None);
    }
    if task.routed.is_inbound() {
        return crate::inbound::translate(rooms, task).await;
    }
    let effect = task.routed.operation().spec.effect;
    let by_reference = effect
        == Effect::Write {
            replay: Replay::ByReference,
        };
    let unsafe_write = effect == Effect::Write { replay: Replay::Unsafe };
    if may_have_sent(leased.before) && unsafe_write {
        let reason = "gateway berhenti saat mengirim; hasil tidak pasti dan tidak boleh diulang sendiri".to_owned();
        return (mark(rooms, task, TryKind::Deliver, None), Next::Parked { reason }, None);
    }
    if deadlines::is_behind(rooms, &rooms.catalogue.load(), task).await {
        // What may have been sent is still asked for once its turn has come. Nobody holds it meanwhile: its elder goes first.
        let due = later(rooms.clock.now(), task.routed.system().policy.lookup_after);
        let next = match (leased.before, by_reference) {
            (State::Leased, true) => Next::Unresolved { due },
            (State::Leased, false) => Next::Schedule { due },
            _ => Next::Release { due },
        };
        return (mark(rooms, task, TryKind::Deliver, None), next, None);
    }
    if leased.before == State::Leased && by_reference {
        // The holder died or paused while trying. Its request may still be on its way: ask only after a while.
        let due = later(leased.exchange.changed, task.routed.system().policy.lookup_after);
        if due > rooms.clock.now() {
            return (
                mark(rooms, task, TryKind::Deliver, None),
                Next::Unresolved { due },
                None,
            );
        }
    }
    if may_have_sent(leased.before) && by_reference {
        let lookups = leased.exchange.lookups.max(1);
        let Tried { result, attempt } = deliver::look_up(rooms, task).await;
        match result {
            Ok(Found::Landed(reply)) => return (attempt, done(&reply), Some(reply)),
            Ok(Found::NotLanded) => {}
            Ok(Found::Unclear(why)) => {
                return (
                    attempt,
                    Next::Parked {
                        reason: why.into_owned(),
                    },
                    None,
                );
            }
            Err(fault) => {
                let next = decide(
                    rooms,
                    task,
                    &fault,
                    leased.exchange.attempts,
                    lookups,
                    true,
                    caller_waits,
                );
                return (attempt, next, None);
            }
        }
    }
    match newest::overtaken(rooms, &rooms.catalogue.load_full(), task).await {
        Some(fault) if fault.kind == FaultKind::Conflict => {
            return (mark(rooms, task, TryKind::Deliver, Some(fault)), Next::Failed, None);
        }
        Some(fault) => {
            let next = decide(
                rooms,
                task,
                &fault,
                leased.exchange.attempts.max(1),
                0,
                false,
                caller_waits,
            );
            return (mark(rooms, task, TryKind::Deliver, Some(fault)), next, None);
        }
        None => {}
    }
    let Tried { result, attempt } = match deadlines::judged(rooms, &rooms.catalogue.load(), task).await {
        Ok(()) => deliver::attempt(rooms, task).await,
        Err(fault) => Tried {
            attempt: mark(rooms, task, TryKind::Deliver, Some(fault.clone())),
            result: Err(fault),
        },
    };
    match result {
        Ok(reply) => (attempt, done(&reply), Some(reply)),
        Err(fault) => {
            let next = decide(
                rooms,
                task,
                &fault,
                leased.exchange.attempts.max(1),
                0,
                false,
                caller_waits,
            );
            (attempt, next, None)
        }
    }
}

fn decide(
    rooms: &Rooms,
    task: &Task,
    fault: &Fault,
    attempts: u32,
    lookups: u32,
    was_lookup: bool,
    caller_waits: bool,
) -> Next {
    let effect = task.routed.operation().spec.effect;
    let failed = Failed {
        effect,
        fault,
        attempts,
        lookups,
        was_lookup,
        caller_waits,
    };
    let next = after_fault(
        &failed,
        &task.routed.system().policy,
        rooms.clock.now(),
        rooms.ids.fraction(),
    );
    if spoken::takes(task) && !was_lookup {
        spoken::never_again(next, caller_waits)
    } else {
        next
    }
}

/// Runs `work` and renews the lease while it lasts.
pub(crate) async fn holding<T>(rooms: &Rooms, task: &Task, lease: Duration, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = rooms.clock.sleep(lease / 3) => {
                let Some(held) = task.held else { continue };
                let until = later(rooms.clock.now(), lease);
                if let Err(error) = rooms.journal.renew(held.id, held.fence, until).await {
                    tracing::warn!(exchange = %held.id, %error, "lease not renewed");
                }
            }
        }
    }
}

/// An exchange whose system or operation is not configured (any more) waits; unreadable ones become dead letters.
pub(crate) async fn unroutable(rooms: &Rooms, leased: &Leased, fault: Fault, caller_waits: bool) -> Verdict {
    let at = rooms.clock.now();
    let id = leased.exchange.id;
    let next = match (fault.kind, caller_waits) {
        (FaultKind::Misconfigured, false) => Next::Schedule {
            due: later(at, UNROUTABLE_PAUSE),
        },
        // Nobody waits for a push whose subscription was deleted.
        (FaultKind::NotFound, false) | (_, true) => Next::Failed,
        (_, false) => Next::Dead {
            reason: format!("tidak dapat diteruskan ({})", fault_word(&fault)),
        },
    };
    let state = next.state(leased.before);
    let ended = events::Ended {
        exchange: id,
        consumer: &leased.exchange.consumer,
        operation: &leased.exchange.operation,
        before: leased.before,
        state,
        reply: None,
        at,
    };
    let events = events::of_outcome(rooms, &rooms.catalogue.load(), &ended);
    let settlement = Settlement {
        id,
        fence: leased.fence,
        before: leased.before,
        attempt: Some(Attempt {
            number: leased.exchange.attempts,
            kind: TryKind::Deliver,
            started: at,
            ended: at,
            system_ms: 0,
            step: None,
            status: None,
            digests: None,
            fault: Some(fault.clone()),
            by: None,
        }),
        next,
        at,
        relays: Vec::new(),
        events,
        timers: Vec::new(),
        evidence: None,
    };
    if let Err(error) = rooms.journal.settle(settlement).await {
        tracing::error!(exchange = %id, %error, "outcome not stored");
    }
    Verdict::Faulted {
        fault,
        state: Some(state),
    }
}

/// The rest of a call ended without a verdict (a panic in our own code).
pub(crate) fn broken_off() -> Verdict {
    let fault = Fault::new(
        FaultKind::Internal,
        Text::new(
            "Cacat pada gateway. Permintaan tersimpan dan akan diperiksa; jangan kirim ulang dengan kunci lain.",
            "A defect in the gateway. The request is stored and will be examined; do not resend under another key.",
        ),
    );
    Verdict::Faulted {
        fault: fault.landed(Landed::Unknown),
        state: Some(State::Leased),
    }
}

fn mark(rooms: &Rooms, task: &Task, kind: TryKind, fault: Option<Fault>) -> Attempt {
    let at = rooms.clock.now();
    Attempt {
        number: task.number,
        kind,
        started: at,
        ended: at,
        system_ms: 0,
        step: None,
        status: None,
        digests: None,
        fault: fault.or_else(|| Some(deliver::timed_out(Landed::Unknown).internal("the holder stopped while trying"))),
        by: None,
    }
}

const NOT_INSTALLED: Text = Text::new(
    "Sistem tujuan belum dipasang di gateway ini.",
    "The target system is not set up in this gateway.",
);
const UNREADABLE: Text = Text::new("Isi tersimpan tidak terbaca.", "The stored content cannot be read.");
