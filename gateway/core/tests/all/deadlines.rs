//! Service clocks of records: kept with the outcome, paused and restarted by states, warned about once each.

use crate::world::{BY_REFERENCE, NATIVE, READ, Wire, World, world};
use connector_sdk::{ClockAlert, ClockReading, ClockState, ClockStep, Moved, ServiceClock, Str, Workdays};
use futures_util::FutureExt;
use gateway_core::deadlines::{self, DEADLINE, NEAR, PASSED, Standing};
use gateway_core::events::permitted;
use gateway_core::identity::Consumer;
use gateway_core::journal::{Journal, Timer};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

static MOVERS: [Str; 2] = [Cow::Borrowed(NATIVE), Cow::Borrowed(BY_REFERENCE)];
const LIMIT: SignedDuration = SignedDuration::from_secs(100);
const WARN: SignedDuration = SignedDuration::from_secs(40);

/// Something that another one does between two steps of this one.
pub type Meanwhile = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

/// A hundred seconds from `mulai`; `jeda` waits, `putus` decides. Warns when forty are left.
pub struct HundredSeconds {
    pub meanwhile: Meanwhile,
}

impl ServiceClock for HundredSeconds {
    fn movers(&self) -> &[Str] {
        &MOVERS
    }

    fn moves(&self, _mover: &str, input: &Value, _reply: &Value, at: Timestamp) -> Vec<Moved> {
        let text = |name: &str| input[name].as_str().map(str::to_owned);
        let (Some(record), Some(state)) = (text("jalur"), text("isi")) else {
            return Vec::new();
        };
        vec![Moved {
            record,
            kind: None,
            opens: state != "susulan",
            step: (state != "buka").then_some(ClockStep { state, at }),
            number: None,
        }]
    }

    fn read(&self, now: Timestamp, steps: &[ClockStep], _kind: Option<&str>, _days: &dyn Workdays) -> ClockReading {
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        let (mut state, mut used, mut since) = (ClockState::NotStarted, SignedDuration::ZERO, None);
        for step in steps {
            if let Some(from) = since.take() {
                used += step.at.duration_since(from);
            }
            state = match step.state.as_str() {
                "mulai" => {
                    since = Some(step.at);
                    ClockState::Running
                }
                "jeda" => ClockState::Paused,
                _ => ClockState::Stopped,
            };
        }
        let left = LIMIT - used - since.map_or(SignedDuration::ZERO, |from| now.duration_since(from));
        let deadline = since.and_then(|_| now.checked_add(left).ok());
        let alert = match since {
            Some(_) if left <= SignedDuration::ZERO => ClockAlert::Passed,
            Some(_) if left <= WARN => ClockAlert::Near,
            _ => ClockAlert::None,
        };
        let turns = match alert {
            ClockAlert::None => deadline.and_then(|at| at.checked_sub(WARN).ok()),
            ClockAlert::Near => deadline,
            ClockAlert::Passed => None,
        };
        ClockReading {
            state,
            left: Some(left),
            day: SignedDuration::from_secs(10),
            deadline,
            alert,
            turns,
        }
    }

    fn record<'a>(&self, _mover: &str, input: &'a Value) -> Option<&'a str> {
        let state = input["isi"].as_str()?;
        ["mulai", "jeda", "putus"]
            .contains(&state)
            .then(|| input["jalur"].as_str())?
    }
}

pub async fn tell(world: &World, record: &str, state: &str) {
    // Each state is a fact of its own, in the lane of its record.
    let number = format!("{record}:{}", world.rooms.clock.now());
    let input = json!({"nomor": number, "jalur": record, "isi": state});
    world.call(NATIVE, input).await;
}

pub async fn standings(world: &World) -> Vec<Standing> {
    let mut all = Vec::new();
    deadlines::each(&world.rooms, |standing| all.push(standing))
        .await
        .unwrap();
    all
}

async fn told(world: &World) -> Vec<(String, String)> {
    let events = world
        .journal
        .events(0, vec![NEAR.into(), PASSED.into()], 99)
        .await
        .unwrap();
    let told = events.into_iter();
    told.map(|e| (e.event.kind, e.event.subject)).collect()
}

