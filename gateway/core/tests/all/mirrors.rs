//! Copies that are kept in step: complete, broken off, empty, masked, down for days.

use crate::world::{Wire, World, shared_schema, world_with};
use gateway_core::flows::Flows;
use gateway_core::journal::{Journal, MemoryJournal};
use gateway_core::mirror::{Ended, Field, FieldKind, MirrorPlan, MirrorStore, Row, Scopes, Standing, keeper, suite};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub const DAY: u64 = 24 * 3600;

pub fn plan() -> MirrorPlan {
    let field = |name: &str, kind| Field {
        name: name.into(),
        pointer: format!("/{name}"),
        kind,
    };
    MirrorPlan {
        id: "paket".into(),
        system: "uji".into(),
        mirror: "uji.salinan".into(),
        path: "/v1/paket".into(),
        every: Duration::from_secs(DAY),
        fresh: Duration::from_secs(DAY * 3 / 2),
        resume: Duration::from_secs(3600),
        scopes: Scopes::default(),
        fields: vec![
            field("nomor", FieldKind::Text),
            field("jalur", FieldKind::Text),
            field("hasil", FieldKind::Number),
        ],
        slots: vec![
            vec!["jalur".into()],
            vec!["hasil".into()],
            vec!["jalur".into(), "hasil".into()],
        ],
        events: true,
        keep: Duration::from_secs(3 * DAY),
        retire: None,
        schema: shared_schema(),
    }
}

pub fn kept(plans: Vec<MirrorPlan>) -> World {
    world_with(
        vec![],
        Flows {
            mirrors: plans,
            ..Flows::default()
        },
    )
}

pub fn keep(world: &World) -> CancellationToken {
    let stop = CancellationToken::new();
    world
        .rooms
        .tasks
        .spawn(keeper::run(Arc::clone(&world.rooms), stop.clone()));
    stop
}

pub fn records(range: std::ops::Range<u32>) -> Vec<Value> {
    range
        .map(|n| json!({"nomor": format!("k{n:03}"), "isi": format!("isi {n}")}))
        .collect()
}

/// What the system has, in pages of ten; can be changed by a test.
pub fn system(world: &World) -> Arc<Mutex<Vec<Value>>> {
    let rows: Arc<Mutex<Vec<Value>>> = Arc::default();
    let held = Arc::clone(&rows);
    world.respond(move |_, url, _| {
        let rows = held.lock().unwrap();
        let page: usize = url.split("halaman=").nth(1).and_then(|p| p.parse().ok()).unwrap();
        let pages: Vec<&[Value]> = rows.chunks(10).collect();
        let next = (page < pages.len()).then(|| (page + 1).to_string());
        let page = pages.get(page - 1).map(|p| p.to_vec()).unwrap_or_default();
        Wire::Reply(200, json!({"butir": page, "lanjut": next, "total": rows.len()}))
    });
    rows
}

pub async fn live(world: &World) -> Vec<Row> {
    let all = world.journal.walk("paket".into(), String::new(), 10_000).await.unwrap();
    all.into_iter().filter(|row| row.gone.is_none()).collect()
}

async fn runs(world: &World) -> Vec<Ended> {
    let all = world.journal.history("paket".into(), 100).await.unwrap();
    all.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
}

async fn standing(world: &World) -> Standing {
    Standing::read(&world.journal.sets().await.unwrap()[0].state)
}

async fn changes(world: &World) -> usize {
    let events = world
        .journal
        .events(0, vec!["paket.berubah".into()], 10_000)
        .await
        .unwrap();
    events.len()
}

