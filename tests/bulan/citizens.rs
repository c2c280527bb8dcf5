//! Citizens: each complaint is filed in LAKSA and sent until the gateway has said what became of it. What was refused
//! is sent again under a new key, as the application would do when its user presses the button again.

use super::{City, SEED};
use e2e::client::Reply;
use serde_json::{Value, json};
use simulators::laksa::{Complaint, Generator};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Complaints under way at once.
const AT_ONCE: usize = 48;
/// Looks after one complaint before the test gives up.
const LOOKS: usize = 600;

/// A complaint that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Report in LAPOR!.
    pub(crate) report: u64,
    /// Channel of origin.
    pub(crate) source: String,
    /// Files that belong to it.
    pub(crate) files: usize,
}

/// Sends all of them; by ticket, what became of each.
pub(crate) async fn complain(city: &Arc<City>) -> BTreeMap<String, Sent> {
    let month_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * 31);
    let made: Vec<Complaint> = Generator::new(SEED).starting(month_ago).take(city.complaints).collect();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    for (number, complaint) in made.into_iter().enumerate() {
        let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
        let city = Arc::clone(city);
        sending.spawn(async move {
            let sent = one(&city, number, complaint).await;
            drop(slot);
            sent
        });
    }
    sending.join_all().await.into_iter().collect()
}

async fn one(city: &City, number: usize, mut complaint: Complaint) -> (String, Sent) {
    // Nine in ten come from the app; the rest keep the channel they were made with.
    if !number.is_multiple_of(10) {
        complaint.canonical["sumber"] = json!("laksa");
    }
    city.neighbours.laksa.with(|laksa| laksa.file_complaint(&complaint));
    let mut body = complaint.canonical.clone();
    let anonymous = body["anonim"] == true;
    let mut receipts = Vec::new();
    for file in &complaint.files {
        // A document of an anonymous reporter cannot be cleaned; the app leaves it out.
        if anonymous && file.media_type == "application/pdf" {
            continue;
        }
        let name = file.name.replace(' ', "%20");
        let url = format!("{}/v1/lampiran?nama_berkas={name}", city.gateway);
        let receipt = city.client.upload(&url, file.body.clone()).await.unwrap();
        assert_eq!(receipt.status, 201, "{}", receipt.json());
        receipts.push(receipt.json());
    }
    let files = receipts.len();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("lampiran");
    }
    if files > 0 {
        body["lampiran"] = Value::Array(receipts);
    }
    let ticket = body["tiket"].as_str().unwrap().to_owned();
    let source = body["sumber"].as_str().unwrap().to_owned();
    let report = arrived(city, &ticket, &body).await;
    (ticket, Sent { report, source, files })
}

async fn arrived(city: &City, ticket: &str, body: &Value) -> u64 {
    let url = format!("{}/v1/pengaduan", city.gateway);
    let mut tries = 0;
    let mut last = String::new();
    for _ in 0..LOOKS {
        let key = format!("{ticket}-{tries}");
        let reply = city
            .client
            .post(&url, &[("idempotency-key", &key)], body)
            .await
            .unwrap();
        if let Some(report) = report(&reply) {
            return report;
        }
        let answer = reply.json();
        last = format!("{} {answer}", reply.status);
        match answer["code"].as_str() {
            // Refused for good: the reference is free, a new key begins anew.
            Some("sistem-menolak" | "sistem-menyimpang") if answer["landed"] == "no" => tries += 1,
            Some("isi-tidak-sesuai" | "rujukan-ganda" | "kunci-idempoten-beda") => panic!("{ticket}: {last}"),
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
    panic!("{ticket} never arrived: {last}")
}

fn report(reply: &Reply) -> Option<u64> {
    let body = reply.json();
    (reply.status == 201)
        .then(|| body["lapor"]["id_laporan"].as_str()?.parse().ok())
        .flatten()
}
