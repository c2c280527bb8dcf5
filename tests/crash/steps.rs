//! The gateway ends at every named step: of the journal's write path, each several times in the life of a few
//! complaints, and of the delivery path, seen from the neighbours.

use crate::account::{Account, Ledger};
use crate::world::{Clients, World};
use e2e::client::until;
use simulators::Fault;
use std::sync::PoisonError;
use std::time::Duration;

/// Steps of the writer, in order (`gateway_store::sqlite::Options::fail`).
pub(crate) const STEPS: [&str; 5] = [
    "before_begin",
    "after_exec",
    "before_commit",
    "after_commit",
    "before_answer",
];
/// Each step is hit at its first to this occurrence: taking on, the attempt's end, the write-back, evidence, start.
const OCCURRENCES: u32 = 8;
/// A step that is not reached in this time is not on the way any more.
const REACHED_WITHIN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_the_journal() {
    let mut world = World::new().await;
    let clients = world.clients();
    let mut ended = 0;
    for step in STEPS {
        for number in 1..=OCCURRENCES {
            let switch = [("SIMPUL_UJI_GAGAL", format!("{step}:{number}"))];
            // It may end while it starts: recovery writes, too.
            let up = world.try_start(&switch).is_ok();
            let me = clients.clone();
            let tickets: Vec<String> = (0..3)
                .map(|n| format!("S-{step}-{number}-{n}").replace('_', ""))
                .collect();
            let submitting = tokio::spawn(async move { me.submit_all(tickets, 3, number % 2 == 0).await });
            ended += usize::from(!up || world.ended(REACHED_WITHIN));
            world.kill();
            world.start(&[]);
            submitting.await.unwrap();
            world.kill();
        }
    }
    world.start(&[]);
    world.settled().await;
    let account = Account::of(&world, "setiap langkah jurnal", ended, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
    assert!(ended >= 30, "only {ended} of the steps were reached");
}

/// Where a delivery stands when the gateway ends, and the fault that makes the neighbour wait there.
const DELIVERY: [(&str, &str, Fault); 4] = [
    (
        "permintaan sampai, belum tersimpan",
        "create",
        Fault::SlowToStore { ms: 120 },
    ),
    ("tersimpan, jawaban belum terkirim", "create", Fault::Slow { ms: 1_000 }),
    ("pencarian dijawab lambat", "list", Fault::Slow { ms: 1_000 }),
    (
        "status di LAKSA tersimpan, jawaban belum terkirim",
        "status",
        Fault::Slow { ms: 1_000 },
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_a_delivery() {
    let mut world = World::new().await;
    let clients = world.clients();
    let ended = deliveries(&mut world, &clients).await;
    let account = Account::of(&world, "setiap langkah pengantaran", ended, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}

/// Every node ends at every stage of a delivery, three times; all run and have settled at the end.
pub(crate) async fn deliveries(world: &mut World, clients: &Clients) -> usize {
    let mut ended = 0;
    for round in 0..3 {
        for (number, (what, endpoint, fault)) in DELIVERY.iter().enumerate() {
            world.start_all();
            if *endpoint == "list" {
                world
                    .neighbours
                    .lapor
                    .faults()
                    .once("create", Fault::HangUpAfterStoring);
            }
            let board = match *endpoint {
                "status" => world.neighbours.laksa.faults(),
                _ => world.neighbours.lapor.faults(),
            };
            board.once(endpoint, fault.clone());
            let name = format!("{endpoint}:{}", word(fault));
            let before = fired(world, &name);
            let me = clients.clone();
            let ticket = format!("D-{round}-{number}");
            let submitting = tokio::spawn(async move { me.submit(&ticket, true, number % 2 == 1).await });
            until(Duration::from_secs(10), async || {
                let there = fired(world, &name) > before;
                there.then_some(()).ok_or_else(|| format!("{what}: not reached"))
            })
            .await
            .unwrap();
            world.kill_all();
            ended += 1;
            world.start_all();
            submitting.await.unwrap();
            world.settled().await;
            world.kill_all();
        }
    }
    world.start_all();
    world.settled().await;
    ended
}

/// The name under which the simulator counts a fault.
fn word(fault: &Fault) -> &'static str {
    match fault {
        Fault::SlowToStore { .. } => "slow_to_store",
        _ => "slow",
    }
}

fn fired(world: &World, name: &str) -> u64 {
    let boards = [
        world.neighbours.lapor.faults().fired(),
        world.neighbours.laksa.faults().fired(),
    ];
    boards.iter().filter_map(|fired| fired.get(name)).sum()
}

pub(crate) fn ledger(clients: &Clients) -> Ledger {
    std::mem::take(&mut *clients.ledger.lock().unwrap_or_else(PoisonError::into_inner))
}
