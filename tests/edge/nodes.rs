//! Two nodes on one PostgreSQL: a key that one node issued opens the other, one that it withdrew no longer does, and a restriction of
//! a data subject holds there, each within a second; a signed request that one node took the other refuses, also after a restart; calls at one node
//! count at the other. Run when `SIMPUL_TEST_PG` names a database; without one it says so and proves nothing.

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

/// Two nodes and the address of the second.
struct Pair {
    world: World,
    other: Inside,
    sibling: Setup,
    there: String,
}

impl Pair {
    /// `None` without a database.
    #[expect(clippy::disallowed_methods, reason = "tests alone may ask where their database is")]
    async fn start(name: &str, grants: &str) -> Option<Self> {
        let Ok(database) = std::env::var("SIMPUL_TEST_PG") else {
            println!("not run: SIMPUL_TEST_PG is not set");
            return None;
        };
        let schema = format!("uji_{name}_{}", std::process::id());
        let neighbours = Neighbours::start().await.unwrap();
        let mut setup = Setup::write(&neighbours, |table| {
            consumer(table, OFFICE, grants);
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
        Some(Self {
            world,
            other,
            sibling,
            there,
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_withdraws_or_restricts_holds_on_the_other_within_a_second() {
    let grants = grant(r#"["perpustakaan.buku.lihat", "pengaduan.kirim"]"#, "");
    let Some(Pair {
        world,
        other,
        there,
        sibling: _sibling,
    }) = Pair::start("tepi", &grants).await
    else {
        return;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_is_taken_by_one_node_alone_and_not_after_a_restart_either() {
    let grants = grant(r#"["perpustakaan.buku.lihat"]"#, "");
    let Some(mut pair) = Pair::start("tanda", &grants).await else {
        return;
    };
    let (secret, partner) = issued_with(&pair.world, json!({"tanda_tangan": true})).await;
    let signed = |external: &str| crate::signed::read((&secret, &partner), external);
    within_a_second("the secret is known", &pair.there, &signed("R-0"), 200).await;

    let captured = signed("R-1");
    assert_eq!(send(&pair.world.public, &captured).await.status, 200);
    let again = send(&pair.there, &captured).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (409, "rujukan-ganda"),
        "at the other node"
    );

    pair.other.stop().await.unwrap();
    let other = Inside::start(&pair.sibling).await.unwrap();
    let address = other.targets(&pair.sibling, &pair.world.neighbours).gateway;
    pair.there = address.replace("http://", "");
    assert_eq!(send(&pair.there, &captured).await.status, 409, "after a restart");
    assert_eq!(send(&pair.there, signed("R-2")).await.status, 200);

    // Of many at once on both nodes one is taken.
    let race = signed("R-3");
    let asked = (0..16).map(|n| send(if n % 2 == 0 { &pair.there } else { &pair.world.public }, &race));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.status == 409).count(), 15);
    other.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_one_node_count_at_the_other() {
    let grants = "[[hak]]\noperasi = [\"perpustakaan.buku.lihat\"]\ntujuan = \"Uji\"\ndasar_hukum = \"Uji\"\nperjanjian = \"UJI-1\"\n\
                  per_menit = 4\nsekaligus = 40\n";
    let Some(Pair {
        world,
        other,
        there,
        sibling: _sibling,
    }) = Pair::start("kuota", grants).await
    else {
        return;
    };
    let (key, _) = issued_with(&world, json!({})).await;
    let book = call("GET", BOOK, &key, "", "");
    within_a_second("issued", &there, &book, 200).await;
    // Both have looked at each other's counts.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for n in 0..37 {
        assert_eq!(send(&world.public, &book).await.status, 200, "call {n}");
    }
    let begun = Instant::now();
    let mut taken = 0;
    while send(&there, &book).await.status == 200 {
        taken += 1;
        assert!(begun.elapsed() < Duration::from_secs(10), "{taken} taken");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    println!(
        "{taken} taken in {:?} before the other node's count held",
        begun.elapsed()
    );
    assert!(taken < 15, "{taken} taken; alone it would have been 39");
    let refused = send(&there, &book).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "batas-terlampaui"));
    other.stop().await.unwrap();
}
