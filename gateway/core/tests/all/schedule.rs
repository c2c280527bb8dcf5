//! Schedules: page after page, never twice at once, catching up once.

use crate::world::{READ, RELAYED, Wire, World, world_with};
use gateway_core::exchange::State;
use gateway_core::flows::Flows;
use gateway_core::relay::{Each, Relay};
use gateway_core::schedule::{Carry, Pages, Schedule};
use gateway_core::source::{Condition, Source, Test};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

fn schedule() -> Schedule {
    Schedule {
        id: "masuk".into(),
        operation: READ.into(),
        input: json!({"nomor": "semua"}),
        every: Duration::from_secs(300),
        purpose: "penerusan".into(),
        pages: Some(Pages {
            input: "/isi".into(),
            next: "/hasil/lanjut".into(),
            most: 4,
        }),
        carry: None,
    }
}

/// Every listed item that is not our own becomes one exchange.
fn relay() -> Relay {
    Relay {
        each: Some(Each {
            pointer: "/hasil/butir".into(),
            newest_first: false,
        }),
        when: vec![Condition {
            source: Source::Item("/milik_kita".into()),
            test: Test::OneOf(vec![json!(false)]),
        }],
        whole: false,
        copy: vec![("/nomor".into(), Source::Item("/id".into()))],
        reference: vec!["/nomor".into()],
        ..Relay::new(READ, RELAYED, "penerusan")
    }
}

fn scheduled(schedule: Schedule) -> World {
    let flows = Flows {
        schedules: vec![schedule],
        ..Flows::default()
    };
    world_with(vec![relay()], flows)
}

fn page_of(url: &str) -> usize {
    url.rsplit_once("halaman=")
        .and_then(|(_, page)| page.parse().ok())
        .unwrap_or(1)
}

fn item(id: usize) -> Value {
    json!({"id": format!("L-{id}"), "milik_kita": false})
}

async fn numbers(world: &World) -> Vec<String> {
    let all = world.of(RELAYED).await;
    all.iter()
        .map(|e| world.input(e)["nomor"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_item_of_every_page_becomes_one_exchange_over_all_runs() {
    let world = scheduled(schedule());
    world.respond(|method, url, _| {
        let page = page_of(url);
        match (method, page) {
            ("GET", 1 | 2) => Wire::Reply(
                200,
                json!({"butir": [item(page * 2), item(page * 2 + 1)], "lanjut": (page + 1).to_string()}),
            ),
            ("GET", _) => Wire::Reply(
                200,
                json!({"butir": [item(6), {"id": "L-kota", "milik_kita": true}, {"id": "L-7"}, 7], "lanjut": null}),
            ),
            _ => Wire::Reply(200, json!({})),
        }
    });
    world.work();
    world.keep_time();
    world.pass(1000).await;
    assert_eq!(
        numbers(&world).await,
        ["L-2", "L-3", "L-4", "L-5", "L-6"],
        "ours and the odd ones are left out"
    );
    let reads = world.of(READ).await.len();
    assert!((9..=12).contains(&reads), "{reads} pages in four runs");
    assert!(world.all().await.iter().all(|e| e.state == State::Done));
}

#[tokio::test(start_paused = true)]
async fn a_repeated_page_and_too_many_pages_end_the_run() {
    for (repeats, most) in [(true, 2), (false, 4)] {
        let world = scheduled(schedule());
        world.respond(move |method, url, _| {
            let page = if repeats { 1 } else { page_of(url) };
            match method {
                "GET" => Wire::Reply(
                    200,
                    json!({"butir": [item(page)], "lanjut": (page_of(url) + 1).to_string()}),
                ),
                _ => Wire::Reply(200, json!({})),
            }
        });
        world.work();
        world.keep_time();
        world.pass(250).await;
        let reads = world.of(READ).await.len();
        if repeats {
            // The mark of the next page differs, so only the items tell: two pages are alike but for it.
            assert!(reads <= 4, "{reads}");
        } else {
            assert_eq!(reads, most);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_is_never_begun_while_one_is_under_way_and_missed_runs_are_made_up_once() {
    let world = scheduled(schedule());
    let down = Arc::new(AtomicBool::new(true));
    let calls = Arc::new(AtomicUsize::new(0));
    let (switch, count) = (Arc::clone(&down), Arc::clone(&calls));
    world.respond(move |_, _, _| {
        count.fetch_add(1, Ordering::Relaxed);
        let answer = json!({"butir": [], "lanjut": null});
        if switch.load(Ordering::Relaxed) {
            Wire::Slow(Duration::from_secs(4), 200, answer)
        } else {
            Wire::Reply(200, answer)
        }
    });
    world.work();
    let (one, two) = (world.keep_time(), world.keep_time());
    world.pass(3).await;
    assert_eq!(world.of(READ).await.len(), 1, "two nodes, one run");
    world.pass(600).await;
    one.cancel();
    two.cancel();
    let before = world.of(READ).await.len();
    world.pass(10 * 300).await;
    assert_eq!(world.of(READ).await.len(), before, "nobody keeps time");
    down.store(false, Ordering::Relaxed);
    world.keep_time();
    world.pass(30).await;
    assert_eq!(
        world.of(READ).await.len(),
        before + 1,
        "ten were missed, one is made up"
    );
}

#[tokio::test(start_paused = true)]
async fn a_position_moves_on_only_when_its_run_was_whole() {
    let world = scheduled(Schedule {
        pages: None,
        carry: Some(Carry {
            input: "/isi".into(),
            items: "/hasil/butir".into(),
            field: "/id".into(),
        }),
        ..schedule()
    });
    let asked: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&asked);
    world.respond(move |method, url, _| {
        if method != "GET" {
            return Wire::Reply(200, json!({}));
        }
        let since = url.rsplit_once("halaman=").unwrap().1.to_owned();
        let mut log = log.lock().unwrap();
        log.push(since);
        match log.len() {
            1 => Wire::Reply(200, json!({"butir": [item(1), item(2)]})),
            2 => Wire::Reply(422, json!({})),
            3 => Wire::Reply(200, json!({"butir": [item(3)]})),
            _ => Wire::Reply(200, json!({"butir": []})),
        }
    });
    world.work();
    world.keep_time();
    world.pass(1400).await;
    assert_eq!(asked.lock().unwrap()[..5], ["", "L-2", "L-2", "L-3", "L-3"]);
    assert_eq!(numbers(&world).await, ["L-1", "L-2", "L-3"]);
    assert_eq!(world.noted("schedule_failed"), 1);
}
