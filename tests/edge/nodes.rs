//! Two nodes on one PostgreSQL: a key that one node issued opens the other, one that it withdrew no longer does, and a restriction of
//! a data subject holds there, each within a second. Run when `SIMPUL_TEST_PG` names a database; without one it says so and proves nothing.

use crate::keys::{BOOK, OFFICE, admin, issued_with};
use crate::wire::{call, send};
use crate::world::{World, consumer, grant};
use e2e::client::complaint;
use e2e::inside::Inside;
use e2e::neighbours::Neighbours;
use e2e::setup::Setup;
use serde_json::json;
use std::time::{Duration, Instant};
use toml::{Table, Value};

const PERSON: &str = "3671010101900000";

fn on_postgres(table: &mut Table, node: &str, schema: &str) {
    let journal = format!(
        "jenis = \"postgres\"\nkoneksi = {{ env = \"SIMPUL_UJI_JURNAL\" }}\nskema = \"{schema}\"\n\
         kunci_induk = {{ env = \"SIMPUL_UJI_INDUK\" }}"
    );
    table["simpul"]["nama"] = Value::String(node.to_owned());
    table["simpul"]["jurnal"] = Value::Table(journal.parse().unwrap());
}

/// Asks again until the status is this one; how long that took.
async fn within_a_second(what: &str, address: &str, message: &str, expected: u16) -> Duration {
    let begun = Instant::now();
    loop {
        let status = send(address, message).await.status;
        if status == expected {
            println!("{what}: {:?}", begun.elapsed());
            return begun.elapsed();
        }
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "{what}: still {status} after a second"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_withdraws_or_restricts_holds_on_the_other_within_a_second() {
    let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
        println!("not run: SIMPUL_TEST_PG is not set");
        return;
    };
    let schema = format!("uji_tepi_{}", std::process::id());
    let neighbours = Neighbours::start().await.unwrap();
    let mut setup = Setup::write(&neighbours, |table| {
        consumer(
            table,
            OFFICE,
            &grant(r#"["perpustakaan.buku.lihat", "pengaduan.kirim"]"#, ""),
        );
        on_postgres(table, "simpul-1", &schema);
    })
    .unwrap();
    setup.tell("SIMPUL_UJI_JURNAL", &database);
    setup.tell("SIMPUL_UJI_INDUK", &"07".repeat(32));
    let sibling = setup.sibling(|table| on_postgres(table, "simpul-2", &schema)).unwrap();
    let gateway = Inside::start(&setup).await.unwrap();
    let other = Inside::start(&sibling).await.unwrap();
    let there = other.targets(&sibling, &neighbours).gateway.replace("http://", "");
    let targets = gateway.targets(&setup, &neighbours);
    let world = World {
        public: targets.gateway.replace("http://", ""),
        operator: targets.operator.replace("http://", ""),
        neighbours,
        setup,
        gateway,
    };

    let (key, prefix) = issued_with(&world, json!({})).await;
    let book = call("GET", BOOK, &key, "", "");
    within_a_second("issued", &there, &book, 200).await;

    let wish = json!({"jenis": "nomor", "nilai": PERSON, "alasan": "permintaan subjek data"});
    let restricted = admin(&world, "POST", "/subjek/batasi", &wish).await;
    assert_eq!(restricted.status, 200, "{}", restricted.json());
    let mut body = complaint("NODE-1");
    body["anonim"] = json!(false);
    body["pelapor"] = json!({"nama": "Warga Contoh", "nik": PERSON});
    tokio::time::sleep(Duration::from_millis(900)).await;
    let refused = send(
        &there,
        call(
            "POST",
            "/v1/pengaduan",
            &key,
            "Idempotency-Key: node-1\r\n",
            &body.to_string(),
        ),
    )
    .await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "subjek-dibatasi"));

    let path = format!("/kunci/{prefix}/cabut");
    assert_eq!(
        admin(&world, "POST", &path, &json!({"alasan": "bocor di log"}))
            .await
            .status,
        200
    );
    within_a_second("withdrawn", &there, &book, 401).await;
    other.stop().await.unwrap();
}
