//! OSS called by a city: access, strictness, every look-up, certificates, files, faults. Helpers of the other OSS tests.

use serde_json::{Value, json};
use simulators::frame::SimClock;
use simulators::oss::{self, Access, Company, Oss, OssOptions};
use simulators::{Fault, Running};

use crate::client::{Reply, get, post};

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) async fn start() -> Running<Oss> {
    start_with(|_| {}).await
}

/// The clock stands still, so that times in answers are known.
pub(crate) async fn start_with(change: impl FnOnce(&mut OssOptions)) -> Running<Oss> {
    let mut options = OssOptions::default();
    options.common.speed = 0.0;
    change(&mut options);
    oss::start(options).await.unwrap()
}

pub(crate) async fn call(oss: &Running<Oss>, method: &str, body: Value) -> Reply {
    let call = post(format!("/v1/kl/rba/{method}")).json(&body);
    call.header("user_key", KEY).reply(oss.addr()).await
}

/// The first company with an application the city decides, and that application's id.
pub(crate) fn first(oss: &Running<Oss>) -> (Company, String) {
    let city = oss.with(|oss| oss.city());
    let company = (1..).map(|index| city.company(index).unwrap());
    let company = company
        .into_iter()
        .find(|company| company.for_the_city().next().is_some())
        .unwrap();
    let id = company.for_the_city().next().unwrap().to_owned();
    (company, id)
}

pub(crate) fn status_body(company: &Company, id: &str, code: &str, at: &str) -> Value {
    let (project, permit) = company.permits().find(|(_, permit)| permit.id == id).unwrap();
    json!({"IZINSTATUS": {
        "nib": company.nib, "id_produk": "", "id_proyek": project.id, "oss_id": company.oss_id, "id_izin": id,
        "kd_izin": permit.code(), "kd_instansi": "367", "kd_status": code, "tgl_status": at,
        "nip_status": "198801012010010000", "nama_status": "PETUGAS CONTOH", "keterangan": "Dokumen lengkap",
    }})
}

pub(crate) fn licence_body(company: &Company, id: &str, number: &str) -> Value {
    let (project, permit) = company.permits().find(|(_, permit)| permit.id == id).unwrap();
    let signer = if number.is_empty() { "" } else { "KEPALA CONTOH" };
    let mut body = json!({"IZINFINAL": {
        "nib": company.nib, "id_proyek": project.id, "oss_id": company.oss_id, "id_izin": id,
        "kd_izin": permit.code(), "kd_daerah": company.village, "nomor_izin": number,
        "tgl_terbit_izin": "2026-02-03", "tgl_berlaku_izin": "2031-02-02", "nama_ttd": signer, "nip_ttd": signer,
        "jabatan_ttd": signer, "status_izin": "50", "jenis_perizinan": "04",
    }});
    if !number.is_empty() {
        body["IZINFINAL"]["file_lampiran"] = "https://berkas.contoh.invalid/lampiran.pdf".into();
    }
    body
}

pub(crate) fn hours(clock: &SimClock, hours: i64) {
    clock.advance(jiff::SignedDuration::from_hours(hours));
}

#[tokio::test]
async fn the_city_must_say_who_it_is() {
    let oss = start().await;
    let body = json!({"CHECKNIB": {"nib": "0999000000001"}});
    let call = post("/v1/kl/rba/checkNIB").json(&body).header("user_key", "salah");
    let refused = call.reply(oss.addr()).await;
    let answer = refused.json();
    assert_eq!((refused.status, &answer["responcheckNIB"]["kode"]), (401, &json!(401)));
    assert_eq!(
        answer["responcheckNIB"]["dataNIB"],
        json!({"nib": "", "nama_perusahaan": "", "status": ""})
    );
    let found = super::oss::call(&oss, "checkNIB", body).await;
    assert_eq!(found.json()["responcheckNIB"]["dataNIB"]["nib"], "0999000000001");
    for prefix in ["/oss-sandbox", "/oss-sandbox/kl/rba", "/stg/v1/kl/rba"] {
        let call = post(format!("{prefix}/checkNIB")).json(&json!({"CHECKNIB": {"nib": "0999000000001"}}));
        assert_eq!(
            call.header("user_key", KEY).reply(oss.addr()).await.status,
            200,
            "{prefix}"
        );
    }
    let nowhere = post("/v1/kl/rba/rekonNIB").json(&json!({})).reply(oss.addr()).await;
    assert_eq!((nowhere.status, &nowhere.json()["kode"]), (404, &json!(404)));
    let wrong_method = get("/v1/kl/rba/checkNIB")
        .header("user_key", KEY)
        .reply(oss.addr())
        .await;
    assert_eq!(wrong_method.json()["responcheckNIB"]["kode"], 405);
}

