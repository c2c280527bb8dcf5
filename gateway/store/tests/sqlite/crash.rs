//! Processes that end in the middle: whatever was acknowledged is there.

use super::{at, exchange, id, lease, open, settlement, verified};
use bytes::Bytes;
use gateway_core::exchange::{LeaseRequest, Next};
use gateway_core::journal::{Acceptance, Filter, Journal};
use gateway_store::SqliteJournal;
use gateway_store::sqlite::Options;
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const POINTS: [&str; 5] = [
    "before_begin",
    "after_exec",
    "before_commit",
    "after_commit",
    "before_answer",
];

/// Not a test of its own: the process that is killed. Says `ack N` for each acceptance it was promised.
#[tokio::test]
#[ignore = "started by the other tests of this file"]
async fn child() {
    let Some(path) = variable("SIMPUL_CHILD_PATH") else {
        return;
    };
    let start: u128 = variable("SIMPUL_CHILD_START").unwrap().parse().unwrap();
    let fail = variable("SIMPUL_CHILD_FAIL").map(|text| {
        let (point, times) = text.split_once(':').unwrap();
        let (point, left) = (point.to_owned(), AtomicU64::new(times.parse().unwrap()));
        let hook = move |at: &'static str| {
            if at == point && left.fetch_sub(1, Ordering::Relaxed) == 1 {
                std::process::abort();
            }
        };
        Arc::new(hook) as gateway_store::sqlite::FailPoint
    });
    let keep = variable("SIMPUL_CHILD_KEEP_LOG").is_some();
    let options = Options {
        fail,
        wal_copy_pages: if keep { u32::MAX } else { 40 },
        // Past its bound the log is copied, whatever else is said.
        wal_bound_pages: if keep { u32::MAX } else { 200 },
        ..Options::default()
    };
    let journal = Arc::new(SqliteJournal::open(path, options).unwrap());
    let callers = (0..16_u128).map(|caller| {
        let journal = Arc::clone(&journal);
        async move {
            for round in 0..u128::MAX {
                let n = start + caller + 16 * round;
                match journal.accept(exchange(n, 700)).await {
                    Ok(Acceptance::New(..)) => say("ack", n),
                    _ => {
                        say("err", n);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
                if caller == 0 && round % 3 == 0 {
                    let request = LeaseRequest {
                        owner: "uji".into(),
                        until: at(60),
                    };
                    for held in journal.lease(request, at(0), 2, Vec::new()).await.unwrap_or_default() {
                        let done = Next::Done {
                            reply: Bytes::from_static(b"{}"),
                        };
                        if journal.settle(settlement(&held, done)).await.is_ok() {
                            say("end", held.exchange.id.0.as_u128());
                        }
                    }
                }
            }
        }
    });
    futures_util::future::join_all(callers).await;
}

#[allow(
    clippy::disallowed_methods,
    reason = "the only way to hand something to a test binary's own child"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn start(path: &Path, start: u128, fail: Option<String>) -> Child {
    started(Command::new(std::env::current_exe().unwrap()), path, start, fail)
}

fn started(mut command: Command, path: &Path, start: u128, fail: Option<String>) -> Child {
    command.args([
        "sqlite::crash::child",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    command
        .env("SIMPUL_CHILD_PATH", path)
        .env("SIMPUL_CHILD_START", start.to_string());
    if let Some(fail) = fail {
        command.env("SIMPUL_CHILD_FAIL", fail);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the child was promised, until it ends; it is killed after `limit` lines.
fn promised(mut child: Child, limit: usize) -> (BTreeSet<u128>, BTreeSet<u128>) {
    let (mut acks, mut ends) = (BTreeSet::new(), BTreeSet::new());
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    for (count, line) in lines.enumerate() {
        if count == limit {
            child.kill().unwrap();
        }
        // The harness puts its own words before the first line.
        let words: Vec<_> = line.split(' ').collect();
        if let [.., kind @ ("ack" | "end"), n] = words[..]
            && let Ok(n) = n.parse()
        {
            if kind == "ack" {
                acks.insert(n)
            } else {
                ends.insert(n)
            };
        }
    }
    child.wait().unwrap();
    (acks, ends)
}

async fn all(journal: &dyn Journal) -> BTreeSet<u128> {
    let rows = journal
        .list(Filter {
            limit: 1_000_000,
            ..Filter::default()
        })
        .await
        .unwrap();
    rows.into_iter().map(|row| row.id.0.as_u128()).collect()
}

async fn check(path: &Path, acks: &BTreeSet<u128>, ends: &BTreeSet<u128>) {
    let journal = open(path);
    let there = all(&journal).await;
    let lost: Vec<_> = acks.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for n in ends {
        let stored = journal.get(id(*n)).await.unwrap().unwrap();
        assert_eq!(
            stored.reply,
            Some(Bytes::from_static(b"{}")),
            "the end of {n} was acknowledged"
        );
    }
    assert!(verified(&journal).await >= ends.len());
    let stats = journal.queues().await.unwrap();
    let waiting: u64 = stats.iter().map(|q| q.count).sum();
    let done = there.len() as u64 - waiting;
    assert!(done >= ends.len() as u64, "the depths hold");
    journal
        .accept(exchange(1_u128 << 100 | u128::from(waiting) << 32 | done as u128, 10))
        .await
        .unwrap();
}

#[tokio::test]
async fn kill_9_in_the_middle_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (mut acks, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for (round, limit) in [300, 37, 1200, 90].into_iter().enumerate() {
        let (more, ended) = promised(start(&path, (round as u128 + 1) << 40, None), limit);
        assert!(more.len() > limit / 4, "the child worked: {}", more.len());
        acks.extend(more);
        ends.extend(ended);
        check(&path, &acks, &ends).await;
    }
}

#[tokio::test]
async fn an_end_at_any_step_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let (mut acks, mut ends) = (BTreeSet::new(), BTreeSet::new());
    for (round, point) in POINTS.into_iter().enumerate() {
        let (more, ended) = promised(
            start(&path, (round as u128 + 1) << 40, Some(format!("{point}:25"))),
            usize::MAX,
        );
        assert!(!more.is_empty(), "{point}: the child worked");
        acks.extend(more);
        ends.extend(ended);
        check(&path, &acks, &ends).await;
    }
}

/// A killed child's file with its log, copied so that each accident starts from the same state.
fn copied(path: &Path, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let copy = folder.join(name);
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    std::fs::copy(path, &copy).unwrap();
    std::fs::copy(log(path), log(&copy)).unwrap();
    let log = log(&copy);
    (copy, log)
}

#[tokio::test]
async fn a_torn_log_holds_a_whole_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env("SIMPUL_CHILD_KEEP_LOG", "yes");
    let (acks, ends) = promised(started(command, &path, 1 << 40, None), 400);

    let (copy, log) = copied(&path, folder.path(), "garbage.db");
    OpenOptions::new()
        .append(true)
        .open(&log)
        .unwrap()
        .write_all(&[0xA5; 10_000])
        .unwrap();
    check(&copy, &acks, &ends).await;

    for (name, damage) in damages(&log_of(&path)) {
        let (copy, log) = copied(&path, folder.path(), &name);
        std::fs::write(log, damage).unwrap();
        whole(&copy, open(&copy)).await;
    }
}

/// Worse than a crash: bytes change that were synced, and the file has part of them already. Where that does harm it is
/// said, at the opening or when it is met; nothing is made up.
#[tokio::test]
async fn damage_is_said_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    promised(start(&path, 1 << 40, None), 2000);
    for (name, damage) in damages(&log_of(&path)) {
        let (copy, log) = copied(&path, folder.path(), &name);
        std::fs::write(log, damage).unwrap();
        let used = async {
            let journal = SqliteJournal::open(&copy, Options::default())?;
            for row in journal
                .list(Filter {
                    limit: 1_000_000,
                    ..Filter::default()
                })
                .await?
            {
                assert!(
                    matches!(row.input.len(), 0 | 10 | 700),
                    "{name}: a body is whole or gone"
                );
            }
            journal.accept(exchange(7, 700)).await
        };
        if let Err(error) = used.await {
            assert!(error.to_string().contains("damaged"), "{name}: {error}");
        }
    }
}

/// A log cut short, and one with a flipped bit, at several places.
fn damages(log: &Path) -> Vec<(String, Vec<u8>)> {
    let whole = std::fs::read(log).unwrap();
    let length = whole.len();
    let cuts = [1, 4096, length / 3, length / 2, length - 100];
    let cuts = cuts.map(|cut| (format!("cut-{cut}.db"), whole[..length.saturating_sub(cut)].to_vec()));
    let flips = [length / 4, length / 2, length - 200].map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        (format!("flip-{at}.db"), bytes)
    });
    cuts.into_iter().chain(flips).collect()
}

fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// It opens, every exchange is complete, the chain holds, and it goes on.
async fn whole(path: &Path, journal: SqliteJournal) {
    let shown = path.display();
    for row in journal
        .list(Filter {
            limit: 1_000_000,
            ..Filter::default()
        })
        .await
        .unwrap()
    {
        assert!(matches!(row.input.len(), 700 | 10), "{shown}");
    }
    verified(&journal).await;
    let held = lease(&journal, 1000, 1).await;
    for held in &held {
        journal
            .settle(settlement(held, Next::Schedule { due: at(2000) }))
            .await
            .unwrap();
    }
    journal.accept(exchange(7, 700)).await.unwrap();
}

/// The disk refuses to sync, several times. What was acknowledged before and after is there; nothing is acknowledged
/// that could not be synced. Left out where `strace` is missing or may not trace.
#[tokio::test]
async fn a_sync_that_fails_is_never_acknowledged() {
    let able = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    if !able.is_ok_and(|status| status.success()) {
        eprintln!("skipped: strace cannot be used here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]);
    command.args(["-e", "inject=fsync,fdatasync:error=EIO:when=60+25"]);
    command.arg(std::env::current_exe().unwrap());
    let mut child = started(command, &path, 1 << 40, Some("after_commit:150".into()));
    let (mut acks, mut ends, mut failed, mut resumed) = (BTreeSet::new(), BTreeSet::new(), 0, 0);
    for line in BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
    {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            [.., "ack", n] => {
                acks.insert(n.parse().unwrap());
                resumed += u32::from(failed > 0);
            }
            [.., "end", n] => {
                ends.insert(n.parse().unwrap());
            }
            [.., "err", _] => failed += 1,
            _ => {}
        }
    }
    child.wait().unwrap();
    assert!(failed > 0, "syncs failed");
    assert!(resumed > 0, "it came back");
    check(&path, &acks, &ends).await;
}

fn say(word: &str, n: u128) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word} {n}").unwrap();
    out.flush().unwrap();
}
