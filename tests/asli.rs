//! Native calls pass through unread: what the system hears, what the caller hears, what stays behind, what is refused, and
//! that a large body costs no memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

use bytes::Bytes;
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, Setup};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use toml::{Table, Value};

/// What the system heard: target, headers, body.
type Heard = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

/// A system with manners of its own: an odd status, a header to keep, one to drop, and a body as long as asked for.
async fn system(heard: Heard) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let heard = Arc::clone(&heard);
            let service = service_fn(move |request: Request<Incoming>| {
                let heard = Arc::clone(&heard);
                async move { Ok::<_, Infallible>(reply(request, &heard).await) }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn reply(request: Request<Incoming>, heard: &Heard) -> Response<BoxBody<Bytes, Infallible>> {
    let (head, mut body) = request.into_parts();
    let mut first = Bytes::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let (true, Ok(data)) = (first.is_empty(), frame.into_data()) {
            first = data;
        }
    }
    let target = head.uri.to_string();
    heard.lock().unwrap().push((target, head.headers, first));
    let frames = match head.uri.query().and_then(|query| query.strip_prefix("mib=")) {
        Some(mib) => mib.parse::<usize>().unwrap() * 16,
        None => 1,
    };
    let piece = if frames == 1 {
        Bytes::from(r#"{"Apa": "adanya"}"#)
    } else {
        Bytes::from(vec![b'x'; 64 * 1024])
    };
    let pieces = futures_stream(frames, piece);
    Response::builder()
        .status(203)
        .header("x-sistem", "asli")
        .header("connection", "x-sementara")
        .header("x-sementara", "1")
        .body(BoxBody::new(StreamBody::new(pieces)))
        .unwrap()
}

fn futures_stream(
    frames: usize,
    piece: Bytes,
) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + Sync {
    futures_util::stream::iter((0..frames).map(move |_| Ok(Frame::data(piece.clone()))))
}

struct World {
    setup: Setup,
    gateway: Inside,
    neighbours: Neighbours,
    heard: Heard,
}

async fn world() -> World {
    let heard = Heard::default();
    let address = system(Arc::clone(&heard)).await;
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |table| open(table, address)).unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    World {
        setup,
        gateway,
        neighbours,
        heard,
    }
}

/// LAPOR!'s place is taken by our system, and `/api` of it opened to reading and sending.
fn open(table: &mut Table, address: SocketAddr) {
    let rule: Table = "jalur = ['/api']\nmetode = ['GET', 'POST']\npermintaan_maks = '80 MiB'"
        .parse()
        .unwrap();
    for system in table["sistem"].as_array_mut().unwrap() {
        let system = system.as_table_mut().unwrap();
        if system["id"].as_str() == Some("lapor") {
            system.insert("alamat".into(), Value::String(format!("http://{address}/dasar")));
            system.insert("asli".into(), Value::Table(rule.clone()));
        }
    }
    let consumers = table["konsumen"].as_array_mut().unwrap();
    let consumer = consumers
        .iter_mut()
        .find(|one| one["id"].as_str() == Some(CONSUMER))
        .unwrap();
    let grants = consumer.as_table_mut().unwrap()["hak"].as_array_mut().unwrap();
    let mut grant = grants[0].as_table().unwrap().clone();
    grant.insert("operasi".into(), Value::Array(vec![Value::String("asli.lapor".into())]));
    grants.push(Value::Table(grant));
}

impl World {
    async fn call(&self, method: &str, path: &str, who: &str, body: Bytes) -> Response<Incoming> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let gateway = self.gateway.targets(&self.setup, &self.neighbours).gateway;
        let request = Request::builder()
            .method(method)
            .uri(format!("{gateway}{path}"))
            .header("authorization", &self.setup.keys()[who])
            .header("x-forwarded-for", "203.0.113.9")
            .header("x-penting", "tetap")
            .header("cookie", "sesi=rahasia")
            .body(Full::new(body))
            .unwrap();
        client.request(request).await.unwrap()
    }

    /// What came by the native way; the gateway's own schedules ask elsewhere.
    fn heard(&self) -> Vec<(String, HeaderMap, Bytes)> {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .filter(|(target, ..)| target.starts_with("/dasar/api"))
            .cloned()
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_hear_each_other_and_nothing_of_the_connection() {
    let world = world().await;
    let reply = world
        .call(
            "POST",
            "/asli/lapor/api/v2/a%20b?x=1&x=2",
            CONSUMER,
            Bytes::from("<a/>"),
        )
        .await;
    assert_eq!(reply.status(), 203);
    assert_eq!(reply.headers()["x-sistem"], "asli");
    assert!(!reply.headers().contains_key("x-sementara") && !reply.headers().contains_key("cache-control"));
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"Apa": "adanya"}"#, "the reply is not touched");
    let (target, headers, sent) = world.heard().remove(0);
    assert_eq!(
        (target.as_str(), &sent[..]),
        ("/dasar/api/v2/a%20b?x=1&x=2", &b"<a/>"[..])
    );
    assert_eq!(headers["x-penting"], "tetap");
    for gone in ["x-forwarded-for", "cookie", "authorization"] {
        assert!(!headers.contains_key(gone), "{gone}");
    }
    assert!(
        headers["auth"].to_str().unwrap().starts_with("Bearer "),
        "the door's own credential"
    );
    assert!(headers.contains_key("traceparent"));
    world.gateway.stop().await.unwrap();
    let record = r#""operation":"asli.lapor""#;
    assert!(kept(&world.setup, record), "the passage is evidence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_open_is_not_passed() {
    let world = world().await;
    for (method, path, who, status) in [
        ("GET", "/asli/lapor/api/x", "tanpa-hak", 403),
        ("DELETE", "/asli/lapor/api/x", CONSUMER, 403),
        ("GET", "/asli/lapor/apix", CONSUMER, 403),
        ("GET", "/asli/lapor/api/%2e%2e/x", CONSUMER, 400),
        ("GET", "/asli/lapor/api//x", CONSUMER, 400),
        ("GET", "/asli/laksa/api/x", CONSUMER, 403),
        ("GET", "/asli/lapor", CONSUMER, 404),
    ] {
        let reply = world.call(method, path, who, Bytes::new()).await;
        assert_eq!(reply.status().as_u16(), status, "{method} {path}");
    }
    assert!(world.heard().is_empty());
    world.gateway.stop().await.unwrap();
    for word in [r#""result":"not_open""#, r#""result":"no_grant""#] {
        assert!(kept(&world.setup, word), "a refusal is evidence: {word}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_passes_in_pieces_both_ways() {
    let world = world().await;
    let up = Bytes::from(vec![b'y'; 64 << 20]);
    let before = peak();
    let mut reply = world
        .call("POST", "/asli/lapor/api/besar?mib=512", CONSUMER, up)
        .await
        .into_body();
    let mut got = 0;
    while let Some(frame) = reply.frame().await {
        got += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    assert_eq!(got, 512 << 20);
    let grown = peak() - before;
    assert!(
        grown < 200 << 10,
        "grew by {grown} KiB; the caller's own 64 MiB are before it"
    );
    world.gateway.stop().await.unwrap();
}

/// Whether the journal holds a text; small ones may still lie in the log beside the file.
fn kept(setup: &Setup, text: &str) -> bool {
    let mut journal = std::fs::read(setup.journal()).unwrap();
    journal.extend(std::fs::read(setup.journal().with_extension("sqlite-wal")).unwrap_or_default());
    journal.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Most memory this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
