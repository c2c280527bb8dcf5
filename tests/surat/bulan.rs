//! A month of letters through a neighbour that misbehaves: none lost, none doubled, dispositions of a letter in order, files
//! whole. Some of them are signed on the way. At the end everything that the run gave out or wrote down is searched for the
//! passphrases and identity numbers that were put in.

use crate::{BINARY, letter, number, pdf, text, uploaded};
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::json;
use simulators::Fault;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const DISPOSITIONS: usize = 4;
/// Every so many letters one is signed.
const SIGNED: usize = 10;
/// Most memory of the gateway, whatever the number of letters.
const MOST_KIB: u64 = 300 * 1024;
const NIK: &str = "3671010101920000";
const OF_A_SENDER: &str = "3671015502870000";
const PASSPHRASE: &str = "Sandi-Bulan-6P3R";
const WRONG: &str = "Sandi-Lupa-1D9V";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_letters_through_faults() {
    let (letters, size) = (
        number("SIMPUL_SURAT_NASKAH", 150),
        number("SIMPUL_SURAT_BITA", 16 * 1024),
    );
    let neighbours = Neighbours::start().await.unwrap();
    neighbours
        .srikandi
        .with(|srikandi| srikandi.options.keeps_files = false);
    neighbours
        .bsre
        .with(|bsre| bsre.options.signers.insert(NIK.to_owned(), PASSPHRASE.to_owned()));
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let lines = Lines::default();
    let mut child = Child::start(Path::new(BINARY), &setup, &lines, &[]).unwrap();
    let client = Client::new(&setup.keys()[CONSUMER]);
    let gateway = child.gateway.clone();
    neighbours.srikandi.faults().storm(0.08, 7);
    for (at, fault) in [
        Fault::HangUpAfterStoring,
        Fault::HangUpBeforeStoring,
        Fault::OkWithErrorBody,
    ]
    .into_iter()
    .enumerate()
    {
        neighbours.bsre.faults().chance("*", fault, 0.1, 11 + at as u64);
    }
    let began = Instant::now();
    let asynchronous = [("prefer", "respond-async")];

    let mut said: Vec<(String, String)> = Vec::new();
    let mut digests = BTreeMap::new();
    for n in 0..letters {
        let file = uploaded(&client, &gateway, pdf(n, size)).await;
        digests.insert(file["sha256"].as_str().unwrap().to_owned(), n);
        let url = format!("{gateway}/v1/naskah-masuk");
        let mut body = letter(&format!("bulan-{n}"), &file);
        body["nama_pengirim"] = json!("Siti Contoh");
        body["ringkasan"] = json!(format!("Permohonan warga dengan NIK {OF_A_SENDER}"));
        let reply = client.post(&url, &asynchronous, &body).await.unwrap();
        assert_eq!(reply.status, 202, "{}", reply.json());
        if n % SIGNED == 0 {
            let body = json!({"rujukan": format!("bulan-tte-{n}"), "nik": NIK, "berkas": file, "tampilan": {"jenis": "tidak_terlihat"}});
            let secret = if n % (5 * SIGNED) == 0 { WRONG } else { PASSPHRASE };
            let signed = client
                .post(&format!("{gateway}/v1/tte"), &[("x-kata-sandi", secret)], &body)
                .await
                .unwrap();
            said.push((format!("signature {n}"), text(&signed.body)));
        }
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
                "pesan": format!("Hubungi pemohon {OF_A_SENDER}"),
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
    assert_eq!(neighbours.bsre.effects()["signed_twice"], 0);
    assert!(neighbours.bsre.effects()["signed"].as_u64() > Some(0));
    assert!(memory < MOST_KIB, "{memory} KiB at most");
    let operator = Client::new(&setup.keys()[OPERATOR]);
    said.extend(shown(&operator, &child.operator).await);
    println!(
        "{letters} letters with {wanted} dispositions, {size} bytes each, {:.1} s, faults {played}, peak {memory} KiB",
        took.as_secs_f64(),
        played = serde_json::to_string(&json!(played)).unwrap_or_default(),
    );
    child.kill();
    let lines = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(lines.len() > letters, "{} lines", lines.len());
    said.extend(
        lines
            .into_iter()
            .map(|line| ("standard output or error".to_owned(), line)),
    );
    let seeded = [NIK, OF_A_SENDER, PASSPHRASE, WRONG];
    for (place, said) in &said {
        let found = seeded.iter().filter(|seed| said.contains(**seed)).count();
        assert_eq!(found, 0, "{place} tells {found} of what was put in");
    }
    let (files, bytes) = searched(setup.path(), &seeded);
    println!(
        "searched: {} answers and lines, {files} files of {bytes} bytes: none of what was put in",
        said.len()
    );
    assert!(said.len() > 2 * letters && files >= 2 && bytes > letters * size);
}

/// Everything the operator port shows of the run: metrics, every queue and trouble, every exchange and what can be seen of its
/// body, the whole of the evidence, the report.
async fn shown(operator: &Client, base: &str) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for path in [
        "/metrics",
        "/admin/v1/antrean",
        "/admin/v1/masalah",
        "/admin/v1/masalah/berkas",
        "/admin/v1/laporan/spbe",
        "/admin/v1/sistem",
    ] {
        let reply = operator.get(&format!("{base}{path}")).await.unwrap();
        said.push((path.to_owned(), text(&reply.body)));
    }
    let chains = operator.get(&format!("{base}/admin/v1/bukti")).await.unwrap().json();
    let chain = chains["rantai"][0].as_str().unwrap().to_owned();
    let lists = [
        ("pertukaran", "jumlah=200".to_owned(), "kursor"),
        ("bukti", format!("rantai={chain}"), "setelah"),
    ];
    for (list, query, cursor) in lists {
        let (mut after, mut seen) = (String::new(), 0);
        loop {
            let reply = operator
                .get(&format!("{base}/admin/v1/{list}?{query}{after}"))
                .await
                .unwrap();
            assert_eq!(reply.status, 200, "{list}: {}", reply.json());
            let page = reply.json();
            said.push((list.to_owned(), text(&reply.body)));
            for row in page["butir"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|_| list == "pertukaran")
            {
                seen += 1;
                // Every one is listed; one in fifty, and every one that did not just succeed, is opened.
                let Some(id) = row["id"]
                    .as_str()
                    .filter(|_| seen % 50 == 1 || row["keadaan"] != "terkirim")
                else {
                    continue;
                };
                for part in ["", "/isi"] {
                    let one = operator
                        .get(&format!("{base}/admin/v1/pertukaran/{id}{part}"))
                        .await
                        .unwrap();
                    said.push((format!("pertukaran {id}{part}"), text(&one.body)));
                }
            }
            let Some(next) = page["berikut"].as_i64() else { break };
            after = format!("&{cursor}={next}");
        }
    }
    said
}

/// Searches every file below a folder for what was put in, piece by piece; how many files and bytes there were.
fn searched(folder: &Path, seeded: &[&str]) -> (usize, usize) {
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let (more, larger) = searched(&path, seeded);
            files += more;
            bytes += larger;
            continue;
        }
        files += 1;
        let mut file = std::fs::File::open(&path).unwrap();
        let (mut held, mut piece) = (Vec::new(), vec![0; 1 << 20]);
        loop {
            let read = file.read(&mut piece).unwrap();
            if read == 0 {
                break;
            }
            bytes += read;
            held.extend_from_slice(&piece[..read]);
            for seed in seeded {
                let seed = seed.as_bytes();
                // By the first byte, so that gigabytes can be searched.
                let mut rest = held.as_slice();
                while let Some(at) = rest.iter().position(|byte| *byte == seed[0]) {
                    rest = &rest[at..];
                    assert!(!rest.starts_with(seed), "{} holds what was put in", path.display());
                    rest = &rest[1..];
                }
            }
            // What may straddle two pieces.
            held.drain(..held.len().saturating_sub(32));
        }
    }
    (files, bytes)
}

/// Most memory that a process had at once.
fn peak_kib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
