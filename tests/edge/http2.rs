//! HP66 and HP62 for HTTP/2: what RFC 9113 and 7541 forbid is refused with the code they name, floods end, and calls that were begun
//! are answered. The cases follow the sections of the standard, as the public conformance tools do.

use crate::frames::{
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, Framed, GOAWAY, HEADERS, PADDED, PING, PUSH_PROMISE, RST_STREAM,
    SETTINGS, WINDOW_UPDATE, block, code, frame, get, status,
};
use crate::http::hurried;
use crate::wire::{call, send};
use crate::world::{World, key, world};
use toml::Value;

const BOOK: &str = "/v1/perpustakaan/buku/9780000000002";

const PROTOCOL: u32 = 1;
const FLOW: u32 = 3;
const CLOSED: u32 = 5;
const SIZE: u32 = 6;
const REFUSED: u32 = 7;
const COMPRESSION: u32 = 9;
const CALM: u32 = 11;

fn credential() -> String {
    key("dinas-http")
}

async fn office() -> World {
    world(|table| {
        hurried(table);
        table["simpul"]["batas"]["waktu_kepala"] = Value::String("10s".into());
        table["simpul"]["batas"]["waktu_diam"] = Value::String("20s".into());
    })
    .await
}

/// A read of a book on a stream.
fn read(stream: u32) -> Vec<u8> {
    let head = get(BOOK, &[("x-api-key", &credential())]);
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &head)
}

fn setting(id: u16, value: u32) -> Vec<u8> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend(value.to_be_bytes());
    bytes
}

