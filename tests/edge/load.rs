//! LD57, issue of slow clients: three hundred that drip their heads, sixty that drip their bodies and forty that read nothing, all
//! at once, against a gateway in a process of its own. Ordinary calls stay quick and memory small.

use crate::http::hurried;
use crate::wire::{call, send};
use crate::world::key;
use e2e::child::{Child, Lines};
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use toml::Value;

const OFFICE: &str = "dinas-http";
const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";
/// What no ordinary call may take, and no gateway may hold.
const SLOWEST: Duration = Duration::from_secs(3);
const LARGEST: u64 = 200 * 1024 * 1024;

async fn drip_head(address: String) {
    while let Ok(mut stream) = TcpStream::connect(&address).await {
        let mut head = b"GET / HTTP/1.1\r\nHost: a.invalid\r\nX-Slow: ".to_vec();
        loop {
            if stream.write_all(&head).await.is_err() {
                break;
            }
            head = b"a".to_vec();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn drip_body(address: String) {
    let head = format!(
        "POST /v1/pengaduan HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{",
        key(OFFICE)
    );
    while let Ok(mut stream) = TcpStream::connect(&address).await {
        let _ = stream.write_all(head.as_bytes()).await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Asks and asks, and reads no answer.
async fn read_nothing(address: String) {
    let ask = "GET /docs/masalah/terlalu-besar HTTP/1.1\r\nHost: a.invalid\r\n\r\n".repeat(200);
    while let Ok(mut stream) = TcpStream::connect(&address).await {
        while stream.write_all(ask.as_bytes()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ld57_four_hundred_slow_clients_disturb_nobody() {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |table| {
        hurried(table);
        let node = table.get_mut("simpul").and_then(Value::as_table_mut).unwrap();
        // The times and caps that ship.
        node.remove("batas");
    });
    let setup = setup.unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let gateway = Child::start(binary, &setup, &Lines::default(), &[]).unwrap();
    let public = gateway.gateway.replace("http://", "");
    let operator = gateway.operator.replace("http://", "");
    let before = memory(gateway.id());

    let mut slow = JoinSet::new();
    (0..300).for_each(|_| drop(slow.spawn(drip_head(public.clone()))));
    (0..60).for_each(|_| drop(slow.spawn(drip_body(public.clone()))));
    (0..40).for_each(|_| drop(slow.spawn(read_nothing(public.clone()))));
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (begun, mut times, mut most) = (Instant::now(), Vec::new(), before);
    while begun.elapsed() < Duration::from_secs(8) {
        let at = Instant::now();
        let answer = send(&public, call("GET", BOOK, &key(OFFICE), "Connection: close\r\n", "")).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        times.push(at.elapsed());
        let at = Instant::now();
        let healthy = send(
            &operator,
            "GET /healthz HTTP/1.1\r\nHost: a.invalid\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert_eq!(healthy.status, 200);
        assert!(at.elapsed() < SLOWEST, "health took {:?}", at.elapsed());
        most = most.max(memory(gateway.id()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    slow.abort_all();
    times.sort();
    let slowest = times[times.len() - 1];
    println!(
        "{} calls: p50 {:?}, p99 {:?}, slowest {slowest:?}; memory {} MiB before, {} MiB at most",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        before >> 20,
        most >> 20,
    );
    assert!(slowest < SLOWEST, "{slowest:?}");
    assert!(most < LARGEST, "{most} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ld57_no_descriptors_left_is_survived() {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, hurried_without_cap).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let wrapper = ["prlimit", "--nofile=120"].map(str::to_owned);
    let gateway = Child::start_under(&wrapper, binary, &setup, &Lines::default(), &[]).unwrap();
    let public = gateway.gateway.replace("http://", "");
    let ask = call("GET", BOOK, &key(OFFICE), "Connection: close\r\n", "");
    assert_eq!(send(&public, &ask).await.status, 200);
    let mut silent = Vec::new();
    for _ in 0..200 {
        silent.push(TcpStream::connect(&public).await.unwrap());
    }
    // The silent ones give way one by one, or run out of time: whoever has something to say is heard all the same.
    let begun = Instant::now();
    let mut answered = 0;
    while begun.elapsed() < Duration::from_secs(10) && answered < 3 {
        answered += u16::from(send(&public, &ask).await.status == 200);
    }
    assert_eq!(answered, 3, "within {:?}", begun.elapsed());
    drop(silent);
    assert_eq!(send(&public, &ask).await.status, 200);
}

fn hurried_without_cap(table: &mut toml::Table) {
    hurried(table);
    let limits = table
        .get_mut("simpul")
        .and_then(|node| node.get_mut("batas"))
        .and_then(Value::as_table_mut);
    limits.unwrap().remove("koneksi");
}
