//! What OSS pushes: taken once, acknowledged only when durable, told to subscribers; forged, stale and foreign pushes
//! turned away; a `kill -9` at every step of the journal loses and doubles nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

use e2e::child::{Child, Lines};
use e2e::client::{Client, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, OPERATOR, Setup};
use serde_json::{Value, json};
use simulators::oss::{Method, Outcome, Pusher, Revision, TokenForm};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use toml::Table;

const WITHIN: Duration = Duration::from_secs(20);

struct World {
    neighbours: Neighbours,
    pusher: Arc<Pusher>,
    gateway: Inside,
    public: String,
    operator: String,
    consumer: Client,
    person: Client,
    /// Its folder holds the journal.
    _setup: Setup,
}

async fn world(change: impl FnOnce(&mut Table)) -> World {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, change).unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    let targets = gateway.targets(&setup, &neighbours);
    World {
        pusher: neighbours.oss.with(|oss| oss.pusher()),
        consumer: Client::new(&setup.keys()[CONSUMER]),
        person: Client::new(&setup.keys()[OPERATOR]),
        public: targets.gateway,
        operator: targets.operator,
        neighbours,
        gateway,
        _setup: setup,
    }
}

impl World {
    async fn push(&self, index: u32, revision: Revision) -> Outcome {
        let push = self.pusher.prepare(Method::Nib, index, revision).unwrap();
        self.pusher.push(&push).await.outcome
    }

    /// Exchanges of the NIB push, by state.
    async fn stored(&self) -> Vec<String> {
        stored(&self.person, &self.operator).await.unwrap()
    }

    async fn all_done(&self, count: usize) {
        let wanted = vec!["terkirim".to_owned(); count];
        until(WITHIN, async || {
            let found = stored(&self.person, &self.operator).await?;
            (found == wanted).then_some(()).ok_or(format!("{found:?}"))
        })
        .await
        .unwrap();
    }