/// Name, the frames by number, and whether the other side must end it.
type Flood = (&'static str, Box<dyn Fn(u32) -> Vec<u8>>, bool);

/// How the other side ended it: the code of GOAWAY, or a close without one.
async fn ending(framed: &mut Framed) -> Option<u32> {
    framed.next_of(GOAWAY).await.as_ref().map(code)
}

#[tokio::test(flavor = "multi_thread")]
async fn hp66_what_breaks_a_connection_ends_it_with_the_code_of_the_standard() {
    let world = office().await;
    let open = frame(HEADERS, END_HEADERS, 1, &get(BOOK, &[]));
    let fine = get(BOOK, &[]);
    let cases: Vec<(&str, Vec<u8>, &[u32])> = vec![
        (
            "4.2 a frame beyond the largest size",
            frame(DATA, 0, 1, &[0; 16_385]),
            &[SIZE, PROTOCOL],
        ),
        (
            "4.2 the same for a head",
            frame(HEADERS, END_HEADERS, 1, &[0; 16_385]),
            &[SIZE],
        ),
        (
            "4.3 a header block that is none",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x80]),
            &[COMPRESSION],
        ),
        (
            "7541 2.3.3 an index beyond the tables",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff, 0x80, 0x01]),
            &[COMPRESSION],
        ),
        (
            "7541 4.2 a table larger than agreed",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0x3f, 0xe1, 0xff, 0x03]),
            &[COMPRESSION],
        ),
        (
            "5.1.1 an even stream",
            frame(HEADERS, END_HEADERS | END_STREAM, 2, &fine),
            &[PROTOCOL],
        ),
        (
            "5.1.1 a stream that goes back",
            [read(5), read(3)].concat(),
            &[PROTOCOL, CLOSED],
        ),
        (
            "5.1 data of an idle stream",
            frame(DATA, END_STREAM, 1, b"x"),
            &[PROTOCOL],
        ),
        (
            "5.1 a reset of an idle stream",
            frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()),
            &[PROTOCOL],
        ),
        (
            "5.1 a window of an idle stream",
            frame(WINDOW_UPDATE, 0, 1, &1_u32.to_be_bytes()),
            &[PROTOCOL],
        ),
        ("6.1 data of stream 0", frame(DATA, END_STREAM, 0, b"x"), &[PROTOCOL]),
        (
            "6.1 padding longer than the frame",
            [open.clone(), frame(DATA, PADDED, 1, &[9, 1])].concat(),
            &[PROTOCOL],
        ),
        (
            "6.2 a head of stream 0",
            frame(HEADERS, END_HEADERS | END_STREAM, 0, &fine),
            &[PROTOCOL],
        ),
        (
            "6.2 padding longer than the head",
            frame(HEADERS, END_HEADERS | PADDED, 1, &[200, 0]),
            &[PROTOCOL],
        ),
        (
            "6.2 another frame within a head",
            [frame(HEADERS, 0, 1, &fine), frame(PING, 0, 0, &[0; 8])].concat(),
            &[PROTOCOL],
        ),
        (
            "6.2 a head of another stream within a head",
            [frame(HEADERS, 0, 1, &fine), read(3)].concat(),
            &[PROTOCOL],
        ),
        (
            "6.4 a reset of stream 0",
            frame(RST_STREAM, 0, 0, &8_u32.to_be_bytes()),
            &[PROTOCOL],
        ),
        (
            "6.4 a short reset",
            [open.clone(), frame(RST_STREAM, 0, 1, &[0; 3])].concat(),
            &[SIZE],
        ),
        ("6.5 settings of a stream", frame(SETTINGS, 0, 1, &[]), &[PROTOCOL]),
        ("6.5 half a setting", frame(SETTINGS, 0, 0, &[0; 5]), &[SIZE]),
        (
            "6.5 an acknowledgement with content",
            frame(SETTINGS, ACK, 0, &setting(3, 1)),
            &[SIZE],
        ),
        (
            "6.5.2 push that is neither on nor off",
            frame(SETTINGS, 0, 0, &setting(2, 2)),
            &[PROTOCOL],
        ),
        (
            "6.5.2 a window too large",
            frame(SETTINGS, 0, 0, &setting(4, 1 << 31)),
            &[FLOW],
        ),
        (
            "6.5.2 a frame size too small",
            frame(SETTINGS, 0, 0, &setting(5, 16_383)),
            &[PROTOCOL],
        ),
        (
            "6.5.2 a frame size too large",
            frame(SETTINGS, 0, 0, &setting(5, 1 << 24)),
            &[PROTOCOL],
        ),
        (
            "6.6 a push by a client",
            [open.clone(), frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82])].concat(),
            &[PROTOCOL],
        ),
        ("6.7 a ping of a stream", frame(PING, 0, 1, &[0; 8]), &[PROTOCOL]),
        ("6.7 a short ping", frame(PING, 0, 0, &[0; 6]), &[SIZE]),
        ("6.8 a farewell of a stream", frame(GOAWAY, 0, 1, &[0; 8]), &[PROTOCOL]),
        (
            "6.9 a window of nothing",
            frame(WINDOW_UPDATE, 0, 0, &[0; 4]),
            &[PROTOCOL],
        ),
        ("6.9 a short window", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), &[SIZE]),
        (
            "6.9.1 a window that overflows",
            frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()),
            &[FLOW],
        ),
        (
            "6.10 a continuation of nothing",
            frame(CONTINUATION, END_HEADERS, 1, &fine),
            &[PROTOCOL],
        ),
        (
            "6.10 a continuation of stream 0",
            [frame(HEADERS, 0, 1, &fine), frame(CONTINUATION, END_HEADERS, 0, &[])].concat(),
            &[PROTOCOL],
        ),
        (
            "6.10 a continuation after the end",
            [open, frame(CONTINUATION, END_HEADERS, 1, &[])].concat(),
            &[PROTOCOL],
        ),
    ];
    for (name, bytes, codes) in cases {
        let mut framed = Framed::open(&world.public).await;
        framed.write(&bytes).await;
        let code = ending(&mut framed).await;
        // The general code may stand for a finer one.
        assert!(
            code.is_none_or(|code| code == PROTOCOL || codes.contains(&code)),
            "{name}: {code:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hp66_what_breaks_a_request_is_refused() {
    let world = office().await;
    let plain = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "simpul.invalid"),
    ];
    let with = |more: &[(&str, &str)]| block(&[&plain[..], more].concat());
    let path = (":path", BOOK);
    let cases = [
        ("8.2 a name in capitals", with(&[path, ("X-Capital", "1")])),
        ("8.2.1 a name with a space", with(&[path, ("x a", "1")])),
        ("8.2.1 a line break in a value", with(&[path, ("x-a", "1\r\nx-b: 2")])),
        (
            "8.2.2 a header of the connection",
            with(&[path, ("connection", "keep-alive")]),
        ),
        ("8.2.2 chunks", with(&[path, ("transfer-encoding", "chunked")])),
        ("8.2.2 trailers that are none", with(&[path, ("te", "gzip")])),
        ("8.3 an unknown pseudo-header", with(&[path, (":lain", "1")])),
        ("8.3 one of an answer", with(&[path, (":status", "200")])),
        ("8.3 one after the others", with(&[("x-a", "1"), path])),
        ("8.3.1 no path", with(&[])),
        ("8.3.1 an empty path", with(&[(":path", "")])),
        ("8.3.1 two paths", with(&[path, path])),
        (
            "8.3.1 no method",
            block(&[(":scheme", "http"), (":authority", "a.invalid"), path]),
        ),
        (
            "8.3.1 no scheme",
            block(&[(":method", "GET"), (":authority", "a.invalid"), path]),
        ),
        ("8.1.1 a length without content", with(&[path, ("content-length", "3")])),
        (
            "5.3.1 another host beside the authority",
            with(&[path, ("host", "b.invalid")]),
        ),
    ];
    for (name, head) in cases {
        let mut framed = Framed::open(&world.public).await;
        framed.write(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &head)).await;
        loop {
            let answer = framed
                .next()
                .await
                .unwrap_or_else(|| panic!("{name}: closed without a word"));
            match answer.kind {
                // The standard lets a stream's error end the connection.
                RST_STREAM | GOAWAY => assert_eq!(code(&answer), PROTOCOL, "{name}"),
                HEADERS => assert_eq!(status(&answer), 400, "{name}"),
                _ => continue,
            }
            break;
        }
    }
    // An unknown frame is passed over, a ping answered, a head in pieces taken.
    let mut framed = Framed::open(&world.public).await;
    framed.write(&frame(0x99, 0xff, 0, b"tidak dikenal")).await;
    framed.write(&frame(PING, 0, 0, b"simpul!!")).await;
    let pong = framed.next_of(PING).await.unwrap();
    assert_eq!((pong.flags, pong.payload.as_slice()), (ACK, &b"simpul!!"[..]));
    let head = get(BOOK, &[("x-api-key", &credential())]);
    let (first, rest) = head.split_at(20);
    framed.write(&frame(HEADERS, END_STREAM, 101, first)).await;
    framed.write(&frame(CONTINUATION, END_HEADERS, 101, rest)).await;
    loop {
        let answer = framed.next_of(HEADERS).await.unwrap();
        if answer.stream == 101 {
            assert_eq!(status(&answer), 200);
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hp66_heads_and_streams_without_end_are_refused() {
    let world = office().await;
    // Larger than a head may be.
    let mut framed = Framed::open(&world.public).await;
    let long = "x".repeat(9_000);
    let more = get(BOOK, &[("x-a", &long)]);
    framed.write(&frame(HEADERS, END_STREAM, 1, &more)).await;
    framed
        .write(&frame(CONTINUATION, END_HEADERS, 1, &block(&[("x-b", &long)])))
        .await;
    let refused = framed.next_of(HEADERS).await;
    assert!(
        refused.is_none_or(|answer| status(&answer) != 200),
        "a head of 18 KB where 16 are allowed"
    );
    // More streams at once than are allowed: the bodies never come.
    let mut framed = Framed::open(&world.public).await;
    let post = block(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "simpul.invalid"),
        (":path", "/v1/perpustakaan/reservasi"),
        ("x-api-key", &credential()),
        ("content-type", "application/json"),
        ("content-length", "100"),
    ]);
    for n in 0..130 {
        framed.write(&frame(HEADERS, END_HEADERS, 2 * n + 1, &post)).await;
    }
    let refused = framed.next_of(RST_STREAM).await;
    assert!(
        refused.is_none_or(|reset| code(&reset) == REFUSED),
        "a stream beyond the limit"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hp66_floods_end_and_disturb_nobody() {
    let world = office().await;
    let reset = [read(1), frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes())].concat();
    let floods: [Flood; 5] = [
        (
            "calls reset as they begin",
            Box::new(move |n| {
                let mut bytes = reset.clone();
                let second = bytes.len() - 13;
                for at in [5, second + 5] {
                    bytes[at..at + 4].copy_from_slice(&(2 * n + 1).to_be_bytes());
                }
                bytes
            }),
            true,
        ),
        (
            "a head that never ends",
            Box::new(|n| match n {
                0 => frame(HEADERS, END_STREAM, 1, &get(BOOK, &[])),
                _ => frame(CONTINUATION, 0, 1, &block(&[("x-a", &"y".repeat(1_000))])),
            }),
            true,
        ),
        (
            "pieces of a head with nothing in them",
            Box::new(|n| match n {
                0 => frame(HEADERS, END_STREAM, 1, &get(BOOK, &[])),
                _ => frame(CONTINUATION, 0, 1, &[]),
            }),
            true,
        ),
        ("settings", Box::new(|n| frame(SETTINGS, 0, 0, &setting(3, n))), false),
        (
            "pings",
            Box::new(|n| frame(PING, 0, 0, &u64::from(n).to_be_bytes())),
            false,
        ),
    ];
    for (name, flood, ends) in floods {
        let mut framed = Framed::open(&world.public).await;
        let mut written = 0;
        while written < 20_000 && framed.write(&flood(written)).await {
            written += 1;
        }
        let (begun, ask) = (std::time::Instant::now(), call("GET", BOOK, &credential(), "", ""));
        assert_eq!(send(&world.public, ask).await.status, 200, "{name}");
        println!(
            "{name}: {written} frames taken; an ordinary call beside it {:?}",
            begun.elapsed()
        );
        assert!(begun.elapsed().as_secs() < 3, "{name}");
        if ends {
            let code = ending(&mut framed).await;
            assert!(
                code.is_none_or(|code| [CALM, PROTOCOL].contains(&code)),
                "{name}: {code:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hp62_a_connection_of_frames_says_farewell_and_answers_what_was_begun() {
    let world = world(|table| {
        hurried(table);
        crate::http::limited(table, "permintaan_koneksi", 3);
    })
    .await;
    let mut framed = Framed::open(&world.public).await;
    let all: Vec<u8> = (0..10).flat_map(|n| read(2 * n + 1)).collect();
    framed.write(&all).await;
    let (mut answered, mut farewell) = (0, false);
    while let Some(got) = framed.next().await {
        match got.kind {
            HEADERS => {
                assert_eq!(status(&got), 200);
                answered += 1;
            }
            // The other side waits until we have seen its first farewell.
            PING if got.flags & ACK == 0 => {
                framed.write(&frame(PING, ACK, 0, &got.payload)).await;
            }
            GOAWAY => {
                assert_eq!(code(&got), 0, "no error");
                farewell = true;
            }
            _ => {}
        }
    }
    assert!(farewell);
    assert_eq!(answered, 10, "none that was begun is lost");
}
