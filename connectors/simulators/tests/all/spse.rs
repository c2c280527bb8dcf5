//! LKPP's interfaces over HTTP: who may call, how pages go on, what is odd, and how each switch bites.

use serde_json::{Value, json};
use simulators::city::CityOptions;
use simulators::frame::Running;
use simulators::spse::{self, EmptyForm, Spse, SpseOptions};

use crate::client::{Call, Reply, get};

async fn played() -> Running<Spse> {
    let options = SpseOptions {
        city: CityOptions {
            packages: 1_500,
            budget_lines: 2_500,
            payments: 500,
            ..CityOptions::default()
        },
        ..SpseOptions::default()
    };
    spse::start(options).await.unwrap()
}

fn signed(path: &str) -> Call {
    get(format!("/api/{path}")).header("authorization", "Bearer token-simulasi-inaproc")
}

async fn page(spse: &Running<Spse>, path: &str) -> Value {
    signed(path).reply(spse.addr()).await.json()
}

async fn bus(spse: &Running<Spse>, form: &str, name: &str, tail: &str) -> Reply {
    let key = spse.with(|spse| spse.bus_key(name));
    get(format!("/isb-2/api/{key}/{form}/1234/{name}/{tail}"))
        .reply(spse.addr())
        .await
}

#[tokio::test]
async fn the_edge_the_token_and_the_parameters_refuse_each_in_its_own_way() {
    let spse = played().await;
    let path = "v1/rup/master-satker?kode_klpd=D999&tahun=2026&limit=5";
    let none = get(format!("/api/{path}")).reply(spse.addr()).await;
    assert_eq!(
        (none.status, none.json()),
        (401, json!({"error": "Authorization field missing"}))
    );
    let wrong = get(format!("/api/{path}"))
        .header("authorization", "Bearer x")
        .reply(spse.addr())
        .await;
    assert_eq!(
        (wrong.status, &wrong.json()["error"]["code"]),
        (401, &json!("Unauthorized"))
    );
    assert_eq!(
        signed("v1/rup/master-satker?tahun=2026")
            .reply(spse.addr())
            .await
            .status,
        400
    );
    assert_eq!(
        signed("v1/tender/tender-selesai?kode_klpd=D999&tahun=2026")
            .reply(spse.addr())
            .await
            .status,
        404
    );
    spse.with(|spse| spse.options.blocked = true);
    let edge = signed(path).reply(spse.addr()).await;
    assert_eq!(edge.status, 403);
    assert!(edge.body.starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn pages_follow_a_hash_and_the_last_has_a_cursor_all_the_same() {
    let spse = played().await;
    let first = page(&spse, "v1/rup/master-satker?kode_klpd=D999&tahun=2030&limit=40").await;
    assert_eq!(first["meta"]["has_more"], json!(true));
    let cursor = first["meta"]["cursor"]
        .as_str()
        .unwrap()
        .replace('=', "%3D")
        .replace('+', "%2B")
        .replace('/', "%2F");
    let second = page(
        &spse,
        &format!("v1/rup/master-satker?kode_klpd=D999&tahun=2030&limit=40&cursor={cursor}"),
    )
    .await;
    assert_eq!(second["meta"]["has_more"], json!(false));
    assert!(second["meta"]["cursor"].is_string());
    let count = |page: &Value| page["data"].as_array().unwrap().len();
    assert_eq!(count(&first) + count(&second), 60);
    // Without a limit a page has one row.
    assert_eq!(
        count(&page(&spse, "v1/rup/master-satker?kode_klpd=D999&tahun=2026").await),
        1
    );
}

#[tokio::test]
async fn the_gateway_masks_persons_and_the_bus_does_not() {
    let spse = played().await;
    let masked = page(
        &spse,
        "v1/rup/paket-penyedia-terumumkan?kode_klpd=D999&tahun=2026&limit=1",
    )
    .await;
    let row = &masked["data"][0];
    assert!(row["nip_ppk"].as_str().unwrap().starts_with("***************"));
    assert!(row["nama_ppk"].as_str().unwrap().contains("***"));
    assert!(row.get("_event_date").is_none() && row["last_update_ref"].is_string());
    let clear = bus(
        &spse,
        "json",
        "RUP-PaketPenyedia-Terumumkan",
        "tipe/4:12/parameter/2026:D999",
    )
    .await
    .json();
    assert!(clear[0]["nip_ppk"].as_str().unwrap().ends_with("0000"));
    assert!(clear[0]["_event_date"].is_string());
    // The misspelling is the real key.
    assert!(clear[0]["urarian_pekerjaan"].is_string());
    let orders = page(
        &spse,
        "v1/ekatalog/paket-e-purchasing?kode_klpd=D999&tahun=2026&limit=1",
    )
    .await;
    assert!(orders["data"][0]["rup_code"].is_string() && orders["data"][0].get("kd_rup").is_none());
}

#[tokio::test]
async fn the_bus_has_an_order_of_its_own_for_each_data_set_and_two_ways_to_say_nothing() {
    let spse = played().await;
    let name = "RUP-MasterSatker";
    assert_eq!(
        bus(&spse, "json", name, "tipe/12:12/parameter/D999:2026")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        60
    );
    let swapped = bus(&spse, "json", name, "tipe/12:12/parameter/2026:D999").await;
    assert_eq!(
        (swapped.status, swapped.body.starts_with("<invalid_response>")),
        (200, true)
    );
    spse.with(|spse| spse.options.quirks.empty = EmptyForm::ZeroBytes);
    assert_eq!(
        bus(&spse, "json", name, "tipe/12:12/parameter/2026:D999").await.body,
        ""
    );
    let foreign = get(format!("/isb-2/api/salah/json/1/{name}/tipe/12:12/parameter/D999:2026"))
        .reply(spse.addr())
        .await;
    assert_eq!(foreign.body, "Kunci tidak sah");
    let csv = bus(&spse, "csv", name, "tipe/12:12/parameter/D999:2026").await.body;
    assert!(csv.starts_with("alamat,") && csv.lines().count() == 61);
}

#[tokio::test]
async fn rows_are_as_odd_as_the_real_ones() {
    let spse = played().await;
    let tail = "tipe/4:4/parameter/2026:999";
    let started = bus(&spse, "json", "SPSE-NonTenderEkontrak-SPMKSPP", tail).await.json();
    assert!(
        started[0]["tgl_mulai_pekerjaan"]
            .as_str()
            .unwrap()
            .ends_with(", 12:00:00AM")
    );
    assert!(
        started[0]["tgl_spmk_spp"]
            .as_str()
            .unwrap()
            .ends_with("T00:00:00.000000Z")
    );
    let own = bus(&spse, "json", "SPSE-PencatatanSwakelolaRealisasi", tail)
        .await
        .json();
    assert!(own[0]["nip_ppk"].is_u64());
    let bidders = bus(&spse, "json", "SPSE-PesertaTender", tail).await.json();
    assert!(
        bidders
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["kd_peserta"].is_null())
    );
    let values = bus(&spse, "json", "SPSE-TenderSelesaiNilai", tail).await.json();
    assert!(
        values
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["kd_penyedia"].is_null())
    );
    let structure = bus(&spse, "json", "RUP-StrukturAnggaranPD", "tipe/4:12/parameter/2026:D999")
        .await
        .json();
    assert!(
        structure
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["tahun_anggaran"].is_null())
    );
    let bills = bus(&spse, "json", "SPSE-NonTenderEkontrak-BAPBAST", tail).await.json();
    let bills: Vec<String> = bills.as_array().unwrap().iter().map(Value::to_string).collect();
    let different: std::collections::BTreeSet<&String> = bills.iter().collect();
    assert!(different.len() < bills.len());
}

#[tokio::test]
async fn open_data_drifts_and_knows_no_other_lpse() {
    let spse = played().await;
    let open = |path: &'static str| get(format!("/isb-2/api/satudata/{path}")).reply(spse.addr());
    let rows = open("TenderUmumPublik/2026/999").await.json();
    assert!(rows[0]["Kode Tender"].is_i64());
    spse.with(|spse| spse.options.quirks.open_underscores = true);
    assert!(open("TenderUmumPublik/2026/999").await.json()[0]["Kode_Tender"].is_i64());
    assert_eq!(open("TenderUmumPublik/2026/1").await.body, "URL-NOT-DEFINED");
}
