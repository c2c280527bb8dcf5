//! Hints at duplicates: seen where they should be, silent about what is protected, and never in the way.

use crate::world::{NATIVE, Wire, World, world_with};
use gateway_core::Verdict;
use gateway_core::flows::Flows;
use gateway_core::journal::Journal;
use gateway_core::likeness::Likeness;
use gateway_core::source::Source;
use serde_json::{Value, json};
use std::time::Duration;

fn source(text: &str) -> Source {
    Source::parse(text).unwrap()
}

fn world() -> World {
    let likeness = Likeness {
        operation: NATIVE.into(),
        same: vec![source("masukan:/hasil/jenis")],
        place: (source("masukan:/hasil/lat"), source("masukan:/hasil/lon")),
        metres: 100,
        at: Some(source("masukan:/hasil/waktu")),
        within: Duration::from_secs(3 * 24 * 3600),
        says: vec![("/nomor".into(), source("masukan:/nomor"))],
        open: vec![source("masukan:/hasil/rahasia"), source("masukan:/hasil/anonim")],
        into: "/hasil/serupa".into(),
    };
    let flows = Flows {
        likenesses: vec![likeness],
        ..Flows::default()
    };
    let world = world_with(vec![], flows);
    world.respond(|_, _, _| Wire::Reply(200, json!({})));
    world
}

fn record() -> Value {
    json!({"jenis": "lampu", "lat": -6.19, "lon": 106.68, "waktu": "2026-02-03T08:00:00+07:00",
        "rahasia": false, "anonim": false})
}

/// Sends a record that differs from [`record`] in these fields; its hints.
async fn sent(world: &World, number: &str, changes: Value) -> Value {
    let mut record = record();
    for (name, value) in changes.as_object().unwrap() {
        record[name] = value.clone();
    }
    let outcome = world.call(NATIVE, json!({"nomor": number, "hasil": record})).await;
    let Verdict::Done(reply) = outcome.verdict else {
        panic!("{number} was stopped: {:?}", outcome.verdict)
    };
    serde_json::from_slice::<Value>(&reply).unwrap()["hasil"]["serupa"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_record_close_in_place_and_time_is_hinted_at_and_both_are_sent() {
    let world = world();
    assert_eq!(sent(&world, "A-1", json!({})).await, Value::Null);
    let near = json!({"lat": -6.1904, "waktu": "2026-02-04T08:00:00+07:00"});
    let hints = sent(&world, "A-2", near).await;
    assert_eq!(
        hints,
        json!([{"nomor": "A-1", "terjadi_pada": "2026-02-03T01:00:00Z", "jarak_meter": 50}])
    );
    // The same call again is answered with the same hint, and the record is never like itself.
    let both = sent(&world, "A-3", json!({"lat": -6.1902})).await;
    assert_eq!(both.as_array().map(Vec::len), Some(2), "nearest first: {both}");
    assert_eq!(world.writes_sent(), 3);
    assert_eq!(world.noted("likeness_hint"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_differs_in_kind_place_or_time_is_not_hinted_at() {
    let world = world();
    sent(&world, "A-1", json!({})).await;
    for (number, changes) in [
        ("B-1", json!({"jenis": "jalan"})),
        ("B-2", json!({"lat": -6.192})),
        ("B-3", json!({"lon": 106.682})),
        ("B-4", json!({"waktu": "2026-02-07T08:00:00+07:00"})),
        ("B-5", json!({"lat": null})),
    ] {
        assert_eq!(sent(&world, number, changes).await, Value::Null, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_protected_record_is_neither_named_nor_compared() {
    let world = world();
    for (number, flags) in [
        ("C-1", json!({"rahasia": true})),
        ("C-2", json!({"anonim": true})),
        ("C-3", json!({"anonim": "false"})),
        ("C-4", json!({"rahasia": null})),
    ] {
        assert_eq!(sent(&world, number, flags.clone()).await, Value::Null, "{number}");
    }
    assert_eq!(
        sent(&world, "A-1", json!({})).await,
        Value::Null,
        "nothing was remembered"
    );
    assert_eq!(sent(&world, "C-5", json!({"anonim": true})).await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_sealed_and_goes_when_its_time_is_over() {
    let world = world();
    sent(&world, "A-1", json!({})).await;
    let timers = || world.journal.timers("serupa".into(), String::new(), 10);
    let kept = timers().await.unwrap();
    assert_eq!(kept.len(), 1);
    let body = String::from_utf8_lossy(&kept[0].body).into_owned();
    assert!(!body.contains("A-1") && !body.contains("106.68"), "sealed");
    world.pass(4 * 24 * 3600).await;
    world.keep_time();
    world.pass(2).await;
    assert!(timers().await.unwrap().is_empty());
}
