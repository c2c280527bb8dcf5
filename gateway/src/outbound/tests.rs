//! The transport against raw TCP servers on loopback: what the other side does, and what the door is told.

use super::{Egress, HttpTransport, OutboundLimits, Rules, tls};
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::NativeReply;
use gateway_core::deliver::{Phase, Reach, Transport, WireError, WireKind, WireRequest};
use http::{HeaderMap, HeaderValue, Method};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const LONG: Duration = Duration::from_secs(20);
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// What a played system does with the n-th request on the m-th connection (both from 1).
#[derive(Clone)]
enum Act {
    /// Answers these bytes and waits for the next request.
    Answer(&'static [u8]),
    /// Answers these bytes and hangs up.
    AnswerAndClose(&'static [u8]),
    /// Hangs up without a word.
    Close,
    /// Says nothing until the caller goes.
    Silence,
}

/// A played system: every request it has read, with the number of its connection, and the hang-ups it has seen.
#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<(usize, String)>>,
    hung_up: tokio::sync::Notify,
}

impl Seen {
    fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        if stream.read_buf(&mut got).await.ok()? == 0 {
            return None;
        }
    }
}

async fn play(script: impl Fn(usize, usize) -> Act + Send + Sync + 'static) -> (u16, Arc<Seen>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Seen::default());
    let (notes, script) = (Arc::clone(&seen), Arc::new(script));
    tokio::spawn(async move {
        let mut connection = 0;
        while let Ok((stream, _)) = listener.accept().await {
            connection += 1;
            tokio::spawn(one(stream, connection, Arc::clone(&script), Arc::clone(&notes)));
        }
    });
    (port, seen)
}

async fn one(mut stream: TcpStream, connection: usize, script: Arc<impl Fn(usize, usize) -> Act>, seen: Arc<Seen>) {
    let mut number = 0;
    while let Some(request) = read_request(&mut stream).await {
        number += 1;
        seen.requests.lock().unwrap().push((connection, request));
        match script(connection, number) {
            Act::Answer(bytes) => stream.write_all(bytes).await.unwrap(),
            Act::AnswerAndClose(bytes) => {
                stream.write_all(bytes).await.unwrap();
                return;
            }
            Act::Close => return,
            Act::Silence => {}
        }
    }
    seen.hung_up.notify_one();
}

fn transport(port: u16, limits: OutboundLimits) -> HttpTransport {
    let egress = Egress::new([("127.0.0.1".to_owned(), port), ("localhost".to_owned(), port)]);
    let egress = Arc::new(ArcSwap::from_pointee(Rules::from(egress)));
    HttpTransport::new(egress, tls::client_trusting([]).unwrap(), limits)
}

fn request(method: Method, port: u16) -> WireRequest {
    let body = if method == Method::POST {
        Bytes::from_static(b"{\"a\":1}")
    } else {
        Bytes::new()
    };
    WireRequest {
        reach: Reach::System,
        method,
        url: format!("http://127.0.0.1:{port}/jalur?x=1"),
        headers: HeaderMap::new(),
        body,
        max_reply: 1024,
        timeout: LONG,
    }
}

async fn send(transport: &HttpTransport, method: Method, port: u16) -> Result<NativeReply, WireError> {
    transport.send(request(method, port)).await
}

fn what(result: Result<NativeReply, WireError>) -> (Phase, WireKind) {
    let error = result.expect_err("the call must fail");
    (error.phase, error.kind)
}

#[tokio::test]
async fn keeps_the_connection_and_frames_the_message_itself() {
    let (port, seen) = play(|_, _| Act::Answer(OK)).await;
    let transport = transport(port, OutboundLimits::default());
    let mut first = request(Method::POST, port);
    for (name, value) in [
        ("host", "lain.invalid"),
        ("content-length", "999"),
        ("transfer-encoding", "chunked"),
        ("connection", "close"),
        ("proxy-connection", "keep-alive"),
        ("user_key", "tetap"),
    ] {
        first.headers.insert(name, HeaderValue::from_static(value));
    }
    let reply = transport.send(first).await.unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"ok"[..]));
    send(&transport, Method::GET, port).await.unwrap();
    let requests = seen.requests();
    assert_eq!(
        requests.iter().map(|(on, _)| *on).collect::<Vec<_>>(),
        [1, 1],
        "one connection"
    );
    let sent = requests[0].1.to_ascii_lowercase();
    assert!(sent.starts_with("post /jalur?x=1 http/1.1\r\n"), "{sent}");
    assert!(sent.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{sent}");
    assert!(
        sent.contains("content-length: 7\r\n") && sent.contains("user_key: tetap\r\n"),
        "{sent}"
    );
    for absent in ["999", "chunked", "connection:", "lain.invalid"] {
        assert!(!sent.contains(absent), "{absent} in {sent}");
    }
}