#[tokio::test]
async fn the_memory_store_keeps_the_promises() {
    for trial in suite::trials() {
        (trial.run)(Arc::new(MemoryJournal::new()))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_pulled_and_followed() {
    let world = kept(vec![plan()]);
    let rows = system(&world);
    rows.lock().unwrap().extend(records(0..25));
    let stop = keep(&world);
    world.pass(5).await;
    assert_eq!(live(&world).await.len(), 25);
    let first = &runs(&world).await[0];
    assert!(first.complete);
    assert_eq!((first.account.new, first.account.pages), (25, 3));
    // The first complete pull is no news.
    assert_eq!(changes(&world).await, 0);
    rows.lock().unwrap()[7]["isi"] = json!("berubah");
    rows.lock().unwrap().extend(records(90..91));
    world.pass(DAY + DAY / 10).await;
    assert_eq!(live(&world).await.len(), 26);
    let second = &runs(&world).await[0];
    assert_eq!((second.account.new, second.account.changed), (1, 1));
    assert_eq!(changes(&world).await, 2);
    let row = &world.journal.find("paket".into(), vec!["k007".into()]).await.unwrap()[0];
    assert_eq!(row.run, 2);
    assert!(row.changed > first.ended && row.fetched >= row.changed);
    let untouched = &world.journal.find("paket".into(), vec!["k008".into()]).await.unwrap()[0];
    assert!(untouched.changed < untouched.fetched);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn two_complete_pulls_must_agree_before_a_record_is_gone() {
    let world = kept(vec![plan()]);
    let rows = system(&world);
    rows.lock().unwrap().extend(records(0..20));
    let stop = keep(&world);
    world.pass(5).await;
    let taken = rows.lock().unwrap().pop().unwrap();
    world.pass(DAY + DAY / 10).await;
    assert_eq!(live(&world).await.len(), 20, "one pull proves nothing");
    // It was only away for a night.
    rows.lock().unwrap().push(taken);
    world.pass(DAY + DAY / 10).await;
    rows.lock().unwrap().pop();
    world.pass(DAY + DAY / 10).await;
    assert_eq!(live(&world).await.len(), 20, "counting begins anew");
    world.pass(DAY + DAY / 10).await;
    assert_eq!(live(&world).await.len(), 19);
    assert_eq!(changes(&world).await, 1);
    assert_eq!(runs(&world).await[0].account.gone, 1);
    // It comes back, and later it is forgotten for good.
    rows.lock().unwrap().extend(records(19..20));
    world.pass(DAY + DAY / 10).await;
    assert_eq!((live(&world).await.len(), changes(&world).await), (20, 2));
    rows.lock().unwrap().pop();
    world.pass(7 * DAY).await;
    assert_eq!(
        world
            .journal
            .walk("paket".into(), String::new(), 99)
            .await
            .unwrap()
            .len(),
        19
    );
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn an_empty_short_or_broken_answer_changes_nothing() {
    let world = kept(vec![plan()]);
    let rows = system(&world);
    rows.lock().unwrap().extend(records(0..20));
    let stop = keep(&world);
    world.pass(5).await;
    let before = live(&world).await;
    let bad = [
        json!({"butir": [], "lanjut": null, "total": 0}),
        json!({"butir": records(0..3), "lanjut": null, "total": 20}),
        json!({"butir": records(0..3), "lanjut": null}),
        json!({"butir": records(0..3), "lanjut": "1", "total": 20}),
        json!({"butir": [], "lanjut": "2", "total": 20}),
        json!({"butir": records(0..10), "rusak": true}),
        json!({"butir": [{"tanpa": "kunci"}], "total": 1}),
    ];
    for answer in bad {
        for _ in 0..3 {
            world.respond({
                let answer = answer.clone();
                move |_, _, _| Wire::Reply(200, answer.clone())
            });
            world
                .journal
                .hurry("paket".into(), world.rooms.clock.now())
                .await
                .unwrap();
            world.pass(60).await;
            let run = runs(&world).await.remove(0);
            assert!(!run.complete, "{answer}");
            assert_eq!(run.account.gone, 0);
        }
        let contents = |rows: &[Row]| rows.iter().map(|r| (r.key.clone(), r.digest)).collect::<Vec<_>>();
        assert_eq!(contents(&live(&world).await), contents(&before), "{answer}");
    }
    assert_eq!(changes(&world).await, 0);
    let newest = runs(&world).await.remove(0);
    assert!(standing(&world).await.complete.is_some_and(|at| at < newest.began));
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_pull_killed_half_way_resumes_at_its_page() {
    let world = kept(vec![plan()]);
    let rows: Vec<Value> = records(0..40);
    let asked: Arc<Mutex<Vec<usize>>> = Arc::default();
    let gate = Arc::new(AtomicUsize::new(3));
    let (log, open) = (Arc::clone(&asked), Arc::clone(&gate));
    world.respond(move |_, url, _| {
        let page: usize = url.split("halaman=").nth(1).and_then(|p| p.parse().ok()).unwrap();
        log.lock().unwrap().push(page);
        let next = (page < 4).then(|| (page + 1).to_string());
        let body = json!({"butir": rows[(page - 1) * 10..page * 10], "lanjut": next, "total": 40});
        if page >= open.load(Ordering::SeqCst) {
            return Wire::Slow(Duration::from_secs(30), 200, body);
        }
        Wire::Reply(200, body)
    });
    let stop = keep(&world);
    world.pass(5).await;
    // The process ends while page 3 is on its way.
    stop.cancel();
    world.pass(1).await;
    assert_eq!(live(&world).await.len(), 20);
    gate.store(99, Ordering::SeqCst);
    let stop = keep(&world);
    world.pass(10).await;
    assert_eq!(live(&world).await.len(), 20, "the lease of the dead holder still runs");
    world.pass(300).await;
    assert_eq!(live(&world).await.len(), 40);
    assert_eq!(*asked.lock().unwrap(), [1, 2, 3, 3, 4]);
    let run = runs(&world).await.remove(0);
    assert!(run.complete);
    assert_eq!((run.number, run.account.new, run.account.conflicts), (1, 40, 0));
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_that_is_too_old_is_not_used() {
    let world = kept(vec![plan()]);
    let stop = keep(&world);
    let down = Arc::new(AtomicUsize::new(0));
    let (held, asked) = (Arc::clone(&down), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&asked);
    world.respond(move |_, url, _| {
        let page: usize = url.split("halaman=").nth(1).and_then(|p| p.parse().ok()).unwrap();
        if page == 2 && held.load(Ordering::SeqCst) == 0 {
            return Wire::Reply(503, json!({}));
        }
        log.lock().unwrap().push(page);
        let next = (page < 2).then(|| "2".to_owned());
        let from = u32::try_from(page).unwrap() * 10;
        Wire::Reply(200, json!({"butir": records(from..from + 10), "lanjut": next}))
    });
    world.pass(3 * 3600).await;
    down.store(1, Ordering::SeqCst);
    world.pass(3600).await;
    let pages = asked.lock().unwrap().clone();
    assert!(pages.len() >= 3 && pages.ends_with(&[1, 2]), "{pages:?}");
    assert!(runs(&world).await[0].complete);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn masked_values_never_overwrite_clear_ones() {
    let world = kept(vec![plan()]);
    let rows = system(&world);
    rows.lock().unwrap().extend([
        json!({"nomor": "1", "isi": "Budi Contoh"}),
        json!({"nomor": "2", "isi": "S*** C*****"}),
    ]);
    let stop = keep(&world);
    world.pass(5).await;
    *rows.lock().unwrap() = vec![
        json!({"nomor": "1", "isi": "B*** C*****", "jalur": "a"}),
        json!({"nomor": "2", "isi": "Sari Contoh"}),
    ];
    world.pass(DAY + DAY / 10).await;
    let bodies = async || {
        let found = live(&world).await;
        found
            .iter()
            .map(|r| serde_json::from_slice::<Value>(&r.body).unwrap())
            .collect::<Vec<_>>()
    };
    let wanted = [
        json!({"nomor": "1", "isi": "Budi Contoh", "jalur": "a"}),
        json!({"nomor": "2", "isi": "Sari Contoh"}),
    ];
    assert_eq!(bodies().await, wanted);
    assert_eq!(runs(&world).await[0].account.unmasked, 1);
    // Masked again: nothing changes, and nobody is told.
    let told = changes(&world).await;
    rows.lock().unwrap()[1]["isi"] = json!("S*** C*****");
    world.pass(DAY + DAY / 10).await;
    assert_eq!((bodies().await, changes(&world).await), (wanted.to_vec(), told));
    // A new clear value is a change.
    rows.lock().unwrap()[0]["isi"] = json!("Tono Contoh");
    world.pass(DAY + DAY / 10).await;
    assert_eq!(
        (bodies().await[0]["isi"].clone(), changes(&world).await),
        (json!("Tono Contoh"), told + 1)
    );
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn four_days_of_outage_keep_the_copy_and_recovery_is_no_stampede() {
    let plans = (0..6).map(|n| MirrorPlan {
        id: if n == 0 { "paket".into() } else { format!("paket-{n}") },
        ..plan()
    });
    let world = kept(plans.collect());
    let rows = system(&world);
    rows.lock().unwrap().extend(records(0..10));
    let stop = keep(&world);
    world.pass(60).await;
    world.respond(|_, _, _| Wire::Reply(503, json!({})));
    let before = world.sent.lock().unwrap().len();
    world.pass(4 * DAY).await;
    assert_eq!(live(&world).await.len(), 10);
    let asked = world.sent.lock().unwrap().len() - before;
    // Six sets, at least half an hour apart each, a quick repeat and the breaker's probes with it.
    assert!(asked < 6 * 4 * 48 * 2, "{asked} requests to a system that is down");
    assert!(standing(&world).await.trouble.is_some());
    // At its return one request at a time, never all sets together.
    let times: Arc<Mutex<Vec<u64>>> = Arc::default();
    let (log, clock) = (Arc::clone(&times), Arc::clone(&world.rooms.clock));
    world.respond(move |_, _, _| {
        log.lock().unwrap().push(clock.now().as_second().unsigned_abs());
        Wire::Slow(
            Duration::from_secs(2),
            200,
            json!({"butir": records(0..10), "total": 10}),
        )
    });
    world.pass(2 * 3600).await;
    let times = times.lock().unwrap().clone();
    assert_eq!(times.len(), 6, "each set once");
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= 2, "two at once: {times:?}");
    }
    assert_eq!(standing(&world).await.trouble, None);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn parts_come_from_another_copy() {
    let fed = MirrorPlan {
        id: "rincian".into(),
        scopes: Scopes {
            fixed: vec![BTreeMap::from([("tahun".to_owned(), "2026".to_owned())])],
            feed: Some(gateway_core::mirror::Feed {
                set: "paket".into(),
                values: BTreeMap::from([("id".to_owned(), "/nomor".to_owned())]),
            }),
        },
        ..plan()
    };
    let world = kept(vec![fed, plan()]);
    let rows = system(&world);
    rows.lock().unwrap().extend(records(0..3));
    let stop = keep(&world);
    world.pass(20 * 60).await;
    let history = world.journal.history("rincian".into(), 1).await.unwrap();
    let run: Ended = serde_json::from_slice(&history[0]).unwrap();
    assert_eq!((run.scopes, run.complete), (3, true));
    let found = world.journal.find("rincian".into(), vec!["k000".into()]).await.unwrap();
    assert_eq!(found[0].scope, "id=k002&tahun=2026");
    stop.cancel();
}

/// Puts another plan in force.
fn planned(world: &World, plan: MirrorPlan) {
    let catalogue = world.rooms.catalogue.load_full();
    let other = gateway_core::Catalogue {
        operations: catalogue.operations.clone(),
        consumers: catalogue.consumers.clone(),
        identities: gateway_core::identity::Identities::new(catalogue.consumers.values()),
        issuers: vec![],
        systems: catalogue.systems.clone(),
        relays: vec![],
        flows: Flows {
            mirrors: vec![plan],
            ..Flows::default()
        },
        emits: vec![],
        inbound: catalogue.inbound.clone(),
        codes: Arc::clone(&catalogue.codes),
    };
    world.rooms.catalogue.store(Arc::new(other));
}

#[tokio::test(start_paused = true)]
async fn new_fields_are_laid_out_at_the_next_run() {
    let narrow = MirrorPlan {
        slots: vec![vec!["jalur".into()]],
        ..plan()
    };
    let world = kept(vec![narrow]);
    let rows = system(&world);
    rows.lock().unwrap().push(json!({"nomor": "1", "hasil": "12.5"}));
    let stop = keep(&world);
    world.pass(5).await;
    assert_eq!(live(&world).await[0].slots.iter().flatten().count(), 1);
    planned(&world, plan());
    world
        .journal
        .hurry("paket".into(), world.rooms.clock.now())
        .await
        .unwrap();
    world.pass(5).await;
    assert_eq!(live(&world).await[0].slots.iter().flatten().count(), 3);
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_pulled_no_more_retires_after_its_time() {
    let year = |year: &str, retire: Option<u64>| MirrorPlan {
        scopes: Scopes {
            fixed: vec![BTreeMap::from([("tahun".to_owned(), year.to_owned())])],
            feed: None,
        },
        retire: retire.map(|days| Duration::from_secs(days * DAY)),
        ..plan()
    };
    let world = kept(vec![year("2025", Some(5))]);
    let rows = system(&world);
    *rows.lock().unwrap() = records(0..20);
    let stop = keep(&world);
    world.pass(5).await;
    assert_eq!(live(&world).await.len(), 20);
    // The next year: other records; those of the year before stay as they were.
    planned(&world, year("2026", Some(5)));
    *rows.lock().unwrap() = records(20..30);
    world.pass(3 * DAY).await;
    assert_eq!(live(&world).await.len(), 30);
    // Their time is over, but no run is complete that would say what is still shown.
    world.respond(|_, _, _| Wire::Reply(503, json!({})));
    world.pass(4 * DAY).await;
    assert_eq!(live(&world).await.len(), 30);
    let told = changes(&world).await;
    let rows = system(&world);
    *rows.lock().unwrap() = records(20..30);
    world.pass(2 * DAY).await;
    let left = live(&world).await;
    assert_eq!(left.len(), 10);
    assert!(left.iter().all(|row| row.scope == "tahun=2026"));
    assert_eq!(changes(&world).await, told + 20, "each is told once");
    stop.cancel();
}
