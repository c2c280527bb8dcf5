//! LAPOR!: credentials, uploads, follow-ups, hand-on, the XML push, and what other test modules share.

use serde_json::{Value, json};
use simulators::lapor::{self, Lapor, LaporOptions};
use simulators::{Fault, Running};

use crate::client::{Call, get, post};

pub(crate) const BEARER: &str = "Bearer $2y$10$contoh./SIMULASI.bukan/rahasia$nyata";
pub(crate) const TOKEN: &str = "{AAAAAAAA-0000-0000-0000-AAAAAAAAAAAA}";

pub(crate) async fn start(options: LaporOptions) -> Running<Lapor> {
    lapor::start(options).await.unwrap()
}

pub(crate) fn signed(call: Call) -> Call {
    call.header("auth", BEARER).header("token", TOKEN)
}

pub(crate) fn report(reference: &str) -> Value {
    json!({
        "title": "Lampu jalan padam", "content": format!("[Ref {reference}] Lampu padam sejak tiga hari."),
        "channel": 99, "is_new_user_slider": false, "user_id": 1_000_001, "is_inbox": true,
        "is_disposisi_slider": true, "classification_id": 2, "disposition_id": 200_002, "category_id": 30,
        "priority_program_id": null, "location_id": 404, "community_id": null, "date_of_incident": "2026-02-03",
        "copy_externals": null, "info_disposition": null, "info_attachments": null, "tags_raw": "#laksa",
        "is_approval": false, "is_anonymous": true, "is_secret": false, "is_priority": false, "attachments": false,
    })
}

pub(crate) async fn create(lapor: &Running<Lapor>, reference: &str) -> u64 {
    let call = signed(post("/complaints/complaint")).json(&report(reference));
    call.reply(lapor.addr()).await.json()["complaint_id"].as_u64().unwrap()
}

#[tokio::test]
async fn credentials_are_checked_to_the_letter() {
    let lapor = start(LaporOptions::default()).await;
    let path = "/masters/templates";
    for (bearer, token) in [
        ("$2y$10$contoh./SIMULASI.bukan/rahasia$nyata", TOKEN),
        ("Bearer Bearer $2y$10$contoh./SIMULASI.bukan/rahasia$nyata", TOKEN),
        (BEARER, "AAAAAAAA-0000-0000-0000-AAAAAAAAAAAA"),
        (BEARER, "{aaaaaaaa-0000-0000-0000-aaaaaaaaaaaa}"),
    ] {
        let reply = get(path)
            .header("auth", bearer)
            .header("token", token)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 401, "{bearer} {token}");
        assert_eq!(reply.json()["status"], false);
    }
    assert_eq!(get(path).reply(lapor.addr()).await.status, 401);
    assert_eq!(signed(get(path)).reply(lapor.addr()).await.status, 200);
}

