//! A stretch of the city's year at speed: pushes out, statuses and licences in, memory of OSS small.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use serde_json::{Value, json};
use simulators::oss::{Oss, Plan};
use simulators::{Fault, Running};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::oss::{KEY, licence_body, start_with, status_body};

type Stored = Arc<Mutex<BTreeMap<String, u32>>>;

/// A receiver that stores each document once and says so.
async fn take(State(stored): State<Stored>, body: String) -> String {
    let body: Value = serde_json::from_str(&body).unwrap();
    let nib = &body["dataNIB"];
    let document = format!("{} {} {}", nib["nib"], nib["tipe_dokumen "], nib["tgl_perubahan_nib"]);
    *stored.lock().unwrap().entry(document).or_default() += 1;
    json!({"responreceiveNIB": {"status": "1", "keterangan": "Tersimpan"}}).to_string()
}

/// One kept connection to OSS, as a gateway holds it.
struct Line(TcpStream);

impl Line {
    async fn open(oss: &Running<Oss>) -> Self {
        Self(TcpStream::connect(oss.addr()).await.unwrap())
    }

    async fn call(&mut self, method: &str, body: &Value) -> Value {
        let body = body.to_string();
        let head = format!(
            "POST /v1/kl/rba/{method} HTTP/1.1\r\nhost: oss\r\nuser_key: {KEY}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.0.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut raw = Vec::new();
        loop {
            self.0.read_buf(&mut raw).await.unwrap();
            let text = String::from_utf8_lossy(&raw);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap();
            if body.len() >= length.parse().unwrap() {
                return serde_json::from_str(body).unwrap();
            }
        }
    }
}

async fn year(companies: u32) {
    let stored = Stored::default();
    let app = Router::new().fallback(take).with_state(Arc::clone(&stored));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let oss = start_with(|options| {
        options.city.companies = companies;
        options.push.target = Some(target);
    })
    .await;
    let pusher = oss.with(|oss| oss.pusher());
    let plan = Plan {
        parallel: 16,
        repeat: 0.05,
        burst: 0.02,
        update: 0.05,
        ..Default::default()
    };
    pusher.run(plan).await;
    assert_eq!(pusher.records().unacknowledged().count(), 0);
    assert_eq!(pusher.records().documents().len(), stored.lock().unwrap().len());

    oss.faults()
        .chance("receiveLicenseStatus", Fault::OkWithErrorBody, 0.01, 7);
    let city = oss.with(|oss| oss.city());
    let mut line = Line::open(&oss).await;
    let (mut statuses, mut licences) = (0u64, 0u64);
    for company in (1..=companies).map(|index| city.company(index).unwrap()) {
        for id in company.for_the_city() {
            let (_, permit) = company.permits().find(|(_, permit)| permit.id == id).unwrap();
            let journey = permit.journey(company.filed);
            for step in &journey {
                let body = status_body(&company, id, &step.kd_status, &step.tgl_status());
                // A refused status is sent again until it is taken: nothing was done.
                while line.call("receiveLicenseStatus", &body).await["responreceiveLicenseStatus"]["kode"] != 200 {}
                statuses += 1;
            }
            if journey.last().unwrap().kd_status == "50" {
                let taken = line.call("receiveLicense", &licence_body(&company, id, "")).await;
                let number = taken["responreceiveLicense"]["nomor_izin"].as_str().unwrap().to_owned();
                line.call("receiveLicense", &licence_body(&company, id, &number)).await;
                licences += 1;
            }
        }
    }
    let effects = oss.effects();
    assert_eq!(
        (&effects["statuses"], &effects["numbers_issued"]),
        (&json!(statuses), &json!(licences))
    );
    assert_eq!(effects["numbers_burnt"], 0);
    assert!(
        effects["wrong"].as_object().unwrap().values().all(|count| *count == 0),
        "{effects}"
    );
}

#[tokio::test]
async fn a_small_city_in_a_moment() {
    year(150).await;
}

#[tokio::test]
#[ignore = "a full year: 40,000 companies, some 350,000 statuses; run by hand"]
async fn a_year_of_a_large_city() {
    year(40_000).await;
}
