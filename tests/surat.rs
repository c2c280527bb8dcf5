//! A month of letters through a neighbour that misbehaves: none lost, none doubled, dispositions of a letter in order, files
//! whole. And signatures: at most one per request whatever happens, and no passphrase or identity number in anything
//! the gateway writes.
//!
//! Full size: `SIMPUL_SURAT_NASKAH=5000 SIMPUL_SURAT_BITA=262144 cargo test -p e2e --test surat -- --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

use bytes::Bytes;
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::Fault;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const PASSPHRASE: &str = "Sandi-Ketat-9X7Q";
const WRONG: &str = "Sandi-Keliru-4Z2K";
const NIK: &str = "3671010101900000";
const DISPOSITIONS: usize = 4;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

fn letter(reference: &str, file: &Value) -> Value {
    json!({
        "rujukan": reference, "asal_naskah": "Dinas Contoh", "nomor_naskah": "000.5.6.2/X /2026",
        "tanggal_naskah": "2026-02-12", "tanggal_diterima": "2026-02-13T09:15:00+07:00", "jenis_naskah": "surat_dinas",
        "sifat": "biasa", "urgensi": "segera", "klasifikasi": "000.5.6.2", "hal": "Undangan rapat",
        "ringkasan": "Rapat koordinasi", "tujuan": ["jab-3671-0012"], "berkas_naskah": file,
        "arsip": {
            "nomor_arsip": "A-1", "pencipta": "Diskominfo", "kurun_waktu": "2026", "jumlah_arsip": "1 berkas",
            "keterangan": "baik", "pengelola": "Unit Kearsipan", "tingkat_perkembangan": "asli", "judul": "Undangan",
            "klasifikasi_akses": "terbuka", "kategori_arsip": "umum", "media": "elektronik", "bahasa": "Indonesia",
            "fungsi": "Kearsipan", "nama_berkas": "Rapat", "judul_berkas": "Rapat 2026", "status_arsip": "aktif",
            "status_berkas": "terbuka", "tanggal_berkas": "2026-02-13",
        },
    })
}

/// A PDF of about so many bytes that no other letter has.
fn pdf(seed: usize, size: usize) -> Bytes {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let mut body = format!("%PDF-1.7\n% {seed} ").into_bytes();
    body.extend((0..size).map(|_| random.alphanumeric() as u8));
    body.extend_from_slice(b"\n%%EOF\n");
    body.into()
}

