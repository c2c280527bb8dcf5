//! Service clocks: how much legal time every open record of a system has left, where silence has an effect of its own.
//! One timer (`tenggat`) per record holds its states; an outcome that is a state moves it, in the transaction that
//! records the outcome. The timer falls due when the warning changes, and tells subscribers. What a state means the
//! connector says; the working days are those of the city.
//!
//! Must not: decide anything about a record, move a clock for a state the system has not taken, or keep personal data.

use crate::catalogue::Catalogue;
use crate::deliver::Task;
use crate::events::sealed;
use crate::ids::ExchangeId;
use crate::journal::{JournalError, LeasedTimer, Planned, Seen, Timer};
use crate::pipeline::Rooms;
use crate::relay::Ended;
use crate::time::later;
use bytes::Bytes;
use connector_sdk::{ClockAlert, ClockReading, ClockState, ClockStep, ClockVerdict, Fault, Origin, ServiceClock};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Timer kind.
pub const DEADLINE: &str = "tenggat";
/// The legal time of a record is nearly over.
pub const NEAR: &str = "tenggat.mendekat";
/// The legal time of a record is over.
pub const PASSED: &str = "tenggat.lewat";
/// Types of the events that are told.
pub const KINDS: [&str; 2] = [NEAR, PASSED];

const SCHEMA: &str = "urn:simpul:skema:peristiwa_tenggat:1";
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a decided record is kept, so that it can still be compared with the system's.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// Most states kept of one record; the oldest go first, which no record with a lawful life reaches.
const MOST_STEPS: usize = 500;
/// Rows read at once.
const PAGE: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    state: String,
    at: Timestamp,
}

/// What is kept of one record; the timer's body. Ids, states and times only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    kind: Option<String>,
    opened: Timestamp,
    steps: Vec<Step>,
    number: Option<String>,
    told: Option<String>,
    decided: Option<Timestamp>,
    /// Exchanges of this record that came to wait for a person, oldest first; some may be settled by now.
    #[serde(default)]
    waiting: Vec<ExchangeId>,
}

impl Kept {
    fn new(opened: Timestamp) -> Self {
        Self {
            kind: None,
            opened,
            steps: Vec::new(),
            number: None,
            told: None,
            decided: None,
            waiting: Vec::new(),
        }
    }
}

/// A record with its clock.
#[derive(Debug, Clone)]
pub struct Standing {
    /// System.
    pub system: String,
    /// Id of the record in the system.
    pub record: String,
    /// Kind of the record.
    pub kind: Option<String>,
    /// When it came to be known.
    pub opened: Timestamp,
    /// Newest state that the system has taken from us, and since when.
    pub last: Option<ClockStep>,
    /// Number of what was issued.
    pub number: Option<String>,
    /// Its clock.
    pub reading: ClockReading,
}

impl Standing {
    /// Whether it is not decided yet.
    pub fn is_open(&self) -> bool {
        self.reading.state != ClockState::Stopped
    }
}

/// The clock of a system, if its connector has one.
fn clock<'a>(catalogue: &'a Catalogue, system: &str) -> Option<&'a dyn ServiceClock> {
    catalogue.systems.get(system)?.connector.clock()
}

