//! Data subjects: what was processed about a person is found by a keyed name and exported without the number; a restricted person
//! is refused within a second, left out of replies, and what waits already is held for a person to decide.

use crate::keys::admin;
use crate::wire::{Answer, call, send};
use crate::world::{World, consumer, created, grant, key, world};
use e2e::client::{complaint, until};
use serde_json::{Value, json};
use std::time::Duration;

const OFFICE: &str = "dinas-subjek";
const PERSON: &str = "3671010101900000";
const OTHER: &str = "3671010202910000";

async fn office() -> World {
    world(|table| consumer(table, OFFICE, &grant(r#"["pengaduan.kirim"]"#, ""))).await
}

async fn report(world: &World, number: &str, nik: &str, more: &str) -> Answer {
    let mut body = complaint(number);
    body["anonim"] = json!(false);
    body["pelapor"] = json!({"nama": "Warga Contoh", "nik": nik});
    let headers = format!("Idempotency-Key: {number}\r\n{more}");
    let wish = call("POST", "/v1/pengaduan", &key(OFFICE), &headers, &body.to_string());
    send(&world.public, wish).await
}

async fn record(world: &World, nik: &str) -> Value {
    let ask = json!({"jenis": "nomor", "nilai": nik, "alasan": "permintaan subjek data"});
    let answer = admin(world, "POST", "/subjek/catatan", &ask).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(
        !String::from_utf8_lossy(&answer.body).contains(nik),
        "the number is never shown"
    );
    assert_eq!(answer.json()["lanjut"], Value::Null);
    answer.json()
}

fn exchanges(record: &Value) -> Vec<&Value> {
    let rows = record["butir"].as_array().unwrap().iter();
    rows.filter(|row| row["operasi"] == "pengaduan.kirim").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_person_is_found_by_a_keyed_name_and_restriction_is_kept() {
    let world = office().await;
    let sent = report(&world, "SUBJEK-1", PERSON, "").await;
    assert_eq!(sent.status, 201, "{}", sent.json());
    assert_eq!(report(&world, "SUBJEK-2", OTHER, "").await.status, 201);

    let found = record(&world, PERSON).await;
    let rows = exchanges(&found);
    assert_eq!(rows.len(), 1, "{found}");
    let row = rows[0];
    assert_eq!(row["konsumen"], OFFICE);
    assert_eq!(row["tujuan"], "Uji");
    assert_eq!(row["dasar"], "Uji; UJI-1");
    assert!(
        row["sistem"].is_string() && row["mulai"].is_string() && row["hasil"] == "ok",
        "{row}"
    );
    let elements = row["unsur"]["masukan"].as_array().unwrap();
    assert!(elements.iter().any(|e| e["pointer_pattern"] == "/pelapor/nik"), "{row}");
    assert!(exchanges(&record(&world, "3671010303920000").await).is_empty());

    // The journal holds neither number; the evidence, signed, holds the keyed name.
    let journal = std::fs::read(world.setup.journal()).unwrap();
    assert!(!journal.windows(PERSON.len()).any(|w| w == PERSON.as_bytes()));

    let wish = json!({"jenis": "nomor", "nilai": PERSON, "alasan": "permintaan subjek, pasal 41"});
    let unreasoned = json!({"jenis": "nomor", "nilai": PERSON});
    assert_eq!(admin(&world, "POST", "/subjek/batasi", &unreasoned).await.status, 422);
    let done = admin(&world, "POST", "/subjek/batasi", &wish).await;
    assert_eq!(done.status, 200, "{}", done.json());
    let subject = done.json()["subjek"].as_str().unwrap().to_owned();
    assert_eq!(found["subjek"], json!(subject));

    let before = created(&world).len();
    let refused = report(&world, "SUBJEK-3", PERSON, "").await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "subjek-dibatasi"));
    assert_eq!(created(&world).len(), before, "nothing was sent");
    assert_eq!(report(&world, "SUBJEK-4", OTHER, "").await.status, 201, "others go on");

    let after = until(Duration::from_secs(10), || async {
        let found = record(&world, PERSON).await;
        let refused = exchanges(&found).iter().any(|row| row["hasil"] == "subject_restricted");
        if refused {
            Ok(found)
        } else {
            Err("not recorded yet".into())
        }
    })
    .await
    .expect("the refusal is recorded");
    let actions: Vec<&str> = after["butir"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["tindakan"].as_str())
        .collect();
    assert!(
        actions.contains(&"batasi_subjek") && actions.contains(&"lihat_subjek"),
        "{actions:?}"
    );

    let list = admin(&world, "GET", "/subjek", &Value::Null).await.json();
    assert_eq!(list["butir"][0]["subjek"], json!(subject));
    let lift = json!({"subjek": subject, "alasan": "permintaan selesai"});
    assert_eq!(admin(&world, "POST", "/subjek/lepas", &lift).await.status, 200);
    assert_eq!(admin(&world, "POST", "/subjek/lepas", &lift).await.status, 404);
    assert_eq!(report(&world, "SUBJEK-3", PERSON, "").await.status, 201);
}
