//! Letters above *Terbatas*: a right of their own, at sending, looking, listing and fetching.

use crate::{BINARY, letter, pdf, uploaded};
use e2e::child::{Child, Lines};
use e2e::client::Client;
use e2e::neighbours::Neighbours;
use e2e::setup::{CONSUMER, Setup};
use serde_json::json;
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_above_terbatas_need_a_right_of_their_own() {
    let neighbours = Neighbours::start().await.unwrap();
    let with = Setup::write(&neighbours, |_| {}).unwrap();
    let without = with
        .sibling(|table| {
            let path = with.path().join("tanpa.sqlite").display().to_string();
            table["simpul"]["jurnal"]["berkas"] = toml::Value::String(path);
            for consumer in table["konsumen"].as_array_mut().unwrap() {
                let Some(grants) = consumer.get_mut("hak").and_then(toml::Value::as_array_mut) else {
                    continue;
                };
                for grant in grants {
                    let operations = grant["operasi"].as_array_mut().unwrap();
                    operations.retain(|one| one.as_str() != Some("naskah.rahasia"));
                }
            }
        })
        .unwrap();
    let lines = Lines::default();
    let binary = Path::new(BINARY);
    let entitled = Child::start(binary, &with, &lines, &[]).unwrap();
    let barred = Child::start(binary, &without, &lines, &[]).unwrap();
    let client = Client::new(&with.keys()[CONSUMER]);
    let send = async |gateway: &str, reference: &str, class: &str| {
        let mut body = letter(reference, &uploaded(&client, gateway, pdf(9, 100)).await);
        body["sifat"] = json!(class);
        client
            .post(&format!("{gateway}/v1/naskah-masuk"), &[], &body)
            .await
            .unwrap()
    };
    assert_eq!(send(&barred.gateway, "r-0", "terbatas").await.status, 201);
    for class in ["rahasia", "sangat_rahasia"] {
        let refused = send(&barred.gateway, "r-1", class).await;
        assert_eq!(
            (refused.status, refused.json()["code"].clone()),
            (403, json!("hak-tidak-ada"))
        );
    }
    let secret = send(&entitled.gateway, "r-1", "rahasia").await;
    assert_eq!(secret.status, 201, "{}", secret.json());
    let id = secret.json()["id"].as_str().unwrap().to_owned();
    for path in [format!("naskah-masuk/{id}"), format!("naskah/{id}/file?bagian=naskah")] {
        let seen = client.get(&format!("{}/v1/{path}", entitled.gateway)).await.unwrap();
        let hidden = client.get(&format!("{}/v1/{path}", barred.gateway)).await.unwrap();
        assert_eq!((seen.status, hidden.status), (200, 403), "{path}");
    }
    let listed = async |gateway: &str| {
        let page = client.get(&format!("{gateway}/v1/naskah-masuk")).await.unwrap().json();
        page["butir"].as_array().unwrap().len()
    };
    assert_eq!((listed(&entitled.gateway).await, listed(&barred.gateway).await), (2, 1));
    // A class that no list knows is treated as secret, not as Biasa.
    neighbours.srikandi.with(|srikandi| {
        srikandi.relabel("nm-000001", "Penting");
    });
    let known = client
        .get(&format!("{}/v1/naskah-masuk/nm-000001", barred.gateway))
        .await
        .unwrap();
    assert_eq!(known.status, 403);
    assert_eq!(listed(&barred.gateway).await, 0);
}
