//! Room 13: canonical → native → the door → system → canonical, checked. One try, or one look-up.
//!
//! A write runs as a task of its own: when its deadline passes after something was sent, the caller hears *unknown* and
//! the task listens on for a late answer.

mod auth;
pub mod breaker;
pub mod decide;
mod door;
mod flow;
mod in_body;
mod key_exchange;
mod link;
pub mod pacing;
pub mod passage;
pub mod supplied;
pub mod system;
mod tracked;
pub mod transport;
mod wire;

pub use auth::TokenCache;
pub use breaker::{Breaker, BreakerPolicy};
pub(crate) use door::BREAKER_OPEN;
pub(crate) use door::body_of;
pub use door::{Door, Held, Noted, timed_out};
pub use pacing::Pacing;
pub use passage::{NativeRule, Passage, Stopped, pass};
pub use system::{Policy, Profile, System};
pub use transport::{
    Flow, FlowError, FlowReply, FlowRequest, Phase, Reach, Transport, WireError, WireKind, WireRequest,
};

use crate::exchange::{Attempt, TryKind};
use crate::ids::ExchangeId;
use crate::person::inspect::LAST_TRANSLATION;
use crate::pipeline::Rooms;
use crate::record;
use crate::restrict;
use crate::route::Routed;
use crate::seal::DataKey;
use connector_sdk::{
    Call, Effect, Fault, FaultKind, Found, Landed, Lists, Mirror, NativeReply, Origin, Page, Pull, Replay, Secret, Text,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a write that ran out of time is still listened to.
const LATE_WINDOW: Duration = Duration::from_secs(120);

/// What a try is about.
#[derive(Clone)]
pub struct Task {
    /// Where to.
    pub routed: Routed,
    /// Canonical input.
    pub input: Arc<Value>,
    /// SHA-256 of its canonical bytes.
    pub fingerprint: [u8; 32],
    /// Exchange.
    pub exchange: ExchangeId,
    /// Who asked; files of others do not exist for it.
    pub consumer: String,
    /// The exchange that caused it.
    pub cause: Option<ExchangeId>,
    /// Reference that stays the same over all attempts.
    pub reference: String,
    /// Number of this attempt.
    pub number: u32,
    /// Lease, for journalled exchanges.
    pub held: Option<Held>,
    /// The key that seals its reply, for journalled exchanges.
    pub data_key: Option<Arc<DataKey>>,
    /// Values kept by earlier attempts.
    pub checkpoints: Map<String, Value>,
    /// W3C `traceparent`.
    pub trace: Option<String>,
    /// The same of the room it is worked on in, where spans are kept.
    pub within: Option<String>,
    /// What the waiting caller said beside the body. Never stored.
    pub secret: Option<Secret>,
}

/// A finished try.
pub struct Tried<T> {
    /// What came of it.
    pub result: Result<T, Fault>,
    /// The attempt row.
    pub attempt: Attempt,
}

/// Runs the operation once.
pub async fn attempt(rooms: &Arc<Rooms>, task: &Task) -> Tried<Value> {
    let started = rooms.clock.now();
    let effect = task.routed.operation().spec.effect;
    let writes = effect.writes();
    let deadline = deadline(task);
    // A write that is simply sent again needs no late answer, and must not hold its slot for one.
    let late = writes && effect != Effect::Write { replay: Replay::Native };
    let span = tracked::Tracked::begin(rooms, task);
    let door = Arc::new(open_door(
        rooms,
        task,
        span.as_ref(),
        if late { deadline + LATE_WINDOW } else { deadline },
    ));
    let run = call(Arc::clone(rooms), Arc::clone(&door), task.clone(), started);
    let result = if writes {
        let (tell, hear) = oneshot::channel();
        let (late_rooms, late_door, late_task) = (Arc::clone(rooms), Arc::clone(&door), task.clone());
        rooms.tasks.spawn(async move {
            // The caller gave up: an answer that says the write landed is still worth having.
            if let Err(Ok(reply)) = tell.send(run.await) {
                let attempt = row(
                    &late_rooms,
                    &late_task,
                    TryKind::Late,
                    started,
                    &late_door.noted(),
                    None,
                );
                record::late(&late_rooms, &late_task, &reply, attempt).await;
            }
        });
        match tokio::time::timeout(deadline, hear).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(died(door.abandon())),
            Err(_) => Err(timed_out(if door.abandon() { Landed::Unknown } else { Landed::No })),
        }
    } else {
        tokio::time::timeout(deadline, run)
            .await
            .unwrap_or_else(|_| Err(timed_out(Landed::No)))
    };
    if result.is_err() {
        keep_translation(rooms, task, &door).await;
    }
    let attempt = row(
        rooms,
        task,
        TryKind::Deliver,
        started,
        &door.noted(),
        result.as_ref().err().cloned(),
    );
    if let Some(span) = span {
        span.end(rooms, task, &attempt);
    }
    Tried { result, attempt }
}

