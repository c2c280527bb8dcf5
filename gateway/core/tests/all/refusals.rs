//! Rooms 7–11: what is refused, and that a refusal stores and sends nothing.

use crate::world::{BY_REFERENCE, NATIVE, READ, RELAYED, World, world};
use gateway_core::{Outcome, Refusal, Verdict};
use serde_json::json;

async fn nothing_happened(world: &World, outcome: &Outcome) {
    assert!(matches!(outcome.verdict, Verdict::Refused(_)), "{:?}", outcome.verdict);
    assert!(world.sent.lock().unwrap().is_empty(), "something was sent");
    assert!(world.all().await.is_empty(), "something was stored");
}

fn refusal(outcome: &Outcome) -> &Refusal {
    match &outcome.verdict {
        Verdict::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_grant_nothing_is_read() {
    let world = world();
    let outcome = world.call_with(RELAYED, b"not even json".to_vec(), None, false).await;
    assert!(matches!(refusal(&outcome), Refusal::NoGrant { .. }));
    nothing_happened(&world, &outcome).await;
}

#[tokio::test(start_paused = true)]
async fn bad_bodies_are_named() {
    let world = world();
    let cases: [(&[u8], fn(&Refusal) -> bool); 6] = [
        (b"{", |r| matches!(r, Refusal::NotJson(_))),
        (
            br#"{"nomor":"1","nomor":"2"}"#,
            |r| matches!(r, Refusal::NotJson(e) if e.pointer == "/nomor"),
        ),
        (br#"{"nomor":98765432109876543210}"#, |r| {
            matches!(r, Refusal::NotJson(_))
        }),
        (
            br#"{"nomor":5}"#,
            |r| matches!(r, Refusal::Invalid(v) if v[0].pointer == "/nomor"),
        ),
        (
            br#"{}"#,
            |r| matches!(r, Refusal::Invalid(v) if v[0].code == "required"),
        ),
        (&[b' '; 10_001], |r| {
            matches!(r, Refusal::BodyTooLarge { limit: 10_000 })
        }),
    ];
    for (body, right) in cases {
        let outcome = world.call_with(NATIVE, body.to_vec(), None, false).await;
        assert!(right(refusal(&outcome)), "{:?}", outcome.verdict);
        nothing_happened(&world, &outcome).await;
    }
}

#[tokio::test(start_paused = true)]
async fn quota_refuses_and_says_when_to_come_back() {
    let world = world();
    for _ in 0..3 {
        assert!(matches!(world.call(READ, json!({})).await.verdict, Verdict::Done(_)));
    }
    let last = world.call(READ, json!({})).await;
    assert!(matches!(refusal(&last), Refusal::OverQuota { limit: 1, after } if !after.is_zero()));
    assert_eq!(world.sent.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn same_key_same_answer_other_content_is_refused() {
    let world = world();
    let body = json!({"nomor": "A-1"}).to_string().into_bytes();
    let first = world.call_with(NATIVE, body.clone(), Some("kunci-1"), false).await;
    let again = world.call_with(NATIVE, body, Some("kunci-1"), false).await;
    let (Verdict::Done(a), Verdict::Done(b)) = (&first.verdict, &again.verdict) else {
        panic!("not done")
    };
    assert_eq!(a, b, "byte for byte");
    assert_eq!(first.exchange, again.exchange);
    assert!(again.replayed && !first.replayed);
    let other = world
        .call_with(
            NATIVE,
            json!({"nomor": "A-2"}).to_string().into_bytes(),
            Some("kunci-1"),
            false,
        )
        .await;
    assert!(matches!(refusal(&other), Refusal::KeyMismatch { .. }));
    assert_eq!(world.writes_sent(), 1);
}

#[tokio::test(start_paused = true)]
async fn white_space_and_key_order_do_not_make_other_content() {
    let world = world();
    let first = world
        .call_with(NATIVE, br#"{"nomor":"A-1","isi":"x"}"#.to_vec(), Some("k"), false)
        .await;
    let again = world
        .call_with(NATIVE, br#"{ "isi" : "x", "nomor":"A-1" }"#.to_vec(), Some("k"), false)
        .await;
    assert_eq!(first.exchange, again.exchange);
}

#[tokio::test(start_paused = true)]
async fn one_effect_per_business_reference_whatever_the_key() {
    let world = world();
    let body = json!({"nomor": "A-7"}).to_string().into_bytes();
    let first = world.call_with(BY_REFERENCE, body.clone(), Some("satu"), false).await;
    let again = world.call_with(BY_REFERENCE, body.clone(), Some("dua"), false).await;
    let without = world.call_with(BY_REFERENCE, body, None, false).await;
    assert_eq!((first.exchange, first.exchange), (again.exchange, without.exchange));
    let changed = world.call(BY_REFERENCE, json!({"nomor": "A-7", "isi": "lain"})).await;
    assert!(matches!(refusal(&changed), Refusal::ReferenceMismatch { .. }));
    assert_eq!(world.writes_sent(), 1);
}