#[tokio::test]
async fn the_connector_refuses_in_its_own_words_and_the_header_name_is_an_option() {
    let options = LaporOptions {
        bearer_header: "Authorization".to_owned(),
        ..Default::default()
    }
    .behind_splp();
    let lapor = start(options).await;
    assert!(lapor.base_url().ends_with("/lapor/3.0.0"));
    let path = "/lapor/3.0.0/masters/templates";
    let code = |reply: crate::client::Reply| (reply.status, reply.json()["fault"]["code"].as_u64().unwrap());
    assert_eq!(code(get(path).reply(lapor.addr()).await), (401, 900_902));
    assert_eq!(
        code(get(path).header("authorization", "Bearer x").reply(lapor.addr()).await),
        (401, 900_901)
    );
    assert_eq!(
        code(get("/lapor/3.0.0/tidak-ada").reply(lapor.addr()).await),
        (404, 900_906)
    );
    let right = get(path)
        .header("Authorization", BEARER)
        .header("token", TOKEN)
        .reply(lapor.addr())
        .await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn files_are_uploaded_first_and_fetched_back() {
    let lapor = start(LaporOptions::default()).await;
    let call = signed(post("/complaints/complaint/file"));
    let call = call.form(&[
        ("attachments[]", Some("a.jpg"), "satu"),
        ("attachments[]", Some("b.pdf"), "dua"),
    ]);
    let docs = call.reply(lapor.addr()).await.json()["results"]["docs"].clone();
    let ids: Vec<u64> = docs
        .as_array()
        .unwrap()
        .iter()
        .map(|doc| doc["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    let path = format!("/files/{}", ids[1]);
    assert_eq!(get(path).reply(lapor.addr()).await.body, "dua");
    assert_eq!(lapor.effects()["uploads"], 2);

    for parts in [
        vec![("attachment[0]", Some("a.jpg"), "x")],
        vec![("attachments[]", Some("a.exe"), "x")],
        vec![("attachments[]", None, "x")],
        vec![("attachments[]", Some("a.jpg"), "x"); 6],
    ] {
        let reply = signed(post("/complaints/complaint/file"))
            .form(&parts)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 422, "{parts:?}");
    }
    let by_hand = signed(post("/complaints/complaint/file")).body("multipart/form-data", "x");
    assert_eq!(by_hand.reply(lapor.addr()).await.status, 400, "a boundary is needed");
    assert_eq!(lapor.effects()["uploads"], 2);
}

fn followup<'a>(id: &'a str, content: &'a str) -> Vec<(&'a str, Option<&'a str>, &'a str)> {
    vec![
        ("complaint_id", None, id),
        ("user_id", None, "1000001"),
        ("institution_from_id", None, "200002"),
        ("institution_to_id", None, "200001"),
        ("template_code", None, "reply"),
        ("rating", None, "0"),
        ("is_secret", None, "0"),
        ("content", None, content),
    ]
}

#[tokio::test]
async fn a_followup_added_twice_is_two_followups() {
    let lapor = start(LaporOptions::default()).await;
    let id = create(&lapor, "LAKSA-1").await.to_string();
    let mut parts = followup(&id, "Sudah diperbaiki");
    parts.push(("attachment[0]", Some("sesudah.jpg"), "foto"));
    for _ in 0..2 {
        let reply = signed(post("/complaints/followup/add"))
            .form(&parts)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let effects = lapor.effects();
    assert_eq!(
        (&effects["followups"], &effects["followups_repeated"]),
        (&json!(2), &json!(1))
    );
    let path = format!("/complaints/{id}/followups");
    let rows = signed(get(path)).reply(lapor.addr()).await.json()["results"]["data"].clone();
    assert_eq!(rows[2]["content"], "Sudah diperbaiki");
    assert_eq!(rows[2]["attachments"]["0"]["extension"], "jpg");
    assert_eq!(rows[2]["attachments"]["docs"], json!([]));
    assert_eq!(rows[0]["attachments"], json!([]), "an empty list, not an empty map");
}

#[tokio::test]
async fn a_wrong_followup_is_refused() {
    let lapor = start(LaporOptions::default()).await;
    let id = create(&lapor, "LAKSA-1").await.to_string();
    let long = "x".repeat(1001);
    let mut plural = followup(&id, "isi");
    plural.push(("attachments[]", Some("a.jpg"), "x"));
    let mut flag = followup(&id, "isi");
    flag[6].2 = "false";
    for parts in [followup(&id, &long), followup("abc", "isi"), plural, flag] {
        let reply = signed(post("/complaints/followup/add"))
            .form(&parts)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 422);
    }
    let unknown = signed(post("/complaints/followup/add")).form(&followup("1", "isi"));
    assert_eq!(unknown.reply(lapor.addr()).await.status, 404);
    assert_eq!(lapor.effects()["followups"], 0);
}

#[tokio::test]
async fn handing_on_takes_the_institution_from_the_field_called_reason() {
    let lapor = start(LaporOptions::default()).await;
    let id = create(&lapor, "LAKSA-1").await;
    let path = format!("/complaints/process/{id}/reject");
    let body = json!({"is_request": 1, "reason": "200003", "reason_description": "Jalan provinsi", "not_authority": 1});
    for (field, wrong) in [("is_request", json!(true)), ("reason", json!("bukan wewenang kami"))] {
        let mut body = body.clone();
        body[field] = wrong;
        assert_eq!(signed(post(&path)).json(&body).reply(lapor.addr()).await.status, 422);
    }
    assert_eq!(signed(post(&path)).json(&body).reply(lapor.addr()).await.status, 200);
    assert_eq!(lapor.with(|lapor| lapor.reports()[&id].disposition_id), 200_003);
    assert_eq!(lapor.effects()["handed_on"], 1);
}

#[tokio::test]
async fn the_xml_push_is_read_strictly() {
    let lapor = start(LaporOptions::default()).await;
    let document = |text: &str, last: &str, secret: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lapor token=\"{TOKEN}\"><pelapor>\
             <email>warga@contoh.invalid</email><telpon>081100001234</telpon><namadepan>Suparmanto</namadepan>\
             <namabelakang>{last}</namabelakang></pelapor><laporan rahasia=\"{secret}\" anonim=\"1\">\
             <isi>{text}</isi></laporan></lapor>"
        )
    };
    let push = |body: String| post("/api/stream/addstream").body("text/xml; charset=UTF8", body);
    let good = push(document("[Ref L-1] Licin &amp; gelap", "_", "0"))
        .reply(lapor.addr())
        .await;
    assert_eq!(good.status, 200);
    assert!(good.body.contains("<trackingid>7700001</trackingid>") && good.body.contains("<transaksiid>"));
    for (status, body) in [
        (400, document("Licin & gelap", "_", "0")),
        (400, document("a <b c", "_", "0")),
        (422, document("isi", "", "0")),
        (422, document("isi", "_", "tidak")),
        (401, document("isi", "_", "0").replace('{', "")),
    ] {
        assert_eq!(push(body.clone()).reply(lapor.addr()).await.status, status, "{body}");
    }
    lapor.with(|lapor| {
        assert_eq!(lapor.reports()[&7_700_001].text("content"), "[Ref L-1] Licin & gelap");
        assert!(lapor.reports()[&7_700_001].flag("is_anonymous"));
    });
    lapor.faults().once("addstream", Fault::CreatedWithoutId);
    let without = push(document("isi", "_", "0")).reply(lapor.addr()).await;
    assert!(!without.body.contains("trackingid"));
    assert_eq!(lapor.effects()["pushed"], 2);
}
