//! Two nodes on one PostgreSQL: any may die, be paused past its lease, or lose its database. Run when `SIMPUL_TEST_PG`
//! names a database (`scripts/test` sees to that); each scenario has a schema of its own. Without one they say so and
//! prove nothing.

use crate::account::Account;
use crate::kills::{long, number};
use crate::steps::{STEPS, deliveries, ledger};
use crate::world::World;
use e2e::client::until;
use e2e::repo;
use e2e::setup::Setup;
use simulators::Fault;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::task::JoinSet;
use toml::{Table, Value};

/// Longer than a lease lasts without renewal.
const PAST_THE_LEASE: Duration = Duration::from_secs(33);

#[expect(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
fn database() -> Option<String> {
    let found = std::env::var("SIMPUL_TEST_PG").ok();
    if found.is_none() {
        println!("| PostgreSQL | tidak dijalankan: SIMPUL_TEST_PG tidak ada |");
    }
    found
}

/// Two nodes, `simpul-1` and `simpul-2`, on a schema of their own; none is started.
async fn two(database: &str, schema: &str) -> World {
    let schema = format!("uji_padam_{}_{schema}", std::process::id());
    let mut world = World::with(|table| on_postgres(table, "simpul-1", &schema)).await;
    world.setup.tell("SIMPUL_UJI_JURNAL", database);
    world.setup.tell("SIMPUL_UJI_INDUK", &"07".repeat(32));
    let second: Setup = world
        .setup
        .sibling(|table| on_postgres(table, "simpul-2", &schema))
        .unwrap();
    world.join(second);
    world
}

fn on_postgres(table: &mut Table, node: &str, schema: &str) {
    let journal = format!(
        "jenis = \"postgres\"\nkoneksi = {{ env = \"SIMPUL_UJI_JURNAL\" }}\nskema = \"{schema}\"\n\
         kunci_induk = {{ env = \"SIMPUL_UJI_INDUK\" }}"
    );
    table["simpul"]["nama"] = Value::String(node.to_owned());
    table["simpul"]["jurnal"] = Value::Table(journal.parse().unwrap());
}