/// The timers that an outcome puts.
pub(crate) async fn moved(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Planned> {
    let Some((system, mover)) = mover(catalogue, ended.operation) else {
        return Vec::new();
    };
    let Some(clock) = clock(catalogue, system) else {
        return Vec::new();
    };
    if !clock.movers().iter().any(|known| known == mover) {
        return Vec::new();
    }
    let mut changed: BTreeMap<String, (Seen, Kept)> = BTreeMap::new();
    for moved in clock.moves(mover, ended.input, ended.reply, ended.at) {
        let id = format!("{system}/{}", moved.record);
        let pending = changed.remove(&id);
        let changes = pending.is_some();
        let (seen, known) = match pending {
            Some((seen, kept)) => (seen, Some(kept)),
            None => known(rooms, &id).await,
        };
        let mut kept = match known {
            // A record that is known already is opened no second time; at most its kind is learnt.
            Some(mut kept) if moved.step.is_none() => {
                let learnt = kept.kind.is_none() && moved.kind.is_some();
                kept.kind = kept.kind.or(moved.kind);
                if changes || learnt {
                    changed.insert(id, (seen, kept));
                }
                continue;
            }
            Some(kept) => kept,
            None if !moved.opens => continue,
            None => Kept::new(ended.at),
        };
        kept.kind = moved.kind.or(kept.kind);
        kept.number = moved.number.or(kept.number);
        if let Some(ClockStep { state, at }) = moved.step {
            kept.steps.push(Step { state, at });
            let too_many = kept.steps.len().saturating_sub(MOST_STEPS);
            kept.steps.drain(..too_many);
        }
        changed.insert(id, (seen, kept));
    }
    let now = rooms.clock.now();
    let timers = changed.into_iter().map(|(id, (seen, mut kept))| {
        kept.waiting.retain(|exchange| *exchange != ended.exchange);
        let reading = read(catalogue, clock, now, &kept);
        kept.decided = (reading.state == ClockState::Stopped).then(|| kept.decided.unwrap_or(now));
        let due = due(&kept, &reading, now);
        let timer = timer(id, &kept, due);
        Planned { timer, seen }
    });
    timers.collect()
}

/// Whether an earlier exchange of the same record came to wait for a person and is not over. Asked before a try and before
/// a look-up: what stands before this one may not have landed, so what the system shows means nothing yet. An earlier one
/// that a person has just replayed is not over either: this one may be held already while that one waits for its turn.
pub(crate) async fn is_behind(rooms: &Rooms, catalogue: &Catalogue, task: &Task) -> bool {
    let Some((_, id)) = record_of(catalogue, task) else {
        return false;
    };
    let Some(kept) = known(rooms, &id).await.1 else {
        return false;
    };
    let mover = task.routed.operation().id.as_str();
    for earlier in kept.waiting.iter().filter(|earlier| **earlier < task.exchange) {
        let still = match rooms.journal.get(*earlier).await {
            Ok(found) => found.is_some_and(|found| !found.state.is_over()),
            // Not known to be over: nothing overtakes it.
            Err(_) => true,
        };
        if still {
            tracing::warn!(exchange = %task.exchange, %earlier, operation = mover, "waits behind one that waits for a person");
            rooms.observer.noted("waits_behind", mover);
            return true;
        }
    }
    false
}

/// Whether an input may go out, judged by every state that the system has taken of its record. Asked just before it is
/// sent: what stands before it in its lane has ended by then. A record that nobody has told us of is not judged.
pub(crate) async fn judged(rooms: &Rooms, catalogue: &Catalogue, task: &Task) -> Result<(), Fault> {
    let Some((clock, id)) = record_of(catalogue, task) else {
        return Ok(());
    };
    let Some(kept) = known(rooms, &id).await.1 else {
        return Ok(());
    };
    let mover = task.routed.operation().id.as_str();
    match clock.judge(mover, &task.input, &steps(&kept)) {
        ClockVerdict::Usual => Ok(()),
        ClockVerdict::Suspicious(why) => {
            tracing::warn!(exchange = %task.exchange, operation = mover, why = %why.en, "state seldom follows; sent");
            rooms.observer.noted("suspicious_state", mover);
            Ok(())
        }
        ClockVerdict::Impossible(complaint) => {
            tracing::warn!(exchange = %task.exchange, operation = mover, why = %complaint.text.en, "state refused");
            rooms.observer.noted("impossible_state", mover);
            Err(Fault::invalid(vec![complaint]).origin(Origin::Consumer))
        }
    }
}

/// The clock of a task's system and the position of its record, where the task may move one.
fn record_of<'a>(catalogue: &'a Catalogue, task: &Task) -> Option<(&'a dyn ServiceClock, String)> {
    let published = task.routed.operation();
    let (system, mover) = (published.system.as_str(), published.id.as_str());
    let clock = clock(catalogue, system)?;
    clock.movers().iter().find(|known| *known == mover)?;
    let record = clock.record(mover, &task.input)?;
    Some((clock, format!("{system}/{record}")))
}

/// The timer of a record one of whose exchanges comes to wait for a person, so that nothing overtakes it.
pub(crate) async fn waits(rooms: &Rooms, catalogue: &Catalogue, task: &Task) -> Option<Planned> {
    let (clock, id) = record_of(catalogue, task)?;
    let now = rooms.clock.now();
    let (seen, kept) = known(rooms, &id).await;
    let mut kept = kept.unwrap_or_else(|| Kept::new(now));
    if !kept.waiting.contains(&task.exchange) {
        kept.waiting.push(task.exchange);
        kept.waiting.sort_unstable();
    }
    let reading = read(catalogue, clock, now, &kept);
    let due = due(&kept, &reading, now);
    let timer = timer(id, &kept, due);
    Some(Planned { timer, seen })
}

