//! The older generations of SIPD. The plan push under both names of its headers: its page says `authentication` and
//! `content_type`, working clients send `Authorization` and `Content-Type`; which of them an installation has is
//! configuration. And the archive of the years before, a copy like any other.

use crate::world::{only, world};
use e2e::neighbours::city;
use e2e::setup::system;
use serde_json::{Value, json};
use toml::Table;

fn plan() -> Value {
    json!({
        "nomor_kiriman": "R-1", "tahun": 2020, "tahap": "ranwal",
        "skpd": [{
            "kode_bidang_urusan": "1.01", "nama_bidang_urusan": "Pendidikan",
            "kode_skpd": "1.01.2.19.0.00.01.0000", "nama_skpd": "Dinas Pendidikan",
            "program": [{"kode_program": "1.01-0001", "nama_program": "Pengelolaan Pendidikan"}],
        }],
    })
}

/// The names of the service's page.
fn of_the_page(table: &mut Table) {
    let names: Table = r#"
        [auth]
        jenis = "headers"
        kepala = [{ nama = "authentication", awalan = "Bearer ", nilai = { env = "SIMPUL_SANDBOX_SIPD_RENCANA" } }]
        [kepala]
        content_type = "application/json"
    "#
    .parse()
    .unwrap();
    system(table, "sipd-rencana").unwrap().extend(names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_push_goes_under_the_header_names_that_are_configured() {
    for page in [false, true] {
        let world = world(city(60), |table| {
            only(table, &[]);
            if page {
                of_the_page(table);
            }
        })
        .await;
        world
            .neighbours
            .sipd
            .with(|sipd| sipd.options.quirks.page_headers = page);
        let receipt = world.post("/v1/rencana", &plan()).await;
        assert_eq!(receipt["keadaan"], "menunggu_ekstraksi", "{receipt}");
        let id = receipt["id"].as_str().unwrap();
        let back = world.get(&format!("/v1/rencana/{id}")).await;
        assert_eq!(back["keadaan"], "terbaca", "{back}");
        assert_eq!(world.neighbours.sipd.effects()["pushes"], 1, "page: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_archive_of_the_years_before_is_a_copy_like_any_other() {
    let world = world(city(300), |table| only(table, &["arsip-sp2d"])).await;
    world.complete(&["arsip-sp2d"]).await;
    let records = world.all("/v1/perbendaharaan/arsip-sp2d").await;
    let town = world.neighbours.sipd.with(|sipd| sipd.year());
    // The played archive holds what the city paid first.
    let there: Vec<String> = town
        .city
        .payments
        .iter()
        .take(200)
        .map(|p| p.amount.to_string())
        .collect();
    assert_eq!(records.len(), there.len());
    assert!(records.iter().all(|record| record["tahun"] == 2023), "{}", records[0]);
    let plain = |amount: &str| match amount.split_once('.') {
        Some((whole, rest)) if rest.trim_end_matches('0').is_empty() => whole.to_owned(),
        Some((whole, rest)) => format!("{whole}.{}", rest.trim_end_matches('0')),
        None => amount.to_owned(),
    };
    let mut kept: Vec<&str> = records.iter().map(|r| r["nilai_uang"].as_str().unwrap()).collect();
    let mut paid: Vec<String> = there.iter().map(|amount| plain(amount)).collect();
    kept.sort_unstable();
    paid.sort_unstable();
    assert_eq!(kept, paid, "amounts as text come in to the last decimal");
}
