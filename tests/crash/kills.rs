//! `kill -9` at random moments while complaints come in.

use crate::account::Account;
use crate::world::World;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::task::JoinSet;

/// Random kills of the default run.
const ROUNDS: u64 = 60;
const SEED: u64 = 20_260_203;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_complaints_and_several_kills() {
    let mut world = World::new().await;
    let mut dice = fastrand::Rng::with_seed(SEED);
    world.start(&[]);
    let clients = world.clients();
    let submitting = {
        let clients = clients.clone();
        tokio::spawn(async move { clients.submit_all((0..200).map(|n| format!("K-{n}")), 8, false).await })
    };
    let mut ended = 0;
    while !submitting.is_finished() {
        tokio::time::sleep(Duration::from_millis(dice.u64(10..500))).await;
        world.kill();
        ended += 1;
        world.start(&[]);
    }
    submitting.await.unwrap();
    world.settled().await;
    let account = {
        let ledger = std::mem::take(&mut *clients.ledger.lock().unwrap_or_else(PoisonError::into_inner));
        Account::of(&world, "kill -9, 200 pengaduan", ended, &ledger).await
    };
    account.judge();
    assert!(ended >= 3, "the gateway was killed only {ended} times");
    assert_eq!(account.unresolved, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_kills() {
    let rounds = number("SIMPUL_CRASH_ROUNDS").unwrap_or(ROUNDS);
    let seed = number("SIMPUL_CRASH_SEED").unwrap_or(SEED);
    println!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut world = World::new().await;
    world.start(&[]);
    let clients = world.clients();
    let mut submitting = JoinSet::new();
    for round in 0..rounds {
        // Some wait for the answer, some leave it to the worker; the next accident interrupts both.
        let tickets: Vec<String> = (0..6).map(|n| format!("A{round}-{n}")).collect();
        let (me, later) = (clients.clone(), dice.bool());
        submitting.spawn(async move { me.submit_all(tickets, 6, later).await });
        tokio::time::sleep(Duration::from_millis(dice.u64(0..200))).await;
        world.kill();
        world.start(&[]);
        // Work of this round may still be under way when the next begins: that is the point.
        if dice.u8(..4) == 0 {
            submitting.join_next().await;
        }
    }
    submitting.join_all().await;
    world.settled().await;
    let ledger = std::mem::take(&mut *clients.ledger.lock().unwrap_or_else(PoisonError::into_inner));
    let rounds = usize::try_from(rounds).unwrap();
    let account = Account::of(&world, "kill -9 acak", rounds, &ledger).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}

/// Whether this is the long run, with everything at full size.
pub(crate) fn long() -> bool {
    number("SIMPUL_CRASH_ROUNDS").is_some_and(|rounds| rounds >= 1_000)
}

#[expect(
    clippy::disallowed_methods,
    reason = "switches of a test, not configuration of the product"
)]
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
