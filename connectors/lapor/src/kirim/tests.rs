use super::*;
use crate::tests::{Door, call, complaint, json_body, reply, setup, setup_with};
use connector_sdk::{FaultKind, Found};

fn create(change: impl FnOnce(&mut Value)) -> Value {
    let mut input = complaint();
    change(&mut input);
    let request = Send::new(&setup()).request(&call(), &input).expect("a request");
    json_body(&request).clone()
}

#[test]
fn the_documented_example_is_sent_field_by_field() {
    let expected = json!({
        "title": "Lampu jalan padam",
        "content": "[Ref LAKSA-2026-000123] Lampu penerangan jalan padam sejak tiga hari. Lokasi: Jalan Contoh Raya, Kec. Cipondoh.",
        "channel": 99, "is_new_user_slider": false, "user_id": 1_000_001,
        "is_inbox": true, "is_disposisi_slider": true,
        "classification_id": 2, "disposition_id": 200_002, "category_id": 30,
        "priority_program_id": null, "location_id": 404, "community_id": null,
        "date_of_incident": "2026-02-03", "copy_externals": null,
        "info_disposition": null, "info_attachments": null, "tags_raw": "#laksa",
        "is_approval": false, "is_anonymous": true, "is_secret": false, "is_priority": false,
        "attachments": false,
    });
    assert_eq!(create(|_| {}), expected);
}

#[test]
fn identity_of_an_anonymous_report_is_in_no_field() {
    let body = create(|input| {
        input["judul"] = json!("Laporan Suparman Contoh 081100001234");
        input["isi"] =
            json!("Saya SUPARMAN  CONTOH, NIK 3671 0101 0190 0000, surel warga@contoh.invalid, 0811-0000-1234.");
        input["lokasi"]["alamat"] = json!("Rumah Suparman Contoh, telp +62811 0000 1234");
        input["pelapor"] = json!({"nama": "Suparman Contoh", "nik": "3671010101900000", "telepon": "081100001234", "email": "warga@contoh.invalid"});
    });
    let text = body.to_string().to_lowercase();
    for identity in ["suparman", "3671", "warga@", "08110", "62811", "nameuser"] {
        assert!(!text.contains(identity), "{identity} in {text}");
    }
}

