//! The number is taken at most once, whatever breaks in between.

use super::*;
use crate::tests::{Door, call, reply, setup, setup_with};
use connector_sdk::{Found, NativeBody};

fn input() -> Value {
    json!({
        "nib": "0999000000017", "id_proyek": "R-1", "oss_id": "P-1", "id_izin": "I-1", "kode_izin": "033000000012",
        "kode_wilayah": "36.71.05.1003", "langkah": "lengkap", "tanggal_terbit": "2024-06-21",
        "berlaku_sampai": "2029-06-20", "status": "disetujui",
        "penandatangan": {"nama": "PEJABAT CONTOH", "nip": "197001011995010000", "jabatan": "Kepala Dinas (contoh)"},
        "url_lampiran": "https://berkas.contoh.invalid/{nomor_izin}.pdf",
    })
}

fn issue(setup: &Arc<Setup>) -> Issue {
    Issue {
        spec: operation(setup).spec().clone(),
        setup: Arc::clone(setup),
        lookup: ByNumber::new(setup),
    }
}

fn numbered(number: &str) -> NativeReply {
    reply(&json!({"responreceiveLicense": {"kode": 200, "keterangan": "Sukses", "nomor_izin": number}}))
}

fn licence(number: &str, file: &str, renewal: &str) -> NativeReply {
    let row = json!({"id_izin": "I-1", "no_izin": number, "file_izin": file, "flag_perpanjangan": renewal});
    reply(&json!({"dataLicense": {"success": true, "code": 200, "data": {"id_izin": "I-1", "data_checklist": [row]}}}))
}

fn state(code: &str, file: &str) -> NativeReply {
    let data = json!({"id_izin": "I-1", "kd_status": code, "file_lampiran": file});
    reply(&json!({"responcheckStatusLicense": {"kode": 200, "dataIZIN": data}}))
}

fn lost() -> Fault {
    Fault::new(FaultKind::Timeout, Text::new("-", "-")).landed(Landed::Unknown)
}

async fn run(setup: &Arc<Setup>, door: &Door, input: &Value) -> Result<Value, Fault> {
    issue(setup).call(&call(), input, door).await
}

