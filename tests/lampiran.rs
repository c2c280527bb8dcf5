//! Files over HTTP: what came in or was uploaded is fetched by its owner and nobody else, and large ones pass in bounded
//! memory all the way: in, sealed, out to a system, back from its store, and out to the consumer.
//!
//! Figures: `cargo test -p e2e --test lampiran large -- --nocapture`, another size by `SIMPUL_LAMPIRAN_MB`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use e2e::child::{Child, Lines};
use e2e::client::{Client, Reply, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{self, CONSUMER, Setup};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_simpul-uji");
/// Parallel files of the memory test.
const AT_ONCE: usize = 4;

fn pdf(seed: usize, size: usize) -> Bytes {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let block: Vec<u8> = (0..64 * 1024).map(|_| random.alphanumeric() as u8).collect();
    let mut body = format!("%PDF-1.7\n% {seed} ").into_bytes();
    while body.len() < size {
        body.extend_from_slice(&block[..block.len().min(size - body.len())]);
    }
    body.extend_from_slice(b"\n%%EOF\n");
    body.into()
}

fn sha256(content: &[u8]) -> String {
    let digest = digest(&SHA256, content);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn uploaded(client: &Client, gateway: &str, content: &Bytes) -> Value {
    let url = format!("{gateway}/v1/lampiran?nama_berkas=Surat%20%E2%80%9Cundangan%E2%80%9D.pdf");
    let reply = client.upload(&url, content.clone()).await.unwrap();
    assert_eq!(reply.status, 201, "{}", reply.json());
    reply.json()
}

fn letter(reference: &str, class: &str, file: &Value) -> Value {
    json!({
        "rujukan": reference, "asal_naskah": "Dinas Contoh", "nomor_naskah": "000.5.6.2/X /2026",
        "tanggal_naskah": "2026-02-12", "tanggal_diterima": "2026-02-13T09:15:00+07:00", "jenis_naskah": "surat_dinas",
        "sifat": class, "urgensi": "segera", "klasifikasi": "000.5.6.2", "hal": "Undangan rapat",
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

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Without what differs from one answer to the next.
fn told(reply: &Reply) -> (u16, Value) {
    let mut body = reply.json();
    body["instance"] = Value::Null;
    (reply.status, body)
}

/// The journal and its log hold a word of the evidence.
fn kept(setup: &Setup, word: &str) -> bool {
    let log = setup.path().join("jurnal.sqlite-wal");
    [setup.journal(), log].iter().any(|file| {
        let held = std::fs::read(file).unwrap_or_default();
        held.windows(word.len()).any(|part| part == word.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_back_as_it_went_to_its_owner_alone() {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let lines = Lines::default();
    let child = Child::start(Path::new(BINARY), &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    for (seed, size) in [(1, 3_000), (2, 1_900_000)] {
        let content = pdf(seed, size);
        let receipt = uploaded(&client, &child.gateway, &content).await;
        let url = format!("{}/v1/lampiran/{}", child.gateway, receipt["id"].as_str().unwrap());
        let whole = client.get(&url).await.unwrap();
        assert_eq!(whole.status, 200, "{}", whole.json());
        assert!(whole.body == content);
        let tag = format!("\"{}\"", sha256(&content));
        for (name, value) in [
            ("etag", tag.as_str()),
            ("content-type", "application/pdf"),
            (
                "content-disposition",
                "attachment; filename=\"Surat _undangan_.pdf\"; \
                 filename*=UTF-8''Surat%20%E2%80%9Cundangan%E2%80%9D.pdf",
            ),
            ("cache-control", "private, no-store"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("content-length", &content.len().to_string()),
        ] {
            assert_eq!(header(&whole, name), value, "{name}");
        }
        let known = client.get_with(&url, &[("if-none-match", &tag)]).await.unwrap();
        assert_eq!((known.status, known.body.len()), (304, 0));
        // The rest of a download that broke off, across pieces.
        let from = size / 3;
        let range = format!("bytes={from}-{}", size - 7);
        let rest = client
            .get_with(&url, &[("range", &range), ("if-range", &tag)])
            .await
            .unwrap();
        assert_eq!(rest.status, 206);
        assert_eq!(
            header(&rest, "content-range"),
            format!("bytes {from}-{}/{}", size - 7, content.len())
        );
        assert!(rest.body == content[from..=size - 7]);

        // Of another consumer, never been, no id at all: the same answer.
        let other = Client::new(&setup.keys()["kuota-kecil"]);
        let missing = format!(
            "{}/v1/lampiran/019c0000-0000-7000-8000-00000000000{seed}",
            child.gateway
        );
        let foreign = told(&other.get(&url).await.unwrap());
        assert_eq!(foreign, told(&client.get(&missing).await.unwrap()));
        assert_eq!(
            foreign,
            told(&client.get(&format!("{}/v1/lampiran/x", child.gateway)).await.unwrap())
        );
        assert_eq!((foreign.0, &foreign.1["code"]), (404, &json!("tidak-ditemukan")));
        // Without the right it is not even looked for.
        for who in ["tanpa-hak", "hak-berakhir"] {
            let barred = Client::new(&setup.keys()[who]);
            let there = told(&barred.get(&url).await.unwrap());
            assert_eq!((there.0, &there), (403, &told(&barred.get(&missing).await.unwrap())));
        }
        assert_eq!(Client::new("Bearer smp_x").get(&url).await.unwrap().status, 401);
        let digest = sha256(&content);
        until(Duration::from_secs(5), async || {
            let there = kept(&setup, &digest) && kept(&setup, "lampiran.unduh");
            there
                .then_some(())
                .ok_or_else(|| "no evidence of the reading".to_owned())
        })
        .await
        .unwrap();
    }
    let wrong = client
        .upload(
            &format!("{}/v1/lampiran", child.gateway),
            Bytes::from(vec![b'<'; 3_000_000]),
        )
        .await
        .unwrap();
    assert_eq!(wrong.status, 415);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_of_a_secret_letter_needs_that_right_each_time() {
    let neighbours = Neighbours::start().await.unwrap();
    let with = Setup::write(&neighbours, |_| {}).unwrap();
    // The same journal and keys, without the right.
    let without = with
        .sibling(|table| {
            for consumer in table["konsumen"].as_array_mut().unwrap() {
                let grants = consumer.get_mut("hak").and_then(toml::Value::as_array_mut);
                for grant in grants.into_iter().flatten() {
                    let operations = grant["operasi"].as_array_mut().unwrap();
                    operations.retain(|one| one.as_str() != Some("naskah.rahasia"));
                }
            }
        })
        .unwrap();
    let lines = Lines::default();
    let mut child = Child::start(Path::new(BINARY), &with, &lines, &[]).unwrap();
    let client = Client::new(&with.keys()[CONSUMER]);
    let mut fetched = Vec::new();
    for (seed, class) in [(1, "rahasia"), (2, "biasa")] {
        let file = uploaded(&client, &child.gateway, &pdf(seed, 700_000)).await;
        let body = letter(&format!("r-{seed}"), class, &file);
        let url = format!("{}/v1/naskah-masuk", child.gateway);
        let sent = client.post(&url, &[], &body).await.unwrap();
        assert_eq!(sent.status, 201, "{}", sent.json());
        let id = sent.json()["id"].as_str().unwrap().to_owned();
        let url = format!("{}/v1/naskah/{id}/file?bagian=naskah", child.gateway);
        let reply = client.get(&url).await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.json());
        let kept = reply.json()["berkas"]["id"].as_str().unwrap().to_owned();
        let seen = client
            .get(&format!("{}/v1/lampiran/{kept}", child.gateway))
            .await
            .unwrap();
        assert!(seen.status == 200 && seen.body == pdf(seed, 700_000));
        fetched.push(kept);
    }
    child.kill();
    let child = Child::start(Path::new(BINARY), &without, &lines, &[]).unwrap();
    let get = async |id: &str| {
        client
            .get(&format!("{}/v1/lampiran/{id}", child.gateway))
            .await
            .unwrap()
    };
    let refused = get(&fetched[0]).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (403, &json!("hak-tidak-ada"))
    );
    assert_eq!(get(&fetched[1]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_pass_in_bounded_memory() {
    let megabytes: usize = std::env::var("SIMPUL_LAMPIRAN_MB")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(50);
    let size = megabytes * 1_000_000;
    let neighbours = Neighbours::start().await.unwrap();
    neighbours.srikandi.with(|srikandi| srikandi.options.largest = 2 * size);
    let setup = Setup::write(&neighbours, |table| {
        let system = setup::system(table, "srikandi").unwrap();
        let patient: toml::Table = "pengiriman = { tenggat = \"60s\", percobaan = 3 }".parse().unwrap();
        system.extend(patient);
        let own = system
            .entry("pengaturan")
            .or_insert(toml::Value::Table(toml::Table::new()));
        let own = own.as_table_mut().unwrap();
        let file = own.entry("file").or_insert(toml::Value::Table(toml::Table::new()));
        file.as_table_mut()
            .unwrap()
            .insert("batas".into(), toml::Value::Integer(2 * size as i64));
    })
    .unwrap();
    let lines = Lines::default();
    let child = Child::start(Path::new(BINARY), &setup, &lines, &[]).unwrap();
    let gateway = &child.gateway;
    let client = Client::new(&setup.keys()[CONSUMER]).patient(Duration::from_secs(120));
    let contents: Vec<Bytes> = (0..AT_ONCE).map(|n| pdf(n, size)).collect();
    // One small round first: what every gateway needs counts for nothing.
    uploaded(&client, gateway, &pdf(99, 3_000)).await;
    let before = peak_kib(child.id());
    let began = Instant::now();
    let round = contents.iter().enumerate().map(async |(n, content)| {
        let file = uploaded(&client, gateway, content).await;
        assert_eq!(file["sha256"], sha256(content));
        let url = format!("{gateway}/v1/naskah-masuk");
        let sent = client
            .post(&url, &[], &letter(&format!("besar-{n}"), "biasa", &file))
            .await
            .unwrap();
        assert_eq!(sent.status, 201, "{}", sent.json());
        let id = sent.json()["id"].as_str().unwrap().to_owned();
        let url = format!("{gateway}/v1/naskah/{id}/file?bagian=naskah");
        let fetched = client.get(&url).await.unwrap();
        assert_eq!(fetched.status, 200, "{}", fetched.json());
        assert_eq!(fetched.json()["berkas"]["sha256"], sha256(content));
        let kept = fetched.json()["berkas"]["id"].as_str().unwrap().to_owned();
        let back = client.get(&format!("{gateway}/v1/lampiran/{kept}")).await.unwrap();
        assert!(back.status == 200 && back.body == *content);
    });
    join_all(round).await;
    let grown = peak_kib(child.id()).saturating_sub(before);
    println!(
        "{AT_ONCE} files of {megabytes} MB at once, in, out, back and down: {:.1} s, peak {before} KiB + {grown} KiB",
        began.elapsed().as_secs_f64()
    );
    // Most of it is the journal's cache. Whole in memory even once, the files would need twice as much.
    let bound = (AT_ONCE * size / 2 / 1024) as u64;
    assert!(megabytes < 50 || grown < bound, "memory grew by {grown} KiB");
}

/// Most memory that a process had at once.
fn peak_kib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
