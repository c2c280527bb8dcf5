//! HTTP as RFC 9112 wants it and as attackers write it. Each test carries the ids of `docs/hardening.md` that it answers.

use crate::wire::{Answer, call, read, send};
use crate::world::{World, consumer, grant, key, world};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use toml::{Table, Value};

const OFFICE: &str = "dinas-http";
const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";

/// Short times, so that every limit can be seen to fire.
pub fn hurried(table: &mut Table) {
    consumer(
        table,
        OFFICE,
        &grant(
            r#"["perpustakaan.buku.lihat", "perpustakaan.reservasi.kirim", "pengaduan.kirim", "lampiran.unggah"]"#,
            "",
        ),
    );
    let node = table.get_mut("simpul").and_then(Value::as_table_mut).unwrap();
    let limits: Table = r#"
        waktu_kepala = "1s"
        waktu_isi = "1s"
        waktu_diam = "2s"
        kepala = "16KiB"
        jumlah_kepala = 50
        koneksi = 40
    "#
    .parse()
    .unwrap();
    node.insert("batas".into(), Value::Table(limits));
}

/// One more limit.
pub fn limited(table: &mut Table, name: &str, value: i64) {
    let limits = table["simpul"]["batas"].as_table_mut().unwrap();
    limits.insert(name.into(), Value::Integer(value));
}

async fn office() -> World {
    world(hurried).await
}

async fn verdict(world: &World, head: &str) -> Answer {
    send(&world.public, head.replace("KEY", &key(OFFICE))).await
}