#[tokio::test]
async fn an_empty_post_says_that_it_is_empty() {
    let (port, seen) = play(|_, _| Act::Answer(OK)).await;
    let mut empty = request(Method::POST, port);
    empty.body = Bytes::new();
    transport(port, OutboundLimits::default()).send(empty).await.unwrap();
    assert!(
        seen.requests()[0]
            .1
            .to_ascii_lowercase()
            .contains("content-length: 0\r\n")
    );
}

#[tokio::test]
async fn hanging_up_after_storing_is_after_send_and_a_write_is_not_repeated() {
    let (port, seen) = play(|_, _| Act::Close).await;
    let transport = transport(port, OutboundLimits::default());
    assert_eq!(
        what(send(&transport, Method::POST, port).await),
        (Phase::AfterSend, WireKind::Closed)
    );
    assert_eq!(seen.requests().len(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_request_repeats_a_read_once_and_a_write_never() {
    let script = |_, number| if number == 1 { Act::Answer(OK) } else { Act::Close };
    let (port, seen) = play(script).await;
    let transport = transport(port, OutboundLimits::default());
    send(&transport, Method::GET, port).await.unwrap();
    send(&transport, Method::GET, port).await.unwrap();
    assert_eq!(seen.requests().iter().map(|(on, _)| *on).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(
        what(send(&transport, Method::POST, port).await),
        (Phase::AfterSend, WireKind::Closed)
    );
    assert_eq!(seen.requests().len(), 4, "the write was seen once");
}

#[tokio::test]
async fn a_repeated_read_is_repeated_only_once() {
    let script = |on, number| {
        if (on, number) == (1, 1) {
            Act::Answer(OK)
        } else {
            Act::Close
        }
    };
    let (port, seen) = play(script).await;
    let transport = transport(port, OutboundLimits::default());
    send(&transport, Method::GET, port).await.unwrap();
    assert_eq!(
        what(send(&transport, Method::GET, port).await),
        (Phase::AfterSend, WireKind::Closed)
    );
    assert_eq!(seen.requests().len(), 3);
}

#[tokio::test]
async fn a_dead_idle_connection_is_noticed_before_a_write_uses_it() {
    let (port, seen) = play(|_, _| Act::AnswerAndClose(OK)).await;
    let transport = transport(port, OutboundLimits::default());
    for _ in 0..20 {
        send(&transport, Method::POST, port).await.unwrap();
    }
    let on: Vec<usize> = seen.requests().iter().map(|(on, _)| *on).collect();
    assert_eq!(
        on,
        (1..=20).collect::<Vec<_>>(),
        "each write went out once, on a connection of its own"
    );
}

#[tokio::test]
async fn half_a_reply_and_a_reply_that_is_not_http() {
    for reply in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"220 mail.invalid ready\r\n\r\n",
    ] {
        let (port, seen) = play(move |_, _| Act::AnswerAndClose(reply)).await;
        let transport = transport(port, OutboundLimits::default());
        let result = what(send(&transport, Method::POST, port).await);
        assert_eq!(
            result,
            (Phase::AfterSend, WireKind::Closed),
            "{}",
            String::from_utf8_lossy(reply)
        );
        assert_eq!((seen.requests().len(), transport.idle()), (1, 0));
    }
}

#[tokio::test]
async fn a_reply_beyond_the_cap_is_refused_announced_or_not() {
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n0123456789abcdef0123456789abcdef\r\n\
        20\r\n0123456789abcdef0123456789abcdef\r\n0\r\n\r\n";
    for reply in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 2000000000000\r\n\r\n"[..],
        CHUNKED,
    ] {
        let (port, _) = play(move |_, _| Act::Answer(reply)).await;
        let transport = transport(port, OutboundLimits::default());
        let mut small = request(Method::GET, port);
        small.max_reply = 40;
        assert_eq!(
            what(transport.send(small).await),
            (Phase::AfterSend, WireKind::TooLarge)
        );
        assert_eq!(transport.idle(), 0);
    }
}

#[tokio::test]
async fn silence_is_a_time_out_after_send_before_and_within_the_reply() {
    for act in [
        Act::Silence,
        Act::Answer(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
    ] {
        let (port, seen) = play(move |_, _| act.clone()).await;
        let transport = transport(port, OutboundLimits::default());
        let mut hasty = request(Method::POST, port);
        hasty.timeout = Duration::from_millis(300);
        assert_eq!(what(transport.send(hasty).await), (Phase::AfterSend, WireKind::Timeout));
        seen.hung_up.notified().await;
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_closes_its_connection() {
    let (port, seen) = play(|_, _| Act::Silence).await;
    let transport = transport(port, OutboundLimits::default());
    let given_up = tokio::time::timeout(Duration::from_millis(300), send(&transport, Method::GET, port)).await;
    assert!(given_up.is_err());
    seen.hung_up.notified().await;
    assert_eq!(transport.idle(), 0);
}

#[tokio::test]
async fn what_fails_before_a_byte_left_says_so() {
    let port = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let transport = transport(port, OutboundLimits::default());
    assert_eq!(
        what(send(&transport, Method::POST, port).await),
        (Phase::BeforeSend, WireKind::Connect)
    );
    for (url, kind) in [
        ("http://sistem.invalid/".to_owned(), WireKind::Dns),
        ("jalur/saja".to_owned(), WireKind::Connect),
        (format!("http://127.0.0.2:{port}/"), WireKind::Egress),
        (format!("http://[::1]:{port}/"), WireKind::Egress),
        ("http://2130706433:1/".to_owned(), WireKind::Egress),
        ("http://169.254.169.254/latest".to_owned(), WireKind::Egress),
    ] {
        let mut call = request(Method::POST, port);
        call.url.clone_from(&url);
        assert_eq!(what(transport.send(call).await), (Phase::BeforeSend, kind), "{url}");
    }
}

#[tokio::test]
async fn texts_for_the_operator_hold_host_and_cause_only() {
    let (port, _) = play(|_, _| Act::Close).await;
    let transport = transport(port, OutboundLimits::default());
    let mut call = request(Method::POST, port);
    call.url = format!("http://127.0.0.1:{port}/orang/rahasia?nik=rahasia");
    let error = transport.send(call).await.expect_err("hangs up");
    assert!(
        error.detail.starts_with(&format!("127.0.0.1:{port}: ")) && !error.detail.contains("rahasia"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_error_page_and_a_redirect_are_handed_back_as_they_came() {
    const PAGE: &[u8] =
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>";
    const AWAY: &[u8] = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let (port, seen) = play(|_, number| Act::Answer(if number == 1 { PAGE } else { AWAY })).await;
    let transport = transport(port, OutboundLimits::default());
    let page = send(&transport, Method::GET, port).await.unwrap();
    assert!(page.status == 502 && page.looks_like_html());
    let away = send(&transport, Method::GET, port).await.unwrap();
    assert_eq!(
        (away.status, away.header("location")),
        (302, Some("http://127.0.0.1:1/"))
    );
    assert_eq!(seen.requests().len(), 2);
}

#[tokio::test]
async fn requests_beyond_the_room_of_a_host_wait_and_have_not_left() {
    let (port, seen) = play(|_, _| Act::Silence).await;
    let limits = OutboundLimits {
        per_host: 1,
        ..OutboundLimits::default()
    };
    let transport = transport(port, limits);
    let mut hasty = request(Method::POST, port);
    hasty.timeout = Duration::from_millis(300);
    let mut first = Box::pin(transport.send(request(Method::POST, port)));
    let second = tokio::select! {
        biased;
        _ = &mut first => panic!("the first call hears nothing"),
        second = transport.send(hasty) => second,
    };
    assert_eq!(what(second), (Phase::BeforeSend, WireKind::Timeout));
    assert_eq!(seen.requests().len(), 1);
}

#[tokio::test]
async fn idle_connections_are_closed_on_time_without_further_calls() {
    let (port, seen) = play(|_, _| Act::Answer(OK)).await;
    let limits = OutboundLimits {
        idle: Duration::from_millis(50),
        ..OutboundLimits::default()
    };
    let transport = transport(port, limits);
    send(&transport, Method::GET, port).await.unwrap();
    seen.hung_up.notified().await;
    assert_eq!(transport.idle(), 0);
}

#[tokio::test]
async fn a_rule_that_is_swapped_closes_kept_connections_too() {
    let (port, seen) = play(|_, _| Act::Answer(OK)).await;
    let egress = Arc::new(ArcSwap::from_pointee(Rules::from(Egress::new([(
        "127.0.0.1".to_owned(),
        port,
    )]))));
    let tls = tls::client_trusting([]).unwrap();
    let transport = HttpTransport::new(Arc::clone(&egress), tls, OutboundLimits::default());
    send(&transport, Method::GET, port).await.unwrap();
    egress.store(Arc::new(Rules::default()));
    assert_eq!(
        what(send(&transport, Method::GET, port).await),
        (Phase::BeforeSend, WireKind::Egress)
    );
    assert_eq!(seen.requests().len(), 1);
}

/// A TLS server for `localhost`; `None` for one that never answers the handshake.
async fn play_tls(answers: bool) -> (u16, rustls::pki_types::CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            if !answers {
                silent.push(stream);
                continue;
            }
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            if read_request(&mut stream).await.is_some() {
                stream.write_all(OK).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    });
    (port, certificate)
}

fn transport_tls(port: u16, config: Arc<rustls::ClientConfig>) -> HttpTransport {
    let egress = Egress::new([("localhost".to_owned(), port)]);
    HttpTransport::new(
        Arc::new(ArcSwap::from_pointee(Rules::from(egress))),
        config,
        OutboundLimits::default(),
    )
}

#[tokio::test]
async fn tls_trusts_the_given_root_and_no_other() {
    let (port, root) = play_tls(true).await;
    let call = || WireRequest {
        url: format!("https://localhost:{port}/"),
        ..request(Method::POST, port)
    };
    let trusting = transport_tls(port, tls::client_trusting([root]).unwrap());
    assert_eq!(trusting.send(call()).await.unwrap().status, 200);
    let doubting = transport_tls(port, tls::client([]).unwrap());
    assert_eq!(what(doubting.send(call()).await), (Phase::BeforeSend, WireKind::Tls));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_time_out_before_send() {
    let (port, root) = play_tls(false).await;
    let transport = transport_tls(port, tls::client_trusting([root]).unwrap());
    let mut call = request(Method::POST, port);
    call.url = format!("https://localhost:{port}/");
    call.timeout = Duration::from_millis(300);
    assert_eq!(what(transport.send(call).await), (Phase::BeforeSend, WireKind::Timeout));
}

#[tokio::test]
async fn a_receiver_gains_nothing_from_what_systems_may() {
    let (port, _) = play(|_, _| Act::Answer(OK)).await;
    let transport = transport(port, OutboundLimits::default());
    // A connection that a system left open does not help either.
    send(&transport, Method::POST, port).await.unwrap();
    let to_receiver = || WireRequest {
        reach: Reach::Receiver,
        ..request(Method::POST, port)
    };
    assert_eq!(
        what(transport.send(to_receiver()).await),
        (Phase::BeforeSend, WireKind::Egress)
    );
    let rules = Rules {
        receivers: Egress::new([("127.0.0.1".to_owned(), port)]),
        ..Rules::default()
    };
    let tls = tls::client_trusting([]).unwrap();
    let transport = HttpTransport::new(Arc::new(ArcSwap::from_pointee(rules)), tls, OutboundLimits::default());
    assert_eq!(transport.send(to_receiver()).await.unwrap().status, 200);
    assert_eq!(
        what(send(&transport, Method::POST, port).await),
        (Phase::BeforeSend, WireKind::Egress)
    );
}
