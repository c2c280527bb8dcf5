//! Licence numbers: two steps, what burns one, updates, signed files.

use serde_json::{Value, json};
use simulators::oss::Oss;
use simulators::{Fault, Running};

use crate::client::get;
use crate::oss::{KEY, call, first, hours, licence_body, start, start_with, status_body};

async fn step(oss: &Running<Oss>, number: &str) -> Value {
    let (company, id) = first(oss);
    let reply = call(oss, "receiveLicense", licence_body(&company, &id, number)).await;
    reply.json()["responreceiveLicense"].clone()
}

#[tokio::test]
async fn two_steps_make_one_licence() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let taken = step(&oss, "").await;
    let number = taken["nomor_izin"].as_str().unwrap().to_owned();
    assert_eq!(number, format!("{}0001", company.nib));
    assert_eq!(oss.with(|oss| oss.burnt().len()), 1, "taken and not completed");
    assert_eq!(step(&oss, "09990000009990001").await["kode"], 400);
    assert_eq!(step(&oss, &number).await["kode"], 200);
    assert_eq!(step(&oss, &number).await["kode"], 200);
    let effects = oss.effects();
    let counts = [
        "numbers_issued",
        "numbers_completed",
        "numbers_burnt",
        "completions_repeated",
    ];
    assert_eq!(counts.map(|name| effects[name].as_u64().unwrap()), [1, 1, 0, 1]);
    assert!(oss.with(|oss| oss.burnt().is_empty()));
    let found = call(
        &oss,
        "checkLicenseStatus",
        json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
    )
    .await
    .json();
    let found = &found["responcheckStatusLicense"]["dataIZIN"];
    assert_eq!(
        (&found["kd_status"], &found["nib"]),
        (&json!("50"), &json!(company.nib))
    );
    let looked_up = call(&oss, "inqueryNIB", json!({"INQUERYNIB": {"nib": company.nib}}))
        .await
        .json();
    let rows = looked_up["responinqueryNIB"]["dataNIB"]["data_checklist"]
        .as_array()
        .unwrap()
        .clone();
    let row = rows.iter().find(|row| row["id_izin"] == id.as_str()).unwrap();
    assert_eq!(
        (&row["no_izin"], &row["status_checklist"]),
        (&json!(number), &json!("50"))
    );
}

#[tokio::test]
async fn a_blind_repeat_of_the_first_step_burns_a_number() {
    let oss = start().await;
    oss.faults()
        .once("receiveLicense", Fault::BackendTimeout { stored: true });
    assert!(step(&oss, "").await["nomor_izin"].is_null());
    let second = step(&oss, "").await["nomor_izin"].as_str().unwrap().to_owned();
    step(&oss, &second).await;
    let effects = oss.effects();
    assert_eq!(
        (&effects["numbers_issued"], &effects["numbers_burnt"]),
        (&json!(2), &json!(1))
    );
    let (_, id) = first(&oss);
    assert!(oss.with(|oss| oss.burnt() == [id.as_str()]));

    let careful = start_with(|options| options.first_step_repeatable = true).await;
    let numbers = [step(&careful, "").await, step(&careful, "").await];
    assert_eq!(numbers[0]["nomor_izin"], numbers[1]["nomor_izin"]);
    assert_eq!(careful.effects()["numbers_issued"], 1);
}

#[tokio::test]
async fn the_second_step_needs_a_signer_and_a_rejection_takes_no_number() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let number = step(&oss, "").await["nomor_izin"].as_str().unwrap().to_owned();
    let mut unsigned = licence_body(&company, &id, &number);
    unsigned["IZINFINAL"]["nama_ttd"] = "".into();
    let reply = call(&oss, "receiveLicense", unsigned).await.json();
    assert_eq!(reply["responreceiveLicense"]["kode"], 400);
    assert_eq!(reply["responreceiveLicense"]["nomor_izin"], "");

    let other = start().await;
    let mut rejected = licence_body(&company, &id, "");
    rejected["IZINFINAL"]["status_izin"] = "90".into();
    let reply = call(&other, "receiveLicense", rejected).await.json();
    assert_eq!(reply["responreceiveLicense"]["nomor_izin"], "");
    assert_eq!(step(&other, "").await["kode"], 400);
    assert_eq!(other.effects()["numbers_issued"], 0);
}

