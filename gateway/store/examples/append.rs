//! How much the journals cost on this machine, beside what the disk itself gives.
//!
//! `cargo run --release -p gateway-store --example append -- [folder] [seconds] [backlog] [database]`
//!
//! `database` is a connection string (`host=… port=… user=… dbname=…`); a schema of its own is made there and dropped.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use gateway_core::exchange::{Key, LeaseRequest, Leased, NewExchange, Next, Settlement};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Filter, Journal};
use gateway_store::{PgJournal, SqliteJournal, postgres, sqlite};
use jiff::Timestamp;
use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const CALLERS: usize = 64;
const SIZES: [usize; 2] = [1024, 50 * 1024];

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| ".".into());
    let seconds: u64 = args.next().map_or(5, |s| s.parse().expect("seconds"));
    let backlog: u64 = args.next().map_or(0, |s| s.parse().expect("backlog"));
    let folder = tempfile::tempdir_in(folder).unwrap();
    raw(folder.path(), Duration::from_secs(seconds));
    let time = Duration::from_secs(seconds);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for size in SIZES {
        runtime.block_on(async {
            let commits = Arc::new(AtomicU64::new(0));
            let options = sqlite::Options {
                fail: Some(counting(&commits)),
                ..sqlite::Options::default()
            };
            let path = folder.path().join(format!("{size}.db"));
            let journal = Arc::new(SqliteJournal::open(path, options).unwrap());
            measure("SQLite", journal, size, time, &commits).await;
        });
    }
    if let Some(database) = args.next() {
        runtime.block_on(on_database(&database, time, backlog));
    }
    if backlog > 0 {
        runtime.block_on(waiting(folder.path(), backlog));
    }
}

fn counting(commits: &Arc<AtomicU64>) -> sqlite::FailPoint {
    let commits = Arc::clone(commits);
    Arc::new(move |point| {
        if point == "after_commit" {
            commits.fetch_add(1, Ordering::Relaxed);
        }
    })
}

async fn on_database(database: &str, time: Duration, backlog: u64) {
    let database: tokio_postgres::Config = database.parse().expect("a connection string");
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for size in SIZES {
        let commits = Arc::new(AtomicU64::new(0));
        let schema = format!("ukur_{size}");
        client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
            .await
            .unwrap();
        let fail = Some(counting(&commits));
        let options = postgres::Options {
            schema: schema.clone(),
            fail,
            ..postgres::Options::new(database.clone(), "a")
        };
        let journal = Arc::new(PgJournal::open(options).await.unwrap());
        measure("PostgreSQL", journal, size, time, &commits).await;
        client
            .batch_execute(&format!("DROP SCHEMA {schema} CASCADE"))
            .await
            .unwrap();
    }
    if backlog > 0 {
        let schema = "ukur_antrean".to_owned();
        let drop = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
        client.batch_execute(&drop).await.unwrap();
        let options = postgres::Options {
            schema,
            ..postgres::Options::new(database.clone(), "a")
        };
        let journal = Arc::new(PgJournal::open(options).await.unwrap());
        fill(Arc::clone(&journal) as Arc<dyn Journal>, backlog).await;
        behind(journal).await;
        client.batch_execute(&drop).await.unwrap();
    }
}

/// 1 KiB and one `fdatasync`; then 64 KiB and one, as a group of 64.
fn raw(folder: &Path, time: Duration) {
    for group in [1_u64, CALLERS as u64] {
        let mut file = std::fs::File::create(folder.join("raw")).unwrap();
        let record = vec![7_u8; 1024 * usize::try_from(group).unwrap()];
        let mut took = Vec::new();
        let start = Instant::now();
        while start.elapsed() < time {
            let one = Instant::now();
            file.write_all(&record).unwrap();
            file.sync_data().unwrap();
            took.push(one.elapsed());
        }
        let rate = took.len() as u64 * group * 1000 / u64::try_from(start.elapsed().as_millis()).unwrap();
        println!(
            "raw append of 1 KiB, groups of {group:2}: {rate:7}/s, sync {}",
            percentiles(took)
        );
    }
}

fn percentiles(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1000.0;
    format!(
        "p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, max {:.2} ms",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    )
}

fn exchange(n: u64, body: &Bytes, lanes: u64) -> NewExchange {
    let id = ExchangeId(Uuid::from_u128((u128::from(n) << 64) | 0x8000_0000_0000_0000));
    NewExchange {
        id,
        consumer: "dinas-kominfo".into(),
        operation: "pengaduan.kirim".into(),
        system: "lapor".into(),
        purpose: "layanan".into(),
        key: Some(Key {
            key: id.to_string(),
            fingerprint: [7; 32],
        }),
        fingerprint: [7; 32],
        reference: Some(format!("ADUAN-{n}")),
        lane: (lanes > 0).then(|| format!("izin-{}", n % lanes)),
        input: body.clone(),
        seal: Some(Bytes::from_static(&[9; 60])),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        at: time(n),
        due: time(n),
        cause: None,
        lease: None,
    }
}

fn time(n: u64) -> Timestamp {
    Timestamp::from_nanosecond(1_780_000_000_000_000_000 + i128::from(n)).unwrap()
}

