//! Subscriptions over HTTP, seen by a consumer and by receivers that know nothing of our code: made, verified, pushed,
//! rotated, gone, paused and recovered, pulled and replayed, and every mistake answered by its problem.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

#[path = "langganan/receiver.rs"]
mod receiver;
#[path = "langganan/slow.rs"]
mod slow;

use e2e::client::{Client, Reply, complaint, until};
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, Setup};
use gateway::wiring::Seams;
use receiver::{Act, Receiver};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use toml::Value as Toml;

pub(crate) struct World {
    pub(crate) neighbours: Neighbours,
    pub(crate) setup: Setup,
    pub(crate) gateway: Inside,
    pub(crate) client: Client,
    pub(crate) base: String,
    ahead: Arc<AtomicI64>,
}

/// A gateway that lets consumers register exactly these receivers.
pub(crate) async fn world(receivers: &[&Receiver]) -> World {
    let inside: Vec<_> = receivers.iter().map(|one| Toml::String(one.place())).collect();
    let neighbours = Neighbours::start().await.unwrap();
    let setup = Setup::write(&neighbours, |table| {
        let node = table.get_mut("simpul").and_then(Toml::as_table_mut).unwrap();
        let pushes = node.get_mut("langganan").and_then(Toml::as_table_mut).unwrap();
        pushes.insert("penerima_dalam".to_owned(), Toml::Array(inside));
    })
    .unwrap();
    let ahead = Arc::new(AtomicI64::new(0));
    let seams = Seams {
        ahead: Some(Arc::clone(&ahead)),
        ..Seams::default()
    };
    let gateway = Inside::start_with(&setup, seams).await.unwrap();
    let base = gateway.targets(&setup, &neighbours).gateway;
    let client = Client::new(&setup.keys()[CONSUMER]);
    World {
        neighbours,
        setup,
        gateway,
        client,
        base,
        ahead,
    }
}

impl World {
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let url = format!("{}{path}", self.base);
        self.client.post(&url, &[], body).await.unwrap()
    }

    async fn get(&self, path: &str) -> Reply {
        self.client.get(&format!("{}{path}", self.base)).await.unwrap()
    }

    /// A pushed subscription: its address and its secret.
    pub(crate) async fn pushed(&self, to: &Receiver, kinds: &[&str]) -> (String, String) {
        let wish = json!({"nama": "Uji", "jenis": kinds, "moda": "dorong", "url": to.url()});
        let made = self.post("/v1/langganan", &wish).await;
        assert_eq!(made.status, 201, "{}", made.json());
        let secret = made.json()["rahasia"].as_str().unwrap().to_owned();
        (made.location.unwrap(), secret)
    }

    /// Something happens: a complaint is sent.
    pub(crate) async fn happen(&self, ticket: &str) {
        let url = format!("{}/v1/pengaduan", self.base);
        let key = [("idempotency-key", ticket)];
        let reply = self.client.post(&url, &key, &complaint(ticket)).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
    }

    async fn stands(&self, place: &str, word: &str) -> Value {
        let found = until(Duration::from_secs(20), async || {
            let view = self.get(place).await.json();
            (view["keadaan"] == word)
                .then_some(view.clone())
                .ok_or_else(|| view.to_string())
        });
        found.await.unwrap()
    }
}