#[tokio::test]
async fn a_created_answer_may_lack_its_number() {
    let oss = start().await;
    oss.faults().once("receiveLicense", Fault::CreatedWithoutId);
    let taken = step(&oss, "").await;
    assert_eq!((&taken["kode"], &taken["nomor_izin"]), (&json!(200), &json!("")));
    assert_eq!(oss.effects()["numbers_issued"], 1);
}

#[tokio::test]
async fn an_update_replaces_the_attachment_of_an_issued_licence() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let number = step(&oss, "").await["nomor_izin"].as_str().unwrap().to_owned();
    let mut body = licence_body(&company, &id, &number);
    let fields = body["IZINFINAL"].as_object_mut().unwrap();
    fields.remove("jenis_perizinan");
    fields.insert("kewenangan".to_owned(), "02".into());
    fields.insert("keterangan".to_owned(), "Ganti lampiran".into());
    fields.insert("nomenklatur_nomor_izin".to_owned(), "".into());
    fields.insert("thn_berlaku_izin".to_owned(), "5".into());
    assert_eq!(
        call(&oss, "updateLicense", body.clone()).await.status,
        400,
        "not issued yet"
    );
    step(&oss, &number).await;
    let updated = call(&oss, "updateLicense", body.clone()).await.json();
    assert_eq!(updated["responupdateLicense"]["nomor_izin"], number);
    assert!(updated["responupdateLicense"]["keterangan_reset_izin_ds"].is_string());
    body["IZINFINAL"]["thn_berlaku_izin"] = 5.into();
    assert_eq!(call(&oss, "updateLicense", body).await.status, 400, "text here");
    assert_eq!(oss.with(|oss| oss.applications()[&id].updates), 1);
}

#[tokio::test]
async fn a_signed_file_appears_after_a_while_and_needs_the_key() {
    let oss = start_with(|options| options.sign_after_seconds = 7200).await;
    let (_, id) = first(&oss);
    let ask = || {
        call(
            &oss,
            "inqueryFileDS",
            json!({"INQUERYFILEDS": {"id_permohonan_izin": id}}),
        )
    };
    let early = ask().await.json();
    assert_eq!(early["responInqueryFileDS"]["status"], "400");
    let number = step(&oss, "").await["nomor_izin"].as_str().unwrap().to_owned();
    step(&oss, &number).await;
    assert_eq!(ask().await.json()["responInqueryFileDS"]["status"], "400");
    hours(oss.clock(), 2);
    let ready = ask().await.json();
    assert_eq!(ready["responInqueryFileDS"]["status"], "200");
    let url = ready["responInqueryFileDS"]["url_file_ds"].as_str().unwrap();
    let path = url.strip_prefix(&format!("http://{}", oss.addr())).unwrap().to_owned();
    assert!(path.contains("/file/download//U"));
    assert_eq!(get(path.clone()).reply(oss.addr()).await.status, 401);
    let file = get(path).header("user_key", KEY).reply(oss.addr()).await;
    assert!(file.body.starts_with("%PDF"));
}

#[tokio::test]
async fn kkpr_has_its_own_message_without_a_nib() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let status = status_body(&company, &id, "50", "2026-02-03 09:00:00");
    let mut fields = status["IZINSTATUS"].clone();
    let map = fields.as_object_mut().unwrap();
    for key in ["nib", "id_produk", "kd_instansi"] {
        map.remove(key);
    }
    let incomplete = call(&oss, "receiveLicenseKKPR", json!({"IZINFINALKKPR": fields})).await;
    assert_eq!(incomplete.status, 400);
    fields["data_teknis"] = json!({"luas": "450", "koefisien_dasar_bangunan": 60.5, "nomor_pertek": "1/2026"});
    let reply = call(&oss, "receiveLicenseKKPR", json!({"IZINFINALKKPR": fields}))
        .await
        .json();
    assert_eq!(reply["responreceiveLicenseKKPR "]["kode"], 200);
    fields["data_teknis"]["koefisien_dasar_bangunan"] = "60.5".into();
    assert_eq!(
        call(&oss, "receiveLicenseKKPR", json!({"IZINFINALKKPR": fields}))
            .await
            .status,
        400
    );
    assert_eq!(oss.with(|oss| oss.applications()[&id].status()), 50);
}