fn settlement(leased: &Leased) -> Settlement {
    Settlement {
        id: leased.exchange.id,
        fence: leased.fence,
        before: leased.before,
        attempt: None,
        next: Next::Done {
            reply: Bytes::from_static(b"{\"nomor\":\"SP4N-1234567\",\"status\":\"diterima\"}"),
        },
        at: leased.exchange.changed,
        relays: Vec::new(),
        events: Vec::new(),
        timers: Vec::new(),
        evidence: Some(Bytes::from(vec![b'x'; 600])),
    }
}

async fn measure(name: &str, journal: Arc<dyn Journal>, size: usize, time_to_run: Duration, commits: &AtomicU64) {
    let body = Bytes::from(vec![b'a'; size]);
    let next = Rc::new(Cell::new(0_u64));
    let start = Instant::now();
    let callers = (0..CALLERS).map(|_| {
        let (journal, next, body) = (Arc::clone(&journal), Rc::clone(&next), body.clone());
        async move {
            let mut took = Vec::new();
            while start.elapsed() < time_to_run {
                next.set(next.get() + 1);
                let one = Instant::now();
                journal.accept(exchange(next.get(), &body, 0)).await.unwrap();
                took.push(one.elapsed());
            }
            took
        }
    });
    let took: Vec<_> = futures_util::future::join_all(callers)
        .await
        .into_iter()
        .flatten()
        .collect();
    let elapsed = start.elapsed().as_secs_f64();
    let (count, groups) = (took.len(), commits.load(Ordering::Relaxed));
    println!(
        "{name}: accept {:2} KiB, {CALLERS} callers: {:7.0}/s, groups of {:.1}, {}",
        size / 1024,
        count as f64 / elapsed,
        count as f64 / groups as f64,
        percentiles(took)
    );

    let start = Instant::now();
    let workers = (0..16).map(|_| {
        let journal = Arc::clone(&journal);
        async move {
            let mut count = 0_u64;
            while start.elapsed() < time_to_run {
                let request = LeaseRequest {
                    owner: "bench".into(),
                    until: time(u64::from(u32::MAX)),
                };
                let leased = journal
                    .lease(request, time(u64::from(u32::MAX) - 1), 16, Vec::new())
                    .await
                    .unwrap();
                if leased.is_empty() {
                    break;
                }
                let ends = leased.iter().map(|l| journal.settle(settlement(l)));
                for end in futures_util::future::join_all(ends).await {
                    end.unwrap();
                    count += 1;
                }
            }
            count
        }
    });
    let count: u64 = futures_util::future::join_all(workers).await.into_iter().sum();
    println!(
        "{name}: lease and settle {:2} KiB, 16 workers by 16: {:7.0}/s",
        size / 1024,
        count as f64 / start.elapsed().as_secs_f64()
    );
}

async fn fill(journal: Arc<dyn Journal>, backlog: u64) {
    let body = Bytes::from(vec![b'a'; 1024]);
    let start = Instant::now();
    let mut n = 0;
    while n < backlog {
        let group = (n..(n + 512).min(backlog)).map(|n| journal.accept(exchange(n, &body, backlog / 20)));
        for result in futures_util::future::join_all(group).await {
            result.unwrap();
            n += 1;
        }
    }
    println!(
        "{backlog} waiting after {:.1} s, {}",
        start.elapsed().as_secs_f64(),
        memory()
    );
}

/// What waits must not slow what comes.
async fn waiting(folder: &Path, backlog: u64) {
    let path = folder.join("backlog.db");
    let open = || Arc::new(SqliteJournal::open(&path, sqlite::Options::default()).unwrap());
    fill(open(), backlog).await;
    let start = Instant::now();
    let journal = open();
    println!(
        "opened in {:.1} ms, {}",
        start.elapsed().as_secs_f64() * 1000.0,
        memory()
    );
    behind(journal).await;
}

async fn behind(journal: Arc<dyn Journal>) {
    let mut took = Vec::new();
    let start = Instant::now();
    for _ in 0..200 {
        let request = LeaseRequest {
            owner: "bench".into(),
            until: time(u64::from(u32::MAX)),
        };
        let one = Instant::now();
        let leased = journal
            .lease(request, time(u64::from(u32::MAX) - 1), 50, Vec::new())
            .await
            .unwrap();
        took.push(one.elapsed());
        let ends = leased.iter().map(|l| journal.settle(settlement(l)));
        for end in futures_util::future::join_all(ends).await {
            end.unwrap();
        }
    }
    println!("lease 50 of many: {}", percentiles(took));
    println!(
        "lease and settle: {:.0}/s",
        200.0 * 50.0 / start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let queues = journal.queues().await.unwrap();
    println!("queues in {:.1} ms: {queues:?}", start.elapsed().as_secs_f64() * 1000.0);
    let start = Instant::now();
    journal.next_due(Vec::new()).await.unwrap();
    println!("next due in {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    for states in [
        vec![],
        vec![gateway_core::exchange::State::Accepted],
        vec![gateway_core::exchange::State::Dead],
    ] {
        let start = Instant::now();
        let rows = journal
            .list(Filter {
                states: states.clone(),
                ..Filter::default()
            })
            .await
            .unwrap();
        println!(
            "list {states:?} gives {} in {:.1} ms",
            rows.len(),
            start.elapsed().as_secs_f64() * 1000.0
        );
    }
    println!("{}", memory());
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find(|l| l.starts_with("VmRSS"))
        .unwrap_or("VmRSS unknown")
        .replace('\t', " ")
}