/// System and name of what an operation is to its connector: a push stands under the name of its hook.
fn mover<'a>(catalogue: &'a Catalogue, operation: &'a str) -> Option<(&'a str, &'a str)> {
    let pushed = operation.strip_prefix("masuk.").and_then(|rest| rest.split_once('.'));
    pushed.or_else(|| Some((catalogue.operations.get(operation)?.system.as_str(), operation)))
}

/// What is kept of a record, and what was seen of its timer: an outcome of another lane (a push that opens the record) may
/// move it meanwhile, and then the journal refuses what was made from this.
async fn known(rooms: &Rooms, id: &str) -> (Seen, Option<Kept>) {
    match rooms.journal.timer(DEADLINE.into(), id.to_owned()).await {
        Ok(Some(found)) => {
            let kept = serde_json::from_slice(&found.body).ok();
            (Seen::Body(found.body), kept)
        }
        Ok(None) => (Seen::Absent, None),
        Err(error) => {
            tracing::error!(%error, "service clock not readable; the outcome is recorded once it is");
            (Seen::Absent, None)
        }
    }
}

fn read(catalogue: &Catalogue, clock: &dyn ServiceClock, now: Timestamp, kept: &Kept) -> ClockReading {
    clock.read(now, &steps(kept), kept.kind.as_deref(), &catalogue.flows.calendar)
}

fn steps(kept: &Kept) -> Vec<ClockStep> {
    let step = |step: &Step| ClockStep {
        state: step.state.clone(),
        at: step.at,
    };
    kept.steps.iter().map(step).collect()
}

/// When to look again: at once for a warning nobody heard, when the warning changes, or when keeping ends.
fn due(kept: &Kept, reading: &ClockReading, now: Timestamp) -> Timestamp {
    if let Some(decided) = kept.decided {
        return later(decided, KEPT);
    }
    if reading.alert != ClockAlert::None && kept.told.as_deref() != Some(&told(kept, reading)) {
        return now;
    }
    // A changed calendar or rule is noticed within a day.
    let daily = later(now, DAY);
    reading.turns.map_or(daily, |turns| turns.min(daily))
}

/// Names the warning, so that the same is told once: a restarted clock warns anew.
fn told(kept: &Kept, reading: &ClockReading) -> String {
    format!("{}:{}", reading.alert.word(), kept.steps.len())
}

fn timer(id: String, kept: &Kept, due: Timestamp) -> Timer {
    Timer {
        kind: DEADLINE.into(),
        id,
        due,
        body: Bytes::from(serde_json::to_vec(kept).unwrap_or_default()),
    }
}

/// One look at a record: warns where the warning changed, and lets go of what was decided long ago.
pub(crate) async fn fire(rooms: &Rooms, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: held, fence } = leased;
    let drop = || rooms.journal.drop_timer(DEADLINE.into(), held.id.clone(), Some(fence));
    let catalogue = rooms.catalogue.load_full();
    let parsed = serde_json::from_slice::<Kept>(&held.body).ok();
    let Some((mut kept, (system, record))) = parsed.zip(held.id.split_once('/')) else {
        tracing::error!(timer = %held.id, "service clock does not read");
        return drop().await;
    };
    let now = rooms.clock.now();
    let Some(clock) = clock(&catalogue, system) else {
        // The system may be configured again; what is known of its records is not thrown away.
        let wait = timer(held.id.clone(), &kept, later(now, DAY));
        return rooms.journal.put_timer(wait, Some(fence)).await;
    };
    if kept.decided.is_some_and(|decided| now >= later(decided, KEPT)) {
        return drop().await;
    }
    let reading = read(&catalogue, clock, now, &kept);
    let name = told(&kept, &reading);
    let kind = match reading.alert {
        ClockAlert::None => None,
        ClockAlert::Near => Some(NEAR),
        ClockAlert::Passed => Some(PASSED),
    };
    if let Some(kind) = kind.filter(|_| kept.told.as_deref() != Some(&name)) {
        let event = warning(system, record, &kept, &reading);
        tracing::warn!(system, alert = reading.alert.word(), "legal time of a record");
        rooms.observer.noted("deadline", system);
        let event = sealed(rooms, system, kind, record, SCHEMA, &event, (now, None));
        rooms.journal.publish(event.into_iter().collect()).await?;
        kept.told = Some(name);
    }
    let due = due(&kept, &reading, now);
    let next = timer(held.id.clone(), &kept, due);
    rooms.journal.put_timer(next, Some(fence)).await
}

