//! Pushes to scripted receivers: signature, schedule, order, isolation, pause, several nodes. Time is paused.

mod stage;

use gateway_core::events::{PushPolicy, manage, signature, status};
use gateway_core::exchange::State;
use gateway_core::journal::Journal;
use gateway_core::time::between;
use serde_json::json;
use stage::*;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn a_push_is_a_signed_cloud_event_with_a_stable_id_and_a_fresh_time() {
    let stage = stage();
    let (_, secret) = stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.next("a.invalid", [Act::Status(500)]);
    stage.run();
    stage.happen("A-1").await;
    stage
        .wait_for("two attempts", || stage.hits("a.invalid").len() == 2)
        .await;
    let hits = stage.hits("a.invalid");
    assert!(hits.iter().all(|hit| verifies(hit, &secret)));
    assert_eq!(
        hits[0].header("content-type"),
        "application/cloudevents+json; charset=utf-8"
    );
    assert_eq!(hits[0].header("webhook-id"), hits[1].header("webhook-id"));
    assert_eq!(hits[0].header("webhook-id"), hits[0].json()["id"]);
    assert_eq!(hits[0].body, hits[1].body);
    assert_ne!(hits[0].header("webhook-timestamp"), hits[1].header("webhook-timestamp"));
    assert_eq!(hits[1].header("webhook-timestamp"), hits[1].at.as_second().to_string());
    let registry = schemas::Registry::embedded().unwrap();
    assert_eq!(registry.get("peristiwa").unwrap().check(&hits[0].json()), Ok(()));
    assert!(!verifies(&hits[0], &signature::fresh().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn both_secrets_sign_while_one_replaces_the_other() {
    let stage = stage_with(patient());
    let (id, old) = stage.subscribe("a.invalid", &["uji.berubah"], json!({})).await;
    let (_, new) = manage::rotate(&stage.rooms, &stage.world.consumer, &id)
        .await
        .expect("rotated");
    stage.run();
    stage.happen("A-1").await;
    stage.wait_for("a push", || stage.hits("a.invalid").len() == 1).await;
    let hit = &stage.hits("a.invalid")[0];
    assert!(verifies(hit, &old) && verifies(hit, &new));
    stage.pass(25 * 3600).await;
    manage::test(&stage.rooms, &stage.world.consumer, &id)
        .await
        .expect("test event");
    stage
        .wait_for("the test event", || stage.hits("a.invalid").len() == 2)
        .await;
    let hit = &stage.hits("a.invalid")[1];
    assert!(!verifies(hit, &old) && verifies(hit, &new), "the overlap is over");
    assert_eq!(hit.json()["type"], "langganan.uji");
}

#[tokio::test(start_paused = true)]
async fn the_schedule_is_that_of_standard_webhooks_then_a_dead_letter() {
    let stage = stage_with(PushPolicy {
        pause_after: Duration::from_secs(3600 * 24 * 30),
        ..patient()
    });
    stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.always("a.invalid", Act::Status(503));
    stage.run();
    stage.happen("A-1").await;
    stage.pass(110 * 3600).await;
    let hits = stage.hits("a.invalid");
    let gaps: Vec<f64> = hits
        .windows(2)
        .map(|w| between(w[0].at, w[1].at).as_secs_f64())
        .collect();
    let schedule = [5.0, 300.0, 1800.0, 7200.0, 18e3, 36e3, 50_400.0, 72e3, 86_400.0];
    assert_eq!(gaps.len(), schedule.len(), "{gaps:?}");
    for (gap, pause) in gaps.iter().zip(schedule) {
        assert!(*gap >= pause * 1.1 && *gap <= pause * 1.2 + 2.0, "{gap} after {pause}");
    }
    let delivery = &stage.deliveries().await[0];
    assert_eq!(delivery.state, State::Dead);
    assert_eq!(delivery.attempts, 10);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_may_have_its_own_schedule() {
    let stage = stage();
    let own = json!({"jadwal_detik": [1, 2]});
    stage.subscribe("a.invalid", &["pertukaran.selesai"], own).await;
    stage.always("a.invalid", Act::Refuse);
    stage.run();
    stage.happen("A-1").await;
    stage.pass(60).await;
    assert_eq!(stage.hits("a.invalid").len(), 3);
    assert_eq!(stage.deliveries().await[0].state, State::Dead);
}

#[tokio::test(start_paused = true)]
async fn only_2xx_is_success_and_retry_after_is_honoured() {
    let stage = stage();
    stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    let acts = [
        Act::Status(302),
        Act::RetryAfter(429, 900),
        Act::Status(400),
        Act::Status(299),
    ];
    stage.next("a.invalid", acts);
    stage.run();
    stage.happen("A-1").await;
    stage.pass(7200).await;
    let hits = stage.hits("a.invalid");
    assert_eq!(hits.len(), 4, "redirects and refusals are tried again");
    assert!(between(hits[1].at, hits[2].at) >= Duration::from_secs(900));
    let delivery = &stage.deliveries().await[0];
    assert_eq!(delivery.state, State::Done);
}

#[tokio::test(start_paused = true)]
async fn gone_disables_until_the_owner_resumes() {
    let stage = stage_with(patient());
    let (id, _) = stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.next("a.invalid", [Act::Status(410)]);
    stage.run();
    stage.happen("A-1").await;
    stage.wait_for("disabled", || stage.standing(&id) == "nonaktif").await;
    stage.happen("A-2").await;
    stage.pass(24 * 3600).await;
    assert_eq!(stage.hits("a.invalid").len(), 1, "nothing more is sent");
    assert_eq!(stage.told("langganan.dinonaktifkan").await, 1);
    let consumer = &stage.world.consumer;
    let test = manage::test(&stage.rooms, consumer, &id).await;
    assert!(matches!(test, Err(manage::Refused::Conflict(_))));
    manage::resume(&stage.rooms, consumer, &id).await.expect("resumed");
    stage
        .wait_for("the second", || stage.hits("a.invalid").len() == 2)
        .await;
    let view = status(&stage.rooms, &stage.rooms.events.get(&id).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (view["keadaan"].as_str(), view["gagal"].as_u64()),
        (Some("lancar"), Some(1))
    );
    assert_eq!(view["kiriman"][1]["kode"], "http-410");
}

#[tokio::test(start_paused = true)]
async fn order_is_kept_per_subject_while_other_subjects_flow() {
    let stage = stage();
    stage.subscribe("a.invalid", &["uji.berubah"], json!({})).await;
    stage.next("a.invalid", [Act::Status(500), Act::Status(500)]);
    stage.run();
    for n in 0..6 {
        // Every reply speaks of A-1; what differs is the result, so these are six facts of one subject.
        stage
            .world
            .script([crate::world::Wire::Reply(200, json!({"ke": n, "sebagai": "A-1"}))]);
        stage.happen(&format!("A-{n}")).await;
    }
    stage.wait_for("all", || stage.hits("a.invalid").len() == 8).await;
    let order: Vec<i64> = stage
        .hits("a.invalid")
        .iter()
        .map(|h| h.json()["urutan"].as_i64().unwrap())
        .collect();
    assert_eq!(order, [1, 1, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn one_slow_of_twenty_leaves_the_others_unaffected() {
    let stage = stage();
    for n in 0..20 {
        stage
            .subscribe(&format!("s{n}.invalid"), &["pertukaran.selesai"], json!({}))
            .await;
    }
    stage.always("s0.invalid", Act::Slow(Duration::from_secs(19)));
    stage.run();
    for n in 0..30 {
        stage.happen(&format!("A-{n}")).await;
    }
    let done = stage.rooms.clock.now();
    stage.pass(3).await;
    for n in 1..20 {
        let hits = stage.hits(&format!("s{n}.invalid"));
        assert_eq!(hits.len(), 30, "subscriber {n}");
        let worst = hits.iter().map(|hit| between(done, hit.at)).max().unwrap();
        assert!(worst < Duration::from_secs(3), "subscriber {n}: {worst:?}");
    }
    assert!(stage.hits("s0.invalid").len() <= 4, "bounded by its own bulkhead");
    stage.pass(12 * 20).await;
    assert_eq!(stage.hits("s0.invalid").len(), 30, "slow, yet each once");
}

#[tokio::test(start_paused = true)]
async fn two_nodes_never_double_and_a_restart_goes_on() {
    let stage = stage();
    stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    let second = rooms_like(
        &stage.rooms,
        "uji-2",
        events(&stage.world, PushPolicy::default()),
        Arc::clone(&stage.rooms.transport),
    );
    stage.run();
    stage.run_as(&second);
    for n in 0..40 {
        stage.happen(&format!("A-{n}")).await;
    }
    stage.wait_for("all", || stage.hits("a.invalid").len() >= 40).await;
    // Both stop; what happens meanwhile is told by a third that knows nothing.
    stage.stop.cancel();
    stage.pass(5).await;
    for n in 40..60 {
        stage.happen(&format!("A-{n}")).await;
    }
    stage.pass(5).await;
    assert_eq!(stage.hits("a.invalid").len(), 40);
    let third = Stage {
        rooms: rooms_like(
            &stage.rooms,
            "uji-3",
            events(&stage.world, PushPolicy::default()),
            Arc::clone(&stage.rooms.transport),
        ),
        world: stage.world,
        receivers: stage.receivers,
        stop: CancellationToken::new(),
    };
    third.run();
    third.wait_for("the rest", || third.hits("a.invalid").len() >= 60).await;
    third.pass(60).await;
    let hits = third.hits("a.invalid");
    let ids: std::collections::HashSet<_> = hits.iter().map(|h| h.header("webhook-id").to_owned()).collect();
    assert_eq!((hits.len(), ids.len()), (60, 60));
}

#[tokio::test(start_paused = true)]
async fn long_failure_pauses_probes_and_recovers_by_itself() {
    let stage = stage_with(patient());
    let (id, _) = stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.always("a.invalid", Act::Refuse);
    stage.run();
    stage.happen("A-0").await;
    for hour in 0..40 {
        stage.pass(3600).await;
        stage.happen(&format!("B-{hour}")).await;
    }
    assert_eq!(stage.standing(&id), "dijeda");
    assert_eq!(stage.told("langganan.dijeda").await, 1);
    let before = stage.deliveries().await.len();
    for n in 0..20 {
        stage.happen(&format!("C-{n}")).await;
    }
    stage.pass(120).await;
    assert_eq!(
        stage.deliveries().await.len(),
        before,
        "paused: events wait in the journal's list"
    );
    stage.always("a.invalid", Act::Status(200));
    stage.pass(26 * 3600).await;
    assert_eq!(stage.standing(&id), "lancar", "no hand was needed");
    assert_eq!(stage.told("langganan.pulih").await, 1);
    let deliveries = stage.deliveries().await;
    assert_eq!(deliveries.len(), 61);
    assert!(deliveries.iter().all(|d| d.state == State::Done), "nothing was lost");
}

#[tokio::test(start_paused = true)]
async fn a_replay_tells_again_under_the_same_ids_and_says_so() {
    let stage = stage();
    let (id, _) = stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.run();
    for n in 0..3 {
        stage.happen(&format!("A-{n}")).await;
    }
    stage.wait_for("three", || stage.hits("a.invalid").len() == 3).await;
    let consumer = &stage.world.consumer;
    let positions = stage
        .world
        .journal
        .events(0, vec!["pertukaran.selesai".into()], 9)
        .await
        .unwrap();
    let range = json!({"dari_posisi": positions[1].seq, "sampai_posisi": positions[1].seq});
    manage::replay(&stage.rooms, consumer, &id, &range)
        .await
        .expect("one again");
    stage.wait_for("one again", || stage.hits("a.invalid").len() == 4).await;
    let wish = json!({"dari_posisi": 1});
    manage::replay(&stage.rooms, consumer, &id, &wish)
        .await
        .expect("all again");
    stage.wait_for("all again", || stage.hits("a.invalid").len() == 7).await;
    let hits = stage.hits("a.invalid");
    let ids: Vec<_> = hits.iter().map(|h| h.header("webhook-id")).collect();
    assert_eq!(ids[3], positions[1].event.id.to_string());
    let mut again = ids[4..].to_vec();
    let mut first = ids[..3].to_vec();
    again.sort_unstable();
    first.sort_unstable();
    assert_eq!(again, first);
    assert!(hits[3..].iter().all(|h| h.json()["ulangan"] == true));
    assert!(hits[..3].iter().all(|h| h.json().get("ulangan").is_none()));
    stage.happen("A-9").await;
    stage.wait_for("a new one", || stage.hits("a.invalid").len() == 8).await;
    assert!(stage.hits("a.invalid")[7].json().get("ulangan").is_none());
}

#[tokio::test(start_paused = true)]
async fn thin_and_oversized_events_carry_ids_only() {
    let stage = stage();
    stage
        .subscribe("a.invalid", &["uji.berubah"], json!({"ringkas": true}))
        .await;
    stage.subscribe("b.invalid", &["uji.berubah"], json!({})).await;
    stage.run();
    stage.happen("A-1").await;
    stage
        .world
        .script([crate::world::Wire::Reply(200, json!({"besar": "x".repeat(20_000)}))]);
    stage.happen("A-2").await;
    stage
        .wait_for("all", || {
            stage.hits("a.invalid").len() == 2 && stage.hits("b.invalid").len() == 2
        })
        .await;
    assert!(stage.hits("a.invalid").iter().all(|h| h.json().get("data").is_none()));
    let whole = stage.hits("b.invalid");
    assert_eq!(whole[0].json()["data"]["nomor"], "A-1");
    assert!(whole[1].json().get("data").is_none() && whole[1].body.len() < 20_000);
    let place = whole[1].json()["dataref"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let exchange = stage.rooms.ids.exchange();
    let full = gateway_core::events::pull::one(&stage.rooms, &stage.world.consumer, exchange, place)
        .await
        .unwrap();
    assert_eq!(full["id"], whole[1].json()["id"]);
    assert_eq!(full["data"]["hasil"]["besar"].as_str().unwrap().len(), 20_000);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_subscription_hears_no_more() {
    let stage = stage();
    let (id, _) = stage.subscribe("a.invalid", &["pertukaran.selesai"], json!({})).await;
    stage.always("a.invalid", Act::Status(500));
    stage.run();
    stage.happen("A-1").await;
    stage
        .wait_for("one attempt", || stage.hits("a.invalid").len() == 1)
        .await;
    manage::delete(&stage.rooms, &stage.world.consumer, &id)
        .await
        .expect("deleted");
    stage.happen("A-2").await;
    stage.pass(3600).await;
    assert_eq!(stage.hits("a.invalid").len(), 1);
    let deliveries = stage.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(
        deliveries[0].state,
        State::Failed,
        "no dead letter that somebody would look after"
    );
}
