//! Following a record: until it is final and its grace has passed, through restarts and on several nodes, with every
//! change carried on once and in order.

use crate::world::{NATIVE, READ, RELAYED, Wire, World, world_with};
use gateway_core::Verdict;
use gateway_core::calendar::Calendar;
use gateway_core::exchange::State;
use gateway_core::flows::Flows;
use gateway_core::follow::{Deadline, FollowPlan, Reading, following};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::Journal;
use gateway_core::relay::{Each, OURSELVES, Relay};
use gateway_core::source::Source;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn plan() -> FollowPlan {
    FollowPlan {
        write: NATIVE.into(),
        readings: vec![Reading {
            operation: READ.into(),
            input: vec![("/nomor".into(), Source::Reply("/nomor".into()))],
        }],
        state: "/hasil/status".into(),
        since: None,
        until: vec!["selesai".into()],
        every: Duration::from_secs(60),
        slowest: Duration::from_secs(60),
        grace: Duration::from_secs(600),
        longest: Duration::from_secs(1_000_000),
        deadlines: vec![Deadline {
            states: vec!["masuk".into()],
            working_days: 3,
        }],
    }
}

/// Every change of the record, oldest first, to the other operation, once.
fn changes() -> Relay {
    Relay {
        each: Some(Each {
            pointer: "/hasil/riwayat".into(),
            newest_first: true,
        }),
        whole: false,
        copy: vec![
            ("/nomor".into(), Source::OriginInput("/nomor".into())),
            ("/jalur".into(), Source::OriginInput("/nomor".into())),
            ("/isi".into(), Source::Item("/status".into())),
        ],
        reference: vec!["/nomor".into(), "/isi".into()],
        ..Relay::new(READ, RELAYED, "kabar")
    }
}

fn followed() -> World {
    let flows = Flows {
        follows: vec![plan()],
        calendar: Calendar::new([(2026, vec![])]),
        ..Flows::default()
    };
    world_with(vec![changes()], flows)
}

/// The record goes through these states, one more with each look, and stays in the last.
fn record(world: &World, states: &'static [&'static str]) -> Arc<AtomicUsize> {
    let looks = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&looks);
    world.respond(move |method, _, _| {
        if method != "GET" {
            return Wire::Reply(200, json!({"status": "masuk"}));
        }
        let upto = seen.fetch_add(1, Ordering::Relaxed).min(states.len() - 1);
        let mut past: Vec<Value> = states[..=upto].iter().map(|s| json!({"status": s})).collect();
        past.reverse();
        Wire::Reply(200, json!({"status": states[upto], "riwayat": past}))
    });
    looks
}

async fn written(world: &World, number: &str) -> ExchangeId {
    let outcome = world.call(NATIVE, json!({"nomor": number})).await;
    assert!(matches!(outcome.verdict, Verdict::Done(_)), "{:?}", outcome.verdict);
    outcome.exchange
}

