//! Following: after a write whose record keeps changing in the system, the gateway keeps reading where it stands, until
//! a final state and the grace after it have passed. One timer (`ikuti`) per record, started in the transaction that
//! ends the write; each look is a journalled exchange of the reading operation, delivered by the ordinary worker, and its
//! relays carry the changes on. A record that the system no longer has is a normal end.

use crate::calendar::Calendar;
use crate::catalogue::Catalogue;
use crate::exchange::{Key, State};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, JournalError, LeasedTimer, Timer};
use crate::origin::opened;
use crate::pipeline::Rooms;
use crate::relay::{Ended, ours};
use crate::source::{Documents, Source, put};
use crate::time::later;
use bytes::Bytes;
use connector_sdk::{FaultKind, OperationSpec};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Timer kind.
pub const FOLLOW: &str = "ikuti";
/// Looks in a row that must find nothing before the record is held to be gone: a fresh one may not be listed yet.
const GONE_AFTER: u32 = 2;
/// How long an unfinished look is waited for before it is asked about again.
const PATIENCE: Duration = Duration::from_secs(5);

/// One operation that is read in every round.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Operation.
    pub operation: String,
    /// Its input: pointers, and where they come from in the write.
    pub input: Vec<(String, Source)>,
}

/// Working days within which a record must leave one of these states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// States.
    pub states: Vec<String>,
    /// Working days.
    pub working_days: u16,
}

/// How the records of one writing operation are followed.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowPlan {
    /// The writing operation.
    pub write: String,
    /// What is read; the first tells the state.
    pub readings: Vec<Reading>,
    /// JSON pointer to the state in the first reading's reply.
    pub state: String,
    /// JSON pointer to the time since when it stands so; otherwise the time it was first seen.
    pub since: Option<String>,
    /// Final states.
    pub until: Vec<String>,
    /// Time between looks while the record changes.
    pub every: Duration,
    /// Longest time between looks; each quiet round doubles the pause.
    pub slowest: Duration,
    /// How long to keep looking after a final state.
    pub grace: Duration,
    /// After this the record is followed no more.
    pub longest: Duration,
    /// Deadlines by state.
    pub deadlines: Vec<Deadline>,
}

impl FollowPlan {
    /// What the connector declares: one reading, at an even pace for a day's worth of looks, then slower.
    pub fn of(spec: &OperationSpec) -> Option<Self> {
        let follow = spec.follow.as_ref()?;
        let every = Duration::from_secs(u64::from(follow.every_s.max(1)));
        Some(Self {
            write: spec.id.to_string(),
            readings: vec![Reading {
                operation: follow.read.to_string(),
                input: vec![("/id".to_owned(), Source::Reply(follow.id.to_string()))],
            }],
            state: follow.state.to_string(),
            since: None,
            until: follow.until.iter().map(ToString::to_string).collect(),
            every,
            slowest: every * 8,
            grace: Duration::from_secs(u64::from(follow.grace_s)),
            longest: Duration::from_secs(365 * 24 * 3600),
            deadlines: Vec::new(),
        })
    }

    fn pause(&self, quiet: u32, fraction: f64) -> Duration {
        let even = self
            .every
            .saturating_mul(1 << quiet.min(16))
            .min(self.slowest.max(self.every));
        even.mul_f64(0.9 + 0.2 * fraction)
    }
}

/// Where a followed record stands; the timer's body. Ids and states only.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Followed {
    operation: String,
    purpose: String,
    inputs: Vec<Value>,
    begun: Timestamp,
    round: u32,
    quiet: u32,
    reading: Option<ExchangeId>,
    state: Option<String>,
    since: Timestamp,
    final_since: Option<Timestamp>,
    missing: u32,
    overdue: bool,
}

/// A followed record as shown to people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Following {
    /// State as last read.
    #[serde(rename = "keadaan")]
    pub state: Option<String>,
    /// Since when.
    #[serde(rename = "sejak")]
    pub since: Timestamp,
    /// Until when it must have left that state.
    #[serde(rename = "tenggat")]
    pub deadline: Option<Timestamp>,
    /// Whether the deadline has passed.
    #[serde(rename = "lewat_tenggat")]
    pub overdue: bool,
    /// Next look.
    #[serde(rename = "dibaca_lagi")]
    pub next_look: Timestamp,
}