#[test]
fn unmapped_codes_are_complained_of_together_with_pointers() {
    let mut input = complaint();
    input["kategori"] = json!("entah");
    input["klasifikasi"] = json!("aspirasi");
    input["opd_tujuan"] = json!("dinas_x");
    let fault = Send::new(&setup()).request(&call(), &input).expect_err("refused");
    let pointers: Vec<_> = fault
        .complaints
        .iter()
        .map(|complaint| complaint.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/klasifikasi", "/kategori", "/opd_tujuan"]);
}

#[test]
fn the_id_is_found_in_each_of_four_places() {
    let send = Send::new(&setup());
    for body in [
        json!({"complaint_id": 7_700_123}),
        json!({"data": {"complaint_id": "7700123"}}),
        json!({"status": true, "results": {"complaint": {"id": 7_700_123}}}),
        json!({"data": {"results": {"complaint": {"id": "7700123"}}}}),
    ] {
        let answer = send.reply(&call(), &complaint(), &reply(&body)).expect("an id");
        assert_eq!(answer["lapor"]["id_laporan"], "7700123", "{body}");
    }
}

#[test]
fn success_without_an_id_is_unknown() {
    let fault = Send::new(&setup())
        .reply(&call(), &complaint(), &reply(&json!({"status": true})))
        .expect_err("drift");
    assert_eq!((fault.kind, fault.landed), (FaultKind::Drift, Landed::Unknown));
}

fn page(items: &Value, next: &Value) -> NativeReply {
    reply(&json!({"results": {"data": items, "next_page_url": next}}))
}

#[tokio::test]
async fn the_look_up_reads_all_pages_and_counts_candidates() {
    let send = Send::new(&setup());
    let lookup = send.lookup().expect("a look-up");
    let other = json!([{"id": 1, "content": "[Ref LAKSA-9] lain"}]);
    let ours = json!([{"id": 7, "content": "<p>[Ref LAKSA-2026-000123] Lampu</p>"}]);
    let quoted = json!([{"id": 8, "content": "Menyalin [Ref LAKSA-2026-000123]"}]);
    let next = json!("https://contoh.invalid/?page=2");
    let run = async |pages: Vec<NativeReply>| {
        let door = Door::playing(pages.into_iter().map(Ok));
        lookup.run(&call(), &complaint(), &door).await.expect("an answer")
    };
    let landed = run(vec![page(&other, &next), page(&ours, &Value::Null)]).await;
    assert!(matches!(landed, Found::Landed(value) if value["lapor"]["id_laporan"] == "7"));
    assert_eq!(run(vec![page(&quoted, &Value::Null)]).await, Found::NotLanded);
    assert!(matches!(
        run(vec![page(&other, &next), page(&other, &next)]).await,
        Found::Unclear(_)
    ));
    let twice =
        json!([{"id": 7, "content": "[Ref LAKSA-2026-000123] a"}, {"id": 9, "content": "[Ref LAKSA-2026-000123] b"}]);
    assert!(matches!(run(vec![page(&twice, &Value::Null)]).await, Found::Unclear(_)));
    assert!(matches!(
        run(vec![page(&json!([{"id": 7}]), &Value::Null)]).await,
        Found::Unclear(_)
    ));
}

#[tokio::test]
async fn what_an_empty_list_proves_is_the_citys_choice() {
    let cautious = setup_with(|settings| settings["pencarian"]["bila_tidak_tampak"] = json!("tanya_petugas"));
    let send = Send::new(&cautious);
    let lookup = send.lookup().expect("a look-up");
    let ours = json!([{"id": 7, "content": "[Ref LAKSA-2026-000123] Lampu"}]);
    let run = async |items: &Value| {
        let door = Door::playing([Ok(page(items, &Value::Null))]);
        lookup.run(&call(), &complaint(), &door).await.expect("an answer")
    };
    assert!(matches!(run(&json!([])).await, Found::Unclear(_)));
    assert!(matches!(run(&ours).await, Found::Landed(_)));
    let unsaid = json!({"jalur": "complaints", "parameter": "search"});
    assert!(
        serde_json::from_value::<crate::settings::Search>(unsaid).is_err(),
        "there is no default"
    );
}

#[test]
fn without_a_configured_list_there_is_no_look_up() {
    let setup = setup_with(|settings| {
        settings.as_object_mut().expect("an object").remove("pencarian");
    });
    assert!(
        Send::new(&setup)
            .lookup()
            .expect("a look-up")
            .request(&call(), &complaint())
            .is_none()
    );
}

fn with_files() -> Value {
    let mut input = complaint();
    input["lampiran"] = json!([
        {"id": "F-1", "nama_berkas": "KTP Suparman.JPG", "tipe_media": "image/jpeg", "ukuran": 1, "sha256": "0"},
        {"id": "F-2", "nama_berkas": "b.pdf", "tipe_media": "application/pdf", "ukuran": 1, "sha256": "0"},
    ]);
    input
}

#[tokio::test]
async fn evidence_goes_first_and_is_not_uploaded_twice() {
    let send = Send::new(&setup());
    let uploaded = reply(&json!({"results": {"docs": [{"id": 900_101}, {"id": "900102"}]}}));
    let door = Door::playing([
        Ok(uploaded),
        Ok(reply(&json!({"complaint_id": 7}))),
        Ok(reply(&json!({"complaint_id": 7}))),
    ]);
    send.call(&call(), &with_files(), &door).await.expect("sent");
    send.call(&call(), &with_files(), &door).await.expect("sent again");
    assert_eq!(door.steps(), ["unggah", "buat", "buat"]);
    let sent = door.sent.lock().expect("a lock");
    assert_eq!(json_body(&sent[1])["attachments"], "[900101,900102]");
    let NativeBody::Multipart(parts) = &sent[0].body else {
        panic!("multipart")
    };
    let names: Vec<_> = parts
        .iter()
        .map(|part| (part.name.as_str(), part.file_name.as_deref()))
        .collect();
    assert_eq!(
        names,
        [
            ("attachments[]", Some("lampiran-1.jpg")),
            ("attachments[]", Some("lampiran-2.pdf"))
        ]
    );
}

#[tokio::test]
async fn a_failed_upload_stops_the_report_and_nothing_has_landed() {
    let send = Send::new(&setup());
    let short = reply(&json!({"results": {"docs": [{"id": 1}]}}));
    let door = Door::playing([Ok(short)]);
    let fault = send.call(&call(), &with_files(), &door).await.expect_err("stopped");
    assert_eq!(
        (fault.kind, fault.landed, door.steps()),
        (FaultKind::Drift, Landed::No, vec!["unggah"])
    );
}