#[tokio::test]
async fn the_old_key_exchange_lends_a_key_for_an_hour() {
    let oss = start_with(|options| options.access = Access::SecurityKey).await;
    let exchange = |password: &str| {
        let body = json!({"securityKey": {"user_akses": "OSS671", "pwd_akses": password}});
        let call = post("/sendSecurityKey").json(&body);
        let addr = oss.addr();
        async move { call.reply(addr).await }
    };
    assert_eq!(exchange("fedcba9876543210fedcba9876543211").await.status, 401);
    let lent = exchange("fedcba9876543210fedcba9876543210").await.json();
    let lent = &lent["responsendSecurityKey"];
    assert_eq!(lent["masa_berlaku"], "2026-02-03 09:00:00");
    let check = || {
        let call = post("/v1/kl/rba/checkNIB").json(&json!({"CHECKNIB": {"nib": "0999000000001"}}));
        let call = call.header("oss-api-key", lent["key"].as_str().unwrap());
        let addr = oss.addr();
        async move { call.reply(addr).await.status }
    };
    assert_eq!(check().await, 200);
    hours(oss.clock(), 1);
    assert_eq!(check().await, 401);
}

#[tokio::test]
async fn behind_the_national_connector_its_faults_come_first() {
    let mut options = OssOptions::default().behind_splp();
    options.common.speed = 0.0;
    let oss = oss::start(options).await.unwrap();
    assert!(oss.base_url().ends_with("/oss/1.0"));
    let ask = |token: Option<&'static str>, key: &'static str| {
        let mut call = post("/oss/1.0/checkNIB").json(&json!({"CHECKNIB": {"nib": "0999000000001"}}));
        call = call.header("user_key", key);
        if let Some(token) = token {
            call = call.header("authorizationsplp", token);
        }
        let addr = oss.addr();
        async move { call.reply(addr).await }
    };
    assert_eq!(ask(None, KEY).await.json()["fault"]["code"], 900_902);
    assert_eq!(ask(Some("Bearer salah"), KEY).await.json()["fault"]["code"], 900_901);
    let native = ask(Some("Bearer token-simulasi-splp"), "salah").await;
    assert_eq!(native.json()["responcheckNIB"]["kode"], 401);
    assert_eq!(ask(Some("Bearer token-simulasi-splp"), KEY).await.status, 200);
}

#[tokio::test]
async fn what_the_guide_forbids_is_refused_in_its_own_form() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let good = status_body(&company, &id, "10", "2026-02-03 09:00:00");
    let cases: [(&str, Value, &str); 14] = [
        ("tgl_status", json!("2026-02-03T09:00:00"), "tgl_status"),
        ("tgl_status", json!("2026-02-03 02:00:00Z"), "tgl_status"),
        ("tgl_status", json!("2026-02-03 09:00:00+07"), "tgl_status"),
        ("tgl_status", json!("03-02-2026 09:00:00"), "tgl_status"),
        ("kd_status", json!(10), "harus berupa teks"),
        ("kd_status", json!("5"), "kd_status"),
        ("kd_status", json!("58"), "tidak dikenal"),
        ("kd_instansi", json!("3671"), "melebihi 3"),
        ("nama_status", json!("-"), "wajib diisi"),
        ("keterangan", Value::Null, "wajib diisi"),
        ("oss_id", json!("P-202606100915300000001"), "OSS ID"),
        ("nib", json!("0999999999999"), "nib"),
        ("id_izin", json!("I-202406100921440000012"), "Data izin tidak ditemukan"),
        ("data_pnbp", json!("tidak ada"), "data_pnbp"),
    ];
    for (field, value, words) in cases {
        let mut body = good.clone();
        body["IZINSTATUS"][field] = value;
        let reply = call(&oss, "receiveLicenseStatus", body).await;
        let answer = &reply.json()["responreceiveLicenseStatus"];
        assert_eq!((reply.status, &answer["kode"]), (400, &json!(400)), "{field}");
        assert_eq!(answer["dataNIB"], json!({}));
        assert!(
            answer["keterangan"].as_str().unwrap().contains(words),
            "{field}: {answer}"
        );
    }
    let mut without = good.clone();
    without["IZINSTATUS"].as_object_mut().unwrap().remove("id_produk");
    assert_eq!(call(&oss, "receiveLicenseStatus", without).await.status, 400);
    let wrong_root = json!({"izinstatus": good["IZINSTATUS"]});
    assert_eq!(call(&oss, "receiveLicenseStatus", wrong_root).await.status, 400);
    let text = post("/v1/kl/rba/receiveLicenseStatus")
        .body("text/plain", good.to_string())
        .header("user_key", KEY);
    assert_eq!(text.reply(oss.addr()).await.status, 400);
    assert_eq!(oss.effects()["statuses"], 0);

    let mut more = good.clone();
    more["IZINSTATUS"]["data_pnbp"] = json!([{"kd_billing": "1", "nominal": 50_000}]);
    more["IZINSTATUS"]["tambahan"] = json!(true);
    let accepted = call(&oss, "receiveLicenseStatus", more.clone()).await.json();
    assert_eq!(accepted["responreceiveLicenseStatus"]["kode"], 200);
    assert_eq!(oss.effects()["unknown_keys"], 1);
    oss.with(|oss| oss.options.strict.unknown_keys = true);
    assert_eq!(call(&oss, "receiveLicenseStatus", more).await.status, 400);
    oss.with(|oss| oss.options.strict.text_codes = false);
    let mut number = good;
    number["IZINSTATUS"]["kd_status"] = json!(20);
    assert_eq!(call(&oss, "receiveLicenseStatus", number).await.status, 200);
}

