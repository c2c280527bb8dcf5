//! The journal's files are damaged while the gateway is down.

use crate::account::Account;
use crate::steps::ledger;
use crate::world::World;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::time::Duration;

fn log(world: &World) -> PathBuf {
    world.setup.journal().with_extension("sqlite-wal")
}

/// A write that was under way when the power went: garbage behind the last commit, cut anywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_write_at_the_end_of_the_log() {
    let mut dice = fastrand::Rng::with_seed(7);
    let mut world = World::new().await;
    let clients = world.clients();
    for round in 0..6 {
        world.start(&[]);
        clients
            .submit_all((0..6).map(|n| format!("T-{round}-{n}")), 6, true)
            .await;
        world.kill();
        let mut file = std::fs::OpenOptions::new().append(true).open(log(&world)).unwrap();
        let torn: Vec<u8> = (0..dice.usize(1..9_000)).map(|_| dice.u8(..)).collect();
        file.write_all(&torn).unwrap();
    }
    world.start(&[]);
    world.settled().await;
    let account = Account::of(&world, "ekor log sobek", 6, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
}

/// Bytes that turned over in the file itself. A gateway that cannot trust its journal says so and does not start, or
/// works on with what is whole; it never sends what it cannot read, and never twice without a flag.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flipped_bytes_in_the_file() {
    let (mut refused, mut went_on, mut sent) = (0, 0, 0);
    for seed in 0..8 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut world = World::new().await;
        let clients = world.clients();
        world.start(&[]);
        clients
            .submit_all((0..12).map(|n| format!("B-{seed}-{n}")), 6, true)
            .await;
        world.settled().await;
        // In order, so that everything is in the file and nothing in the log.
        world.stop();
        flip(&world.setup.journal(), &mut dice);
        match world.try_start(&[]) {
            Err(why) => {
                assert!(why.contains("journal"), "{why}");
                refused += 1;
            }
            Ok(()) => {
                went_on += 1;
                let again = clients.clone();
                let submitting = again.submit_all((12..15).map(|n| format!("B-{seed}-{n}")), 3, false);
                let _in_time = tokio::time::timeout(Duration::from_secs(5), submitting).await;
            }
        }
        let lapor = &world.neighbours.lapor;
        assert_eq!(lapor.with(|lapor| lapor.doubles().len()), 0, "seed {seed}");
        for report in lapor.with(|lapor| lapor.reports().clone()).values() {
            assert!(
                report.text("content").ends_with("padam sejak tiga hari."),
                "garbage was sent"
            );
            sent += 1;
        }
    }
    assert!(sent >= 8 * 12, "{sent}");
    println!(
        "| bita terbalik di berkas jurnal | {refused} kali menolak mulai, {went_on} kali jalan terus, tidak ada yang ganda |"
    );
}

/// Sixteen bytes anywhere in the file.
fn flip(path: &std::path::Path, dice: &mut fastrand::Rng) {
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let size = file.metadata().unwrap().len();
    for _ in 0..16 {
        file.seek(SeekFrom::Start(dice.u64(0..size))).unwrap();
        file.write_all(&[dice.u8(..)]).unwrap();
    }
}
