//! LAPOR!: the fields of a new report, the attachment list, the four places of the id, doubles.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::lapor::{AttachmentList, IdPlace, LaporOptions};

use crate::client::{get, post};
use crate::lapor::{report, signed, start};

#[tokio::test]
async fn the_id_stands_in_one_of_four_places() {
    let lapor = start(LaporOptions::default()).await;
    for (place, pointer) in [
        (IdPlace::TopLevel, "/complaint_id"),
        (IdPlace::Data, "/data/complaint_id"),
        (IdPlace::Results, "/results/complaint/id"),
        (IdPlace::DataResults, "/data/results/complaint/id"),
    ] {
        for as_string in [false, true] {
            lapor.with(|lapor| {
                lapor.options.id_place = place;
                lapor.options.id_as_string = as_string;
            });
            let reply = signed(post("/complaints/complaint-lmw"))
                .json(&report("L"))
                .reply(lapor.addr())
                .await
                .json();
            let id = reply.pointer(pointer).unwrap_or_else(|| panic!("{place:?}: {reply}"));
            assert_eq!(id.is_string(), as_string);
        }
    }
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let lapor = start(LaporOptions::default()).await;
    let wrong = [
        ("title", json!("")),
        ("title", json!("x".repeat(256))),
        ("content", json!("x".repeat(10_001))),
        ("content", json!(7)),
        ("channel", json!(98)),
        ("user_id", json!("1000001")),
        ("user_id", json!(5)),
        ("classification_id", json!("2")),
        ("disposition_id", json!(1)),
        ("category_id", json!(null)),
        ("location_id", json!("36.71")),
        ("priority_program_id", json!(1)),
        ("community_id", json!(1)),
        ("copy_externals", json!([])),
        ("date_of_incident", json!("03/02/2026")),
        ("date_of_incident", json!("2026-02-30")),
        ("info_attachments", json!([])),
        ("tags_raw", json!(["laksa"])),
        ("is_anonymous", json!(1)),
        ("is_secret", json!("false")),
        ("is_inbox", json!(0)),
        ("attachments", json!([])),
        ("attachments", json!("1,2")),
        ("attachments", json!("[1]")),
        ("attachments", json!(true)),
    ];
    for (field, value) in wrong {
        let mut body = report("L");
        body[field] = value.clone();
        let reply = signed(post("/complaints/complaint"))
            .json(&body)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, 422, "{field} {value}");
        let errors = reply.json()["errors"].clone();
        assert_eq!(
            errors.as_object().unwrap().keys().collect::<Vec<_>>(),
            [field],
            "{value}"
        );
    }
    let required = [
        "title",
        "content",
        "channel",
        "is_new_user_slider",
        "user_id",
        "classification_id",
        "disposition_id",
        "category_id",
        "location_id",
        "is_anonymous",
        "is_secret",
        "attachments",
    ];
    let reply = signed(post("/complaints/complaint"))
        .json(&json!({}))
        .reply(lapor.addr())
        .await
        .json();
    let mut named: Vec<&String> = reply["errors"].as_object().unwrap().keys().collect();
    named.sort();
    let mut required = required.to_vec();
    required.sort_unstable();
    assert_eq!(named, required);
    assert_eq!(lapor.effects()["creates"], 0);
}

#[tokio::test]
async fn a_new_user_needs_the_three_fields_and_no_account() {
    let lapor = start(LaporOptions::default()).await;
    let mut body = report("L");
    body["is_new_user_slider"] = json!(true);
    body.as_object_mut().unwrap().remove("user_id");
    let send = |body: Value| {
        let call = signed(post("/complaints/complaint")).json(&body);
        let addr = lapor.addr();
        async move { call.reply(addr).await }
    };
    assert_eq!(send(body.clone()).await.status, 422);
    for (field, value) in [
        ("emailUser", "w@contoh.invalid"),
        ("nameUser", "Wulandari"),
        ("phoneUser", "0811"),
    ] {
        body[field] = json!(value);
    }
    assert_eq!(send(body).await.status, 200);
}

#[tokio::test]
async fn the_attachment_list_is_spelled_as_the_tenant_wants_it() {
    let lapor = start(LaporOptions::default()).await;
    let upload = signed(post("/complaints/complaint/file")).form(&[("attachments[]", Some("a.png"), "x")]);
    let id = upload.reply(lapor.addr()).await.json()["results"]["docs"][0]["id"]
        .as_u64()
        .unwrap();
    let (plain, stop, none) = (json!(format!("[{id}]")), json!(format!("[{id}].")), json!(false));
    for (accepted, good) in [
        (AttachmentList::Any, vec![&plain, &stop, &none]),
        (AttachmentList::Plain, vec![&plain]),
        (AttachmentList::FullStop, vec![&stop, &none]),
    ] {
        lapor.with(|lapor| lapor.options.attachment_list = accepted);
        for list in [&plain, &stop, &none] {
            let mut body = report("L");
            body["attachments"] = list.clone();
            let status = signed(post("/complaints/complaint"))
                .json(&body)
                .reply(lapor.addr())
                .await
                .status;
            assert_eq!(status == 200, good.contains(&list), "{accepted:?} {list}");
        }
    }
}

#[tokio::test]
async fn doubles_are_seen_by_their_reference() {
    let lapor = start(LaporOptions::default()).await;
    lapor.faults().once("create", Fault::HangUpAfterStoring);
    for reference in ["LAKSA-1", "LAKSA-1", "LAKSA-2"] {
        signed(post("/complaints/complaint"))
            .json(&report(reference))
            .send(lapor.addr())
            .await;
    }
    let effects = get("/__sim/effects").reply(lapor.addr()).await.json();
    assert_eq!(effects["creates"], 3);
    assert_eq!(effects["creates_by_reference"], json!({"LAKSA-1": 2, "LAKSA-2": 1}));
    assert_eq!(effects["doubles"], json!(["LAKSA-1"]));
}

#[tokio::test]
async fn the_body_must_be_a_json_object_and_say_so() {
    let lapor = start(LaporOptions::default()).await;
    for (media_type, body, status) in [
        ("text/plain", "{}", 415),
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
    ] {
        let reply = signed(post("/complaints/complaint"))
            .body(media_type, body)
            .reply(lapor.addr())
            .await;
        assert_eq!(reply.status, status, "{media_type} {body}");
    }
}