/// The follow of a write, if there is one under way.
///
/// # Errors
/// When the journal cannot be read.
pub async fn following(rooms: &Rooms, write: ExchangeId) -> Result<Option<Following>, JournalError> {
    let Some(timer) = rooms.journal.timer(FOLLOW.into(), write.to_string()).await? else {
        return Ok(None);
    };
    let Ok(followed) = serde_json::from_slice::<Followed>(&timer.body) else {
        return Ok(None);
    };
    let catalogue = rooms.catalogue.load_full();
    let plan = catalogue.flows.follows.iter().find(|p| p.write == followed.operation);
    let deadline = plan.and_then(|plan| deadline(plan, &catalogue.flows.calendar, &followed));
    Ok(Some(Following {
        overdue: deadline.is_some_and(|deadline| rooms.clock.now() > deadline),
        state: followed.state,
        since: followed.since,
        deadline,
        next_look: timer.due,
    }))
}

fn deadline(plan: &FollowPlan, calendar: &Calendar, followed: &Followed) -> Option<Timestamp> {
    let state = followed.state.as_ref()?;
    let limit = plan.deadlines.iter().find(|d| d.states.contains(state))?;
    Some(calendar.deadline(followed.since, limit.working_days))
}

/// The timers that a finished write starts.
pub(crate) fn begun(catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Timer> {
    let plans = catalogue.flows.follows.iter().filter(|p| p.write == ended.operation);
    let timer = |plan: &FollowPlan| {
        let documents = Documents::of(ended.input, ended.reply);
        let input = |reading: &Reading| {
            let mut input = Value::Null;
            for (pointer, source) in &reading.input {
                put(&mut input, pointer, source.read(&documents)?);
            }
            Some(input)
        };
        let inputs: Option<Vec<Value>> = plan.readings.iter().map(input).collect();
        let Some(inputs) = inputs else {
            tracing::error!(exchange = %ended.exchange, operation = %plan.write, "record cannot be followed: its id is missing");
            return None;
        };
        let followed = Followed {
            operation: plan.write.clone(),
            purpose: ended.purpose.to_owned(),
            inputs,
            begun: ended.at,
            round: 0,
            quiet: 0,
            reading: None,
            state: ended
                .reply
                .pointer(&plan.state)
                .and_then(Value::as_str)
                .map(str::to_owned),
            since: ended.at,
            final_since: None,
            missing: 0,
            overdue: false,
        };
        Some(timer(ended.exchange, &followed, later(ended.at, plan.every)))
    };
    plans.filter_map(timer).collect()
}

fn timer(write: ExchangeId, followed: &Followed, due: Timestamp) -> Timer {
    Timer {
        kind: FOLLOW.into(),
        id: write.to_string(),
        due,
        body: Bytes::from(serde_json::to_vec(followed).unwrap_or_default()),
    }
}

/// What a look found.
enum Look {
    /// None was taken yet.
    None,
    /// It is not finished.
    Open(Timestamp),
    /// The state, and since when by the system's own clock.
    State(String, Option<Timestamp>),
    /// The system has no such record.
    Missing,
    /// It failed; the next round looks again.
    Failed,
}

/// One round: judges the last look and asks for the next.
pub(crate) async fn fire(rooms: &Rooms, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: held, fence } = leased;
    let drop = || rooms.journal.drop_timer(FOLLOW.into(), held.id.clone(), Some(fence));
    let catalogue = rooms.catalogue.load_full();
    let parsed = held.id.parse::<ExchangeId>().ok();
    let parsed = parsed.zip(serde_json::from_slice::<Followed>(&held.body).ok());
    let Some((write, mut followed)) = parsed else {
        tracing::error!(timer = %held.id, "follow does not read");
        return drop().await;
    };
    let Some(plan) = catalogue.flows.follows.iter().find(|p| p.write == followed.operation) else {
        tracing::warn!(exchange = %write, operation = %followed.operation, "records of this operation are no longer followed");
        return drop().await;
    };
    let now = rooms.clock.now();
    match look(rooms, plan, &followed).await? {
        Look::Open(due) => {
            let due = due.max(later(now, PATIENCE)).min(later(now, plan.every.max(PATIENCE)));
            return rooms.journal.put_timer(timer(write, &followed, due), Some(fence)).await;
        }
        Look::None | Look::Failed => {}
        Look::Missing => followed.missing += 1,
        Look::State(state, since) => judged(&mut followed, plan, state, since, now),
    }
    let passed = followed
        .final_since
        .is_some_and(|since| now >= later(since, plan.grace));
    if passed || followed.missing >= GONE_AFTER || now >= later(followed.begun, plan.longest) {
        let how = if followed.missing >= GONE_AFTER {
            "follow_gone"
        } else {
            "follow_ended"
        };
        tracing::info!(exchange = %write, operation = %plan.write, how, "record is followed no more");
        rooms.observer.noted(how, &plan.write);
        return drop().await;
    }
    let late = deadline(plan, &catalogue.flows.calendar, &followed).is_some_and(|deadline| now > deadline);
    if late && !followed.overdue {
        tracing::warn!(exchange = %write, operation = %plan.write, "deadline of a followed record has passed");
        rooms.observer.noted("overdue", &plan.write);
    }
    followed.overdue = late;
    followed.reading = ask(rooms, &catalogue, plan, &followed, write).await?;
    followed.round += 1;
    let pause = plan.pause(followed.quiet, rooms.ids.fraction());
    let next = timer(write, &followed, later(now, pause));
    rooms.journal.put_timer(next, Some(fence)).await
}

