//! The edge. A head goes through the server's own parser and rooms 3 to 5; of what passes, an independent reading must agree about
//! host, path and frame. Paths, queries, addresses and signatures also alone.

use super::{Target, nothing};
use bytes::Bytes;
use gateway::core::identity::keyring::Keyring;
use gateway::core::identity::signed::Signed;
use gateway::core::identity::tokens::is_token;
use gateway::http::probe;
use gateway::outbound::Target as Address;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub(super) const HEAD: Target = Target {
    name: "head",
    words: &[
        "Host: simpul.invalid\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding : chunked\r\n",
        "\n",
        "\r",
        " ",
        "0\r\n\r\n",
        "Expect: 100-continue\r\n",
        "/../",
        "%2f",
        "@",
    ],
    seeds: nothing,
    run: head,
};

pub(super) const TARGET: Target = Target {
    name: "target",
    words: &[
        "%2e", "%2F", "%5c", "%00", "//", "/..", "/./", ";", "%", "%zz", "%c0%af",
    ],
    seeds: nothing,
    run: target,
};

pub(super) const URL: Target = Target {
    name: "url",
    words: &[
        "https://",
        "http://",
        "@",
        "#",
        "?",
        "[::1]",
        "0x7f.1",
        "2130706433",
        ":443",
        "..",
        "%2f",
        "\\",
    ],
    seeds: nothing,
    run: url,
};

pub(super) const SIGNED: Target = Target {
    name: "signed",
    words: &["2026-01-02T03:04:05Z", "eyJhbGciOiJFZERTQSJ9", ".", "\n", "=="],
    seeds: nothing,
    run: signed,
};

fn head(input: &[u8]) -> String {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return "no runtime".to_owned();
    };
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&seen);
    let answer = runtime.block_on(async move {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let told = Arc::clone(&told);
            async move {
                let (parts, body) = request.into_parts();
                let passes = probe::head(&parts);
                if passes {
                    agrees(&parts);
                }
                // A body that breaks off ends the connection, not the service.
                let size = body.collect().await.map(|body| body.to_bytes().len());
                let word = format!("{} {passes} {}", parts.method, size.map_or(0, |n| n.min(9)));
                told.lock().unwrap_or_else(PoisonError::into_inner).push(word);
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
            }
        });
        let serving = http1::Builder::new()
            .max_buf_size(32 * 1024)
            .max_headers(100)
            .serve_connection(TokioIo::new(server), service);
        let calling = async {
            let sent = client.write_all(input).await.is_ok() && client.shutdown().await.is_ok();
            let mut answer = Vec::new();
            let _broken_off = client.read_to_end(&mut answer).await;
            (sent, answer)
        };
        let (_ended, (_sent, answer)) = tokio::join!(serving, calling);
        String::from_utf8_lossy(answer.get(9..12).unwrap_or_default()).into_owned()
    });
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    format!("{answer} {}", seen.join(","))
}

/// What rooms 3 to 5 let pass means one thing.
fn agrees(parts: &http::request::Parts) {
    let hosts: Vec<_> = parts.headers.get_all(http::header::HOST).iter().collect();
    // HTTP/1.0 may name none.
    assert!(
        hosts.len() == 1 || (hosts.is_empty() && parts.version == http::Version::HTTP_10),
        "one host"
    );
    assert!(
        hosts.iter().all(|host| !host.as_bytes().contains(&b'@')),
        "no user in the host"
    );
    let length = parts.headers.get_all(http::header::CONTENT_LENGTH).iter().count();
    let coded = parts.headers.contains_key(http::header::TRANSFER_ENCODING);
    assert!(length <= 1 || !coded, "two frames");
    climbs_nowhere(parts.uri.path());
}

fn climbs_nowhere(path: &str) {
    let decoded = probe::decode(path).expect("a path in normal form decodes");
    let parts = decoded.split(['/', '\\']);
    assert!(!parts.clone().any(|part| part == ".." || part == "."), "climbs");
    assert!(!decoded.contains('\0'), "holds a zero byte");
    assert_eq!(
        decoded.matches('/').count(),
        path.matches('/').count(),
        "an encoded slash"
    );
}

fn target(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return "not text".to_owned();
    };
    let normal = probe::is_normal(text);
    if normal {
        climbs_nowhere(text);
    }
    let fields = probe::form(text).map(|fields| fields.len());
    format!("{normal} {fields:?}")
}

fn url(input: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(input) else {
        return "not text".to_owned();
    };
    match Address::parse(text) {
        Ok(address) => {
            let host = address.host();
            assert!(
                !host.is_empty() && !host.contains(['@', '/', '?', '#', ' ', '\\']),
                "no host"
            );
            let other: http::Uri = text.parse().expect("another parser reads it, too");
            let named = other.host().unwrap_or_default();
            let named = named
                .trim_start_matches('[')
                .trim_end_matches(']')
                .trim_end_matches('.');
            let same = match (named.parse::<IpAddr>(), host.parse::<IpAddr>()) {
                (Ok(named), Ok(host)) => named == host,
                _ => named.eq_ignore_ascii_case(host.trim_end_matches('.')),
            };
            assert!(same, "two hosts");
            format!("ok {} {}", address.is_tls(), address.port() == 443)
        }
        Err(error) => format!("{error}"),
    }
}

/// Lines: partner, timestamp, external id, signature, method, target. Nobody signed, so nobody is let in.
fn signed(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let signed = Signed {
        partner: line(),
        timestamp: line(),
        external: line(),
        signature: line(),
        method: line(),
        target: line(),
        digest: [0; 32],
    };
    let keyring = Keyring::default();
    let now = "2026-01-02T03:04:05Z".parse().expect("a time");
    let nobody = HashMap::new();
    assert!(keyring.by_signature(&signed, &nobody, now).is_none(), "nobody signed");
    let token = is_token(&text);
    assert!(keyring.by_token(&text, &nobody, now).is_none(), "nobody issued it");
    format!("{token} {}", signed.text().len().min(200) / 20)
}
