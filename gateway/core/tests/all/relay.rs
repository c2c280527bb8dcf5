//! Relays: links that come later, protection that only rises, items that do not fit.

use crate::world::{BY_REFERENCE, NATIVE, RELAYED, Wire, World, world_with};
use gateway_core::exchange::State;
use gateway_core::flows::Flows;
use gateway_core::guard::Guard;
use gateway_core::link::{Find, Link, lower};
use gateway_core::newest::{Newest, OVERTAKEN};
use gateway_core::person::{Proposal, Wish, decide};
use gateway_core::relay::{Each, Relay};
use gateway_core::source::Source;
use gateway_core::steps::Steps;
use gateway_core::{Refusal, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

fn source(text: &str) -> Source {
    Source::parse(text).unwrap()
}

/// `NATIVE` answers with a list of answers to tickets; each needs the report that `BY_REFERENCE` made of its ticket.
fn linked() -> World {
    let relay = Relay {
        each: Some(Each {
            pointer: "/hasil/butir".into(),
            newest_first: false,
        }),
        whole: false,
        copy: vec![
            ("/nomor".into(), source("tautan:/laporan")),
            ("/isi".into(), source("butir:/isi")),
            ("/hasil".into(), source("tautan:/rahasia")),
        ],
        reference: vec!["/nomor".into(), "/isi".into()],
        find: Some(Find {
            name: "laporan".into(),
            key: vec![source("butir:/tiket")],
            patience: Duration::from_secs(3600),
        }),
        ..Relay::new(NATIVE, RELAYED, "tanggapan")
    };
    let flows = Flows {
        links: vec![Link {
            name: "laporan".into(),
            operation: BY_REFERENCE.into(),
            key: vec![source("masukan:/nomor")],
            value: vec![
                ("/laporan".into(), source("balasan:/hasil/id")),
                ("/rahasia".into(), source("lindung:masukan:/hasil/rahasia")),
            ],
            keep: Duration::from_secs(30 * 24 * 3600),
        }],
        guards: vec![Guard {
            operation: NATIVE.into(),
            link: "laporan".into(),
            key: vec![source("masukan:/nomor")],
            flags: vec![("/hasil/rahasia".into(), "/rahasia".into())],
        }],
        ..Flows::default()
    };
    let world = world_with(vec![relay], flows);
    world.respond(|_, _, body| {
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        let answers = json!([{"tiket": "T-1", "isi": "sudah diganti"}, {"isi": "tanpa tiket"}, "bukan butir"]);
        match sent["nomor"].as_str() {
            Some("T-1") => Wire::Reply(200, json!({"id": "R-9"})),
            Some("daftar") => Wire::Reply(200, json!({ "butir": answers })),
            _ => Wire::Reply(200, json!({})),
        }
    });
    world
}

async fn relayed(world: &World) -> Vec<Value> {
    world.of(RELAYED).await.iter().map(|e| world.input(e)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_relay_waits_for_its_link_and_the_odd_items_stop_nobody() {
    let world = linked();
    world.work();
    world.keep_time();
    world.call(NATIVE, json!({"nomor": "daftar"})).await;
    world.pass(60).await;
    assert!(relayed(&world).await.is_empty(), "its report is not sent yet");
    assert_eq!(
        world.noted("relay_unfit"),
        2,
        "an item without a ticket, and one that is none"
    );
    world
        .call(BY_REFERENCE, json!({"nomor": "T-1", "hasil": {"rahasia": false}}))
        .await;
    world.pass(600).await;
    let want = json!({"nomor": "R-9", "isi": "sudah diganti", "hasil": false});
    assert_eq!(relayed(&world).await, [want]);
    // Met again, in another list: it is known.
    world.call(NATIVE, json!({"nomor": "daftar", "isi": "lagi"})).await;
    world.call(NATIVE, json!({"nomor": "daftar2"})).await;
    world.pass(600).await;
    assert_eq!(relayed(&world).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_relay_whose_link_never_comes_ends_where_a_person_sees_it() {
    let world = linked();
    world.work();
    world.keep_time();
    world.call(NATIVE, json!({"nomor": "daftar"})).await;
    world.respond(|_, _, _| Wire::Reply(422, json!({})));
    world.pass(7200).await;
    let left = world.of(RELAYED).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].state, State::Dead);
    assert_eq!(world.input(&left[0])["isi"], "sudah diganti");
    assert_eq!(world.noted("relay_without_link"), 1);
}

#[tokio::test(start_paused = true)]
async fn protection_only_rises_until_a_person_lowers_it_with_a_reason() {
    let world = linked();
    world.work();
    world
        .call(BY_REFERENCE, json!({"nomor": "T-1", "hasil": {"rahasia": true}}))
        .await;
    let lowering = json!({"nomor": "T-1", "hasil": {"rahasia": false}});
    let refused = world.call(NATIVE, lowering.clone()).await;
    let Verdict::Refused(Refusal::Invalid(violations)) = &refused.verdict else {
        panic!("{:?}", refused.verdict)
    };
    assert_eq!(violations[0].pointer, "/hasil/rahasia");
    let same = world
        .call(NATIVE, json!({"nomor": "T-2", "hasil": {"rahasia": false}}))
        .await;
    assert!(matches!(same.verdict, Verdict::Done(_)), "others are free");
    let lowered = lower(
        &world.rooms,
        "laporan",
        "T-1",
        "/rahasia",
        "pengelola",
        "permintaan pelapor",
    )
    .await;
    assert!(lowered.unwrap());
    assert!(
        !lower(&world.rooms, "laporan", "T-9", "/rahasia", "pengelola", "x")
            .await
            .unwrap()
    );
    let allowed = world.call(NATIVE, lowering).await;
    assert!(matches!(allowed.verdict, Verdict::Done(_)), "{:?}", allowed.verdict);
}

#[tokio::test(start_paused = true)]
async fn a_status_that_was_overtaken_does_not_take_the_other_side_back_when_it_is_replayed() {
    let newest = Newest {
        operation: NATIVE.into(),
        key: vec![source("masukan:/jalur")],
        at: source("masukan:/hasil"),
    };
    let flows = Flows {
        newest: vec![newest],
        ..Flows::default()
    };
    let world = world_with(vec![], flows);
    world.work();
    let state = |n: &str, at: &str| json!({"nomor": n, "jalur": "tiket-1", "hasil": at});
    // The older one dies, the newer one is delivered, a person replays the older one.
    world.script((0..4).map(|_| Wire::Reply(503, json!({}))));
    let older = world
        .call(NATIVE, state("1", "2026-02-03T08:00:00+07:00"))
        .await
        .exchange;
    assert_eq!(world.settled(older).await, State::Dead);
    let newer = world.call(NATIVE, state("2", "2026-02-03T09:00:00+07:00")).await;
    assert!(matches!(newer.verdict, Verdict::Done(_)), "{:?}", newer.verdict);
    let before = world.writes_sent();
    let replay = || {
        let proposal = Proposal {
            wish: Wish::KirimUlang { paksa: false },
            by: "petugas-1".into(),
            reason: "sistem sudah pulih".into(),
            at: world.rooms.clock.now(),
        };
        decide(&world.rooms, older, proposal)
    };
    replay().await.unwrap();
    assert_eq!(world.settled(older).await, State::Failed);
    assert_eq!(world.writes_sent(), before, "nothing was sent");
    let fault = world.rooms.journal.get(older).await.unwrap().unwrap().fault.unwrap();
    assert_eq!(fault.native_code.as_deref(), Some(OVERTAKEN));
    // Another ticket, and a later state with an odd clock, go their way.
    let other = json!({"nomor": "3", "jalur": "tiket-2", "hasil": "2026-02-03T08:00:00+07:00"});
    assert!(matches!(world.call(NATIVE, other).await.verdict, Verdict::Done(_)));
    let odd = world.call(NATIVE, state("4", "2026-02-03T08:30:00+07:00")).await;
    assert!(
        matches!(odd.verdict, Verdict::Done(_)),
        "it was accepted later: {:?}",
        odd.verdict
    );
}

#[tokio::test(start_paused = true)]
async fn a_step_out_of_order_is_counted_once_however_often_it_is_seen() {
    let relay = Relay {
        each: Some(Each {
            pointer: "/hasil/riwayat".into(),
            newest_first: false,
        }),
        whole: false,
        copy: vec![("/nomor".into(), source("butir:/nomor"))],
        reference: vec!["/nomor".into()],
        steps: Some(Steps {
            field: "/status".into(),
            ranks: vec![vec!["masuk".into()], vec!["selesai".into()]],
            back: vec![],
        }),
        ..Relay::new(NATIVE, RELAYED, "kabar")
    };
    let world = world_with(vec![relay], Flows::default());
    let step = |n: &str, status: &str| json!({"nomor": n, "status": status});
    world.respond(move |_, _, _| {
        let all = [step("1", "selesai"), step("2", "masuk"), step("3", "aneh")];
        Wire::Reply(200, json!({ "riwayat": all }))
    });
    world.call(NATIVE, json!({"nomor": "A-1"})).await;
    assert_eq!(world.noted("relay_odd_step"), 2);
    let written = world.rooms.ids.exchange();
    // Looks at the same record are caused by the same write.
    for n in 0..3 {
        let reply = json!({"hasil": {"riwayat": [step("1", "selesai"), step("2", "masuk"), step("3", "aneh")]}});
        let look = gateway_core::relay::Ended {
            operation: NATIVE,
            exchange: world.rooms.ids.exchange(),
            cause: Some(written),
            consumer: "simpul",
            purpose: "uji",
            trace: None,
            input: &json!({"nomor": n.to_string()}),
            reply: &reply,
            at: world.rooms.clock.now(),
        };
        let catalogue = world.rooms.catalogue.load_full();
        let set_off = gateway_core::relay::set_off(&world.rooms, &catalogue, &look).await;
        for timer in set_off.timers {
            world.rooms.journal.put_timer(timer.timer, None).await.unwrap();
        }
    }
    assert_eq!(world.noted("relay_odd_step"), 4, "once for each record");
}
