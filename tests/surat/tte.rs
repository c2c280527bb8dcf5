//! Signatures: at most one per request whatever happens, and no passphrase or identity number in anything the gateway writes.

use crate::{BINARY, pdf, text, uploaded};
use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::Fault;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

const PASSPHRASE: &str = "Sandi-Ketat-9X7Q";
const WRONG: &str = "Sandi-Keliru-4Z2K";
const NIK: &str = "3671010101900000";

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
    let binary = Path::new(BINARY);
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
