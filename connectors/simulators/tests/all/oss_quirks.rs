//! The quirk list, one by one: on as documented, and off (or turned) by its switch. The number leads each test's name.

use serde_json::{Value, json};
use simulators::Running;
use simulators::oss::quirks::{Absent, Authority, CheckEnvelope, CodeType, ErrorData, ErrorHttp, Numbers};
use simulators::oss::{Method, Oss, Quirks, Revision};

use crate::client::Reply;
use crate::oss::{call, first, licence_body, start, status_body};

fn turn(oss: &Running<Oss>, change: impl FnOnce(&mut Quirks)) {
    oss.with(|oss| {
        let mut quirks = oss.options.quirks.clone();
        change(&mut quirks);
        oss.set_quirks(quirks);
    });
}

/// The document as pushed, under whatever root.
fn pushed(oss: &Running<Oss>, index: u32) -> Value {
    let pusher = oss.with(|oss| oss.pusher());
    let push = pusher.prepare(Method::Nib, index, Revision::ORIGINAL).unwrap();
    let body: Value = serde_json::from_slice(&push.body).unwrap();
    body.as_object().unwrap().values().next().unwrap().clone()
}

async fn inquire(oss: &Running<Oss>, nib: &str) -> Reply {
    call(oss, "inqueryNIB", json!({"INQUERYNIB": {"nib": nib}})).await
}

async fn missing(oss: &Running<Oss>, method: &str) -> Reply {
    let (id, nib) = ("I-202001010000000000016", "0999999999999");
    let body = match method {
        "inqueryNIB" => json!({"INQUERYNIB": {"nib": nib}}),
        "fetchNIB" => json!({"FETCHNIB": {"nib": nib}}),
        "checkNIB" => json!({"CHECKNIB": {"nib": nib}}),
        "inqueryProyek" => json!({"nib": nib, "id_proyek": "R-1"}),
        "inqueryLicense" => json!({"INQUERYLICENSE": {"id_izin": id}}),
        "inqueryFileDS" => json!({"INQUERYFILEDS": {"id_permohonan_izin": id}}),
        _ => json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
    };
    call(oss, method, body).await
}

#[tokio::test]
async fn quirk_01_a_space_after_tipe_dokumen() {
    let oss = start().await;
    let (company, _) = first(&oss);
    assert_eq!(pushed(&oss, 1)["tipe_dokumen "], "9");
    let found = inquire(&oss, &company.nib).await.json();
    assert_eq!(found["responinqueryNIB"]["dataNIB"]["tipe_dokumen "], "9");
    turn(&oss, |quirks| quirks.document_type_space = false);
    assert_eq!(pushed(&oss, 1)["tipe_dokumen"], "9");
}

#[tokio::test]
async fn quirk_02_a_space_inside_nm_dokumen() {
    let oss = start().await;
    let (company, _) = first(&oss);
    for spaced in [true, false] {
        turn(&oss, |quirks| quirks.inner_space = spaced);
        let found = inquire(&oss, &company.nib).await.json();
        let row = &found["responinqueryNIB"]["dataNIB"]["data_checklist"][0];
        assert_eq!(row.get("nm_ dokumen").is_some(), spaced);
        assert_eq!(row.get("nm_dokumen").is_some(), !spaced);
    }
}

#[tokio::test]
async fn quirk_03_a_space_after_the_kkpr_envelope() {
    let oss = start().await;
    for (spaced, key) in [(true, "responreceiveLicenseKKPR "), (false, "responreceiveLicenseKKPR")] {
        turn(&oss, |quirks| quirks.kkpr_space = spaced);
        let reply = call(&oss, "receiveLicenseKKPR", json!({"IZINFINALKKPR": {}}))
            .await
            .json();
        assert_eq!(reply[key]["kode"], 400);
    }
}

