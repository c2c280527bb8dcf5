//! Fields of a grant, in both directions: replies, replays, exchanges and events show no other member, and a request that
//! holds another is refused before anything is stored or sent.

use crate::wire::{call, send};
use crate::world::{World, consumer, created, grant, key, world};
use e2e::client::{complaint, until};
use serde_json::{Value, json};
use std::time::Duration;

const LIMITED: &str = "dinas-terbatas";

async fn limited() -> World {
    world(|table| {
        let sent = r#"["tiket", "sumber", "dikirim_pada", "klasifikasi", "kategori", "judul", "isi", "anonim", "rahasia", "status"]"#;
        let more = [
            grant(r#""perpustakaan.buku.lihat""#, r#"bidang = ["isbn", "judul"]"#),
            grant(
                r#""perpustakaan.reservasi.kirim""#,
                r#"bidang = ["rujukan", "isbn", "nomor_anggota", "status_reservasi"]"#,
            ),
            grant(r#""pengaduan.kirim""#, &format!("bidang = {sent}")),
        ];
        consumer(table, LIMITED, &more.concat());
    })
    .await
}

fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_fields_of_the_grant_is_shown() {
    let world = limited().await;
    let key = key(LIMITED);

    let book = send(
        &world.public,
        call("GET", "/v1/perpustakaan/buku/9780000000002", &key, "", ""),
    )
    .await;
    assert_eq!(book.status, 200, "{}", book.json());
    assert_eq!(members(&book.json()), ["isbn", "judul"]);
    assert_eq!(book.header("x-bidang-hak"), Some("dibatasi"));

    let body = json!({"rujukan": "R-BIDANG-1", "isbn": "9780000000002", "nomor_anggota": "A-0001"}).to_string();
    let wish = call(
        "POST",
        "/v1/perpustakaan/reservasi",
        &key,
        "Idempotency-Key: bidang-1\r\n",
        &body,
    );
    let (first, again) = (send(&world.public, &wish).await, send(&world.public, &wish).await);
    assert_eq!(first.status, 201, "{}", first.json());
    assert!(
        members(&first.json())
            .iter()
            .all(|m| ["rujukan", "isbn", "status_reservasi"].contains(m))
    );
    assert_eq!(first.body, again.body, "a replay shows no more than the first answer");
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    let place = first.header("location").unwrap().to_owned();
    let stored = send(&world.public, call("GET", &place, &key, "", "")).await;
    assert_eq!(stored.json()["balasan"], first.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_outside_the_grant_is_refused_and_not_sent() {
    let world = limited().await;
    let mut body = complaint("LAKSA-BIDANG-1");
    body["opd_tujuan"] = json!("dishub");
    let refused = send(
        &world.public,
        call("POST", "/v1/pengaduan", &key(LIMITED), "", &body.to_string()),
    )
    .await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "hak-tidak-ada"));
    assert_eq!(
        refused.json()["errors"][0]["pointer"],
        "/opd_tujuan",
        "{}",
        refused.json()
    );
    assert_eq!(refused.json()["errors"][0]["code"], "field_not_granted");
    assert_eq!(refused.json()["landed"], "no");
    assert!(created(&world).is_empty(), "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_carry_the_fields_of_the_subscribers_grant() {
    let world = limited().await;
    let key = key(LIMITED);
    let wish = json!({"nama": "Uji", "jenis": ["pengaduan.terkirim"], "moda": "tarik"}).to_string();
    let made = send(&world.public, call("POST", "/v1/langganan", &key, "", &wish)).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let id = made.json()["id"].as_str().unwrap().to_owned();

    let body = complaint("LAKSA-BIDANG-2").to_string();
    let sent = send(&world.public, call("POST", "/v1/pengaduan", &key, "", &body)).await;
    assert_eq!(sent.status, 201, "{}", sent.json());
    assert_eq!(members(&sent.json()), ["status", "sumber", "tiket"]);

    let path = format!("/v1/peristiwa?langganan={id}");
    let page = until(Duration::from_secs(10), || async {
        let page = send(&world.public, call("GET", &path, &key, "", "")).await.json();
        match page["butir"].as_array().is_some_and(|events| !events.is_empty()) {
            true => Ok(page),
            false => Err(page.to_string()),
        }
    });
    let page = page.await.unwrap();
    assert_eq!(page["butir"][0]["peristiwa"]["data"], sent.json(), "{page}");
}
