//! The licensing office: it hears of every NIB from its subscription; then every application the city decides goes its way, state by state, and what is approved gets its
//! licence. Each intent is sent until the gateway has taken it on. One application in ten is left undecided.

use super::City;
use e2e::izin::{licence, state, word};
use serde_json::{Value, json};
use simulators::oss::Company;
use simulators::oss::city::Step;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// Officers at work.
const OFFICERS: u32 = 24;
/// Tries of one intent before the test gives up; between them a gateway may come back.
const TRIES: u32 = 3_000;
/// Set when everything was taken on.
pub(crate) static DONE: AtomicBool = AtomicBool::new(false);

/// What OSS must have in the end.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// States by application, oldest first.
    pub(crate) states: BTreeMap<String, Vec<Step>>,
    /// Licences issued.
    pub(crate) licences: u64,
}

/// Reports everything; what OSS must have.
pub(crate) async fn report_all(city: &Arc<City>, subscription: &str) -> Wanted {
    let (told, heard) = mpsc::channel(1000);
    let listening = tokio::spawn(listen(Arc::clone(city), subscription.to_owned(), told));
    let heard = Arc::new(Mutex::new(heard));
    let mut officers = JoinSet::new();
    for _ in 0..OFFICERS {
        let (city, heard) = (Arc::clone(city), Arc::clone(&heard));
        officers.spawn(async move {
            let mut wanted = Wanted::default();
            loop {
                let Some(nib) = heard.lock().await.recv().await else {
                    return wanted;
                };
                let company = city.neighbours.oss.with(|oss| oss.city()).by_nib(&nib).unwrap();
                for id in company.for_the_city() {
                    one(&city, &company, id, &mut wanted).await;
                }
            }
        });
    }
    let mut all = Wanted::default();
    for wanted in officers.join_all().await {
        all.states.extend(wanted.states);
        all.licences += wanted.licences;
    }
    listening.await.unwrap();
    DONE.store(true, Ordering::Relaxed);
    all
}

/// Passes on each NIB when it is first told of, until all have been.
async fn listen(city: Arc<City>, subscription: String, told: mpsc::Sender<String>) {
    let (mut known, mut after) = (BTreeSet::new(), 0);
    while known.len() < city.companies as usize {
        let url = format!(
            "{}/v1/peristiwa?langganan={subscription}&setelah={after}&batas=500",
            city.node.public()
        );
        let page = match city.client.get(&url).await {
            Ok(reply) if reply.status == 200 => reply.json(),
            // The gateway has just been killed, or is not up again yet.
            _ => Value::Null,
        };
        for row in page["butir"].as_array().into_iter().flatten() {
            let nib = row["peristiwa"]["subject"].as_str().unwrap().to_owned();
            if known.insert(nib.clone()) {
                told.send(nib).await.unwrap();
            }
        }
        after = page["posisi"].as_i64().unwrap_or(after);
        if page["lagi"] != true {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn one(city: &City, company: &Company, id: &str, wanted: &mut Wanted) {
    let (_, permit) = company.permits().find(|(_, permit)| permit.id == id).unwrap();
    let mut journey = permit.journey(company.filed);
    let dice = id
        .bytes()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    if dice.is_multiple_of(10) {
        journey.truncate(1 + (dice / 10) as usize % (journey.len() - 1));
    }
    let mut before: Option<&Step> = None;
    for (number, step) in journey.iter().enumerate() {
        let mut body = state(company, id, step);
        if let Some(before) = before {
            body["status_sebelum"] = json!(word(&before.kd_status));
        }
        taken_on(city, "/v1/izin/status", &format!("{id}-{number}"), &body).await;
        before = Some(step);
    }
    if journey.last().unwrap().kd_status == "50" {
        taken_on(city, "/v1/izin", &format!("{id}-izin"), &licence(company, id)).await;
        wanted.licences += 1;
    }
    wanted.states.insert(id.to_owned(), journey);
}

async fn taken_on(city: &City, path: &str, key: &str, body: &Value) {
    let headers = [("idempotency-key", key), ("prefer", "respond-async")];
    let mut last = String::new();
    for _ in 0..TRIES {
        match city
            .client
            .post(&format!("{}{path}", city.node.public()), &headers, body)
            .await
        {
            Ok(reply) if reply.status < 300 => return,
            // Taken on before the gateway was killed, and worked on now.
            Ok(reply) if reply.json()["code"] == "sedang-diproses" => return,
            Ok(reply) if reply.status < 500 && reply.status != 429 => {
                panic!("{key}: {} {}", reply.status, reply.json())
            }
            Ok(reply) => last = format!("{} {}", reply.status, reply.json()),
            Err(why) => last = why,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{key} was never taken on: {last}")
}