#[tokio::test]
async fn quirk_04_envelopes_spelled_in_many_ways() {
    let oss = start().await;
    let (company, id) = first(&oss);
    let check = || {
        call(
            &oss,
            "checkLicenseStatus",
            json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
        )
    };
    assert!(check().await.json().get("responcheckStatusLicense").is_some());
    assert!(
        missing(&oss, "checkLicenseStatus")
            .await
            .json()
            .get("responsecheckStatusLicense")
            .is_some()
    );
    turn(&oss, |quirks| quirks.check_envelope = CheckEnvelope::Table);
    assert!(check().await.json().get("responcheckLicenseStatus").is_some());
    let old_root = json!({"IZINSTATUS": {"id_izin": id}});
    assert_eq!(call(&oss, "checkLicenseStatus", old_root.clone()).await.status, 400);
    oss.with(|oss| oss.options.strict.current_roots = false);
    assert_eq!(call(&oss, "checkLicenseStatus", old_root).await.status, 200);
    assert!(
        missing(&oss, "inqueryFileDS")
            .await
            .json()
            .get("responInqueryFileDS")
            .is_some()
    );
    turn(&oss, |quirks| quirks.proxy_envelope = true);
    assert!(inquire(&oss, &company.nib).await.json().get("respon").is_some());

    turn(&oss, |quirks| quirks.misspelled_push = true);
    let pusher = oss.with(|oss| oss.pusher());
    let roots = (1..=9).map(|index| {
        let push = pusher.prepare(Method::Nib, index, Revision::ORIGINAL).unwrap();
        let body: Value = serde_json::from_slice(&push.body).unwrap();
        body.as_object().unwrap().keys().next().unwrap().clone()
    });
    let roots: std::collections::BTreeSet<String> = roots.collect();
    assert_eq!(
        roots.into_iter().collect::<Vec<_>>(),
        ["DATANIB", "dataNIB ", "datanib"]
    );
}

#[tokio::test]
async fn quirk_05_data_on_errors_has_many_shapes() {
    let oss = start().await;
    for (method, envelope, key, shape) in [
        ("inqueryNIB", "responinqueryNIB", "dataNIB", json!([])),
        ("fetchNIB", "responfetchNIB", "dataNIB", Value::Null),
        (
            "checkLicenseStatus",
            "responsecheckStatusLicense",
            "dataIZIN",
            json!({}),
        ),
        ("inqueryLicense", "dataLicense", "data", Value::Null),
        (
            "checkNIB",
            "responcheckNIB",
            "dataNIB",
            json!({"nib": "", "nama_perusahaan": "", "status": ""}),
        ),
    ] {
        let answer = missing(&oss, method).await.json();
        assert_eq!(answer[envelope].get(key), Some(&shape), "{method}");
    }
    for (shape, expected) in [
        (ErrorData::EmptyObject, Some(json!({}))),
        (ErrorData::EmptyArray, Some(json!([]))),
        (ErrorData::Null, Some(Value::Null)),
        (ErrorData::Missing, None),
    ] {
        turn(&oss, |quirks| quirks.error_data = shape);
        let answer = missing(&oss, "inqueryNIB").await.json();
        assert_eq!(answer["responinqueryNIB"].get("dataNIB"), expected.as_ref());
    }
    let flat = missing(&oss, "inqueryProyek").await.json();
    assert_eq!(
        (&flat["kode_status"], &flat["meta"][0]["field"]),
        (&json!(400), &json!("nib"))
    );
}

#[tokio::test]
async fn quirk_06_codes_as_numbers_and_as_texts() {
    let oss = start().await;
    let code = || async { missing(&oss, "inqueryNIB").await.json()["responinqueryNIB"]["kode"].clone() };
    assert_eq!(code().await, 400);
    assert_eq!(
        missing(&oss, "inqueryFileDS").await.json()["responInqueryFileDS"]["status"],
        "400"
    );
    turn(&oss, |quirks| quirks.code_type = CodeType::Text);
    assert_eq!(code().await, "400");
    turn(&oss, |quirks| quirks.code_type = CodeType::Alternating);
    assert_ne!(code().await, code().await);
}

#[tokio::test]
async fn quirk_07_declared_lengths_are_too_short() {
    let oss = start().await;
    let (company, id) = first(&oss);
    assert_eq!(pushed(&oss, 1)["versi_pia"], "4.3.22");
    turn(&oss, |quirks| quirks.declared_lengths = true);
    let check = call(
        &oss,
        "checkLicenseStatus",
        json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
    )
    .await;
    assert_eq!(check.status, 400);
    let status = status_body(&company, &id, "10", "2026-02-03 09:00:00");
    assert_eq!(call(&oss, "receiveLicenseStatus", status).await.status, 400);
}

#[tokio::test]
async fn quirk_08_licence_numbers_of_thirty_characters() {
    let oss = start().await;
    turn(&oss, |quirks| quirks.long_numbers = true);
    let (company, id) = first(&oss);
    let taken = call(&oss, "receiveLicense", licence_body(&company, &id, ""))
        .await
        .json();
    let number = taken["responreceiveLicense"]["nomor_izin"].as_str().unwrap().to_owned();
    assert_eq!(number.len(), 30);
    assert_eq!(
        call(&oss, "receiveLicense", licence_body(&company, &id, &number))
            .await
            .status,
        200
    );
    let mut update = licence_body(&company, &id, &number);
    for (key, value) in [("kewenangan", "02"), ("keterangan", ""), ("nomenklatur_nomor_izin", "")] {
        update["IZINFINAL"][key] = value.into();
    }
    let updated = call(&oss, "updateLicense", update).await.json();
    assert_eq!(updated["responupdateLicense"]["nomor_izin"], &number[..20]);
}