/// How long until the other side closes.
async fn closed_after(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut rest)).await;
    ended.expect("closed in time").ok();
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn hp51_heads_that_mean_two_things_are_refused() {
    let world = office().await;
    let good = format!("GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n\r\n");
    assert_eq!(verdict(&world, &good).await.status, 200);
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\n{headers}X-API-Key: KEY\r\n\r\n");
    let host = "Host: a.invalid\r\n";
    let cases = [
        ("no Host", get(BOOK, "")),
        ("two Hosts", get(BOOK, "Host: a.invalid\r\nHost: b.invalid\r\n")),
        ("Host with a path", get(BOOK, "Host: a.invalid/x\r\n")),
        ("Host with user", get(BOOK, "Host: u@a.invalid\r\n")),
        ("empty Host", get(BOOK, "Host:\r\n")),
        ("other authority", get(&format!("http://b.invalid{BOOK}"), host)),
        ("space before colon", get(BOOK, "Host: a.invalid\r\nX-A : 1\r\n")),
        ("folded line", get(BOOK, "Host: a.invalid\r\nX-A: 1\r\n 2\r\n")),
        ("bare CR", get(BOOK, "Host: a.invalid\r\nX-A: 1\r2\r\n")),
        ("NUL", get(BOOK, "Host: a.invalid\r\nX-A: 1\0\r\n")),
        ("UTF-8 in the target", get("/v1/perpustakaan/buku/é", host)),
        (
            "dot segments",
            get("/v1/perpustakaan/../perpustakaan/buku/9780000000002", host),
        ),
        (
            "encoded dots",
            get("/v1/%2e%2e/v1/perpustakaan/buku/9780000000002", host),
        ),
        ("encoded slash", get("/v1/perpustakaan%2fbuku/9780000000002", host)),
        ("double slash", get("/v1//perpustakaan/buku/9780000000002", host)),
        ("backslash", get("/v1/perpustakaan%5cbuku/9780000000002", host)),
        ("broken percent", get("/v1/perpustakaan/buku/%zz", host)),
        ("parameter twice", get(&format!("{BOOK}?a=1&a=2"), host)),
        ("two keys", get(BOOK, "Host: a.invalid\r\nX-API-Key: KEY\r\n")),
        (
            "key and bearer",
            get(BOOK, "Host: a.invalid\r\nAuthorization: Bearer KEY\r\n"),
        ),
        (
            "two lengths",
            get(BOOK, "Host: a.invalid\r\nContent-Length: 1\r\nContent-Length: 2\r\n"),
        ),
        ("signed length", get(BOOK, "Host: a.invalid\r\nContent-Length: +1\r\n")),
        (
            "list of lengths",
            get(BOOK, "Host: a.invalid\r\nContent-Length: 1, 1\r\n"),
        ),
        (
            "unknown coding",
            get(BOOK, "Host: a.invalid\r\nTransfer-Encoding: gzip, chunked\r\n"),
        ),
        (
            "chunked twice",
            get(BOOK, "Host: a.invalid\r\nTransfer-Encoding: chunked, chunked\r\n"),
        ),
        (
            "odd chunked",
            get(BOOK, "Host: a.invalid\r\nTransfer-Encoding: xchunked\r\n"),
        ),
        (
            "lower-case version",
            format!("GET {BOOK} http/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n\r\n"),
        ),
        ("HTTP/0.9", format!("GET {BOOK}\r\n\r\n")),
        (
            "HTTP/3.0",
            format!("GET {BOOK} HTTP/3.0\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n\r\n"),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, head) in cases {
        let answer = verdict(&world, &head).await;
        // 401 for two credentials; an answer or a closed connection for what hyper itself refuses.
        if !matches!(answer.status, 0 | 400 | 401 | 501 | 505) {
            wrong.push((name, answer.status));
        }
    }
    assert!(wrong.is_empty(), "taken: {wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hp51_two_framings_never_make_two_requests() {
    let world = office().await;
    // Both lengths: read as chunked, answered, and closed: what follows is never taken for a request.
    let hidden = format!(
        "GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\n\r\n",
        key(OFFICE)
    );
    let first = format!(
        "POST /v1/perpustakaan/reservasi HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        key(OFFICE)
    );
    let mut stream = TcpStream::connect(&world.public).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all))
        .await
        .expect("closed")
        .ok();
    let text = String::from_utf8_lossy(&all);
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hp58_methods_and_paths_are_matched_exactly() {
    let world = office().await;
    for (method, path, status) in [
        ("GET", "/v1/perpustakaan/buku/9780000000002/", 400),
        ("GET", "/V1/perpustakaan/buku/9780000000002", 404),
        ("GET", "/v1/perpustakaan/buku/978%30000000002", 200),
        ("DELETE", BOOK, 405),
        ("HEAD", BOOK, 405),
        ("TRACE", BOOK, 405),
        ("OPTIONS", BOOK, 405),
        ("BREW", BOOK, 405),
        ("GET", "/v1/tidak-ada", 404),
        ("GET", "/admin/v1/pertukaran", 404),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n\r\n");
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        stream
            .write_all(head.replace("KEY", &key(OFFICE)).as_bytes())
            .await
            .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&first[9..]),
            status.to_string(),
            "{method} {path}"
        );
    }
    let no = verdict(
        &world,
        &format!("DELETE {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n\r\n"),
    )
    .await;
    assert_eq!(no.header("allow"), Some("GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hp60_hp61_an_early_refusal_is_read_and_its_body_is_not() {
    let world = office().await;
    // A stranger with 8 MiB: answered at once, readable although it is still sending.
    let head = "POST /v1/pengaduan HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: smp_x_y\r\nContent-Type: application/json\r\nContent-Length: 8388608\r\n\r\n";
    let mut stream = TcpStream::connect(&world.public).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let send = async {
        let _ = writing.write_all(head.as_bytes()).await;
        for _ in 0..128 {
            if writing.write_all(&[b' '; 65536]).await.is_err() {
                return;
            }
        }
    };
    let mut first = [0; 12];
    let (got, ()) = tokio::join!(reading.read_exact(&mut first), send);
    got.expect("the answer arrives");
    assert_eq!(&first[9..], b"401");

    // Nothing else may be expected.
    for head in [
        "Expect: 200-maybe\r\n",
        "Expect: 100-continue\r\nExpect: 100-continue\r\n",
    ] {
        let asked = call("GET", BOOK, &key(OFFICE), head, "");
        let refused = crate::wire::send(&world.public, asked).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (417, "harapan-tidak-didukung"),
            "{head}"
        );
    }

    // Whoever asks first is told no before it sends.
    let head = format!(
        "POST /v1/pengaduan HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        key(OFFICE)
    );
    let refused = crate::wire::send(&world.public, head).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "terlalu-besar"));
    // Whoever is welcome is told to go on.
    let body = json!({"rujukan": "R-HTTP-1", "isbn": "9780000000002", "nomor_anggota": "A-0001"}).to_string();
    let head = format!(
        "POST /v1/perpustakaan/reservasi HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        key(OFFICE),
        body.len()
    );
    let mut stream = TcpStream::connect(&world.public).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert!(
        go_on.starts_with(b"HTTP/1.1 100"),
        "{}",
        String::from_utf8_lossy(&go_on)
    );
    stream.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(read(&mut stream).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn ld51_every_time_limit_fires() {
    let world = office().await;
    let silent = async {
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        ("silent", closed_after(&mut stream).await, 0.8..3.0)
    };
    let preface = async {
        // Looks like HTTP/2 and never goes on.
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        stream.write_all(b"PRI * HTTP/2.0").await.unwrap();
        ("half a preface", closed_after(&mut stream).await, 0.8..3.0)
    };
    let dripping = async {
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        let begun = Instant::now();
        for byte in format!("GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaa").bytes() {
            if stream.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ("dripped head", begun.elapsed().min(begun.elapsed()), 0.8..4.0)
    };
    let idle = async {
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        stream
            .write_all(call("GET", BOOK, &key(OFFICE), "", "").as_bytes())
            .await
            .unwrap();
        assert_eq!(read(&mut stream).await.status, 200);
        ("idle", closed_after(&mut stream).await, 1.8..5.0)
    };
    let body = async {
        let mut stream = TcpStream::connect(&world.public).await.unwrap();
        let head = format!(
            "POST /v1/pengaduan HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
            key(OFFICE)
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let begun = Instant::now();
        let answer = read(&mut stream).await;
        assert_eq!((answer.status, answer.code().as_str()), (408, "terlalu-lama"));
        ("slow body", begun.elapsed(), 0.8..4.0)
    };
    let (a, b, c, d, e) = tokio::join!(silent, preface, dripping, idle, body);
    for (name, took, within) in [a, b, c, d, e] {
        assert!(within.contains(&took.as_secs_f64()), "{name}: {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ld51_heads_have_a_size_and_a_number() {
    let world = office().await;
    let long = format!(
        "GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\nX-Long: {}\r\n\r\n",
        "a".repeat(40_000)
    );
    assert!(matches!(verdict(&world, &long).await.status, 0 | 431), "a long head");
    let many = format!(
        "GET {BOOK} HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: KEY\r\n{}\r\n",
        "X-A: 1\r\n".repeat(60)
    );
    assert!(matches!(verdict(&world, &many).await.status, 0 | 431), "many fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn ld54_a_full_house_lets_the_longest_idle_one_go() {
    let world = office().await;
    let mut idle = Vec::new();
    for _ in 0..40 {
        idle.push(TcpStream::connect(&world.public).await.unwrap());
    }
    // All forty places are taken by silent clients; whoever has something to say is heard.
    for _ in 0..5 {
        let begun = Instant::now();
        let answer = send(
            &world.public,
            call("GET", BOOK, &key(OFFICE), "Connection: close\r\n", ""),
        )
        .await;
        assert_eq!(answer.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    let closed = closed_after(&mut idle[0]).await;
    assert!(closed < Duration::from_millis(500), "the first gave way: {closed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hp63_hp64_hp65_what_every_answer_carries() {
    let world = office().await;
    let origin = "Origin: https://jahat.invalid\r\n";
    for (method, path) in [
        ("GET", BOOK),
        ("GET", "/v1/tidak-ada"),
        ("GET", "/docs/masalah/terlalu-besar"),
        ("OPTIONS", BOOK),
    ] {
        let answer = send(&world.public, call(method, path, &key(OFFICE), origin, "")).await;
        let kind = answer.header("content-type").unwrap_or_default();
        let known = [
            "application/json",
            "application/problem+json",
            "text/html; charset=utf-8",
            "text/markdown; charset=utf-8",
        ];
        assert!(known.contains(&kind), "{path}: {kind}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("access-control-allow-origin").is_none(), "{path}");
        assert!(answer.header("server").is_none(), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    // A line break in what is echoed would be a header of the caller's.
    let answer = send(
        &world.public,
        call("GET", BOOK, &key(OFFICE), "X-Request-Id: a%0d%0ab <x>\r\n", ""),
    )
    .await;
    assert_ne!(answer.header("x-request-id"), Some("a%0d%0ab <x>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hp62_the_last_answer_of_a_connection_says_so() {
    let world = crate::world::world(|table| {
        hurried(table);
        limited(table, "permintaan_koneksi", 3);
    })
    .await;
    let ask = call("GET", BOOK, &key(OFFICE), "", "");
    let mut stream = TcpStream::connect(&world.public).await.unwrap();
    for n in 1..=3 {
        stream.write_all(ask.as_bytes()).await.unwrap();
        let answer = read(&mut stream).await;
        assert_eq!((n, answer.status), (n, 200));
        assert_eq!(answer.header("connection"), (n == 3).then_some("close"), "answer {n}");
    }
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0, "closed after the last");
}
