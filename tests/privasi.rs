//! An anonymous complaint whose reporter stands in every free text it has: nothing of it may appear in anything that
//! leaves the intake side, for the whole life of a gateway: requests upstream, log lines, metrics, errors, answers of
//! the operator port.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may"
)]

#[path = "privasi/campuran.rs"]
mod campuran;

use e2e::child::{Child, Lines};
use e2e::client::{Client, complaint, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::Fault;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

/// Pieces of the invented reporter that must appear nowhere. The NIK ends in `0000`: it is nobody's.
const IDENTITY: [&str; 7] = [
    "bagaskara",
    "umpamasari",
    "3671150708900000",
    "3671 1507 0890 0000",
    "081100098765",
    "0811-0009-8765",
    "bagaskara.77@contoh.invalid",
];

/// The whole body of a complaint in which people wrote who they are wherever they could.
fn telling(ticket: &str) -> Value {
    let mut body = complaint(ticket);
    body["judul"] = json!("Lapor dari Bagaskara Umpamasari 081100098765");
    body["isi"] = json!(
        "Saya Bagaskara Umpamasari (BAGASKARA  UMPAMASARI), NIK 3671150708900000 atau 3671 1507 0890 0000, surel \
         bagaskara.77@contoh.invalid, telepon 0811-0009-8765 dan +6281100098765. Lampu jalan padam."
    );
    body["lokasi"] = json!({
        "kode_wilayah": "36.71.05",
        "alamat": "Rumah Bagaskara Umpamasari, hubungi 081100098765 atau bagaskara.77@contoh.invalid",
    });
    body["pelapor"] = json!({
        "nama": "Bagaskara Umpamasari", "nik": "3671150708900000", "telepon": "081100098765",
        "email": "bagaskara.77@contoh.invalid",
    });
    body
}

fn with_files(mut body: Value) -> Value {
    body["lampiran"] = json!([{
        "id": "F-1", "nama_berkas": "KTP Bagaskara Umpamasari 3671150708900000.jpg", "tipe_media": "image/jpeg",
        "ukuran": 10, "sha256": "0".repeat(64),
    }]);
    body
}

/// Bad bodies whose errors must not repeat what was sent.
fn broken() -> Vec<Value> {
    let mut wrong_code = telling("P-9");
    wrong_code["kategori"] = json!("bagaskara_umpamasari");
    let mut wrong_type = telling("P-9");
    wrong_type["anonim"] = json!("Bagaskara Umpamasari");
    let mut unknown_field = telling("P-9");
    unknown_field["bagaskara umpamasari 081100098765"] = json!("bagaskara.77@contoh.invalid");
    let mut bad_reporter = telling("P-9");
    bad_reporter["pelapor"]["nik"] = json!("3671150708900000 Bagaskara");
    vec![wrong_code, wrong_type, unknown_field, bad_reporter]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_anonymous_reporter_appears_nowhere() {
    let neighbours = Neighbours::start().await.unwrap();
    // Everything that is logged at all.
    let setup = Setup::write(&neighbours, |table| {
        table["simpul"]["log"]["tingkat"] = toml::Value::String("trace".to_owned());
    })
    .unwrap();
    let lines = Lines::default();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let mut child = Child::start(binary, &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    let operator = Client::new(&setup.keys()[OPERATOR]);
    let url = format!("{}/v1/pengaduan", child.gateway);
    let mut said: Vec<(String, String)> = Vec::new();

    // Delivered at once; after an unknown outcome; after a refusal; in the background; with files.
    let faults = [
        None,
        Some(Fault::HangUpAfterStoring),
        Some(Fault::OkWithErrorBody),
        Some(Fault::HtmlErrorPage { status: 502 }),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        if let Some(fault) = fault {
            neighbours.lapor.faults().once("create", fault);
        }
        let reply = client.post(&url, &[], &telling(&format!("P-{number}"))).await.unwrap();
        said.push((format!("answer {number}"), text(&reply.body)));
    }
    let later = client
        .post(&url, &[("prefer", "respond-async")], &telling("P-4"))
        .await
        .unwrap();
    let files = client.post(&url, &[], &with_files(telling("P-5"))).await.unwrap();
    said.extend([
        ("later".to_owned(), text(&later.body)),
        ("files".to_owned(), text(&files.body)),
    ]);
    for (number, body) in broken().iter().enumerate() {
        for language in ["id", "en"] {
            let reply = client.post(&url, &[("accept-language", language)], body).await.unwrap();
            assert_eq!(reply.status, 422, "{number}");
            said.push((format!("error {number} {language}"), text(&reply.body)));
        }
    }

    // P-2 is refused for good, P-5 may be; the others arrive.
    until(Duration::from_secs(30), async || {
        let missing: Vec<&str> = ["P-0", "P-1", "P-3", "P-4"]
            .into_iter()
            .filter(|ticket| neighbours.lapor.with(|lapor| lapor.find(ticket).is_empty()))
            .collect();
        let answered = neighbours.laksa.with(|laksa| laksa.tickets().len());
        (missing.is_empty() && answered >= 4)
            .then_some(())
            .ok_or_else(|| format!("missing {missing:?}, {answered} in LAKSA"))
    })
    .await
    .unwrap();

    // What consumers and the operator can see of it all, then an orderly end.
    let refused = operator
        .post(&format!("{}/admin/v1/kirim-ulang", child.operator), &[], &json!({}))
        .await;
    said.push(("refused wish".to_owned(), text(&refused.unwrap().body)));
    let bound = operator
        .post(&format!("{}/admin/v1/bukti/ikatan", child.operator), &[], &json!({}))
        .await;
    assert_eq!(bound.unwrap().status, 200);
    for path in [
        "/metrics",
        "/readyz",
        "/admin/v1/antrean",
        "/admin/v1/pertukaran",
        "/admin/v1/bukti?rantai=main",
        "/admin/v1/bukti/ikatan",
        "/admin/v1/bukti/kunci",
    ] {
        let reply = operator.get(&format!("{}{path}", child.operator)).await.unwrap();
        assert_eq!(reply.status, 200, "{path}");
        said.push((path.to_owned(), text(&reply.body)));
        for row in reply.json()["butir"].as_array().into_iter().flatten() {
            let Some(id) = row["id"].as_str() else { continue };
            let own = client
                .get(&format!("{}/v1/pertukaran/{id}", child.gateway))
                .await
                .unwrap();
            let shown = operator
                .get(&format!("{}/admin/v1/pertukaran/{id}", child.operator))
                .await
                .unwrap();
            assert_eq!(shown.status, 200);
            said.extend([
                (format!("exchange {id}"), text(&own.body)),
                (format!("admin {id}"), text(&shown.body)),
            ]);
        }
    }
    child.kill();

    let upstream = neighbours.heard();
    assert!(upstream.len() >= 8, "the simulators heard {} requests", upstream.len());
    said.extend(upstream.into_iter().map(|request| ("upstream".to_owned(), request)));
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(lines.len() > 10, "the gateway wrote {} lines", lines.len());
    said.extend(lines.into_iter().map(|line| ("log line".to_owned(), line)));
    let journal = std::fs::read(setup.journal()).unwrap();
    said.push(("journal on disk".to_owned(), text(&journal)));

    // Credentials neither: of the consumer, of the operator, and the keys beside the journal.
    let mut secrets = vec![setup.keys()[CONSUMER].clone(), setup.keys()[OPERATOR].clone()];
    for name in ["kunci-induk", "kunci-bukti"] {
        secrets.push(
            std::fs::read_to_string(setup.journal().with_file_name(name))
                .unwrap()
                .trim()
                .to_owned(),
        );
    }
    for (place, said) in &said {
        assert!(
            secrets.iter().all(|secret| !said.contains(secret)),
            "{place} tells a credential"
        );
    }

    let leaks: Vec<String> = said.iter().filter_map(|(place, said)| leak(place, said)).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn leak(place: &str, said: &str) -> Option<String> {
    leak_of(place, said, IDENTITY.into_iter())
}

fn leak_of<'a>(place: &str, said: &str, pieces: impl Iterator<Item = &'a str>) -> Option<String> {
    let lower = said.to_lowercase();
    let found: Vec<&str> = pieces.filter(|piece| lower.contains(piece)).collect();
    let shown: String = said.chars().take(400).collect();
    (!found.is_empty()).then(|| format!("{place} tells {found:?}: {shown}"))
}
