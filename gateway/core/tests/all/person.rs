//! What persons may decide, who must confirm, and what they see.

use crate::world::{BY_REFERENCE, NATIVE, UNSAFE, Wire, world};
use gateway_core::deliver::{Phase, WireError, WireKind};
use gateway_core::exchange::{State, TryKind};
use gateway_core::journal::Journal;
use gateway_core::person::bulk::{self, Selection};
use gateway_core::person::inspect::inspect;
use gateway_core::person::{PersonError, Proposal, Ruling, Wish, confirm, decide};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn wish(world: &crate::world::World, wish: Wish) -> Proposal {
    Proposal {
        wish,
        by: "petugas-1".into(),
        reason: "sistem sudah pulih".into(),
        at: world.rooms.clock.now(),
    }
}

fn lost() -> Wire {
    Wire::Fail(WireError {
        phase: Phase::AfterSend,
        kind: WireKind::Closed,
        detail: "uji".into(),
    })
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_replayed_as_the_same_exchange() {
    let world = world();
    world.script((0..4).map(|_| Wire::Reply(503, json!({}))));
    world.work();
    let dead = world.call(NATIVE, json!({"nomor": "A-1"})).await.exchange;
    assert_eq!(world.settled(dead).await, State::Dead);
    let ruling = decide(&world.rooms, dead, wish(&world, Wish::KirimUlang { paksa: false }))
        .await
        .unwrap();
    assert_eq!(ruling, Ruling::Carried);
    assert_eq!(world.settled(dead).await, State::Done);
    let attempts = world.journal.attempts(dead).await.unwrap();
    assert!(
        attempts
            .iter()
            .any(|a| a.kind == TryKind::Person && a.by.as_deref() == Some("petugas-1"))
    );
    assert!(
        world
            .seen
            .0
            .lock()
            .unwrap()
            .iter()
            .any(|line| line == "tried ok terkirim")
    );
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_replay_needs_another_person() {
    let world = world();
    world.script([lost()]);
    let parked = world.call(UNSAFE, json!({"nomor": "A-1"})).await.exchange;
    let first = decide(&world.rooms, parked, wish(&world, Wish::KirimUlang { paksa: false }))
        .await
        .unwrap();
    assert_eq!(first, Ruling::AwaitsSecond);
    assert_eq!(world.state(parked).await, State::Parked, "nothing happened yet");
    assert!(matches!(
        confirm(&world.rooms, parked, "petugas-1").await,
        Err(PersonError::SamePerson)
    ));
    confirm(&world.rooms, parked, "petugas-2").await.unwrap();
    world.work();
    assert_eq!(world.settled(parked).await, State::Done);
    assert_eq!(world.writes_sent(), 2);
    assert!(matches!(
        confirm(&world.rooms, parked, "petugas-2").await,
        Err(PersonError::NoProposal)
    ));
}

#[tokio::test(start_paused = true)]
async fn a_replay_of_what_can_be_looked_up_asks_the_system_first() {
    let world = world();
    world.script([lost(), Wire::Reply(200, json!({}))]);
    world.work();
    let parked = world.call(BY_REFERENCE, json!({"nomor": "A-1"})).await.exchange;
    assert_eq!(world.settled(parked).await, State::Parked);
    world.script([Wire::Reply(200, json!({"ada": true}))]);
    let ruling = decide(&world.rooms, parked, wish(&world, Wish::KirimUlang { paksa: false }))
        .await
        .unwrap();
    assert_eq!(ruling, Ruling::Carried);
    assert_eq!(world.settled(parked).await, State::Done);
    assert_eq!(world.writes_sent(), 1, "found, not sent again");
}

#[tokio::test(start_paused = true)]
async fn decisions_need_a_reason_and_a_fitting_state() {
    let world = world();
    let done = world.call(NATIVE, json!({"nomor": "A-1"})).await.exchange;
    let silent = Proposal {
        reason: "ya".into(),
        ..wish(&world, Wish::Batalkan)
    };
    assert!(matches!(
        decide(&world.rooms, done, silent).await,
        Err(PersonError::Reason)
    ));
    let late = decide(&world.rooms, done, wish(&world, Wish::Batalkan)).await;
    assert!(matches!(late, Err(PersonError::State(State::Done))));
    let wrong = Wish::NyatakanBerlaku {
        balasan: json!({"bukan": "balasan"}),
    };
    assert!(matches!(
        decide(&world.rooms, done, wish(&world, wrong)).await,
        Err(PersonError::Reply(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn inspection_shows_the_failing_step_and_how_the_translation_changed() {
    let world = world();
    world.script([lost()]);
    let parked = world.call(UNSAFE, json!({"nomor": "A-1", "isi": "x"})).await.exchange;
    let seen = inspect(&world.rooms, parked, None).await.unwrap();
    assert_eq!(seen.langkah_gagal["langkah"], "tulis");
    assert_eq!(
        seen.terjemahan["isi"],
        json!({"isi": "teks", "nomor": "teks"}),
        "shape, no values"
    );
    assert_eq!(seen.perbedaan, Some(vec![]), "the mapping is the same as then");
    assert!(!seen.terbuka);
}

#[tokio::test(start_paused = true)]
async fn many_are_replayed_as_a_job_that_counts_first() {
    let world = world();
    world.script((0..8).map(|_| Wire::Reply(422, json!({}))));
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(
            world
                .call_with(
                    NATIVE,
                    json!({"nomor": n.to_string()}).to_string().into_bytes(),
                    None,
                    true,
                )
                .await
                .exchange,
        );
    }
    world.work();
    for id in &ids {
        assert_eq!(world.settled(*id).await, State::Dead);
    }
    let pilihan = Selection {
        sistem: Some("uji".into()),
        operasi: None,
        keadaan: "gagal".into(),
        sejak: None,
        sampai: None,
        sebab: None,
        pihak: None,
    };
    let preview = bulk::preview(&world.rooms, &pilihan).await.unwrap();
    assert_eq!((preview.jumlah, preview.contoh.len()), (8, 5));
    let job = bulk::begin(&world.rooms, pilihan, "petugas-1".into(), "skema diperbaiki".into())
        .await
        .unwrap();
    let stop = CancellationToken::new();
    world
        .rooms
        .tasks
        .spawn(bulk::run(Arc::clone(&world.rooms), stop.clone()));
    for id in &ids {
        for _ in 0..100 {
            if world.state(*id).await == State::Done {
                break;
            }
            world.rooms.clock.sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(world.state(*id).await, State::Done);
    }
    let job = bulk::job(&world.rooms, &job).await.unwrap().unwrap();
    assert_eq!((job.keadaan.as_str(), job.diulang), ("selesai", 8));
}
