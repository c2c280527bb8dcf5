//! Four days without an answer: the copies are served, say how old they are, change in nothing; and when the systems are
//! back they are met by one set at a time.

use crate::world::{World, only, world};
use e2e::neighbours::city;
use serde_json::Value;
use simulators::frame::Fault;

const COPIES: [&str; 3] = ["rup", "tender", "sp2d"];
const PATHS: [&str; 3] = ["/v1/pengadaan/rup", "/v1/pengadaan/tender", "/v1/perbendaharaan/sp2d"];
const DAYS: i64 = 4;

async fn failures(world: &World, copy: &str) -> u64 {
    world.standing(copy).await["gagal_berturut"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_days_without_an_answer_are_served_stale_and_end_without_a_stampede() {
    let world = world(city(300), |table| only(table, &COPIES)).await;
    world.complete(&COPIES).await;
    let mut before = Vec::new();
    for path in PATHS {
        let rows = world.all(path).await;
        assert!(!rows.is_empty());
        before.push(rows);
    }
    let (procurement, finance) = (&world.neighbours.spse, &world.neighbours.sipd);
    let down = Fault::Unavailable { retry_after: None };
    procurement.faults().always("*", down.clone());
    finance.faults().always("*", down);
    let asked = || procurement.requests().len() + finance.requests().len();
    let at_first = asked();

    for day in 1..=DAYS {
        let mut known = Vec::new();
        for copy in COPIES {
            known.push(failures(&world, copy).await);
        }
        // A copy is due a day after its last pull and up to an hour more.
        world.later(if day == 1 { 26 } else { 24 } * 3600);
        for (copy, known) in COPIES.iter().zip(known) {
            world
                .stands(copy, |view| view["gagal_berturut"].as_u64() > Some(known))
                .await;
        }
        for (path, before) in PATHS.iter().zip(&before) {
            let page = world.get(&format!("{path}?batas=1")).await;
            assert!(page["umur_detik"].as_i64() >= Some(day * 24 * 3600), "{page}");
            // The copy of a day is old after two.
            assert_eq!(page["kedaluwarsa"], day > 1, "{path}, day {day}");
            assert_eq!(&world.all(path).await, before);
        }
    }
    let tries = asked() - at_first;
    assert!(
        tries <= 90,
        "{tries} requests in four days to systems that do not answer"
    );

    procurement.faults().clear();
    finance.faults().clear();
    let (old, later) = (procurement.requests().len(), 1900);
    world.later(later);
    for copy in COPIES {
        let fresh = |view: &Value| view["kedaluwarsa"] == false && view["gagal_berturut"] == 0;
        world.stands(copy, fresh).await;
    }
    for (path, before) in PATHS.iter().zip(&before) {
        let page = world.get(&format!("{path}?batas=1")).await;
        assert!(page["umur_detik"].as_i64() < Some(3600), "{page}");
        assert_eq!(&world.all(path).await, before);
    }
    // One set after the other, each page once.
    let back = procurement.requests();
    let sets: Vec<&str> = back[old..]
        .iter()
        .map(|request| request.target.split('?').next().unwrap_or_default())
        .collect();
    let mut turns = sets.clone();
    turns.dedup();
    assert_eq!(turns.len(), 2, "sets take turns: {sets:?}");
    let mut targets: Vec<&String> = back[old..].iter().map(|request| &request.target).collect();
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), sets.len(), "no page is asked for twice");
    world.gateway.stop().await.unwrap();
}