/// Keeps the first translation that failed, sealed, so that a person can compare it with what a mended mapping makes.
async fn keep_translation(rooms: &Rooms, task: &Task, door: &Door) {
    let (Some(held), Some(key)) = (task.held, &task.data_key) else {
        return;
    };
    let (false, Some(body)) = (task.checkpoints.contains_key(LAST_TRANSLATION), door.noted().failed) else {
        return;
    };
    let Ok(sealed) = key.seal(body.to_string().as_bytes(), task.exchange) else {
        return;
    };
    let value = Value::String(hex::encode(sealed));
    if let Err(error) = rooms
        .journal
        .checkpoint(held.id, held.fence, LAST_TRANSLATION.to_owned(), value)
        .await
    {
        tracing::warn!(exchange = %held.id, %error, "failed translation not kept");
    }
}

/// How many look-ups in a row must find nothing before a write is held not to have landed. A list that is empty for a
/// moment would otherwise make a double.
const EMPTY_ANSWERS: u32 = 3;
/// Longest pause between them.
const LONGEST_RECONSIDERING: Duration = Duration::from_secs(2);

/// Asks the system whether an earlier attempt landed.
pub async fn look_up(rooms: &Arc<Rooms>, task: &Task) -> Tried<Found> {
    let started = rooms.clock.now();
    let span = tracked::Tracked::begin(rooms, task);
    let mut door = open_door(rooms, task, span.as_ref(), deadline(task));
    let mut result = ask(rooms, &door, task, started).await;
    for _ in 1..EMPTY_ANSWERS {
        if !matches!(result, Ok(Found::NotLanded)) {
            break;
        }
        let pause = task.routed.system().policy.backoff.min(LONGEST_RECONSIDERING);
        rooms.clock.sleep(pause).await;
        door = open_door(rooms, task, span.as_ref(), deadline(task));
        result = ask(rooms, &door, task, started).await;
    }
    let attempt = row(
        rooms,
        task,
        TryKind::Lookup,
        started,
        &door.noted(),
        result.as_ref().err().cloned(),
    );
    if let Some(span) = span {
        span.end(rooms, task, &attempt);
    }
    Tried { result, attempt }
}

async fn ask(rooms: &Rooms, door: &Door, task: &Task, now: Timestamp) -> Result<Found, Fault> {
    let spec = &task.routed.operation().spec;
    let operation = task
        .routed
        .system()
        .connector
        .operation(&spec.id)
        .ok_or_else(|| undeclared(&spec.id))?;
    let Some(lookup) = operation.lookup() else {
        return Ok(Found::Unclear("no look-up declared".into()));
    };
    let id = task.exchange.to_string();
    let lists = rooms.lists.of(&task.routed.system().id);
    let call = Call {
        exchange: &id,
        reference: &task.reference,
        attempt: task.number,
        now,
        lists: &lists,
    };
    match lookup.run(&call, &task.input, &door::ReadOnly(door)).await? {
        Found::Landed(reply) => check_reply(task, &reply).map(|()| Found::Landed(reply)),
        other => Ok(other),
    }
}

async fn call(rooms: Arc<Rooms>, door: Arc<Door>, task: Task, now: Timestamp) -> Result<Value, Fault> {
    let spec = &task.routed.operation().spec;
    let operation = task
        .routed
        .system()
        .connector
        .operation(&spec.id)
        .ok_or_else(|| undeclared(&spec.id))?;
    let id = task.exchange.to_string();
    let lists = rooms.lists.of(&task.routed.system().id);
    let call = Call {
        exchange: &id,
        reference: &task.reference,
        attempt: task.number,
        now,
        lists: &lists,
    };
    let reply = operation.call(&call, &task.input, &*door).await?;
    let landed = if spec.effect.writes() { Landed::Yes } else { Landed::No };
    check_reply(&task, &reply).map_err(|fault| fault.landed(landed))?;
    guard_kept(&rooms, &door, &task, &reply)
        .await
        .map_err(|fault| fault.landed(landed))?;
    Ok(reply)
}

/// Files that came with content that needs a right of its own need that right too, before anybody knows of them.
async fn guard_kept(rooms: &Rooms, door: &Door, task: &Task, reply: &Value) -> Result<(), Fault> {
    let kept = door.noted().kept;
    let Some(right) = restrict::needed(&task.routed.operation().reply, reply).filter(|_| !kept.is_empty()) else {
        return Ok(());
    };
    for id in kept {
        let guarded = rooms.files.guard(id, right.to_owned()).await;
        guarded.map_err(|error| Fault::new(FaultKind::Internal, NOT_GUARDED).internal(error.to_string()))?;
    }
    Ok(())
}