fn refused(reply: &Reply, status: u16, code: &str) {
    let body = reply.json();
    assert_eq!((reply.status, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(body["landed"], "no", "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_verified_pushed_and_rotated() {
    let receiver = Receiver::start().await;
    let world = world(&[&receiver]).await;
    let (place, old) = world.pushed(&receiver, &["pengaduan.terkirim"]).await;
    let tried = world.post(&format!("{place}/uji"), &json!({})).await;
    assert_eq!(tried.status, 202);
    receiver.wait(1).await;
    let hits = receiver.hits();
    assert!(hits[0].verifies(&old), "the test event carries a good signature");
    assert_eq!(hits[0].json()["type"], "langganan.uji");
    assert_eq!(json!(hits[0].header("webhook-id")), tried.json()["peristiwa"]);

    // Once to a receiver that stumbles: the same id and body, a fresh time, a signature that still verifies.
    receiver.next([Act::Status(500)]);
    world.happen("L-1").await;
    receiver.wait(3).await;
    let hits = receiver.hits();
    assert!(hits[1].verifies(&old) && hits[2].verifies(&old));
    assert_eq!(hits[1].header("webhook-id"), hits[2].header("webhook-id"));
    assert_eq!(hits[1].body, hits[2].body);
    assert_eq!(
        (&hits[2].json()["type"], &hits[2].json()["subject"]),
        (&json!("pengaduan.terkirim"), &json!("L-1"))
    );

    let turned = world.post(&format!("{place}/putar-rahasia"), &json!({})).await;
    assert_eq!(turned.status, 200);
    let new = turned.json()["rahasia"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    world.happen("L-2").await;
    receiver.wait(4).await;
    let hit = &receiver.hits()[3];
    assert!(
        hit.verifies(&old) && hit.verifies(&new),
        "both sign while one replaces the other"
    );
    assert_eq!(hit.header("webhook-signature").split(' ').count(), 2);
    world.ahead.fetch_add(3600, Ordering::Relaxed);
    world.post(&format!("{place}/uji"), &json!({})).await;
    receiver.wait(5).await;
    let hit = &receiver.hits()[4];
    assert!(!hit.verifies(&old) && hit.verifies(&new), "the overlap is over");

    // How it stands: deliveries by state, never a secret.
    let view = world.get(&place).await;
    let text = String::from_utf8_lossy(&view.body).into_owned();
    assert!(!text.contains(&new) && !text.contains("whsec_"), "{text}");
    let view = view.json();
    assert_eq!((&view["keadaan"], &view["gagal"]), (&json!("lancar"), &json!(0)));
    assert_eq!(view["kiriman"].as_array().unwrap().len(), 4);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_a_failure_and_gone_is_taken_at_its_word() {
    let receiver = Receiver::start().await;
    let world = world(&[&receiver]).await;
    let (place, _) = world.pushed(&receiver, &["pertukaran.selesai"]).await;
    receiver.next([Act::Status(302), Act::Status(200), Act::Status(410)]);
    world.happen("G-1").await;
    receiver.wait(2).await;
    assert_eq!(
        receiver.hits()[0].header("webhook-id"),
        receiver.hits()[1].header("webhook-id")
    );
    world.happen("G-2").await;
    world.stands(&place, "nonaktif").await;
    refused(
        &world.post(&format!("{place}/uji"), &json!({})).await,
        409,
        "langganan-bentrok",
    );
    world.happen("G-3").await;
    let resumed = world.post(&format!("{place}/lanjutkan"), &json!({})).await;
    assert_eq!((resumed.status, &resumed.json()["keadaan"]), (200, &json!("lancar")));
    // What happened meanwhile was not lost.
    receiver.wait(4).await;
    let view = world.stands(&place, "lancar").await;
    assert_eq!(view["gagal"], 1, "the delivery that heard 410 can be replayed");
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_failure_pauses_then_probes_and_tells_that_it_recovered() {
    let receiver = Receiver::start().await;
    let world = world(&[&receiver]).await;
    let (place, _) = world.pushed(&receiver, &["pengaduan.terkirim"]).await;
    let wish = json!({"nama": "Baca", "jenis": ["langganan.dijeda", "langganan.pulih"], "moda": "tarik"});
    let reader = world.post("/v1/langganan", &wish).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    receiver.always(Act::Status(503));
    world.happen("P-1").await;
    world.stands(&place, "terganggu").await;
    // Beyond what the sandbox bears before it pauses.
    world.ahead.fetch_add(200, Ordering::Relaxed);
    world.stands(&place, "dijeda").await;
    let operator = world.gateway.targets(&world.setup, &world.neighbours).operator;
    let counted = until(Duration::from_secs(20), async || {
        let page = world.client.get(&format!("{operator}/metrics")).await.unwrap();
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let paused = text.contains("simpul_subscriptions{state=\"dijeda\"} 1");
        paused.then_some(()).ok_or(text)
    });
    counted.await.unwrap();
    world.happen("P-2").await;
    world.happen("P-3").await;
    receiver.always(Act::Status(204));
    world.ahead.fetch_add(200, Ordering::Relaxed);
    world.stands(&place, "lancar").await;
    let all = until(Duration::from_secs(20), async || {
        let subjects: std::collections::BTreeSet<_> = receiver
            .hits()
            .iter()
            .filter(|hit| hit.status == 204)
            .map(|hit| hit.json()["subject"].to_string())
            .collect();
        (subjects.len() == 3)
            .then_some(())
            .ok_or_else(|| format!("{subjects:?}"))
    });
    all.await.unwrap();
    let told = world.get(&format!("/v1/peristiwa?langganan={reader}")).await.json();
    let kinds: Vec<_> = told["butir"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["peristiwa"]["type"].clone())
        .collect();
    assert_eq!(kinds, ["langganan.dijeda", "langganan.pulih"]);
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pulled_acknowledged_and_replayed_from_a_position() {
    let world = world(&[]).await;
    let wish = json!({"nama": "Tarik", "jenis": ["pengaduan.terkirim"], "moda": "tarik"});
    let made = world.post("/v1/langganan", &wish).await;
    assert_eq!(
        (made.status, made.json().get("rahasia")),
        (201, None),
        "nothing to sign, no secret"
    );
    let id = made.json()["id"].as_str().unwrap().to_owned();
    for n in 0..5 {
        world.happen(&format!("T-{n}")).await;
    }
    let page = |limit: usize| {
        let path = format!("/v1/peristiwa?langganan={id}&batas={limit}");
        async { world.get(&{ path }).await.json() }
    };
    let subjects = |page: &Value| -> Vec<String> {
        let items = page["butir"].as_array().unwrap().iter();
        items
            .map(|one| one["peristiwa"]["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = page(2).await;
    assert_eq!(
        (subjects(&first), &first["lagi"]),
        (vec!["T-0".into(), "T-1".into()], &json!(true))
    );
    assert_eq!(subjects(&page(2).await), ["T-0", "T-1"], "unacknowledged comes again");
    let acknowledged = world
        .post(
            "/v1/peristiwa/akui",
            &json!({"langganan": id, "posisi": first["posisi"]}),
        )
        .await;
    assert_eq!(acknowledged.status, 200);
    let rest = page(50).await;
    assert_eq!(subjects(&rest), ["T-2", "T-3", "T-4"]);
    world
        .post(
            "/v1/peristiwa/akui",
            &json!({"langganan": id, "posisi": rest["posisi"]}),
        )
        .await;
    assert!(subjects(&page(50).await).is_empty());
    let from = rest["butir"][1]["posisi"].clone();
    let again = world
        .post(&format!("/v1/langganan/{id}/ulang"), &json!({"dari_posisi": from}))
        .await;
    assert_eq!(again.status, 202);
    assert_eq!(subjects(&page(50).await), ["T-3", "T-4"]);
    let one = world.get(&format!("/v1/peristiwa/{from}")).await;
    assert_eq!((one.status, &one.json()["subject"]), (200, &json!("T-3")));
    world.gateway.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mistake_hears_its_problem_and_changes_nothing() {
    let receiver = Receiver::start().await;
    let world = world(&[&receiver]).await;
    let good = json!({"nama": "Uji", "jenis": ["pengaduan.terkirim"], "moda": "dorong", "url": receiver.url()});
    let with = |name: &str, value: Value| {
        let mut wish = good.clone();
        wish[name] = value;
        wish
    };
    let system = world.neighbours.lapor.base_url();
    for (what, wish) in [
        ("a kind that is none", with("jenis", json!(["tidak.ada"]))),
        ("no kind", with("jenis", json!([]))),
        ("a mode that is none", with("moda", json!("kirim"))),
        ("no receiver", with("url", Value::Null)),
        ("not a URL", with("url", json!("bukan url"))),
        ("inside and not listed", with("url", json!("http://127.0.0.1:9/x"))),
        ("inside by https", with("url", json!("https://10.1.2.3/x"))),
        ("metadata", with("url", json!("http://169.254.169.254/latest"))),
        ("a system's address", with("url", json!(system))),
        ("a field too many", with("lain", json!(1))),
        ("a schedule of nothing", with("jadwal_detik", json!(["satu"]))),
    ] {
        let reply = world.post("/v1/langganan", &wish).await;
        assert_eq!(reply.status, 422, "{what}: {}", reply.json());
        refused(&reply, 422, "isi-tidak-sesuai");
        assert!(reply.json()["errors"][0]["pointer"].is_string(), "{what}");
    }
    refused(
        &world.post("/v1/langganan", &json!("teks")).await,
        422,
        "isi-tidak-sesuai",
    );
    let broken = world
        .client
        .upload(&format!("{}/v1/langganan", world.base), "{\"nama\":".into())
        .await
        .unwrap();
    refused(&broken, 400, "json-tidak-sah");
    let stranger = Client::new(&world.setup.keys()["tanpa-hak"]);
    let url = format!("{}/v1/langganan", world.base);
    refused(&stranger.post(&url, &[], &good).await.unwrap(), 403, "hak-tidak-ada");
    refused(
        &Client::new("Bearer salah").post(&url, &[], &good).await.unwrap(),
        401,
        "kunci-tidak-sah",
    );
    assert_eq!(
        world.get("/v1/langganan").await.json()["butir"],
        json!([]),
        "nothing was made"
    );

    let (place, _) = world.pushed(&receiver, &["pengaduan.terkirim"]).await;
    let id = place.rsplit('/').next().unwrap();
    let other = stranger.get(&format!("{}{place}", world.base)).await.unwrap();
    refused(&other, 404, "tidak-ditemukan");
    refused(&world.get("/v1/langganan/tidak-ada").await, 404, "tidak-ditemukan");
    refused(&world.get("/v1/peristiwa").await, 400, "parameter-tidak-sesuai");
    refused(
        &world.get(&format!("/v1/peristiwa?langganan={id}&batas=0")).await,
        400,
        "parameter-tidak-sesuai",
    );
    refused(&world.get("/v1/peristiwa/999999").await, 404, "tidak-ditemukan");
    let acknowledge = json!({"langganan": id, "posisi": 0});
    refused(
        &world.post("/v1/peristiwa/akui", &acknowledge).await,
        409,
        "langganan-bentrok",
    );
    refused(
        &world.post(&format!("{place}/ulang"), &json!({"dari_posisi": 99})).await,
        409,
        "langganan-bentrok",
    );
    refused(
        &world.post(&format!("{place}/ulang"), &json!({})).await,
        422,
        "isi-tidak-sesuai",
    );
    let pulled = json!({"nama": "Tarik", "jenis": ["pengaduan.terkirim"], "moda": "tarik"});
    let pulled = world.post("/v1/langganan", &pulled).await.json()["id"].clone();
    let beyond = world
        .post("/v1/peristiwa/akui", &json!({"langganan": pulled, "posisi": 999_999}))
        .await;
    refused(&beyond, 422, "isi-tidak-sesuai");
    let turned = world
        .post(
            &format!("/v1/langganan/{}/putar-rahasia", pulled.as_str().unwrap()),
            &json!({}),
        )
        .await;
    refused(&turned, 409, "langganan-bentrok");
    world.gateway.stop().await.unwrap();
}