/// What is told. The same warning has the same content whenever it is told, so that it is one event.
fn warning(system: &str, record: &str, kept: &Kept, reading: &ClockReading) -> Value {
    let mut event = json!({"sistem": system, "id": record, "peringatan": reading.alert.word()});
    let last = kept.steps.last();
    let parts = [
        ("jenis", kept.kind.clone()),
        ("keadaan", last.map(|step| step.state.clone())),
        ("sejak", last.map(|step| step.at.to_string())),
        ("tenggat", reading.deadline.map(|at| at.to_string())),
    ];
    for (name, part) in parts {
        if let Some(part) = part {
            event[name] = Value::String(part);
        }
    }
    event
}

/// Whether somebody with these grants hears of warnings; none where no system has a clock.
pub(crate) fn heard(catalogue: &Catalogue, holds: impl Fn(&str) -> bool) -> Option<bool> {
    let mut clocks = catalogue
        .systems
        .values()
        .filter_map(|system| system.connector.clock())
        .peekable();
    clocks.peek()?;
    Some(clocks.any(|clock| clock.movers().iter().any(|mover| holds(mover))))
}

/// Every known record with its clock, page after page, in the order of system and id.
///
/// # Errors
/// When the journal cannot be read.
pub async fn each(rooms: &Rooms, mut take: impl FnMut(Standing)) -> Result<(), JournalError> {
    let mut after = String::new();
    loop {
        let page = page(rooms, &after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after.clone_from(last);
        page.into_iter()
            .filter_map(|(_, standing)| standing)
            .for_each(&mut take);
    }
}

/// Some records after a position (`sistem/id`), each with its position; none for one that does not read.
///
/// # Errors
/// When the journal cannot be read.
pub async fn page(rooms: &Rooms, after: &str, limit: usize) -> Result<Vec<(String, Option<Standing>)>, JournalError> {
    let timers = rooms.journal.timers(DEADLINE.into(), after.to_owned(), limit).await?;
    let catalogue = rooms.catalogue.load_full();
    let now = rooms.clock.now();
    let rows = timers.into_iter().map(|timer| {
        let standing = standing(&catalogue, &timer, now);
        (timer.id, standing)
    });
    Ok(rows.collect())
}

/// One record by its position (`sistem/id`), if it is known and reads.
pub(crate) async fn one(rooms: &Rooms, id: &str) -> Result<Option<Standing>, JournalError> {
    let timer = rooms.journal.timer(DEADLINE.into(), id.to_owned()).await?;
    let catalogue = rooms.catalogue.load_full();
    let now = rooms.clock.now();
    Ok(timer.and_then(|timer| standing(&catalogue, &timer, now)))
}

fn standing(catalogue: &Catalogue, timer: &Timer, now: Timestamp) -> Option<Standing> {
    let (system, record) = timer.id.split_once('/')?;
    let kept: Kept = serde_json::from_slice(&timer.body).ok()?;
    let reading = read(catalogue, clock(catalogue, system)?, now, &kept);
    Some(Standing {
        system: system.to_owned(),
        record: record.to_owned(),
        last: kept.steps.last().map(|step| ClockStep {
            state: step.state.clone(),
            at: step.at,
        }),
        kind: kept.kind,
        opened: kept.opened,
        number: kept.number,
        reading,
    })
}

/// How many open records stand how, by system, state and warning.
///
/// # Errors
/// When the journal cannot be read.
pub async fn counts(rooms: &Rooms) -> Result<BTreeMap<(String, ClockState, ClockAlert), u64>, JournalError> {
    let mut counts = BTreeMap::new();
    each(rooms, |standing| {
        if standing.is_open() {
            let name = (standing.system, standing.reading.state, standing.reading.alert);
            *counts.entry(name).or_insert(0) += 1;
        }
    })
    .await?;
    Ok(counts)
}