#[tokio::test]
async fn a_time_in_the_wrong_zone_is_seen_when_the_window_is_set() {
    let oss = start_with(|options| {
        options.strict.ahead_seconds = Some(60);
        options.strict.behind_seconds = Some(3600);
    })
    .await;
    let (company, id) = first(&oss);
    for (at, status) in [
        ("2026-02-03 08:00:30", 200),
        ("2026-02-03 01:00:30", 400),
        ("2026-02-03 09:00:00", 400),
    ] {
        let reply = call(&oss, "receiveLicenseStatus", status_body(&company, &id, "10", at)).await;
        assert_eq!(reply.status, status, "{at}");
    }
}

#[tokio::test]
async fn look_ups_find_the_same_company_by_every_name() {
    let oss = start().await;
    let (company, id) = first(&oss);
    for (name, value) in [
        ("nib", &company.nib),
        ("oss_id", &company.oss_id),
        ("npwp", &company.npwp),
    ] {
        let found = call(&oss, "inqueryNIB", json!({"INQUERYNIB": {name: value}}))
            .await
            .json();
        let nib = &found["responinqueryNIB"]["dataNIB"];
        assert_eq!(nib["nib"], company.nib.as_str(), "{name}");
        assert!(nib.get("id_izin").is_none() && nib["data_checklist"][0]["data_teknis"].is_object());
    }
    let npwp = json!({"FETCHNIB": {"npwp_perusahaan": format!("0{}", company.npwp)}});
    let fetched = call(&oss, "fetchNIB", npwp).await.json();
    let fetched = &fetched["responfetchNIB"]["dataNIB"];
    assert_eq!(fetched["_id"].as_str().unwrap().len(), 24);
    assert!(fetched["data_proyek"][0]["kbli"].is_array());
    let project = &company.projects[0];
    let flat = call(
        &oss,
        "inqueryProyek",
        json!({"nib": company.nib, "id_proyek": project.id}),
    )
    .await
    .json();
    assert_eq!(flat["kode_status"], 200);
    assert_eq!(flat["data"]["data_proyek"][0]["id_proyek"], project.id.as_str());
    for wanted in [json!(true), json!("TRUE"), json!(false)] {
        let body = json!({"INQUERYLICENSE": {"id_izin": id, "data_persyaratan": wanted}});
        let licence = call(&oss, "inqueryLicense", body).await.json();
        let licence = &licence["dataLicense"];
        assert_eq!((&licence["success"], &licence["code"]), (&json!(true), &json!(200)));
        let row = &licence["data"]["data_checklist"][0];
        assert_eq!(row["id_izin"], id.as_str());
        assert_eq!(row.get("data_persyaratan").is_some(), wanted != json!(false));
        assert_eq!(licence["data"]["data_proyek"][0].as_object().unwrap().len(), 14);
    }
    let franchise = oss.with(|oss| oss.city().company(57).unwrap());
    let stpw = call(
        &oss,
        "inqueryNIBSTPW",
        json!({"INQUERYNIBSTPW": {"nib": franchise.nib}}),
    )
    .await
    .json();
    assert_eq!(stpw["responinqueryNIBSTPW"]["dataNIBSTPW"]["kewenangan"], "03");
    let none = call(
        &oss,
        "inqueryNIBSTPW",
        json!({"INQUERYNIBSTPW": {"nib": "0999000000001"}}),
    )
    .await;
    assert_eq!(none.status, 400);
}

