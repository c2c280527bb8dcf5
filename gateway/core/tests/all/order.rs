//! Nothing overtakes what waits for a person, and nothing is judged by a system that has not got it yet: a follower is
//! neither sent nor looked up before its elder is over, whoever is quicker.

use crate::deadlines::standings;
use crate::world::{BY_REFERENCE, Wire, World, world};
use gateway_core::accept::Accepted;
use gateway_core::deliver::{Phase, WireError, WireKind};
use gateway_core::exchange::{LeaseRequest, Leased, State};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::Journal;
use gateway_core::person::{Proposal, Wish, decide};
use gateway_core::pipeline::advance;
use gateway_core::time::later;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn lost() -> Wire {
    Wire::Fail(WireError {
        phase: Phase::AfterSend,
        kind: WireKind::Closed,
        detail: "uji".into(),
    })
}

/// A system that takes every write and answers every look-up with this.
fn answers(world: &World, found: Value) {
    world.respond(move |method, _, _| match method {
        "POST" => Wire::Reply(200, json!({"ok": true})),
        _ => Wire::Reply(200, found.clone()),
    });
}

async fn accepted(world: &World, number: &str, state: &str) -> ExchangeId {
    let body = json!({"nomor": number, "jalur": "A-1", "isi": state}).to_string();
    let outcome = world.call_with(BY_REFERENCE, body.into_bytes(), None, true).await;
    outcome.exchange
}

async fn leased(world: &World) -> Vec<Leased> {
    let now = world.rooms.clock.now();
    let request = LeaseRequest {
        owner: "uji".into(),
        until: later(now, Duration::from_secs(20)),
    };
    world.journal.lease(request, now, 9, Vec::new()).await.unwrap()
}

async fn advanced(world: &World, leased: Leased) {
    advance(Arc::clone(&world.rooms), Accepted::from_lease(leased), None, false).await;
}

async fn replay(world: &World, id: ExchangeId) {
    let proposal = Proposal {
        wish: Wish::KirimUlang { paksa: false },
        by: "petugas-1".into(),
        reason: "diperiksa petugas".into(),
        at: world.rooms.clock.now(),
    };
    decide(&world.rooms, id, proposal).await.unwrap();
}

/// An elder that waits for a person since nobody knows what became of it, and its follower.
async fn elder_and_follower(world: &World) -> (ExchangeId, ExchangeId) {
    let elder = accepted(world, "1", "mulai").await;
    let follower = accepted(world, "2", "jeda").await;
    world.script([lost()]);
    answers(world, json!({}));
    let held = leased(world).await;
    assert_eq!(held.len(), 1, "one of a lane at a time");
    advanced(world, held.into_iter().next().unwrap()).await;
    world.pass(31).await;
    let held = leased(world).await;
    advanced(world, held.into_iter().next().unwrap()).await;
    assert_eq!(world.state(elder).await, State::Parked);
    (elder, follower)
}

#[tokio::test(start_paused = true)]
async fn a_follower_held_while_its_elder_is_replayed_does_not_overtake_it() {
    let world = world();
    let (elder, follower) = elder_and_follower(&world).await;
    let writes = world.writes_sent();
    // The worker has just taken the follower when a person replays the elder: the elder waits for its turn.
    let held = leased(&world).await.pop().unwrap();
    assert_eq!(held.exchange.id, follower);
    replay(&world, elder).await;
    assert_eq!(world.state(elder).await, State::Unresolved);
    advanced(&world, held).await;
    assert_eq!(world.writes_sent(), writes, "the follower was not sent");
    assert_eq!(world.noted("waits_behind"), 1);
    // Now it is the elder's turn, then the follower's.
    answers(&world, json!({"ada": false}));
    world.work();
    assert_eq!(world.settled(elder).await, State::Done);
    assert_eq!(world.settled(follower).await, State::Done);
    let last = standings(&world).await.remove(0).last.unwrap();
    assert_eq!(last.state, "jeda");
}

#[tokio::test(start_paused = true)]
async fn a_follower_whose_holder_died_is_not_looked_up_before_its_elder_is_over() {
    let world = world();
    let (elder, follower) = elder_and_follower(&world).await;
    // The gateway is killed just when it holds the follower, which was never sent.
    let held = leased(&world).await.pop().unwrap();
    assert_eq!(held.exchange.id, follower);
    let asked = world.sent.lock().unwrap().len();
    for _ in 0..3 {
        world.pass(31).await;
        let held = leased(&world).await.pop().unwrap();
        assert_eq!(held.exchange.id, follower);
        advanced(&world, held).await;
    }
    // What the system shows now is the elder's place, not the follower's: it would have been taken for somebody else's.
    assert_eq!(world.sent.lock().unwrap().len(), asked, "nothing was asked");
    assert!(world.state(follower).await.is_open(), "it does not wait for a person");
    replay(&world, elder).await;
    answers(&world, json!({"ada": false}));
    world.work();
    assert_eq!(world.settled(elder).await, State::Done);
    assert_eq!(world.settled(follower).await, State::Done);
    assert_eq!(standings(&world).await.remove(0).last.unwrap().state, "jeda");
}
