//! The plan push of SIPD under both names of its headers: its page says `authentication` and `content_type`, working clients
//! send `Authorization` and `Content-Type`. Which of them an installation has is configuration.

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