#[tokio::test]
async fn quirk_09_absent_values_in_four_forms() {
    let oss = start().await;
    let no_npp = |absent| {
        turn(&oss, |quirks| quirks.absent = absent);
        pushed(&oss, 1).get("no_npp").cloned()
    };
    assert_eq!(no_npp(Absent::Dash), Some(json!("-")));
    assert_eq!(no_npp(Absent::Empty), Some(json!("")));
    assert_eq!(no_npp(Absent::Null), Some(Value::Null));
    assert_eq!(no_npp(Absent::Missing), None);
}

#[tokio::test]
async fn quirk_10_numbers_as_texts_and_the_reverse() {
    let oss = start().await;
    let kinds = |numbers| {
        turn(&oss, |quirks| quirks.numbers = numbers);
        let nib = pushed(&oss, 97);
        (
            nib["total_modal_dasar"].clone(),
            nib["data_proyek"][0]["jumlah_investasi"].clone(),
        )
    };
    let (capital, investment) = kinds(Numbers::AsSeen);
    assert_eq!(
        capital.to_string(),
        "1234567890123456789",
        "19 digits do not fit a double"
    );
    assert!(investment.is_string());
    let (capital, _) = kinds(Numbers::AllText);
    assert_eq!(capital, "1234567890123456789");
    let (_, investment) = kinds(Numbers::Swapped);
    assert!(investment.is_number());
}

#[tokio::test]
async fn quirk_11_a_key_nested_in_itself() {
    let oss = start().await;
    let place = &pushed(&oss, 1)["data_proyek"][0]["data_lokasi_proyek"][0];
    assert_eq!(place["data_lokasi_proyek"][0]["serial"], 1);
}

#[tokio::test]
async fn quirk_12_two_encodings_of_kewenangan() {
    let oss = start().await;
    assert_eq!(pushed(&oss, 1)["kewenangan"], "02");
    turn(&oss, |quirks| quirks.authority = Authority::Stpw);
    assert_eq!(pushed(&oss, 1)["kewenangan"], "03");
    for encoding in [Authority::Guide, Authority::Stpw] {
        turn(&oss, |quirks| quirks.authority = encoding);
        let pusher = oss.with(|oss| oss.pusher());
        let push = pusher.prepare(Method::Stpw, 57, Revision::ORIGINAL).unwrap();
        let body: Value = serde_json::from_slice(&push.body).unwrap();
        assert_eq!(body["dataNIBSTPW"]["kewenangan"], "03");
    }
}

#[tokio::test]
async fn quirk_13_kinds_of_zone_and_place_from_two_lists() {
    let oss = start().await;
    for (mixed, at_project, in_location) in [(true, "N", "02"), (false, "02", "-")] {
        turn(&oss, |quirks| quirks.mixed_locations = mixed);
        let project = &pushed(&oss, 1)["data_proyek"][0];
        assert_eq!(project["jenis_lokasi"], at_project);
        assert_eq!(project["data_lokasi_proyek"][0]["jenis_kawasan"], in_location);
        assert_eq!(project["data_lokasi_proyek"][0]["jenis_lokasi"], "02");
    }
}

#[tokio::test]
async fn quirk_14_oss_id_twice() {
    let oss = start().await;
    let (company, _) = first(&oss);
    let key = format!("\"oss_id\":\"{}\"", company.oss_id);
    for (doubled, times) in [(true, 2), (false, 1)] {
        turn(&oss, |quirks| quirks.duplicate_oss_id = doubled);
        let reply = inquire(&oss, &company.nib).await;
        assert_eq!(reply.body.matches(&key).count(), times);
        assert_eq!(
            reply.json()["responinqueryNIB"]["dataNIB"]["oss_id"],
            company.oss_id.as_str()
        );
    }
}

#[tokio::test]
async fn quirk_15_an_instant_in_utc_for_a_local_date() {
    let oss = start().await;
    let (_, id) = first(&oss);
    let sent = json!({"DATACERTIFICATE": {
        "id_permohonan_izin": id, "nomor_sertifikat": "1", "url_sertifikat": "https://berkas.contoh.invalid/s.pdf",
        "tanggal_terbit": "2022-09-03", "masa_berlaku": "2", "satuan_waktu": "06", "jenis_sertifikat": "02",
    }});
    call(&oss, "receiveCertificate", sent).await;
    for (instant, expected) in [(true, "2022-09-02T17:00:00.000Z"), (false, "2022-09-03")] {
        turn(&oss, |quirks| quirks.utc_instant = instant);
        let call = crate::client::get(format!("/v1/kl/rba/inqueryCertificate/{id}"));
        let found = call.header("user_key", crate::oss::KEY).reply(oss.addr()).await.json();
        assert_eq!(
            found["responInqueryCertificate"]["dataCertificate"]["tanggal_terbit"],
            expected
        );
    }
}

