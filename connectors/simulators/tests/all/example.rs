//! The example library: key, look-up, reservation, idempotency, stock.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::example::{self, ExampleOptions};

use crate::client::{Call, get, post};

fn signed(call: Call) -> Call {
    call.header("x-api-key", "kunci-simulasi")
}

fn reservation(number: &str, book: &str) -> Value {
    json!({"nomor_permintaan": number, "kode_buku": book, "nomor_anggota": "A-0001"})
}

#[tokio::test]
async fn a_book_is_found_and_reserved_once() {
    let library = example::start(ExampleOptions::default()).await.unwrap();
    assert_eq!(get("/buku?kode=BK-001").reply(library.addr()).await.status, 401);
    let book = signed(get("/buku?kode=BK-002")).reply(library.addr()).await.json();
    assert_eq!(book["isi"]["tersedia"], 1);
    assert_eq!(signed(get("/buku?kode=BK-999")).reply(library.addr()).await.status, 404);

    library.faults().once("reserve", Fault::HangUpAfterStoring);
    let reserve = |body: Value| signed(post("/reservasi")).json(&body);
    assert!(
        reserve(reservation("P-1", "BK-002"))
            .send(library.addr())
            .await
            .is_none()
    );
    let again = reserve(reservation("P-1", "BK-002")).reply(library.addr()).await;
    assert_eq!(
        (again.status, &again.json()["isi"]["nomor_reservasi"]),
        (200, &json!("R-000001"))
    );
    assert_eq!(
        reserve(reservation("P-1", "BK-001")).reply(library.addr()).await.json()["kode"],
        "BERBEDA"
    );
    assert_eq!(
        reserve(reservation("P-2", "BK-002")).reply(library.addr()).await.json()["kode"],
        "HABIS"
    );
    assert_eq!(
        reserve(json!({"kode_buku": "BK-001"}))
            .reply(library.addr())
            .await
            .status,
        422
    );
    let found = signed(get("/reservasi?nomor_permintaan=P-1"))
        .reply(library.addr())
        .await
        .json();
    assert_eq!(found["isi"]["kode_buku"], "BK-002");
    assert_eq!(library.effects()["reservations"], 1);
    assert_eq!(library.effects()["doubles"], json!([]));
}

#[tokio::test]
async fn without_idempotency_a_repeat_is_a_double() {
    let library = example::start(ExampleOptions {
        idempotent: false,
        ..Default::default()
    })
    .await
    .unwrap();
    for _ in 0..2 {
        signed(post("/reservasi"))
            .json(&reservation("P-1", "BK-001"))
            .reply(library.addr())
            .await;
    }
    assert_eq!(library.effects()["doubles"], json!(["P-1"]));
    let list = signed(get("/buku")).reply(library.addr()).await.json();
    assert_eq!(list["isi"]["buku"].as_array().unwrap().len(), 3);
}
