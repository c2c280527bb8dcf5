use super::*;
use crate::tests::{Door, call, reply, setup_with};
use connector_sdk::{Content, Found};

fn operation() -> AddFollowUp {
    AddFollowUp::new(&setup_with(|settings| {
        settings["templat"] = json!({"balasan": "reply_contoh"});
    }))
}

fn follow_up() -> Value {
    json!({
        "id_laporan": "7700123", "jenis": "balasan", "isi": "Lampu sudah  diganti.", "rahasia": false,
        "dari_instansi": "dishub", "dibuat_pada": "2026-02-06T10:00:00+07:00",
        "lampiran": [{"id": "F-1", "nama_berkas": "a.jpg", "tipe_media": "image/jpeg", "ukuran": 1, "sha256": "0"}],
    })
}

#[test]
fn the_parts_are_those_of_the_reference() {
    let request = operation().request(&call(), &follow_up()).expect("a request");
    let NativeBody::Multipart(parts) = request.body else {
        panic!("multipart")
    };
    let shown: Vec<String> = parts
        .iter()
        .map(|part| match &part.content {
            Content::Bytes(bytes) => format!("{}={}", part.name, String::from_utf8_lossy(bytes)),
            Content::File { id, .. } => format!("{}@{id}", part.name),
            Content::CallerSecret => format!("{}!", part.name),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "complaint_id=7700123",
            "user_id=1000001",
            "institution_from_id=200010",
            "institution_to_id=200002",
            "template_code=reply_contoh",
            "rating=0",
            "is_secret=0",
            "content=Lampu sudah  diganti.",
            "attachment[0]@F-1",
        ]
    );
}

#[test]
fn an_unreadable_secrecy_protects_and_bad_files_are_named() {
    let mut input = follow_up();
    input["rahasia"] = json!("tidak");
    input["lampiran"][0]["tipe_media"] = json!("application/zip");
    let fault = operation().request(&call(), &input).expect_err("refused");
    assert_eq!(fault.complaints[0].pointer, "/lampiran/0/tipe_media");
    input["lampiran"] = json!([]);
    let request = operation().request(&call(), &input).expect("a request");
    let NativeBody::Multipart(parts) = request.body else {
        panic!("multipart")
    };
    let secret = parts.iter().find(|part| part.name == "is_secret").expect("the flag");
    assert!(matches!(&secret.content, Content::Bytes(bytes) if bytes.as_ref() == b"1"));
}

fn listed(at: &str, text: &str, more: bool) -> NativeReply {
    let next = if more {
        json!("https://contoh.invalid/?page=2")
    } else {
        Value::Null
    };
    reply(&json!({"results": {"data": [{"id": at, "created_at": at, "content": text}], "next_page_url": next}}))
}

#[tokio::test]
async fn the_whole_list_is_compared_before_anything_is_repeated() {
    let operation = operation();
    let lookup = operation.lookup().expect("a look-up");
    let run = async |pages: Vec<NativeReply>| {
        let door = Door::playing(pages.into_iter().map(Ok));
        lookup.run(&call(), &follow_up(), &door).await.expect("an answer")
    };
    let other = listed("06-02-2026 11:00:00", "Lain", true);
    let same = listed("06-02-2026 11:00:01", "<p>Lampu sudah diganti.</p>", false);
    assert!(matches!(run(vec![other.clone(), same]).await, Found::Landed(_)));
    let older = listed("05-02-2026 11:00:00", "Lampu sudah diganti.", false);
    assert_eq!(run(vec![older]).await, Found::NotLanded);
    assert!(matches!(run(vec![other.clone(), other]).await, Found::Unclear(_)));
}
