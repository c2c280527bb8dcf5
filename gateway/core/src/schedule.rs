//! Schedules: a reading operation run again and again with a fixed input, as journalled exchanges whose relays carry on
//! what was read. Page after page within one run; never two runs of a schedule at once; after a downtime it catches up
//! once, not as often as it was missed.

use crate::evidence::sha256;
use crate::exchange::{Key, State};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, JournalError, LeasedTimer, Timer};
use crate::origin::opened;
use crate::pipeline::Rooms;
use crate::relay::ours;
use crate::source::put;
use crate::time::later;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Timer kind.
pub const SCHEDULE: &str = "jadwal";
/// How often an unfinished page is asked about.
const LOOK: Duration = Duration::from_secs(1);

/// How a reply leads to the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    /// JSON pointer in the input.
    pub input: String,
    /// JSON pointer in the reply to the mark of the next page; null or missing on the last.
    pub next: String,
    /// Most pages of one run.
    pub most: u32,
}

/// A position carried from one run to the next, so that only what is new is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carry {
    /// JSON pointer in the input.
    pub input: String,
    /// JSON pointer in the reply to the list.
    pub items: String,
    /// JSON pointer in the list's last item to the position.
    pub field: String,
}

/// One schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Name.
    pub id: String,
    /// Reading operation.
    pub operation: String,
    /// Fixed input.
    pub input: Value,
    /// Time from the beginning of one run to the beginning of the next.
    pub every: Duration,
    /// Purpose recorded with its exchanges.
    pub purpose: String,
    /// Pages.
    pub pages: Option<Pages>,
    /// Position.
    pub carry: Option<Carry>,
}

/// Where a schedule stands; the timer's body.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Turn {
    /// Number of the run. Begins at the time it was first planned, so that no number ever comes again.
    run: i64,
    began: Timestamp,
    page: u32,
    reading: Option<ExchangeId>,
    mark: Option<Value>,
    seen: Vec<String>,
    carried: Option<Value>,
    newest: Option<Value>,
}

/// Plans the schedules that are not planned yet.
pub(crate) async fn plant(rooms: &Rooms) -> Result<(), JournalError> {
    let catalogue = rooms.catalogue.load_full();
    for schedule in &catalogue.flows.schedules {
        if rooms
            .journal
            .timer(SCHEDULE.into(), schedule.id.clone())
            .await?
            .is_some()
        {
            continue;
        }
        let now = rooms.clock.now();
        let turn = Turn {
            run: now.as_second(),
            began: now,
            page: 0,
            reading: None,
            mark: None,
            seen: Vec::new(),
            carried: None,
            newest: None,
        };
        rooms.journal.put_timer(timer(&schedule.id, &turn, now), None).await?;
    }
    Ok(())
}

fn timer(id: &str, turn: &Turn, due: Timestamp) -> Timer {
    Timer {
        kind: SCHEDULE.into(),
        id: id.to_owned(),
        due,
        body: Bytes::from(serde_json::to_vec(turn).unwrap_or_default()),
    }
}

/// One step of a schedule: begins a run, waits for a page, asks for the next, or ends the run.
pub(crate) async fn fire(rooms: &Rooms, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: held, fence } = leased;
    let catalogue = rooms.catalogue.load_full();
    let schedule = catalogue.flows.schedules.iter().find(|s| s.id == held.id);
    let turn = serde_json::from_slice::<Turn>(&held.body).ok();
    let (Some(schedule), Some(mut turn)) = (schedule, turn) else {
        tracing::warn!(schedule = %held.id, "schedule is no longer configured");
        return rooms.journal.drop_timer(SCHEDULE.into(), held.id, Some(fence)).await;
    };
    let now = rooms.clock.now();
    let due = match turn.reading {
        None => {
            turn.began = now;
            turn.reading = ask(rooms, schedule, &turn).await?;
            if turn.reading.is_some() {
                later(now, LOOK)
            } else {
                later(now, schedule.every)
            }
        }
        Some(reading) => match judge(rooms, schedule, &mut turn, reading).await? {
            Step::Wait => later(now, LOOK),
            Step::Page => {
                turn.page += 1;
                turn.reading = ask(rooms, schedule, &turn).await?;
                later(now, LOOK)
            }
            Step::End { complete } => {
                let due = later(turn.began, schedule.every).max(now);
                ended(&mut turn, complete);
                due
            }
        },
    };
    rooms
        .journal
        .put_timer(timer(&schedule.id, &turn, due), Some(fence))
        .await
}