const NOT_GUARDED: Text = Text::new(
    "Berkas rahasia tidak dapat disimpan dengan aman, sehingga tidak diberikan.",
    "A secret file could not be kept safely and is not given out.",
);

/// What leaves to a consumer is valid too.
fn check_reply(task: &Task, reply: &Value) -> Result<(), Fault> {
    task.routed.operation().reply.check(reply).map_err(|violations| {
        let places: Vec<_> = violations.iter().take(5).map(|v| format!("{} {}", v.pointer, v.code)).collect();
        tracing::warn!(operation = %task.routed.operation().id, places = places.join(", "), "reply drifts from its schema");
        Fault::drift(format!("canonical reply breaks its schema at {}", places.join(", ")))
    })
}

fn deadline(task: &Task) -> Duration {
    let own = Duration::from_millis(u64::from(task.routed.operation().spec.deadline_ms));
    task.routed.system().policy.deadline.unwrap_or(own)
}

/// Longest an attempt and what follows it may hold an exchange.
pub fn longest(task: &Task) -> Duration {
    deadline(task) + Duration::from_secs(5)
}

fn open_door(rooms: &Arc<Rooms>, task: &Task, span: Option<&tracked::Tracked>, longest: Duration) -> Door {
    Door {
        rooms: Arc::clone(rooms),
        system: Arc::clone(task.routed.system()),
        held: task.held,
        owner: Some(task.consumer.clone()),
        trace: span.map(tracked::Tracked::traceparent).or_else(|| task.trace.clone()),
        secret: task.secret.clone(),
        until: Instant::now() + longest,
        checkpoints: Mutex::new(task.checkpoints.clone()),
        noted: Mutex::new(Noted::default()),
    }
}

/// Longest one page of a mirror may take.
const LONGEST_PAGE: Duration = Duration::from_secs(60);

/// A reply to a page of a mirror, with the facts it was asked for under.
pub(crate) struct Fetched {
    id: String,
    at: Timestamp,
    /// The reply.
    pub(crate) reply: NativeReply,
}

impl Fetched {
    /// The call that its records are read with.
    pub(crate) fn call<'a>(&'a self, lists: &'a dyn Lists) -> Call<'a> {
        Call {
            exchange: &self.id,
            reference: &self.id,
            attempt: 1,
            now: self.at,
            lists,
        }
    }
}

/// Asks for one page of a mirror, through the door like everything else.
pub(crate) async fn fetch(
    rooms: &Arc<Rooms>,
    system: &Arc<System>,
    mirror: &dyn Mirror,
    pull: &Pull,
) -> Result<Fetched, Fault> {
    let mut fetched = Fetched {
        id: rooms.ids.exchange().to_string(),
        at: rooms.clock.now(),
        reply: NativeReply {
            status: 0,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
        },
    };
    let door = Door {
        rooms: Arc::clone(rooms),
        system: Arc::clone(system),
        held: None,
        owner: None,
        trace: None,
        secret: None,
        until: Instant::now() + system.policy.deadline.unwrap_or(LONGEST_PAGE),
        checkpoints: Mutex::default(),
        noted: Mutex::new(Noted::default()),
    };
    let lists = rooms.lists.of(&system.id);
    let request = mirror.request(&fetched.call(&lists), pull)?.reads_only();
    fetched.reply = connector_sdk::Outbound::send(&door, request).await?;
    Ok(fetched)
}

/// One page of a mirror, read whole.
pub(crate) async fn page(
    rooms: &Arc<Rooms>,
    system: &Arc<System>,
    mirror: &dyn Mirror,
    pull: &Pull,
) -> Result<Page, Fault> {
    let fetched = fetch(rooms, system, mirror, pull).await?;
    let lists = rooms.lists.of(&system.id);
    mirror.page(&fetched.call(&lists), pull, &fetched.reply)
}

fn row(rooms: &Rooms, task: &Task, kind: TryKind, started: Timestamp, noted: &Noted, fault: Option<Fault>) -> Attempt {
    Attempt {
        number: task.number,
        kind,
        started,
        ended: rooms.clock.now(),
        system_ms: u64::try_from(noted.system_time.as_millis()).unwrap_or(u64::MAX),
        step: noted.step.map(str::to_owned),
        status: noted.status,
        digests: noted.digests.clone(),
        fault,
        by: None,
    }
}

fn undeclared(id: &str) -> Fault {
    Fault::new(FaultKind::Internal, DEFECT).internal(format!("connector declares no operation {id}"))
}

fn died(wrote: bool) -> Fault {
    let landed = if wrote { Landed::Unknown } else { Landed::No };
    Fault::new(FaultKind::Internal, DEFECT)
        .origin(Origin::Connector)
        .landed(landed)
        .internal("the translation panicked")
}

const DEFECT: Text = Text::new("Cacat pada gateway.", "A defect in the gateway.");