    async fn subscribe(&self, kinds: &[&str]) -> String {
        let wish = json!({"nama": "uji", "jenis": kinds, "moda": "tarik"});
        let reply = self
            .consumer
            .post(&format!("{}/v1/langganan", self.public), &[], &wish)
            .await;
        let reply = reply.unwrap();
        assert_eq!(reply.status, 201, "{:?}", reply.body);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    async fn events(&self, subscription: &str) -> Vec<Value> {
        let url = format!("{}/v1/peristiwa?langganan={subscription}&setelah=0", self.public);
        let page = self.consumer.get(&url).await.unwrap().json();
        let rows = page["butir"].as_array().cloned().unwrap_or_default();
        rows.into_iter().map(|row| row["peristiwa"].clone()).collect()
    }

    async fn metric(&self, line: &str) -> bool {
        let text = self
            .person
            .get(&format!("{}/metrics", self.operator))
            .await
            .unwrap()
            .body;
        String::from_utf8_lossy(&text).lines().any(|found| found == line)
    }
}

async fn stored(person: &Client, operator: &str) -> Result<Vec<String>, String> {
    let url = format!("{operator}/admin/v1/pertukaran?operasi=masuk.oss.receiveNIB&jumlah=200");
    let list = person.get(&url).await?.json();
    let rows = list["butir"].as_array().cloned().ok_or_else(|| list.to_string())?;
    Ok(rows
        .iter()
        .map(|row| row["keadaan"].as_str().unwrap_or_default().to_owned())
        .collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_is_taken_once_and_told_with_its_applications() {
    let world = world(|_| {}).await;
    let nibs = world.subscribe(&["nib.diterima"]).await;
    let applications = world.subscribe(&["permohonan.diterima"]).await;
    // At the same moment, then again: one push.
    let mut together = JoinSet::new();
    for _ in 0..8 {
        let pusher = Arc::clone(&world.pusher);
        together.spawn(async move {
            let push = pusher.prepare(Method::Nib, 1, Revision::ORIGINAL).unwrap();
            pusher.push(&push).await
        });
    }
    for ack in together.join_all().await {
        assert_eq!((ack.outcome, ack.http, ack.documented), (Outcome::Stored, 200, true));
        assert!(ack.took_us < 1_000_000, "{} µs", ack.took_us);
    }
    assert_eq!(world.push(1, Revision::ORIGINAL).await, Outcome::Stored);
    world.all_done(1).await;
    // A changed push is an update.
    assert_eq!(world.push(1, Revision::update(1)).await, Outcome::Stored);
    world.all_done(2).await;
    let told = world.events(&nibs).await;
    let kinds: Vec<_> = told.iter().map(|event| event["data"]["tipe_dokumen"].clone()).collect();
    assert_eq!(kinds, ["asli", "perubahan"]);
    assert_eq!(told[0]["subject"], told[1]["subject"]);
    assert_eq!((&told[0]["urutan"], &told[1]["urutan"]), (&json!(1), &json!(2)));
    let wanted: usize = told
        .iter()
        .flat_map(|event| event["data"]["permohonan"].as_array().unwrap())
        .filter(|row| row["tindakan"] == "Y")
        .count();
    let applied = world.events(&applications).await;
    assert!(wanted > 0 && applied.len() == wanted, "{} of {wanted}", applied.len());
    for event in &applied {
        assert_eq!(event["subject"], event["data"]["permohonan"]["id_izin"]);
        assert_eq!(event["data"]["nib"], told[0]["data"]["nib"]);
        assert!(event["data"]["oss_id"].is_string());
    }
    assert!(
        world
            .metric("simpul_pushes_total{operation=\"masuk.oss.receiveNIB\",outcome=\"new\"} 2")
            .await
    );
    assert!(
        world
            .metric("simpul_pushes_total{operation=\"masuk.oss.receiveNIB\",outcome=\"repeated\"} 8")
            .await
    );
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_and_stale_pushes_leave_nothing_behind() {
    let world = world(|_| {}).await;
    let honest = world.pusher.prepare(Method::Nib, 2, Revision::ORIGINAL).unwrap();
    for token in [
        TokenForm::Forged,
        TokenForm::Absent,
        TokenForm::Unhashed,
        TokenForm::Npwp,
    ] {
        let mut push = honest.clone();
        push.token = Some(token);
        let ack = world.pusher.push(&push).await;
        assert_eq!((ack.outcome, ack.http), (Outcome::NotStored, 401), "{token:?}");
    }
    for shift in [-2, 2] {
        world.pusher.rule().token.day_shift = shift;
        assert_eq!(world.pusher.push(&honest).await.http, 401, "{shift} days");
    }
    world.pusher.rule().token.day_shift = 0;
    assert!(world.stored().await.is_empty());
    assert_eq!(world.pusher.push(&honest).await.outcome, Outcome::Stored);
    world.all_done(1).await;
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_source_is_turned_away_before_its_body_is_read() {
    let world = world(|table| {
        for system in table["sistem"].as_array_mut().unwrap() {
            if system["id"].as_str() == Some("oss") {
                system["pengaturan"]["masuk"]["sumber"] = toml::Value::Array(vec!["203.0.113.0/24".into()]);
            }
        }
    })
    .await;
    let honest = world.pusher.prepare(Method::Nib, 3, Revision::ORIGINAL).unwrap();
    let ack = world.pusher.push(&honest).await;
    assert_eq!((ack.outcome, ack.http), (Outcome::NotStored, 403));
    // A body that is announced and never sent costs nothing: the answer comes at once.
    let address = world.public.strip_prefix("http://").unwrap();
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /masuk/oss/receiveNIB HTTP/1.1\r\nhost: uji.invalid\r\ncontent-length: 30000000\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut line, head.as_bytes())
        .await
        .unwrap();
    let mut answer = [0; 12];
    let reading = tokio::io::AsyncReadExt::read_exact(&mut line, &mut answer);
    tokio::time::timeout(Duration::from_secs(2), reading)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403");
    assert!(world.stored().await.is_empty());
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misspelt_envelopes_and_paths_are_taken() {
    let world = world(|table| {
        for system in table["sistem"].as_array_mut().unwrap() {
            if system["id"].as_str() == Some("oss") {
                let paths = toml::Value::Array(vec!["/oss/receiveNib".into()]);
                let paths = [("receiveNIB".to_owned(), paths)].into_iter().collect();
                system["masuk"]
                    .as_table_mut()
                    .unwrap()
                    .insert("alamat".into(), toml::Value::Table(paths));
            }
        }
    })
    .await;
    let quirks = simulators::oss::Quirks {
        misspelled_push: true,
        ..Default::default()
    };
    world.neighbours.oss.with(|oss| oss.set_quirks(quirks));
    {
        let mut rule = world.pusher.rule();
        rule.target = Some(world.public.clone());
        rule.paths.insert("receiveNIB".into(), "/oss/receiveNib".into());
    }
    for index in 1..=6 {
        assert_eq!(world.push(index, Revision::ORIGINAL).await, Outcome::Stored, "{index}");
    }
    world.all_done(6).await;
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_translated_waits_for_a_person() {
    let world = world(|_| {}).await;
    // The NIB is there, so the sender is proven; the rest is no application of anybody.
    let broken = json!({"nib": "0999000000017", "data_checklist": "rusak", "tipe_dokumen": 7});
    let mut push = world.pusher.prepare_given(Method::Nib, &broken);
    push.body = push.body.slice(..push.body.len() - 1);
    let ack = world.pusher.push(&push).await;
    assert_eq!(ack.outcome, Outcome::Stored);
    until(WITHIN, async || {
        let found = world.stored().await;
        (found == ["gagal"]).then_some(()).ok_or(format!("{found:?}"))
    })
    .await
    .unwrap();
    let url = format!("{}/admin/v1/pertukaran?operasi=masuk.oss.receiveNIB", world.operator);
    let list = world.person.get(&url).await.unwrap().json();
    let id = list["butir"][0]["id"].as_str().unwrap().to_owned();
    let shown = world
        .person
        .get(&format!("{}/admin/v1/pertukaran/{id}", world.operator))
        .await
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.body);
    assert!(!shown.contains(&push.nib), "{shown}");
    world.gateway.stop().await.unwrap();
}

/// Steps of the writer of the embedded journal.
const STEPS: [&str; 5] = [
    "before_begin",
    "after_exec",
    "before_commit",
    "after_commit",
    "before_answer",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_step_loses_and_doubles_nothing() {
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |_| {}).unwrap();
    let (binary, lines) = (Path::new(env!("CARGO_BIN_EXE_simpul-uji")), Lines::default());
    let pusher = neighbours.oss.with(|oss| oss.pusher());
    let (mut index, mut unanswered) = (0, 0);
    for step in STEPS {
        for number in [1, 2, 3] {
            index += 1;
            // Steps are counted from the push on: what a start writes is not meant.
            let trigger = setup.path().join(format!("pemicu-{index}"));
            let switches = [
                ("SIMPUL_UJI_GAGAL".to_owned(), format!("{step}:{number}")),
                ("SIMPUL_UJI_PEMICU".to_owned(), trigger.display().to_string()),
            ];
            let push = pusher.prepare(Method::Nib, index, Revision::ORIGINAL).unwrap();
            let child = Child::start(binary, &setup, &lines, &switches).unwrap();
            neighbours.push_to(&child.gateway);
            std::fs::write(&trigger, "").unwrap();
            unanswered += u32::from(pusher.push(&push).await.outcome != Outcome::Stored);
            drop(child);
            // Dropped: killed. OSS tries again until it hears yes.
            let child = Child::start(binary, &setup, &lines, &[]).unwrap();
            neighbours.push_to(&child.gateway);
            assert_eq!(pusher.push(&push).await.outcome, Outcome::Stored);
        }
    }
    assert!(unanswered >= 3, "only {unanswered} pushes were cut off");
    let child = Child::start(binary, &setup, &lines, &[]).unwrap();
    let person = Client::new(&setup.keys()[OPERATOR]);
    let wanted = vec!["terkirim".to_owned(); index as usize];
    until(WITHIN, async || {
        let found = stored(&person, &child.operator).await?;
        (found == wanted).then_some(()).ok_or(format!("{found:?}"))
    })
    .await
    .unwrap();
}
