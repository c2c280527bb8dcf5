//! JSON as strict as the canonical model: what is validated is what is sent, and what could be read two ways is refused.

use crate::http::hurried;
use crate::wire::{Answer, call, send};
use crate::world::{World, created, key, world};
use e2e::client::complaint;
use serde_json::{Value, json};

const OFFICE: &str = "dinas-http";

async fn post(world: &World, kind: &str, more: &str, body: &[u8]) -> Answer {
    let mut bytes = format!(
        "POST /v1/pengaduan HTTP/1.1\r\nHost: a.invalid\r\nX-API-Key: {}\r\nContent-Type: {kind}\r\n{more}Content-Length: {}\r\n\r\n",
        key(OFFICE),
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    send(&world.public, bytes).await
}

fn with(name: &str, raw: &str) -> Vec<u8> {
    let text = complaint("LAKSA-JSON-1").to_string();
    format!("{{\"{name}\":{raw},{}", &text[1..]).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn js56_what_is_no_json_of_ours_is_refused_with_its_place() {
    let world = world(hurried).await;
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let many: String = (0..20_000).map(|n| format!("\"k{n}\":1,")).collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("null", b"null".to_vec()),
        ("scalar", b"7".to_vec()),
        ("list", b"[]".to_vec()),
        ("two values", [complaint("L-1").to_string().as_bytes(), b"{}"].concat()),
        ("comment", b"{/*a*/}".to_vec()),
        ("trailing comma", b"{\"tiket\":\"1\",}".to_vec()),
        ("key twice", with("tiket", "\"LAIN\"")),
        ("key twice, escaped", with("t\\u0069ket", "\"LAIN\"")),
        (
            "byte order mark",
            [b"\xef\xbb\xbf".as_slice(), complaint("L-2").to_string().as_bytes()].concat(),
        ),
        (
            "not UTF-8",
            with("judul_lain", "\"\u{0}\"")
                .into_iter()
                .map(|b| if b == 0 { 0xff } else { b })
                .collect(),
        ),
        ("lone surrogate", with("judul_lain", "\"\\ud800\"")),
        ("NaN", with("angka", "NaN")),
        ("leading zero", with("angka", "01")),
        ("twenty digits", with("angka", "98765432109876543210")),
        ("huge exponent", with("angka", "1e999")),
        ("seventeen decimals", with("angka", "0.12345678901234567")),
        ("deep", with("dalam", &deep)),
        ("many keys", format!("{{{many}\"z\":1}}").into_bytes()),
        ("control character", with("judul_lain", "\"a\u{1}b\"")),
    ];
    let mut taken = Vec::new();
    for (name, body) in cases {
        let answer = post(&world, "application/json", "", &body).await;
        let fit = matches!(answer.status, 400 | 422)
            && ["json-tidak-sah", "isi-tidak-sesuai"].contains(&answer.code().as_str());
        if !fit || answer.json()["landed"] != "no" {
            taken.push((name, answer.status, answer.code()));
        }
    }
    assert!(taken.is_empty(), "{taken:?}");
    let twice = post(&world, "application/json", "", &with("tiket", "\"LAIN\"")).await;
    assert_eq!(
        (twice.code().as_str(), &twice.json()["errors"][0]["pointer"]),
        ("json-tidak-sah", &json!("/tiket"))
    );
    assert!(created(&world).is_empty(), "nothing of it was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn js54_errors_name_every_place_and_repeat_no_value() {
    let world = world(hurried).await;
    let mut body = complaint("LAKSA-JSON-2");
    body["klasifikasi"] = json!("RAHASIA-3600000000000000");
    body["dikirim_pada"] = json!("RAHASIA-3600000000000000");
    body["anonim"] = Value::Null;
    let answer = post(&world, "application/json", "", body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 422);
    let mut places: Vec<String> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap().to_owned())
        .collect();
    places.sort();
    places.dedup();
    assert_eq!(
        places,
        ["/anonim", "/dikirim_pada", "/klasifikasi"],
        "{}",
        answer.json()
    );
    assert!(!String::from_utf8_lossy(&answer.body).contains("RAHASIA"));
}

#[tokio::test(flavor = "multi_thread")]
async fn js56_content_type_charset_and_coding_are_strict() {
    let world = world(hurried).await;
    let body = complaint("LAKSA-JSON-3").to_string();
    for (kind, more) in [
        ("text/plain", ""),
        ("text/json", ""),
        ("application/json; charset=iso-8859-1", ""),
        ("application/json; charset=utf-16", ""),
        ("application/xml", ""),
        ("application/json, text/html", ""),
        ("application/json", "Content-Type: application/json\r\n"),
        ("application/json", "Content-Encoding: gzip\r\n"),
        ("application/json", "Content-Encoding: identity, br\r\n"),
    ] {
        let answer = post(&world, kind, more, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (415, "jenis-isi-tidak-didukung"),
            "{kind} {more}"
        );
    }
    assert!(created(&world).is_empty());
    let answer = post(&world, "Application/JSON ; charset=\"UTF-8\"", "", body.as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn js53_text_arrives_as_it_was_sent() {
    let world = world(hurried).await;
    let text = "Lampu \u{1f4a1} \"padam\" \\ a\u{301} 1234.5600 \u{7f}";
    let mut body = complaint("LAKSA-JSON-4");
    body["isi"] = json!(text);
    let answer = post(&world, "application/json", "", body.to_string().as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let sent = created(&world);
    assert!(
        sent.iter()
            .any(|body| body.contains(json!(text).to_string().trim_matches('"'))),
        "{sent:#?}"
    );

    // Twenty digits and four decimals, there and back.
    let (long, money) = ("98765432109876543210", "687174554632.7098");
    let body = json!({"rujukan": long, "isbn": "9780000000002", "nomor_anggota": money}).to_string();
    let answer = send(
        &world.public,
        call("POST", "/v1/perpustakaan/reservasi", &key(OFFICE), "", &body),
    )
    .await;
    assert_eq!(
        (answer.status, &answer.json()["rujukan"]),
        (201, &json!(long)),
        "{}",
        answer.json()
    );
    let arrived = world.neighbours.library.requests();
    let arrived: Vec<_> = arrived
        .iter()
        .map(|r| String::from_utf8_lossy(&r.body).into_owned())
        .collect();
    assert!(
        arrived.iter().any(|body| body.contains(long) && body.contains(money)),
        "{arrived:?}"
    );
}
