//! The power goes, and a disk that lies: with a tracer that sees every write and every sync of the gateway. Where no
//! tracer may run, these say so and prove nothing.

use crate::account::Account;
use crate::steps::ledger;
use crate::trace::{CALLS, Disk};
use crate::world::World;
use e2e::client::until;
use simulators::Fault;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Whether this process may trace others.
fn may_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-D", "-f", "-o", "/dev/null", "true"])
        .output();
    let may = tried.is_ok_and(|output| output.status.success());
    if !may {
        println!("| listrik padam, fsync gagal | tidak dijalankan: strace tidak ada atau tidak boleh |");
    }
    may
}

/// The tracer is a grandchild, so that the process we started is the gateway itself.
fn tracer(arguments: &[&str], output: &Path) -> Vec<String> {
    let mut command: Vec<String> = ["strace", "-D", "-f", "--seccomp-bpf", "-y"].map(str::to_owned).into();
    command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    command.extend(["-o".to_owned(), output.display().to_string()]);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_loss_on_a_disk_that_forgets_what_was_not_synced() {
    if !may_trace() {
        return;
    }
    let mut dice = fastrand::Rng::with_seed(4);
    let (mut syncs, mut forgotten) = (0, 0);
    let rounds = if super::kills::long() { 40 } else { 6 };
    let mut world = World::new().await;
    let clients = world.clients();
    for round in 0..rounds {
        // The disk begins with what was whole before; from here on the tracer knows every byte of it.
        let journal = world.setup.journal();
        let log = journal.with_extension("sqlite-wal");
        let found: Vec<_> = [&journal, &log]
            .map(|file| (file.clone(), std::fs::read(file).unwrap_or_default()))
            .into();
        let trace = world.setup.path().join(format!("jejak-{round}"));
        let tracer = tracer(&["-xx", "-s", "1000000", "-e", &format!("trace={CALLS}")], &trace);
        world.start_under(&tracer, &[]).unwrap();
        let (me, later) = (clients.clone(), round % 2 == 0);
        // What is taken on for later waits in the journal and nowhere else when the power goes.
        let board = world.neighbours.lapor.faults();
        if later {
            board.always("create", Fault::Unavailable { retry_after: None });
        }
        let tickets: Vec<String> = (0..10).map(|n| format!("P-{round}-{n}")).collect();
        let submitting = tokio::spawn(async move { me.submit_all(tickets, 5, later).await });
        tokio::time::sleep(Duration::from_millis(dice.u64(20..500))).await;
        // Everything a client was told until now must be on the disk now.
        world.kill();
        let text = whole(&trace).await;
        let disk = Disk::read(&text, found);
        syncs += disk.syncs;
        forgotten += disk.loose();
        world.neighbours.lapor.faults().clear();
        let keep = [0.0, 0.0, 0.5, 0.5, 0.0, 0.9][round % 6];
        for file in [&journal, &log] {
            match disk.after_power_loss(file, &mut dice, keep) {
                Some(content) => std::fs::write(file, content).unwrap(),
                None => drop(std::fs::remove_file(file)),
            }
        }
        let _ = std::fs::remove_file(journal.with_extension("sqlite-shm"));
        let _ = std::fs::remove_file(trace);
        world.start(&[]);
        submitting.await.unwrap();
        world.settled().await;
        world.kill();
    }
    world.start(&[]);
    world.settled().await;
    let account = Account::of(
        &world,
        "listrik padam, yang belum disinkronkan hilang",
        rounds,
        &ledger(&clients),
    )
    .await;
    account.judge();
    assert_eq!(account.unresolved, 0);
    assert!(syncs > rounds, "the tracer saw {syncs} syncs");
    println!("| | {syncs} sinkronisasi, {forgotten} tulisan lepas |");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syncs_that_fail() {
    if !may_trace() {
        return;
    }
    let mut world = World::new().await;
    let clients = world.clients();
    let trace = world.setup.path().join("jejak");
    // A few good ones to come up, then every seventh fails: the disk is dying.
    let inject = "inject=fdatasync,fsync:error=EIO:when=40+7";
    let tracer = tracer(&["-e", "trace=fdatasync,fsync", "-e", inject], &trace);
    world.start_under(&tracer, &[]).unwrap();
    clients.submit_all((0..60).map(|n| format!("E-{n}")), 6, false).await;
    world.kill();
    let failed = whole(&trace).await.matches("(INJECTED)").count();
    world.start(&[]);
    world.settled().await;
    let account = Account::of(&world, "fsync gagal", 1, &ledger(&clients)).await;
    account.judge();
    assert_eq!(account.unresolved, 0);
    assert!(failed > 3, "only {failed} syncs failed");
}

/// The trace, once the tracer has written the end of it.
async fn whole(trace: &PathBuf) -> String {
    until(Duration::from_secs(60), async || {
        let text = std::fs::read_to_string(trace).map_err(|error| error.to_string())?;
        let last = text.lines().last().unwrap_or_default();
        let ended = last.contains("+++") && text.ends_with('\n');
        ended
            .then_some(text)
            .ok_or_else(|| "the tracer has not ended".to_owned())
    })
    .await
    .unwrap()
}