fn warning(kind: &str, record: &str) -> (String, String) {
    (kind.to_owned(), record.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_warning_comes_before_the_end_and_once() {
    let world = world();
    let stop = world.keep_time();
    tell(&world, "A-1", "buka").await;
    assert_eq!(standings(&world).await[0].reading.state, ClockState::NotStarted);
    world.pass(1).await;
    tell(&world, "A-1", "mulai").await;
    world.pass(55).await;
    assert_eq!(told(&world).await, []);
    world.pass(10).await;
    assert_eq!(told(&world).await, [warning(NEAR, "A-1")]);
    world.pass(20).await;
    assert_eq!(told(&world).await.len(), 1, "told once");
    world.pass(20).await;
    assert_eq!(told(&world).await[1..], [warning(PASSED, "A-1")]);
    let standing = &standings(&world).await[0];
    assert_eq!(standing.reading.alert, ClockAlert::Passed);
    assert_eq!((standing.system.as_str(), standing.record.as_str()), ("uji", "A-1"));
    let counts = deadlines::counts(&world.rooms).await.unwrap();
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [1]);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_pause_stops_the_warning_and_a_decision_ends_it() {
    let world = world();
    let stop = world.keep_time();
    tell(&world, "A-1", "mulai").await;
    world.pass(50).await;
    tell(&world, "A-1", "jeda").await;
    tell(&world, "A-2", "mulai").await;
    world.pass(1).await;
    tell(&world, "A-2", "putus").await;
    world.pass(300).await;
    assert_eq!(told(&world).await, []);
    let all = standings(&world).await;
    assert_eq!((all[0].reading.state, all[0].is_open()), (ClockState::Paused, true));
    assert_eq!((all[1].reading.state, all[1].is_open()), (ClockState::Stopped, false));
    assert_eq!(
        deadlines::counts(&world.rooms).await.unwrap().len(),
        1,
        "decided ones are not open"
    );
    tell(&world, "A-1", "mulai").await;
    world.pass(11).await;
    assert_eq!(told(&world).await, [warning(NEAR, "A-1")]);
    // Kept for comparison, then let go. Nobody looks meanwhile: a look every half second would take the test long.
    stop.cancel();
    world.pass(91 * 24 * 3600).await;
    let stop = world.keep_time();
    world.pass(2).await;
    let left: Vec<_> = standings(&world).await.into_iter().map(|s| s.record).collect();
    assert_eq!(left, ["A-1"]);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn only_what_the_system_has_taken_moves_a_clock() {
    let world = world();
    world.script([Wire::Reply(422, json!({}))]);
    tell(&world, "A-1", "mulai").await;
    world
        .call(READ, json!({"nomor": "A-2", "jalur": "A-2", "isi": "mulai"}))
        .await;
    tell(&world, "A-3", "susulan").await;
    assert!(standings(&world).await.is_empty());
    tell(&world, "A-4", "mulai").await;
    world.pass(1).await;
    tell(&world, "A-4", "buka").await;
    let all = standings(&world).await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].last.as_ref().unwrap().state,
        "mulai",
        "known records are opened no second time"
    );
}

#[tokio::test(start_paused = true)]
async fn who_may_report_states_hears_of_deadlines() {
    let world = world();
    let catalogue = world.rooms.catalogue.load_full();
    let now = world.rooms.clock.now();
    let consumer = catalogue
        .consumers
        .values()
        .find(|c| c.grants.contains_key(NATIVE))
        .unwrap();
    assert_eq!(permitted(&catalogue, consumer, NEAR, now), Some(true));
    let stranger = Consumer {
        id: "lain".into(),
        name: "Lain".into(),
        keys: Vec::new(),
        certificates: Vec::new(),
        grants: HashMap::new(),
    };
    assert_eq!(permitted(&catalogue, &stranger, PASSED, now), Some(false));
}

/// What a push that opens A-1 leaves, and what a first state of it leaves.
fn left(world: &World, kind: Option<&str>, steps: &Value) -> Timer {
    let body = json!({
        "kind": kind, "opened": world.rooms.clock.now(), "steps": steps,
        "number": null, "told": null, "decided": null, "waiting": [],
    });
    Timer {
        kind: DEADLINE.into(),
        id: "uji/A-1".into(),
        due: world.rooms.clock.now(),
        body: body.to_string().into(),
    }
}

fn in_between(world: &World, timer: Timer) {
    let journal = Arc::clone(&world.journal);
    *world.meanwhile.lock().unwrap() = Some(Box::new(move || {
        journal.put_timer(timer, None).now_or_never().unwrap().unwrap();
    }));
}

#[tokio::test(start_paused = true)]
async fn a_push_that_opens_a_record_does_not_undo_its_first_state() {
    let world = world();
    let now = world.rooms.clock.now();
    // The push has seen no record; its first state is stored before the push is.
    in_between(&world, left(&world, None, &json!([{"state": "mulai", "at": now}])));
    tell(&world, "A-1", "buka").await;
    assert!(
        world.meanwhile.lock().unwrap().is_none(),
        "the other one was in between"
    );
    let all = standings(&world).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].last.as_ref().unwrap().state, "mulai");
    assert_eq!(all[0].reading.state, ClockState::Running);
}

#[tokio::test(start_paused = true)]
async fn a_first_state_does_not_undo_the_push_that_opens_its_record() {
    let world = world();
    // The state has seen no record; the push is stored before the state is.
    in_between(&world, left(&world, Some("K-1"), &json!([])));
    tell(&world, "A-1", "mulai").await;
    assert!(
        world.meanwhile.lock().unwrap().is_none(),
        "the other one was in between"
    );
    let all = standings(&world).await;
    assert_eq!(all[0].last.as_ref().unwrap().state, "mulai");
    assert_eq!(all[0].kind.as_deref(), Some("K-1"));
}
