//! A month of letters through a neighbour that misbehaves: none lost, none doubled, dispositions of a letter in order, files
//! whole.

use crate::{BINARY, letter, number, pdf, uploaded};
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, Setup};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

const DISPOSITIONS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_letters_through_faults() {
    let (letters, size) = (
        number("SIMPUL_SURAT_NASKAH", 150),
        number("SIMPUL_SURAT_BITA", 16 * 1024),
    );
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let lines = Lines::default();
    let mut child = Child::start(Path::new(BINARY), &setup, &lines, &[]).unwrap();
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

/// Most memory that a process had at once.
fn peak_kib(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
