//! The optional call-back and the life of a letter: changes pushed in any order, twice, late and forged. Each genuine one is
//! taken once; after each the gateway looks at the letter and tells where it stands by all of its history.

use crate::{World, outgoing, world};
use e2e::client::until;
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};
use simulators::srikandi::CallBack;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl World {
    fn hook(&self) -> String {
        format!("{}/masuk/srikandi/perubahan", self.base)
    }

    fn call_backs(&self) -> Vec<CallBack> {
        self.neighbours.srikandi.with(|srikandi| srikandi.call_backs(now()))
    }

    fn signed(&self, change: &Value, at: i64) -> CallBack {
        self.neighbours.srikandi.with(|srikandi| srikandi.call_back(change, at))
    }

    /// A letter registered, checked twice, sent back once, signed and sent; its id.
    async fn lived(&self, reference: &str) -> String {
        let made = self
            .made("naskah-keluar", &outgoing(reference, &self.upload(1).await))
            .await;
        let id = made["id"].as_str().unwrap().to_owned();
        let step = async |n: usize, what: &str, more: Value| {
            let mut body = json!({"rujukan": format!("{reference}-{n}")});
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            self.neighbours
                .srikandi
                .clock()
                .advance(jiff::SignedDuration::from_secs(60));
            self.made(&format!("naskah-keluar/{id}/{what}"), &body).await
        };
        step(1, "ajukan", json!({})).await;
        step(2, "verifikasi", json!({"keputusan": "revisi"})).await;
        step(3, "ajukan", json!({})).await;
        step(4, "verifikasi", json!({"keputusan": "setuju"})).await;
        step(5, "verifikasi", json!({"keputusan": "setuju"})).await;
        let provisional = self.get(&format!("naskah-keluar/{id}")).await;
        assert_eq!(
            (&provisional["nomor_naskah"], &provisional["peringatan"]),
            (&Value::Null, &json!(["nomor_belum_final"]))
        );
        for state in ["DITANDATANGANI", "TERKIRIM", "DITERIMA", "DIBACA"] {
            self.neighbours
                .srikandi
                .clock()
                .advance(jiff::SignedDuration::from_secs(60));
            self.neighbours
                .srikandi
                .with(|srikandi| srikandi.advance(&id, state))
                .unwrap();
        }
        id
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_pushed_in_any_order_are_taken_once_and_end_in_the_same_life() {
    let neighbours = Neighbours::start().await.unwrap();
    // The record's own history is as untidy as the pushes are.
    neighbours
        .srikandi
        .with(|srikandi| srikandi.options.untidy_history = true);
    let world = world(neighbours, |_| {}).await;
    let changed = world.subscribe(&["naskah.berubah"]).await;
    let stands = world.subscribe(&["naskah.keluar.keadaan"]).await;
    let id = world.lived("panggil-1").await;
    let mut pushes = world.call_backs();
    let distinct = pushes.len();
    assert!(distinct >= 10, "{distinct}");
    // Last first, and each once more at the end; then all again under another moment of sending.
    pushes.reverse();
    pushes.extend(pushes.clone());
    let later = now() - 60;
    let again: Vec<_> = pushes
        .iter()
        .map(|push| serde_json::from_slice::<Value>(&push.body).unwrap())
        .collect();
    pushes.extend(again.iter().map(|change| world.signed(change, later)));
    fastrand::Rng::with_seed(7).shuffle(&mut pushes);
    for push in &pushes {
        assert_eq!(push.send(&world.hook()).await, Some(200));
    }
    let told = until(WITHIN, async || {
        let told = world.events(&changed).await;
        (told.len() >= distinct)
            .then_some(told.clone())
            .ok_or_else(|| format!("{} told", told.len()))
    });
    let told = told.await.unwrap();
    assert_eq!(told.len(), distinct, "each change once");
    assert!(told.iter().all(|event| event["subject"] == id.as_str()));
    let looks = until(WITHIN, async || {
        let looks = world.events(&stands).await;
        (looks.len() >= distinct)
            .then_some(looks.clone())
            .ok_or_else(|| format!("{} looks", looks.len()))
    });
    let looks = looks.await.unwrap();
    let life = [
        "konsep",
        "verifikasi",
        "revisi",
        "verifikasi",
        "verifikasi",
        "menunggu_ttd",
        "ditandatangani",
        "terkirim",
        "diterima",
        "dibaca",
    ];
    for event in &looks {
        let data = &event["data"];
        assert_eq!(
            (&data["id"], &data["keadaan"], &data["peringatan"]),
            (&json!(id), &json!("dibaca"), &json!([])),
            "{data}"
        );
        let rows = data["riwayat"].as_array().unwrap();
        let states: Vec<_> = rows.iter().map(|row| row["keadaan"].as_str().unwrap()).collect();
        assert_eq!(states, life);
        assert!(data.get("hal").is_none(), "nothing of the content");
    }
    let letter = world.get(&format!("naskah-keluar/{id}")).await;
    assert_eq!(
        (&letter["keadaan"], &letter["nomor_naskah"]),
        (&json!("dibaca"), &json!("000.5.6.2/0003/2026"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_srikandi_did_not_sign_is_not_taken() {
    let world = world(Neighbours::start().await.unwrap(), |_| {}).await;
    let changed = world.subscribe(&["naskah.berubah"]).await;
    let change = json!({"jenis": "NASKAH_KELUAR", "id": "nk-1", "status": "DITANDATANGANI", "waktu": "2026-02-16T14:03:11+07:00"});
    let genuine = world.signed(&change, now());
    let without = CallBack {
        headers: Vec::new(),
        ..genuine.clone()
    };
    let mut altered = genuine.clone();
    altered.body = String::from_utf8_lossy(&genuine.body).replace("nk-1", "nk-2").into();
    let mut foreign = genuine.clone();
    for (name, value) in &mut foreign.headers {
        if *name == "x-signature" {
            *value = "00".repeat(32);
        }
    }
    let stale = world.signed(&change, now() - 24 * 3600);
    for (what, push) in [
        ("without", without),
        ("altered", altered),
        ("foreign", foreign),
        ("stale", stale),
    ] {
        assert_eq!(push.send(&world.hook()).await, Some(401), "{what}");
    }
    // Only the genuine one is told; a letter that SRIKANDI does not have stops no other.
    assert_eq!(genuine.send(&world.hook()).await, Some(200));
    let told = until(WITHIN, async || {
        let told = world.events(&changed).await;
        (!told.is_empty())
            .then_some(told)
            .ok_or_else(|| "nothing told".to_owned())
    });
    assert_eq!(told.await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_back_signed_over_its_body_alone_is_a_matter_of_configuration() {
    let neighbours = Neighbours::start().await.unwrap();
    neighbours
        .srikandi
        .with(|srikandi| srikandi.options.signing.moment = None);
    let world = world(neighbours, |table| {
        let system = e2e::setup::system(table, "srikandi").unwrap();
        let settings = system["pengaturan"].as_table_mut().unwrap();
        settings.insert("panggil_balik".into(), toml::toml! { kepala_waktu = "" }.into());
    })
    .await;
    let made = world
        .made("naskah-keluar", &outgoing("panggil-3", &world.upload(3).await))
        .await;
    let pushes = world.call_backs();
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0].send(&world.hook()).await, Some(200));
    assert_eq!(made["keadaan"], "konsep");
}
