//! Order per lane, and that one poisoned exchange stops its own lane only until it is parked.

use crate::world::{NATIVE, Wire, world};
use gateway_core::Verdict;
use gateway_core::exchange::State;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn first_in_first_out_per_lane_while_others_flow() {
    let world = world();
    // The head of lane A fails twice before anything else is there.
    world.script([Wire::Reply(503, json!({})), Wire::Reply(503, json!({}))]);
    let head = world.call(NATIVE, json!({"nomor": "a-1", "jalur": "A"})).await;
    assert!(matches!(
        head.verdict,
        Verdict::Underway {
            state: State::Scheduled,
            ..
        }
    ));
    let second = world.call(NATIVE, json!({"nomor": "a-2", "jalur": "A"})).await;
    assert!(
        matches!(
            second.verdict,
            Verdict::Underway {
                state: State::Accepted,
                ..
            }
        ),
        "waits behind its head"
    );
    world.wire.lock().unwrap().clear();
    let other = world.call(NATIVE, json!({"nomor": "b-1", "jalur": "B"})).await;
    assert!(matches!(other.verdict, Verdict::Done(_)), "another lane flows");
    world.work();
    assert_eq!(world.settled(second.exchange).await, State::Done);
    let order: Vec<String> = world
        .sent
        .lock()
        .unwrap()
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line.splitn(3, ' ').nth(2)?).ok())
        .filter(|body| body["jalur"] == "A")
        .map(|body| body["nomor"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(order, ["a-1", "a-1", "a-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_exchange_is_put_aside_and_its_lane_goes_on() {
    let world = world();
    world.script([Wire::Reply(503, json!({})), Wire::Reply(422, json!({}))]);
    let poison = world.call(NATIVE, json!({"nomor": "a-1", "jalur": "A"})).await;
    let next = world
        .call_with(NATIVE, br#"{"nomor":"a-2","jalur":"A"}"#.to_vec(), None, true)
        .await;
    world.work();
    assert_eq!(world.settled(next.exchange).await, State::Done);
    assert_eq!(world.state(poison.exchange).await, State::Dead);
}