async fn carried(world: &World) -> Vec<String> {
    let all = world.of(RELAYED).await;
    assert!(all.iter().all(|e| e.state == State::Done), "all delivered");
    all.iter()
        .map(|e| world.input(e)["isi"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_record_is_followed_to_its_end_and_every_change_is_carried_once() {
    let world = followed();
    record(&world, &["masuk", "diproses", "selesai"]);
    let id = written(&world, "A-7").await;
    let timer = world.journal.timer("ikuti".into(), id.to_string()).await.unwrap();
    assert!(
        timer.is_some(),
        "started with the outcome itself, before any timekeeper runs"
    );
    world.work();
    world.keep_time();
    world.pass(1500).await;
    assert_eq!(carried(&world).await, ["masuk", "diproses", "selesai"]);
    let reads = world.of(READ).await;
    assert!(
        reads
            .iter()
            .all(|r| r.consumer == OURSELVES && r.purpose == "uji" && r.cause == Some(id))
    );
    assert!(
        (12..=16).contains(&reads.len()),
        "{} looks: to the end of the grace, not on",
        reads.len()
    );
    assert_eq!(world.noted("follow_ended"), 1);
    assert_eq!(following(&world.rooms, id).await.unwrap(), None);
    world.pass(3600).await;
    assert_eq!(world.of(READ).await.len(), reads.len(), "nobody looks any more");
}

#[tokio::test(start_paused = true)]
async fn a_reopened_record_is_followed_on() {
    let world = followed();
    record(&world, &["selesai", "selesai", "selesai", "dibuka_lagi", "dibuka_lagi"]);
    written(&world, "A-7").await;
    world.work();
    world.keep_time();
    world.pass(7200).await;
    assert_eq!(world.noted("follow_ended"), 0);
    assert_eq!(carried(&world).await, ["selesai", "dibuka_lagi"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_gone_is_a_normal_end() {
    let world = followed();
    world.respond(|method, _, _| Wire::Reply(if method == "GET" { 404 } else { 200 }, json!({"status": "masuk"})));
    written(&world, "A-7").await;
    world.work();
    world.keep_time();
    world.pass(600).await;
    assert_eq!(world.noted("follow_gone"), 1);
    let reads = world.of(READ).await;
    assert_eq!(reads.len(), 2, "one miss may be a list that lags");
    assert!(
        reads.iter().all(|r| r.state == State::Failed),
        "nobody has to mend a look"
    );
}

#[tokio::test(start_paused = true)]
async fn a_system_that_is_down_leaves_no_dead_letters_and_the_follow_goes_on() {
    let world = followed();
    let up = Arc::new(AtomicUsize::new(0));
    let switch = Arc::clone(&up);
    world.respond(move |method, _, _| match (method, switch.load(Ordering::Relaxed)) {
        ("GET", 0) => Wire::Reply(503, json!({})),
        _ => Wire::Reply(200, json!({"status": "diproses", "riwayat": [{"status": "diproses"}]})),
    });
    written(&world, "A-7").await;
    world.work();
    world.keep_time();
    world.pass(3600).await;
    up.store(1, Ordering::Relaxed);
    world.pass(600).await;
    assert_eq!(carried(&world).await, ["diproses"]);
    assert!(world.all().await.iter().all(|e| e.state != State::Dead));
}

#[tokio::test(start_paused = true)]
async fn several_nodes_and_restarts_look_once_per_round() {
    let world = followed();
    record(&world, &["masuk", "diproses"]);
    written(&world, "A-7").await;
    world.work();
    let (first, second) = (world.keep_time(), world.keep_time());
    world.pass(300).await;
    first.cancel();
    second.cancel();
    world.pass(600).await;
    let before = world.of(READ).await.len();
    assert!((4..=6).contains(&before), "{before}");
    world.keep_time();
    world.pass(300).await;
    let after = world.of(READ).await.len();
    assert!((before + 4..=before + 6).contains(&after), "{before} then {after}");
    assert_eq!(carried(&world).await, ["masuk", "diproses"]);
}

#[tokio::test(start_paused = true)]
async fn deadlines_are_counted_in_working_days_and_told_once() {
    let world = followed();
    record(&world, &["masuk"]);
    let id = written(&world, "A-7").await;
    // Written on Tuesday: three working days end on Friday night.
    let stands = following(&world.rooms, id).await.unwrap().unwrap();
    assert_eq!(stands.state, Some("masuk".into()));
    assert_eq!(stands.deadline, Some("2026-02-06T23:59:59+07:00".parse().unwrap()));
    assert!(!stands.overdue);
    world.pass(4 * 24 * 3600).await;
    world.work();
    world.keep_time();
    world.pass(120).await;
    assert!(following(&world.rooms, id).await.unwrap().unwrap().overdue);
    assert_eq!(world.noted("overdue"), 1);
}

#[tokio::test(start_paused = true)]
async fn quiet_records_are_looked_at_less_often() {
    let flows = Flows {
        follows: vec![FollowPlan {
            slowest: Duration::from_secs(960),
            ..plan()
        }],
        ..Flows::default()
    };
    let world = world_with(vec![changes()], flows);
    record(&world, &["masuk"]);
    written(&world, "A-7").await;
    world.work();
    world.keep_time();
    world.pass(10_000).await;
    let looks = world.of(READ).await.len();
    assert!((12..=18).contains(&looks), "{looks} looks");
}