enum Step {
    Wait,
    Page,
    End { complete: bool },
}

async fn judge(rooms: &Rooms, schedule: &Schedule, turn: &mut Turn, reading: ExchangeId) -> Result<Step, JournalError> {
    let Some(stored) = rooms.journal.get(reading).await? else {
        return Ok(Step::End { complete: false });
    };
    if stored.state.is_open() {
        return Ok(Step::Wait);
    }
    if stored.state != State::Done {
        rooms.observer.noted("schedule_failed", &schedule.id);
        return Ok(Step::End { complete: false });
    }
    let reply = opened(rooms, &stored).reply;
    let digest = hex::encode(sha256(&schemas::canon::to_bytes(&reply)));
    if turn.seen.contains(&digest) {
        tracing::warn!(schedule = %schedule.id, "the system repeats a page; the run ends");
        rooms.observer.noted("schedule_repeated_page", &schedule.id);
        return Ok(Step::End { complete: false });
    }
    turn.seen.push(digest);
    if let Some(carry) = &schedule.carry {
        let last = reply
            .pointer(&carry.items)
            .and_then(Value::as_array)
            .and_then(|items| items.last());
        if let Some(position) = last.and_then(|item| item.pointer(&carry.field)) {
            turn.newest = Some(position.clone());
        }
    }
    let Some(pages) = &schedule.pages else {
        return Ok(Step::End { complete: true });
    };
    turn.mark = reply.pointer(&pages.next).filter(|mark| !mark.is_null()).cloned();
    if turn.mark.is_none() {
        return Ok(Step::End { complete: true });
    }
    if turn.page + 1 >= pages.most {
        tracing::warn!(schedule = %schedule.id, pages = pages.most, "more pages than one run may read");
        rooms.observer.noted("schedule_cut", &schedule.id);
        // What was read was carried on; a position goes forward, so that the next run reads the rest.
        return Ok(Step::End { complete: true });
    }
    Ok(Step::Page)
}

/// A position moves only when its run was whole.
fn ended(turn: &mut Turn, complete: bool) {
    let newest = turn.newest.take();
    if complete && newest.is_some() {
        turn.carried = newest;
    }
    turn.run += 1;
    turn.page = 0;
    turn.reading = None;
    turn.mark = None;
    turn.seen.clear();
}

async fn ask(rooms: &Rooms, schedule: &Schedule, turn: &Turn) -> Result<Option<ExchangeId>, JournalError> {
    let catalogue = rooms.catalogue.load_full();
    let Some(operation) = catalogue.operations.get(&schedule.operation) else {
        tracing::error!(schedule = %schedule.id, operation = %schedule.operation, "operation of a schedule is not configured");
        return Ok(None);
    };
    let mut input = schedule.input.clone();
    if let (Some(carry), Some(position)) = (&schedule.carry, &turn.carried) {
        put(&mut input, &carry.input, position.clone());
    }
    if let (Some(pages), Some(mark)) = (&schedule.pages, &turn.mark) {
        put(&mut input, &pages.input, mark.clone());
    }
    let now = rooms.clock.now();
    let Some(mut exchange) = ours(rooms, operation, &input, None, &schedule.purpose, None, None, now) else {
        tracing::error!(schedule = %schedule.id, "page of a schedule not sealed");
        return Ok(None);
    };
    exchange.key = Some(Key {
        key: format!("{SCHEDULE}:{}:{}:{}", schedule.id, turn.run, turn.page),
        fingerprint: exchange.fingerprint,
    });
    Ok(Some(match rooms.journal.accept(exchange).await? {
        Acceptance::New(stored, _)
        | Acceptance::Known(stored)
        | Acceptance::KeyMismatch(stored)
        | Acceptance::ReferenceMismatch(stored) => stored.id,
    }))
}