async fn judged(world: &World, scenario: &str, ended: usize, clients: &crate::world::Clients) {
    let account = Account::of(world, scenario, ended, &ledger(clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_of_two_nodes_may_die() {
    let Some(database) = database() else { return };
    let rounds = number("SIMPUL_CRASH_ROUNDS").unwrap_or(30);
    let mut dice = fastrand::Rng::with_seed(11);
    let mut world = two(&database, "mati").await;
    world.start(&[]);
    world.start_other(0);
    let clients = world.clients();
    let mut submitting = JoinSet::new();
    for round in 0..rounds {
        let (me, later) = (clients.clone(), dice.bool());
        let tickets: Vec<String> = (0..6).map(|n| format!("N{round}-{n}")).collect();
        submitting.spawn(async move { me.submit_all(tickets, 6, later).await });
        tokio::time::sleep(Duration::from_millis(dice.u64(0..200))).await;
        // One of them, the other, or both at once.
        let which = dice.u8(..5);
        if which != 1 {
            world.kill();
        }
        if which < 2 {
            world.kill_other(0);
        }
        if which != 1 {
            world.start(&[]);
        }
        if which < 2 {
            world.start_other(0);
        }
        if dice.u8(..4) == 0 {
            submitting.join_next().await;
        }
    }
    submitting.join_all().await;
    world.settled().await;
    judged(
        &world,
        "PostgreSQL, dua node: kill -9 acak",
        usize::try_from(rounds).unwrap(),
        &clients,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_the_shared_journal() {
    let Some(database) = database() else { return };
    let mut world = two(&database, "langkah").await;
    world.start_other(0);
    let clients = world.clients();
    let mut ended = 0;
    let mut submitting = JoinSet::new();
    for step in STEPS {
        for number in 1..=if long() { 8 } else { 4 } {
            let switch = [("SIMPUL_UJI_GAGAL", format!("{step}:{number}"))];
            let up = world.try_start(&switch).is_ok();
            let me = clients.clone();
            let tickets: Vec<String> = (0..4)
                .map(|n| format!("G-{step}-{number}-{n}").replace('_', ""))
                .collect();
            submitting.spawn(async move { me.submit_all(tickets, 4, number % 2 == 0).await });
            ended += usize::from(!up || world.ended(Duration::from_millis(1_500)));
            world.kill();
        }
    }
    // A node that never came back leaves its leases to run out; here it comes back.
    world.start(&[]);
    submitting.join_all().await;
    world.settled().await;
    judged(&world, "PostgreSQL, dua node: setiap langkah jurnal", ended, &clients).await;
    assert!(ended >= 10, "only {ended} of the steps were reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_a_delivery_on_two_nodes() {
    let Some(database) = database() else { return };
    let mut world = two(&database, "antar").await;
    let clients = world.clients();
    let ended = deliveries(&mut world, &clients).await;
    judged(
        &world,
        "PostgreSQL, dua node: setiap langkah pengantaran",
        ended,
        &clients,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_paused_past_its_lease() {
    let Some(database) = database() else { return };
    let mut world = two(&database, "jeda").await;
    world.start(&[]);
    let clients = world.clients();
    // It holds these when it is paused: they have been sent, and no answer was read.
    world
        .neighbours
        .lapor
        .faults()
        .next("create", Fault::Slow { ms: 1_200 }, 4);
    let submitting = {
        let me = clients.clone();
        tokio::spawn(async move { me.submit_all((0..4).map(|n| format!("Z-{n}")), 4, true).await })
    };
    until(Duration::from_secs(10), async || {
        let creates = world.neighbours.lapor.effects()["creates"].as_u64().unwrap_or_default();
        (creates == 4)
            .then_some(())
            .ok_or_else(|| format!("{creates} of 4 are stored"))
    })
    .await
    .unwrap();
    submitting.await.unwrap();
    world.child.as_ref().unwrap().signal("STOP").unwrap();
    world.start_other(0);
    tokio::time::sleep(PAST_THE_LEASE).await;
    // The other has taken over by now; the paused one wakes up with leases that are no longer its own.
    world.child.as_ref().unwrap().signal("CONT").unwrap();
    clients.submit_all((4..10).map(|n| format!("Z-{n}")), 6, true).await;
    world.settled().await;
    judged(
        &world,
        "PostgreSQL, dua node: satu dijeda melewati sewanya",
        1,
        &clients,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_and_comes_back() {
    if database().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cluster = folder.path().join("pg");
    // The owner of the server is somebody else where this runs as root.
    let _ = Command::new("chmod").args(["0755"]).arg(folder.path()).status();
    let Some(connection) = pg("start", &cluster) else {
        println!("| PostgreSQL dimulai ulang | tidak dijalankan: server sendiri tidak dapat dimulai |");
        return;
    };
    let _stopped = Stopped(cluster.clone());
    let mut world = two(connection.trim(), "ulang").await;
    world.start(&[]);
    world.start_other(0);
    let clients = world.clients();
    let mut submitting = JoinSet::new();
    let rounds = if long() { 20 } else { 3 };
    for round in 0..rounds {
        let me = clients.clone();
        submitting.spawn(async move {
            me.submit_all((0..12).map(|n| format!("R{round}-{n}")), 6, round % 2 == 0)
                .await;
        });
        tokio::time::sleep(Duration::from_millis(fastrand::u64(20..300))).await;
        let back = tokio::task::block_in_place(|| pg("restart", &cluster));
        assert!(back.is_some(), "the server did not come back");
    }
    submitting.join_all().await;
    world.settled().await;
    judged(
        &world,
        "PostgreSQL, dua node: basis data padam dan kembali",
        rounds,
        &clients,
    )
    .await;
}

/// Runs `scripts/pg`; what it printed, when it did what was asked.
fn pg(verb: &str, cluster: &Path) -> Option<String> {
    let output = Command::new(repo::root().join("scripts/pg"))
        .arg(verb)
        .arg(cluster)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

struct Stopped(std::path::PathBuf);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _gone = pg("stop", &self.0);
    }
}