fn sent_number(door: &Door) -> Option<String> {
    let sent = door.sent.lock().expect("a lock");
    let NativeBody::Json(body) = &sent.last()?.body else {
        return None;
    };
    body["IZINFINAL"]["nomor_izin"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn the_number_is_stored_before_it_is_used() {
    let door = Door::playing([Ok(licence("", "", "N")), Ok(numbered("7/CTH")), Ok(numbered(""))]);
    let out = run(&setup(), &door, &input()).await.expect("issued");
    assert_eq!(door.steps(), ["izin", "nomor", "terbit"]);
    assert_eq!(door.memory.lock().expect("a lock")[NUMBER], "7/CTH");
    assert_eq!(
        (out["nomor_izin"].as_str(), out["selesai"].as_bool()),
        (Some("7/CTH"), Some(true))
    );
    let sent = door.sent.lock().expect("a lock");
    let NativeBody::Json(body) = &sent[2].body else {
        panic!("JSON")
    };
    assert_eq!(
        body["IZINFINAL"]["file_lampiran"],
        "https://berkas.contoh.invalid/7%2FCTH.pdf"
    );
    assert_eq!(body["IZINFINAL"]["nama_ttd"], "PEJABAT CONTOH");
}

#[tokio::test]
async fn a_crash_between_the_steps_takes_no_second_number() {
    let door = Door::playing([Ok(licence("", "", "N")), Ok(numbered("7")), Err(lost())]);
    let fault = run(&setup(), &door, &input()).await.expect_err("lost");
    assert_eq!(fault.landed, Landed::Unknown);
    let memory = door.memory.lock().expect("a lock").clone();
    let again = Door::playing([Ok(numbered("7"))]);
    *again.memory.lock().expect("a lock") = memory;
    run(&setup(), &again, &input()).await.expect("issued");
    assert_eq!(again.steps(), ["terbit"]);
    assert_eq!(sent_number(&again).as_deref(), Some("7"));
}

#[tokio::test]
async fn a_number_taken_elsewhere_is_used_not_doubled() {
    let door = Door::playing([Ok(licence("9", "", "N")), Ok(numbered("9"))]);
    run(&setup(), &door, &input()).await.expect("issued");
    assert_eq!(door.steps(), ["izin", "terbit"]);
}

#[tokio::test]
async fn on_a_renewal_the_earlier_number_is_not_ours() {
    let door = Door::playing([Ok(licence("LAMA", "", "Y")), Ok(numbered("9")), Ok(numbered("9"))]);
    run(&setup(), &door, &input()).await.expect("issued");
    assert_eq!(sent_number(&door).as_deref(), Some("9"));
}

#[tokio::test]
async fn an_answer_without_or_with_another_number_is_unknown() {
    let door = Door::playing([Ok(licence("", "", "N")), Ok(numbered("-"))]);
    assert_eq!(
        run(&setup(), &door, &input()).await.expect_err("no number").landed,
        Landed::Unknown
    );
    let door = Door::playing([Ok(licence("", "", "N")), Ok(numbered("7")), Ok(numbered("8"))]);
    assert_eq!(
        run(&setup(), &door, &input()).await.expect_err("another").landed,
        Landed::Unknown
    );
    let long = "0123456789012345678901234567890123456789";
    let door = Door::playing([Ok(licence(long, "", "N")), Ok(numbered(&long[..30]))]);
    let out = run(&setup(), &door, &input())
        .await
        .expect("cut numbers are the same number");
    assert_eq!(out["nomor_izin"], long);
}

#[tokio::test]
async fn faults_of_the_second_message_are_found_before_a_number_is_taken() {
    let mut bad = input();
    bad["kode_wilayah"] = json!("36.7");
    let door = Door::default();
    let fault = run(&setup(), &door, &bad).await.expect_err("refused");
    assert_eq!((fault.kind, door.steps().len()), (FaultKind::Invalid, 0));
}

#[tokio::test]
async fn only_the_number_or_only_the_licence_can_be_asked_for() {
    let mut number_only = input();
    number_only["langkah"] = json!("ambil_nomor");
    let door = Door::playing([Ok(licence("", "", "N")), Ok(numbered("7"))]);
    let out = run(&setup(), &door, &number_only).await.expect("taken");
    assert_eq!(
        (out["status"].as_str(), door.steps().len()),
        (Some("pengambilan_nomor"), 2)
    );
    let mut once = input();
    once["nomor_izin"] = json!("7");
    let door = Door::playing([Ok(numbered("7"))]);
    run(&setup(), &door, &once).await.expect("issued");
    let mut refused = input();
    refused["status"] = json!("ditolak");
    let door = Door::playing([Ok(numbered(""))]);
    let out = run(&setup(), &door, &refused).await.expect("refused");
    assert_eq!((out["kode_status"].as_str(), out.get("nomor_izin")), (Some("90"), None));
}

async fn looked_up(setup: &Arc<Setup>, input: &Value, replies: [NativeReply; 2]) -> (Found, Door) {
    let door = Door::playing(replies.map(Ok));
    let found = issue(setup).lookup.run(&call(), input, &door).await.expect("a verdict");
    (found, door)
}

#[tokio::test]
async fn a_look_up_between_the_steps_keeps_the_number_for_the_next_attempt() {
    let (found, door) = looked_up(&setup(), &input(), [licence("7", "", "N"), state("50", "")]).await;
    assert_eq!(found, Found::NotLanded);
    let again = Door::playing([Ok(numbered("7"))]);
    *again.memory.lock().expect("a lock") = door.memory.lock().expect("a lock").clone();
    run(&setup(), &again, &input()).await.expect("issued");
    assert_eq!(
        (again.steps(), sent_number(&again).as_deref()),
        (vec!["terbit"], Some("7"))
    );
}

#[tokio::test]
async fn with_the_number_stored_the_second_message_may_be_sent_again() {
    let setup = setup();
    for (row, status, again) in [
        (licence("", "", "N"), "40", true),
        (licence("", "", "N"), "", true),
        (licence("LAMA", "", "Y"), "50", true),
        (licence("", "", "N"), "57", false),
        (licence("", "", "N"), "90", false),
    ] {
        let door = Door::playing([Ok(row), Ok(state(status, ""))]);
        door.memory
            .lock()
            .expect("a lock")
            .insert(NUMBER.to_owned(), json!("7"));
        let found = issue(&setup)
            .lookup
            .run(&call(), &input(), &door)
            .await
            .expect("a verdict");
        assert_eq!(found == Found::NotLanded, again, "{status}: {found:?}");
        assert_eq!(door.recall(NUMBER), Some(json!("7")), "the stored number stays");
    }
}

#[tokio::test]
async fn what_a_look_up_cannot_tell_waits_for_a_person() {
    let setup = setup();
    let landed = |found: Found| matches!(found, Found::Landed(_));
    let unclear = |found: Found| matches!(found, Found::Unclear(_));
    let file = "https://berkas.contoh.invalid/7.pdf";
    assert!(landed(
        looked_up(&setup, &input(), [licence("7", file, "N"), state("50", "")])
            .await
            .0
    ));
    assert!(landed(
        looked_up(&setup, &input(), [licence("7", "", "N"), state("50", file)])
            .await
            .0
    ));
    assert!(unclear(
        looked_up(&setup, &input(), [licence("", "", "N"), state("50", "")])
            .await
            .0
    ));
    assert!(unclear(
        looked_up(&setup, &input(), [licence("", "", "N"), state("57", "")])
            .await
            .0
    ));
    assert!(unclear(
        looked_up(&setup, &input(), [licence("7", file, "Y"), state("50", "")])
            .await
            .0
    ));
    assert!(unclear(
        looked_up(&setup, &input(), [licence("", "", "N"), state("40", "")])
            .await
            .0
    ));
    let shows = setup_with(|table| table["nomor_tampak"] = json!(true));
    assert_eq!(
        looked_up(&shows, &input(), [licence("", "", "N"), state("50", "")])
            .await
            .0,
        Found::NotLanded
    );
    let mut refused = input();
    refused["status"] = json!("ditolak");
    assert!(landed(
        looked_up(&setup, &refused, [licence("", "", "N"), state("90", "")])
            .await
            .0
    ));
    assert_eq!(
        looked_up(&setup, &refused, [licence("", "", "N"), state("40", "")])
            .await
            .0,
        Found::NotLanded
    );
}
