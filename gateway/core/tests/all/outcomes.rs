//! Rooms 12–14: three outcomes, never two. Time is paused, so hours of retrying take no time.

use crate::world::{BY_REFERENCE, NATIVE, READ, RELAYED, UNSAFE, Wire, world};
use connector_sdk::{FaultKind, Landed};
use gateway_core::Verdict;
use gateway_core::deliver::{Phase, WireError, WireKind};
use gateway_core::exchange::{State, TryKind};
use gateway_core::journal::Journal;
use serde_json::json;
use std::time::Duration;

fn broken(phase: Phase, kind: WireKind) -> Wire {
    Wire::Fail(WireError {
        phase,
        kind,
        detail: "uji".into(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_write_is_done_and_its_evidence_is_chained() {
    let world = world();
    let outcome = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    assert!(matches!(outcome.verdict, Verdict::Done(_)));
    assert_eq!(world.state(outcome.exchange).await, State::Done);
    let chain = world.journal.chains().await.unwrap().remove(0);
    let links = world.journal.evidence(chain, 0, 10).await.unwrap();
    assert_eq!(links.len(), 1);
    let record: serde_json::Value = serde_json::from_slice(&links[0].record).unwrap();
    assert_eq!(record["result"], "ok");
    assert_eq!(record["consumer"], "opd-uji");
    assert!(record["native"].is_array(), "digests of the native bodies");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_after_sending_is_unknown_and_asked_not_repeated() {
    let world = world();
    world.script([
        broken(Phase::AfterSend, WireKind::Closed),
        Wire::Reply(200, json!({"ada": true})),
    ]);
    let outcome = world.call(BY_REFERENCE, json!({"nomor": "A-1"})).await;
    let Verdict::Faulted { fault, state } = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!((fault.landed, *state), (Landed::Unknown, Some(State::Unresolved)));
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Done);
    assert_eq!(world.writes_sent(), 1, "found by look-up, never repeated");
    let kinds: Vec<_> = world
        .journal
        .attempts(outcome.exchange)
        .await
        .unwrap()
        .iter()
        .map(|a| a.kind)
        .collect();
    assert_eq!(kinds, [TryKind::Deliver, TryKind::Lookup]);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_finds_nothing_makes_sending_again_safe() {
    let world = world();
    world.script([
        broken(Phase::AfterSend, WireKind::Timeout),
        Wire::Reply(200, json!({"ada": false})),
        Wire::Reply(200, json!({"ada": false})),
        Wire::Reply(200, json!({"ada": false})),
        Wire::Reply(200, json!({"ok": true})),
    ]);
    let outcome = world.call(BY_REFERENCE, json!({"nomor": "A-1"})).await;
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Done);
    assert_eq!(world.writes_sent(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_empty_for_a_moment_makes_no_double() {
    let world = world();
    world.script([
        broken(Phase::AfterSend, WireKind::Timeout),
        Wire::Reply(200, json!({"ada": false})),
        Wire::Reply(200, json!({"ada": false})),
        Wire::Reply(200, json!({"ada": true})),
    ]);
    let outcome = world.call(BY_REFERENCE, json!({"nomor": "A-1"})).await;
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Done);
    assert_eq!(world.writes_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_cannot_tell_waits_for_a_person() {
    let world = world();
    world.script([broken(Phase::AfterSend, WireKind::Timeout), Wire::Reply(200, json!({}))]);
    let outcome = world.call(BY_REFERENCE, json!({"nomor": "A-1"})).await;
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Parked);
    assert_eq!(world.writes_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_write_of_unknown_outcome_is_parked_at_once() {
    let world = world();
    world.script([broken(Phase::AfterSend, WireKind::Timeout)]);
    let outcome = world.call(UNSAFE, json!({"nomor": "A-1"})).await;
    assert_eq!(world.state(outcome.exchange).await, State::Parked);
    assert_eq!(world.writes_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_never_left_is_scheduled_and_delivered_later() {
    let world = world();
    world.script([
        broken(Phase::BeforeSend, WireKind::Connect),
        broken(Phase::BeforeSend, WireKind::Connect),
    ]);
    let outcome = world.call(UNSAFE, json!({"nomor": "A-1"})).await;
    assert!(
        matches!(
            outcome.verdict,
            Verdict::Underway {
                state: State::Scheduled,
                ..
            }
        ),
        "{:?}",
        outcome.verdict
    );
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Done);
    assert_eq!(world.journal.attempts(outcome.exchange).await.unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn exhaustion_is_a_dead_letter_with_a_reason() {
    let world = world();
    world.script((0..9).map(|_| Wire::Reply(503, json!({}))));
    let outcome = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    world.work();
    assert_eq!(world.settled(outcome.exchange).await, State::Dead);
    let stored = world.journal.get(outcome.exchange).await.unwrap().unwrap();
    assert!(stored.reason.unwrap().contains("percobaan habis"));
    assert_eq!(world.writes_sent(), 4, "as many attempts as the policy allows");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_kept_to() {
    let world = world();
    world.script([Wire::Reply(429, json!({}))]);
    let outcome = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    let Verdict::Underway { due, fault, .. } = outcome.verdict else {
        panic!("scheduled")
    };
    assert_eq!(fault.unwrap().kind, FaultKind::Throttled);
    assert!(due > world.rooms.clock.now());
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_accepted() {
    let world = world();
    world.script([Wire::Slow(Duration::from_secs(20), 200, json!({"ok": true}))]);
    let outcome = world.call(UNSAFE, json!({"nomor": "A-1"})).await;
    let Verdict::Faulted { fault, .. } = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!(fault.landed, Landed::Unknown);
    assert_eq!(world.state(outcome.exchange).await, State::Parked);
    world.rooms.clock.sleep(Duration::from_secs(30)).await;
    assert_eq!(world.state(outcome.exchange).await, State::Done);
    let last = world.journal.attempts(outcome.exchange).await.unwrap().pop().unwrap();
    assert_eq!(last.kind, TryKind::Late);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_system_is_told_and_not_retried() {
    let world = world();
    world.script([Wire::Reply(422, json!({}))]);
    let outcome = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    let Verdict::Faulted { fault, state } = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!((fault.kind, *state), (FaultKind::Rejected, Some(State::Failed)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_drifts_never_reaches_the_consumer() {
    let world = world();
    world.script([Wire::Reply(200, json!({"salah": 1}))]);
    let outcome = world.call(READ, json!({})).await;
    let Verdict::Faulted { fault, .. } = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!(fault.kind, FaultKind::Drift);
    assert!(world.all().await.is_empty(), "a read leaves no exchange behind");
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_quickly() {
    let world = world();
    world.script([broken(Phase::BeforeSend, WireKind::Connect)]);
    let outcome = world.call(READ, json!({})).await;
    assert!(matches!(outcome.verdict, Verdict::Done(_)), "{:?}", outcome.verdict);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_sets_off_its_relay_once() {
    let world = world();
    world.work();
    world.script([Wire::Reply(200, json!("lanjut"))]);
    let first = world.call(NATIVE, json!({"nomor": "A-1"})).await;
    assert!(matches!(first.verdict, Verdict::Done(_)), "{:?}", first.verdict);
    let other = world.call(NATIVE, json!({"nomor": "A-2"})).await;
    assert!(matches!(other.verdict, Verdict::Done(_)));
    let relayed: Vec<_> = world
        .all()
        .await
        .into_iter()
        .filter(|e| e.operation == RELAYED)
        .collect();
    assert_eq!(relayed.len(), 1, "only the reply that fits the condition");
    assert_eq!(relayed[0].cause, Some(first.exchange));
    assert_eq!(world.settled(relayed[0].id).await, State::Done);
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_replaced_and_the_system_is_asked_first() {
    let world = world();
    let held = world
        .call_with(BY_REFERENCE, br#"{"nomor":"A-1"}"#.to_vec(), None, true)
        .await;
    // Another node leases it and dies without a word.
    let request = gateway_core::exchange::LeaseRequest {
        owner: "mati".into(),
        until: gateway_core::time::later(world.rooms.clock.now(), Duration::from_secs(30)),
    };
    let leased = world
        .journal
        .lease(request, world.rooms.clock.now(), 1, vec![])
        .await
        .unwrap();
    assert_eq!(leased.len(), 1);
    world.script([Wire::Reply(200, json!({"ada": true}))]);
    world.work();
    assert_eq!(world.settled(held.exchange).await, State::Done);
    assert_eq!(world.writes_sent(), 0, "what the dead node may have sent was found");
}