#[tokio::test]
async fn quirk_16_arabic_dashes_and_superscripts() {
    let oss = start().await;
    assert!(
        pushed(&oss, 3)["nama_perseroan"]
            .as_str()
            .unwrap()
            .ends_with("– CAFÉ Nº²")
    );
    assert!(pushed(&oss, 6)["nama_perseroan"].as_str().unwrap().contains('ح'));
    turn(&oss, |quirks| quirks.unicode = false);
    assert!(pushed(&oss, 3)["nama_perseroan"].as_str().unwrap().is_ascii());
}

#[tokio::test]
async fn quirk_17_statuses_outside_the_list() {
    let oss = start().await;
    let (company, id) = first(&oss);
    turn(&oss, |quirks| quirks.unlisted_statuses = true);
    let send = |code: &'static str| {
        call(
            &oss,
            "receiveLicenseStatus",
            status_body(&company, &id, code, "2026-02-03 09:00:00"),
        )
    };
    assert_eq!(send("91").await.status, 200);
    assert_eq!(send("50").await.status, 200);
    let found = call(
        &oss,
        "checkLicenseStatus",
        json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
    )
    .await
    .json();
    let code = &found["responcheckStatusLicense"]["dataIZIN"]["kd_status"];
    assert_eq!(code, if company.nib.ends_with('7') { "91" } else { "58" });
}

#[tokio::test]
async fn quirk_18_errors_with_http_200_and_with_their_code() {
    let oss = start().await;
    assert_eq!(missing(&oss, "checkNIB").await.status, 400);
    turn(&oss, |quirks| quirks.error_http = ErrorHttp::Ok);
    let reply = missing(&oss, "checkNIB").await;
    assert_eq!(
        (reply.status, &reply.json()["responcheckNIB"]["kode"]),
        (200, &json!(400))
    );
    turn(&oss, |quirks| quirks.error_http = ErrorHttp::Alternating);
    let (one, other) = (
        missing(&oss, "checkNIB").await.status,
        missing(&oss, "checkNIB").await.status,
    );
    assert_eq!([one.min(other), one.max(other)], [200, 400]);
}

// Quirk 19, repeated and parallel pushes of one NIB, is in `oss_push`.

#[tokio::test]
async fn quirk_20_null_and_empty_members() {
    let oss = start().await;
    let products = pushed(&oss, 1)["data_proyek"][0]["data_proyek_produk"].clone();
    assert_eq!((&products[0], &products[2]), (&Value::Null, &json!({})));
    turn(&oss, |quirks| quirks.null_members = false);
    assert_eq!(
        pushed(&oss, 1)["data_proyek"][0]["data_proyek_produk"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn further_oddities() {
    let oss = start().await;
    let (company, _) = first(&oss);
    assert_eq!(pushed(&oss, 1)["data_proyek"][0]["flag_satu_lini"], "N");
    let rows = |nib: &Value| -> Vec<String> {
        let rows = nib["data_checklist"].as_array().unwrap();
        rows.iter()
            .map(|row| row["id_izin"].as_str().unwrap().to_owned())
            .collect()
    };
    let usual = pushed(&oss, 1);
    assert!(rows(&usual).contains(&usual["id_izin"].as_str().unwrap().to_owned()));
    turn(&oss, |quirks| {
        quirks.foreign_top_id = true;
        quirks.undocumented = false;
        quirks.photo_kb = 1024;
    });
    let odd = pushed(&oss, 1);
    assert!(!rows(&odd).contains(&odd["id_izin"].as_str().unwrap().to_owned()));
    assert_eq!(odd["data_proyek"][0]["satu_lini"], "N");
    assert!(pushed(&oss, 53).to_string().len() > 1_000_000, "a photograph");

    let project = &company.projects[0];
    let ask = || {
        call(
            &oss,
            "inqueryProyek",
            json!({"nib": company.nib, "id_proyek": project.id}),
        )
    };
    let example = ask().await.json();
    assert!(example["data"]["data_proyek"][0]["data_checklist"].is_array());
    assert!(example["data"].get("npwp_perusahaan").is_some());
    turn(&oss, |quirks| quirks.project_table = true);
    let table = ask().await.json();
    assert!(table["data"]["data_proyek"][0]["satu_lini"].is_object());
    assert!(table["data"].get("npwp_perusahaaan").is_some());
}