async fn uploaded(client: &Client, gateway: &str, content: Bytes) -> Value {
    let reply = client
        .upload(&format!("{gateway}/v1/lampiran?nama_berkas=surat.pdf"), content)
        .await
        .unwrap();
    assert_eq!(reply.status, 201);
    reply.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_letters_through_faults() {
    let (letters, size) = (
        number("SIMPUL_SURAT_NASKAH", 150),
        number("SIMPUL_SURAT_BITA", 16 * 1024),
    );
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let lines = Lines::default();
    let mut child = Child::start(Path::new(env!("CARGO_BIN_EXE_simpul-uji")), &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    let gateway = child.gateway.clone();
    neighbours.srikandi.faults().storm(0.08, 7);
    let began = Instant::now();
    let asynchronous = [("prefer", "respond-async")];

    let mut digests = BTreeMap::new();
    for n in 0..letters {
        let file = uploaded(&client, &gateway, pdf(n, size)).await;
        digests.insert(file["sha256"].as_str().unwrap().to_owned(), n);
        let url = format!("{gateway}/v1/naskah-masuk");
        let reply = client
            .post(&url, &asynchronous, &letter(&format!("bulan-{n}"), &file))
            .await
            .unwrap();
        assert_eq!(reply.status, 202, "{}", reply.json());
    }
    let patience = Duration::from_secs(60 + letters as u64 / 5);
    until(patience, async || {
        let there = neighbours.srikandi.with(|srikandi| srikandi.letters().len());
        (there == letters)
            .then_some(())
            .ok_or_else(|| format!("{there} of {letters} letters"))
    })
    .await
    .unwrap();

    let ids: BTreeMap<String, String> = neighbours.srikandi.with(|srikandi| {
        let letters = srikandi.letters().values();
        letters
            .map(|letter| (letter.reference.clone(), letter.id.clone()))
            .collect()
    });
    for step in 0..DISPOSITIONS {
        for (reference, id) in &ids {
            let body = json!({
                "rujukan": format!("{reference}-{step}"), "naskah_id": id, "dari": "jab-3671-0012",
                "penerima": ["jab-3671-0031"], "instruksi": ["mohon_tindaklanjuti"],
            });
            let reply = client
                .post(&format!("{gateway}/v1/disposisi"), &asynchronous, &body)
                .await
                .unwrap();
            assert_eq!(reply.status, 202, "{}", reply.json());
        }
    }
    let wanted = letters * DISPOSITIONS;
    until(patience, async || {
        let there = neighbours.srikandi.with(|srikandi| srikandi.dispositions().len());
        (there == wanted)
            .then_some(())
            .ok_or_else(|| format!("{there} of {wanted} dispositions"))
    })
    .await
    .unwrap();

    let took = began.elapsed();
    let played = neighbours.srikandi.faults().fired();
    let memory = peak_kib(child.id());
    let effects = neighbours.srikandi.effects();
    let (mut seen, stored) = neighbours.srikandi.with(|srikandi| {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in srikandi.dispositions().values() {
            let reference = one.given["external_id"].as_str().unwrap_or_default().to_owned();
            seen.entry(one.letter.clone()).or_default().push(reference);
        }
        (seen, srikandi.digests())
    });
    assert_eq!(effects["doubles"], 0);
    assert_eq!(effects["registered_in"], letters);
    assert_eq!(effects["disposed"], wanted);
    for given in seen.values_mut() {
        let mut sorted = given.clone();
        sorted.sort();
        assert_eq!(*given, sorted, "dispositions of a letter out of order");
        assert_eq!(given.len(), DISPOSITIONS);
    }
    for (name, digest) in &stored {
        assert!(digests.contains_key(digest), "{name} is not a file that was sent");
    }
    assert!(stored.len() >= letters);
    println!(
        "{letters} letters with {wanted} dispositions, {size} bytes each, {:.1} s, faults {played}, peak {memory} KiB",
        took.as_secs_f64(),
        played = serde_json::to_string(&json!(played)).unwrap_or_default(),
    );
    child.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_above_terbatas_need_a_right_of_their_own() {
    let neighbours = Neighbours::start().await.unwrap();
    let with = Setup::write(&neighbours, |_| {}).unwrap();
    let without = with
        .sibling(|table| {
            let path = with.path().join("tanpa.sqlite").display().to_string();
            table["simpul"]["jurnal"]["berkas"] = toml::Value::String(path);
            for consumer in table["konsumen"].as_array_mut().unwrap() {
                let Some(grants) = consumer.get_mut("hak").and_then(toml::Value::as_array_mut) else {
                    continue;
                };
                for grant in grants {
                    let operations = grant["operasi"].as_array_mut().unwrap();
                    operations.retain(|one| one.as_str() != Some("naskah.rahasia"));
                }
            }
        })
        .unwrap();
    let lines = Lines::default();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let entitled = Child::start(binary, &with, &lines, &[]).unwrap();
    let barred = Child::start(binary, &without, &lines, &[]).unwrap();
    let client = Client::new(&with.keys()[CONSUMER]);
    let send = async |gateway: &str, reference: &str, class: &str| {
        let mut body = letter(reference, &uploaded(&client, gateway, pdf(9, 100)).await);
        body["sifat"] = json!(class);
        client
            .post(&format!("{gateway}/v1/naskah-masuk"), &[], &body)
            .await
            .unwrap()
    };
    assert_eq!(send(&barred.gateway, "r-0", "terbatas").await.status, 201);
    for class in ["rahasia", "sangat_rahasia"] {
        let refused = send(&barred.gateway, "r-1", class).await;
        assert_eq!(
            (refused.status, refused.json()["code"].clone()),
            (403, json!("hak-tidak-ada"))
        );
    }
    let secret = send(&entitled.gateway, "r-1", "rahasia").await;
    assert_eq!(secret.status, 201, "{}", secret.json());
    let id = secret.json()["id"].as_str().unwrap().to_owned();
    for path in [format!("naskah-masuk/{id}"), format!("naskah/{id}/file?bagian=naskah")] {
        let seen = client.get(&format!("{}/v1/{path}", entitled.gateway)).await.unwrap();
        let hidden = client.get(&format!("{}/v1/{path}", barred.gateway)).await.unwrap();
        assert_eq!((seen.status, hidden.status), (200, 403), "{path}");
    }
    let listed = async |gateway: &str| {
        let page = client.get(&format!("{gateway}/v1/naskah-masuk")).await.unwrap().json();
        page["butir"].as_array().unwrap().len()
    };
    assert_eq!((listed(&entitled.gateway).await, listed(&barred.gateway).await), (2, 1));
    // A class that no list knows is treated as secret, not as Biasa.
    neighbours.srikandi.with(|srikandi| {
        srikandi.relabel("nm-000001", "Penting");
    });
    let known = client
        .get(&format!("{}/v1/naskah-masuk/nm-000001", barred.gateway))
        .await
        .unwrap();
    assert_eq!(known.status, 403);
    assert_eq!(listed(&barred.gateway).await, 0);
}

fn request(reference: &str, file: &Value) -> Value {
    json!({"rujukan": reference, "nik": NIK, "berkas": file, "tampilan": {"jenis": "tidak_terlihat"}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_leave_no_trace_of_their_secret_and_are_never_made_twice() {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours
        .bsre
        .with(|bsre| bsre.options.signers.insert(NIK.to_owned(), PASSPHRASE.to_owned()));
    let setup = Setup::write(&neighbours, |table| {
        table["simpul"]["log"]["tingkat"] = toml::Value::String("trace".to_owned());
    })
    .unwrap();
    let lines = Lines::default();
    let binary = Path::new(env!("CARGO_BIN_EXE_simpul-uji"));
    let mut child = Child::start(binary, &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    let operator = Client::new(&setup.keys()[OPERATOR]);
    let url = format!("{}/v1/tte", child.gateway);
    let mut said: Vec<(String, String)> = Vec::new();
    let right = [("x-kata-sandi", PASSPHRASE)];

    let file = uploaded(&client, &child.gateway, pdf(1, 2000)).await;
    let done = client.post(&url, &right, &request("t-1", &file)).await.unwrap();
    assert_eq!(done.status, 201, "{}", done.json());
    said.push(("signed".into(), text(&done.body)));

    // A wrong passphrase is tried once, under either form of the error, and not again by the worker.
    for (n, sentences) in [false, true].into_iter().enumerate() {
        neighbours.bsre.with(|bsre| bsre.options.sentences = sentences);
        let file = uploaded(&client, &child.gateway, pdf(20 + n, 2000)).await;
        let wrong = [("x-kata-sandi", WRONG)];
        let refused = client
            .post(&url, &wrong, &request(&format!("t-2{n}"), &file))
            .await
            .unwrap();
        assert_eq!((refused.status, &refused.json()["retry"]["safe"]), (422, &json!(false)));
        said.push(("wrong passphrase".into(), text(&refused.body)));
    }
    // Not there at all: nothing was sent, nothing is tried later.
    neighbours
        .bsre
        .faults()
        .once("sign", Fault::Unavailable { retry_after: None });
    let file_3 = uploaded(&client, &child.gateway, pdf(3, 2000)).await;
    let absent = client.post(&url, &right, &request("t-3", &file_3)).await.unwrap();
    assert!(absent.status >= 500, "{}", absent.json());
    said.push(("absent".into(), text(&absent.body)));
    // Signed, but no answer: unknown, and nobody signs again.
    neighbours.bsre.faults().once("sign", Fault::HangUpAfterStoring);
    let file_4 = uploaded(&client, &child.gateway, pdf(4, 2000)).await;
    let lost = client.post(&url, &right, &request("t-4", &file_4)).await.unwrap();
    assert_eq!(lost.json()["landed"], "unknown");
    said.push(("lost".into(), text(&lost.body)));
    // Fetched only once, and the fetch is disturbed: fetched later, signed once.
    neighbours.bsre.with(|bsre| bsre.options.answers_id = true);
    for _ in 0..4 {
        neighbours
            .bsre
            .faults()
            .once("fetch", Fault::HtmlErrorPage { status: 502 });
    }
    let file_5 = uploaded(&client, &child.gateway, pdf(5, 2000)).await;
    let later = client.post(&url, &right, &request("t-5", &file_5)).await.unwrap();
    assert_eq!(later.json()["landed"], "unknown", "{}", later.json());
    until(Duration::from_secs(40), async || {
        let again = client.post(&url, &right, &request("t-5", &file_5)).await?;
        let state = (again.status == 201).then_some(());
        state.ok_or_else(|| format!("{} {}", again.status, again.json()))
    })
    .await
    .unwrap();
    neighbours.bsre.with(|bsre| bsre.options.answers_id = false);

    // Killed while the service signs: the holder after it looks, and never signs.
    neighbours.bsre.faults().once("sign", Fault::Slow { ms: 3000 });
    let file_6 = uploaded(&client, &child.gateway, pdf(6, 2000)).await;
    let body = request("t-6", &file_6);
    let (dying, address) = (client.clone(), url.clone());
    let hanging = tokio::spawn(async move { dying.post(&address, &[("x-kata-sandi", PASSPHRASE)], &body).await });
    until(Duration::from_secs(10), async || {
        let signed = neighbours.bsre.effects()["signed"].as_u64().unwrap_or(0);
        (signed >= 4).then_some(()).ok_or_else(|| format!("{signed} signed"))
    })
    .await
    .unwrap();
    child.kill();
    assert!(hanging.await.unwrap().is_err());
    let mut child = Child::start(binary, &setup, &lines, &[]).unwrap();

    for path in ["/metrics", "/admin/v1/antrean", "/admin/v1/pertukaran"] {
        let reply = operator.get(&format!("{}{path}", child.operator)).await.unwrap();
        said.push((path.to_owned(), text(&reply.body)));
        for row in reply.json()["butir"].as_array().into_iter().flatten() {
            let Some(id) = row["id"].as_str() else { continue };
            for part in ["", "/isi"] {
                let shown = operator
                    .get(&format!("{}/admin/v1/pertukaran/{id}{part}", child.operator))
                    .await
                    .unwrap();
                said.push((format!("admin {id}{part}"), text(&shown.body)));
            }
        }
    }
    child.kill();

    let effects = neighbours.bsre.effects();
    assert_eq!(effects["signed_twice"], 0);
    assert_eq!(
        (&effects["wrong_passphrases"], &effects["signed"]),
        (&json!(2), &json!(4))
    );
    let heard = neighbours
        .bsre
        .requests()
        .iter()
        .filter(|one| one.raw().contains(PASSPHRASE))
        .count();
    assert!(heard >= 4, "the service itself heard the passphrase {heard} times");

    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(lines.len() > 10);
    said.extend(lines.into_iter().map(|line| ("log line".to_owned(), line)));
    for entry in std::fs::read_dir(setup.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            said.push((path.display().to_string(), text(&std::fs::read(&path).unwrap())));
        }
    }
    let seeded = [PASSPHRASE, WRONG, NIK];
    for (place, said) in &said {
        let found: Vec<_> = seeded.iter().filter(|seed| said.contains(**seed)).collect();
        assert!(found.is_empty(), "{place} tells {} of the seeded secrets", found.len());
    }
    assert!(said.len() > 30, "{} places", said.len());
}

/// Most memory that a process had at once.
fn peak_kib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
