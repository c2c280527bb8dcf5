//! Letters of SIKD brought by a person: shifted, classed and warned of as the old system needs it, stored once, and told whole only
//! to whoever may see letters of their class.

use crate::{World, world};
use e2e::client::{Client, until};
use e2e::neighbours::Neighbours;
use serde_json::{Value, json};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const OTHER: &str = "kuota-kecil";

fn row(id: &str, class: &str, subject: &str) -> Value {
    json!({
        "NId": id, "NTglReg": "2023-12-31 18:30:00", "Tgl": "2023-12-29", "Nomor": "005 / 12 - UM", "NAgenda": "77",
        "Hal": subject, "SifatId": class, "UrgensiId": "Sangat Segera", "JenisId": "Surat Dinas",
        "InstansiPengirim": "Dinas Contoh", "inbox_receiver": [
            {"To_Id": "uk.1.1.1", "StatusReceive": "read", "ReceiveDate": "2024-01-01 01:00:00"},
        ],
    })
}

impl World {
    async fn push_outside(&self, body: &Value) -> (u16, Value) {
        let url = format!("{}/masuk/srikandi/sikd", self.base);
        let reply = self.client.post(&url, &[], body).await.unwrap();
        (reply.status, reply.json())
    }

    async fn import(&self, shift: &str, row: &Value) -> (u16, Value) {
        let url = format!("{}/admin/v1/impor/srikandi/sikd", self.operator);
        let reply = self
            .person
            .post(&url, &[], &json!({"waktu": shift, "baris": row}))
            .await
            .unwrap();
        (reply.status, reply.json())
    }
}

async fn told(base: &str, who: &Client, wanted: usize) -> Vec<Value> {
    let wish = json!({"nama": "sikd", "jenis": ["naskah.diimpor"], "moda": "tarik"});
    let made = who.post(&format!("{base}/v1/langganan"), &[], &wish).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.json());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let url = format!("{base}/v1/peristiwa?langganan={id}&setelah=0");
    let rows = until(WITHIN, async || {
        let page = who.get(&url).await?.json();
        let rows = page["butir"].as_array().cloned().unwrap_or_default();
        (rows.len() >= wanted).then_some(rows).ok_or_else(|| page.to_string())
    });
    rows.await
        .unwrap()
        .into_iter()
        .map(|row| row["peristiwa"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imported_letters_are_stored_once_and_told_by_their_class() {
    let world = world(Neighbours::start().await.unwrap(), |table| {
        for consumer in table["konsumen"].as_array_mut().unwrap() {
            if consumer["id"].as_str() != Some(OTHER) {
                continue;
            }
            for grant in consumer["hak"].as_array_mut().unwrap() {
                let operations = grant["operasi"].as_array_mut().unwrap();
                operations.retain(|one| one.as_str() != Some("naskah.rahasia"));
            }
        }
    })
    .await;
    let long = "é".repeat(250);
    let rows = [
        row("1001", "Biasa", &long),
        row("1002", "Rahasia Terbatas", "Perihal tertutup"),
        row("1003", "Penting", "Tak berkelas"),
    ];
    for row in &rows {
        let (status, first) = world.import("tersimpan", row).await;
        assert_eq!((status, &first["baru"]), (200, &json!(true)), "{first}");
        assert_eq!(
            world.import("tersimpan", row).await.1["baru"],
            false,
            "the same again changes nothing"
        );
    }
    // What cannot be read is refused without being stored or echoed.
    let mut bad = row("1004", "Biasa", "x");
    bad["NTglReg"] = json!("31/12/23 tengah malam");
    let (status, refused) = world.import("tersimpan", &bad).await;
    assert_eq!(status, 422);
    assert!(!refused.to_string().contains("tengah malam"), "{refused}");
    // From outside nobody brings anything.
    let (status, _) = world.push_outside(&json!({"waktu": "tampil", "baris": rows[0]})).await;
    assert_eq!(status, 403);

    let whole = told(&world.base, &world.client, 3).await;
    let letter = |id: &str| whole.iter().find(|event| event["subject"] == id).unwrap()["data"].clone();
    let open = letter("1001");
    assert_eq!(
        (&open["hal"], &open["peringatan"]),
        (&json!(long), &json!(["hal_terpotong", "waktu_digeser"]))
    );
    assert_eq!(
        (&open["tanggal_diterima"], &open["urgensi"]),
        (&json!("2024-01-01T01:30:00+07:00"), &json!("amat_segera"))
    );
    assert_eq!(open["penerima"][0]["pada"], "2024-01-01T08:00:00+07:00");
    assert_eq!(
        (&open["nomor_naskah"], &open["sifat"]),
        (&json!("005 / 12 - UM"), &json!("biasa"))
    );
    assert_eq!(
        (&letter("1002")["sifat"], &letter("1003")["sifat"]),
        (&json!("rahasia"), &json!("tidak_dikenal"))
    );
    // Without the right to letters above Terbatas: that there is one, and nothing of what it holds.
    let other = told(&world.base, &Client::new(&world.keys[OTHER]), 3).await;
    for event in &other {
        let bare = event["subject"] != "1001";
        assert_eq!(event.get("data").is_none(), bare, "{event}");
    }
    assert!(!json!(other).to_string().contains("Perihal tertutup"));
    let position = whole.iter().find(|event| event["subject"] == "1002").unwrap()["dataref"]
        .as_str()
        .unwrap()
        .to_owned();
    let one = Client::new(&world.keys[OTHER])
        .get(&format!("{}{position}", world.base))
        .await
        .unwrap();
    assert!(one.status == 200 && one.json().get("data").is_none(), "{}", one.json());
}