fn judged(followed: &mut Followed, plan: &FollowPlan, state: String, since: Option<Timestamp>, now: Timestamp) {
    followed.missing = 0;
    if followed.state.as_ref() == Some(&state) {
        followed.quiet += 1;
    } else {
        followed.quiet = 0;
        followed.since = since.filter(|since| *since <= now).unwrap_or(now);
        followed.overdue = false;
    }
    // A record that leaves a final state again was reopened.
    followed.final_since = plan.until.contains(&state).then(|| followed.final_since.unwrap_or(now));
    followed.state = Some(state);
}

async fn look(rooms: &Rooms, plan: &FollowPlan, followed: &Followed) -> Result<Look, JournalError> {
    let Some(reading) = followed.reading else {
        return Ok(Look::None);
    };
    let Some(stored) = rooms.journal.get(reading).await? else {
        return Ok(Look::Failed);
    };
    if stored.state.is_open() {
        return Ok(Look::Open(stored.due));
    }
    if stored.state != State::Done {
        let missing = stored.fault.as_ref().is_some_and(|f| f.kind == FaultKind::NotFound);
        return Ok(if missing { Look::Missing } else { Look::Failed });
    }
    let reply = opened(rooms, &stored).reply;
    let since = plan
        .since
        .as_ref()
        .and_then(|pointer| reply.pointer(pointer)?.as_str()?.parse().ok());
    Ok(match reply.pointer(&plan.state).and_then(Value::as_str) {
        Some(state) => Look::State(state.to_owned(), since),
        None => Look::Failed,
    })
}

/// Asks for the readings of a round. The keys carry the round, so that a node that dies in between asks once.
async fn ask(
    rooms: &Rooms,
    catalogue: &Catalogue,
    plan: &FollowPlan,
    followed: &Followed,
    write: ExchangeId,
) -> Result<Option<ExchangeId>, JournalError> {
    let mut first = None;
    for (number, (reading, input)) in plan.readings.iter().zip(&followed.inputs).enumerate() {
        let Some(operation) = catalogue.operations.get(&reading.operation) else {
            tracing::error!(operation = %reading.operation, "reading operation of a follow is not configured");
            continue;
        };
        let now = rooms.clock.now();
        let Some(mut exchange) = ours(rooms, operation, input, None, &followed.purpose, Some(write), None, now) else {
            tracing::error!(exchange = %write, "look of a follow not sealed");
            continue;
        };
        exchange.key = Some(Key {
            key: format!("{FOLLOW}:{write}:{}:{number}", followed.round),
            fingerprint: exchange.fingerprint,
        });
        let id = match rooms.journal.accept(exchange).await? {
            Acceptance::New(stored, _)
            | Acceptance::Known(stored)
            | Acceptance::KeyMismatch(stored)
            | Acceptance::ReferenceMismatch(stored) => stored.id,
        };
        if number == 0 {
            first = Some(id);
        }
    }
    Ok(first)
}