#[tokio::test]
async fn code_lists_one_to_thirty_two() {
    let oss = start().await;
    let list = |number: String| {
        let body = json!({"GETDATAREFERENSI": {"kode": number}});
        let oss = &oss;
        async move { call(oss, "getDataReferensi", body).await.json()["respongetDataReferensi"].clone() }
    };
    for number in 1..=32 {
        let rows = list(number.to_string()).await;
        assert!(!rows["dataReferensi"].as_array().unwrap().is_empty(), "{number}");
    }
    let statuses = list("10".to_owned()).await;
    let codes: Vec<&str> = statuses["dataReferensi"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kode_referensi"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"05") && codes.contains(&"93") && !codes.contains(&"58") && !codes.contains(&"91"));
    let unknown = list("33".to_owned()).await;
    assert!(unknown.get("dataReferensi").is_none() && unknown["kode"] == 400);
    oss.faults().once("getDataReferensi", Fault::EmptyList);
    assert_eq!(list("8".to_owned()).await["dataReferensi"], json!([]));
}

#[tokio::test]
async fn certificates_come_back_rendered() {
    let oss = start().await;
    let (_, id) = first(&oss);
    let sent = json!({
        "id_permohonan_izin": id, "nomor_sertifikat": "ID-CONTOH-1", "url_sertifikat": "https://berkas.contoh.invalid/s.pdf",
        "tanggal_terbit": "2022-09-03", "masa_berlaku": "2", "satuan_waktu": "06", "jenis_sertifikat": "02",
    });
    for root in ["DATACERTIFICATE", "receiveCertificate"] {
        let reply = call(&oss, "receiveCertificate", json!({ root: sent })).await.json();
        let data = &reply["responReceiveCertificate"]["dataCertificate"];
        assert!(
            data["id_sertifikat"].as_str().unwrap().starts_with("SHI-2026"),
            "{reply}"
        );
    }
    let inquire = |path: String| {
        let call = get(path).header("user_key", KEY);
        let addr = oss.addr();
        async move { call.reply(addr).await }
    };
    let found = inquire(format!("/v1/kl/rba/inqueryCertificate/{id}")).await.json();
    let data = &found["responInqueryCertificate"]["dataCertificate"];
    assert_eq!(data["tanggal_terbit"], "2022-09-02T17:00:00.000Z");
    assert_eq!(data["masa_berlaku"], "2 Tahun");
    assert!(data["jenis_sertifikat"].as_str().unwrap().contains('ش'));
    let missing = inquire("/v1/kl/rba/inqueryCertificate/I-1".to_owned()).await;
    let answer = missing.json();
    assert_eq!(missing.status, 404);
    assert_eq!(answer["responInqueryCertificate"]["kode"], "");
    assert_eq!(answer["responInqueryCertificate"]["dataCertificate"], json!({}));
    assert_eq!(oss.effects()["certificates"], 1);
}

#[tokio::test]
async fn faults_speak_as_oss_and_a_timeout_hides_whether_it_was_done() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let body = |minute: u8| status_body(&company, &id, "10", &format!("2026-02-03 09:{minute:02}:00"));
    oss.faults().once("receiveLicenseStatus", Fault::OkWithErrorBody);
    let reply = call(&oss, "receiveLicenseStatus", body(0)).await;
    assert_eq!(
        (reply.status, &reply.json()["responreceiveLicenseStatus"]["kode"]),
        (200, &json!(500))
    );
    let mut timeouts = Vec::new();
    for stored in [false, true] {
        oss.faults()
            .once("receiveLicenseStatus", Fault::BackendTimeout { stored });
        let reply = call(&oss, "receiveLicenseStatus", body(1)).await;
        timeouts.push((reply.status, reply.body));
        assert_eq!(oss.effects()["statuses"], u64::from(stored));
    }
    assert_eq!(timeouts[0], timeouts[1]);
    assert_eq!(timeouts[0].0, 504);
    oss.faults()
        .once("receiveLicenseStatus", Fault::TokenExpired { code: 900_903 });
    assert_eq!(call(&oss, "receiveLicenseStatus", body(2)).await.status, 401);
    oss.faults().once("receiveLicenseStatus", Fault::HangUpAfterStoring);
    let cut = post("/v1/kl/rba/receiveLicenseStatus")
        .json(&body(3))
        .header("user_key", KEY);
    assert!(cut.send(oss.addr()).await.is_none());
    assert_eq!(oss.effects()["statuses"], 2);
}
