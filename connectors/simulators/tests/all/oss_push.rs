//! OSS pushes: tokens, retries, repeats, bursts, updates, forgeries, files; a receiver that answers as it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::Running;
use simulators::oss::{Method, Oss, Outcome, Plan, Push, Revision, TokenForm, TokenPlace, TokenRule};

use crate::client::{get, post};
use crate::oss::{call, first, licence_body, start_with};

/// What one push looked like to the receiver.
#[derive(Debug, Clone)]
struct Seen {
    target: String,
    headers: HeaderMap,
    body: Value,
}

/// A receiver: records pushes and answers from a list, then "stored" for ever.
#[derive(Default)]
struct Receiver {
    seen: Vec<Seen>,
    script: Vec<(u16, String)>,
    running: usize,
    most_at_once: usize,
}

type Shared = Arc<Mutex<Receiver>>;

async fn take(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (axum::http::StatusCode, String) {
    let method = uri.path().trim_start_matches("/masuk/").to_owned();
    let scripted = {
        let mut receiver = shared.lock().unwrap();
        receiver.running += 1;
        receiver.most_at_once = receiver.most_at_once.max(receiver.running);
        let body = serde_json::from_str(&body).unwrap_or_default();
        let target = uri.to_string();
        receiver.seen.push(Seen { target, headers, body });
        (!receiver.script.is_empty()).then(|| receiver.script.remove(0))
    };
    tokio::task::yield_now().await;
    shared.lock().unwrap().running -= 1;
    let stored = json!({format!("respon{method}"): {"status": "1", "keterangan": "Tersimpan"}}).to_string();
    let (status, answer) = scripted.unwrap_or((200, stored));
    (axum::http::StatusCode::from_u16(status).unwrap(), answer)
}

async fn receiver() -> (Shared, String) {
    let shared = Shared::default();
    let app = Router::new().fallback(take).with_state(Arc::clone(&shared));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}/masuk", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (shared, target)
}

async fn both() -> (Running<Oss>, Shared) {
    let (shared, target) = receiver().await;
    let oss = start_with(|options| {
        options.push.target = Some(target);
        options.push.retry_pause_ms = 1;
    })
    .await;
    (oss, shared)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_published_token_vectors() {
    let rule = TokenRule::default();
    let noon = at("2024-06-10T05:00:00Z");
    let token = |rule: &TokenRule, at| rule.token("0999000000017", "010000000402000", at).unwrap();
    assert_eq!(token(&rule, noon), "cc0d1f5431137b722c1b80337c79280be24e7ebe");
    assert_eq!(
        token(&rule, at("2024-06-10T17:00:00Z")),
        "82635b58b7bc10d82746bce4a71c83366997cd8e",
        "midnight WIB"
    );
    let npwp = TokenRule {
        form: TokenForm::Npwp,
        ..rule
    };
    assert_eq!(token(&npwp, noon), "e2a9defad38d6f61f0a846115554cadba8755c6e");
}

#[test]
fn the_date_in_the_token_follows_the_zone() {
    let wib = TokenRule::default();
    let utc = TokenRule {
        zone_hours: 0,
        ..wib.clone()
    };
    let stale = TokenRule {
        day_shift: -1,
        ..wib.clone()
    };
    // 23:59 and 00:01 in Jakarta.
    let (before, after) = (at("2024-06-10T16:59:00Z"), at("2024-06-10T17:01:00Z"));
    assert_eq!([wib.date(before), wib.date(after)], ["20240610", "20240611"]);
    assert_eq!([utc.date(before), utc.date(after)], ["20240610", "20240610"]);
    assert_eq!([stale.date(before), stale.date(after)], ["20240609", "20240610"]);
    let unhashed = TokenRule {
        form: TokenForm::Unhashed,
        ..wib.clone()
    };
    assert_eq!(unhashed.token("1", "2", before).unwrap(), "OSS671kunci-uji-01220240610");
    let absent = TokenRule {
        form: TokenForm::Absent,
        ..wib.clone()
    };
    assert_eq!(absent.token("1", "2", before), None);
    let upper = TokenRule {
        upper: true,
        ..wib.clone()
    };
    let lower = wib.token("1", "2", before).unwrap();
    assert_eq!(upper.token("1", "2", before).unwrap(), lower.to_ascii_uppercase());
    assert!(
        !format!("{wib:?}").contains("kunci"),
        "the password stays out of debug output"
    );
}

#[tokio::test]
async fn a_push_is_signed_and_its_acknowledgement_kept() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    let push = pusher.prepare(Method::Nib, 17, Revision::ORIGINAL).unwrap();
    let ack = pusher.push(&push).await;
    assert_eq!((ack.outcome, ack.documented, ack.http), (Outcome::Stored, true, 200));
    let seen = receiver.lock().unwrap().seen[0].clone();
    assert_eq!(seen.target, "/masuk/receiveNIB");
    let nib = seen.body["dataNIB"]["nib"].as_str().unwrap();
    let token = TokenRule::default().token(nib, "", oss.clock().now()).unwrap();
    assert_eq!(seen.headers["token"], token.as_str());
    assert_eq!(seen.body["dataNIB"]["tipe_dokumen "], "9", "trailing space");
    let documents = get("/__sim/pushes").reply(oss.addr()).await.json();
    assert_eq!(documents[0]["stored"], 1);
    assert!(
        get("/__sim/acks").reply(oss.addr()).await.json()[0]["took_us"]
            .as_u64()
            .unwrap()
            > 0
    );
}

#[tokio::test]
async fn the_token_travels_in_every_way_seen() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    let push = pusher.prepare(Method::Nib, 17, Revision::ORIGINAL).unwrap();
    for place in [TokenPlace::OssApiKey, TokenPlace::Bearer, TokenPlace::Query] {
        pusher.rule().token.place = place;
        pusher.push(&push).await;
    }
    pusher.rule().token.place = TokenPlace::Token;
    pusher.rule().token.sample_headers = true;
    pusher.push(&push).await;
    let seen = receiver.lock().unwrap().seen.clone();
    assert!(seen.iter().take(3).all(|seen| !seen.headers.contains_key("token")));
    assert_eq!(seen[0].headers["oss-api-key"].len(), 40);
    assert!(
        seen[1].headers["authorization"]
            .to_str()
            .unwrap()
            .starts_with("Bearer ")
    );
    assert!(seen[2].target.starts_with("/masuk/receiveNIB?token="));
    assert!(seen[3].headers.contains_key("user_key") && seen[3].headers.contains_key("authorization"));
    pusher
        .rule()
        .paths
        .insert("receiveNIB".to_owned(), "/api/terima".to_owned());
    pusher.push(&push).await;
    assert_eq!(receiver.lock().unwrap().seen[4].target, "/masuk/api/terima");
}

#[tokio::test]
async fn a_failed_push_is_tried_again_as_often_as_told() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    pusher.rule().retries = 3;
    let push = pusher.prepare(Method::Nib, 5, Revision::ORIGINAL).unwrap();
    let refused = json!({"responreceiveNIB": {"status": "2", "keterangan": "Terlalu banyak"}}).to_string();
    receiver.lock().unwrap().script = vec![(503, "<html>".to_owned()), (200, "rusak".to_owned())];
    let ack = pusher.push(&push).await;
    assert_eq!((ack.attempt, ack.outcome), (3, Outcome::Stored));
    receiver.lock().unwrap().script = vec![(200, refused.clone())];
    assert_eq!(pusher.push(&push).await.outcome, Outcome::NotStored);
    pusher.rule().retry_refused = true;
    receiver.lock().unwrap().script = vec![(200, refused.clone()), (200, refused)];
    assert_eq!(pusher.push(&push).await.attempt, 3);
    let tally = *pusher.records().documents().values().next().unwrap();
    assert_eq!((tally.sent, tally.stored, tally.not_stored, tally.lost), (7, 2, 3, 2));
    assert_eq!(oss.effects()["pushes"]["undocumented"], 2);
}

#[tokio::test]
async fn a_push_may_come_cut_in_half() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    let push = Push {
        broken: true,
        ..pusher.prepare(Method::Nib, 5, Revision::ORIGINAL).unwrap()
    };
    let ack = pusher.push(&push).await;
    assert!(ack.forged, "counted among those that must not be stored");
    assert_eq!(receiver.lock().unwrap().seen[0].body, Value::Null);
    assert_eq!(pusher.records().unacknowledged().count(), 0);
    assert_eq!(oss.effects()["pushes"]["forged_stored"], 1);
}

#[tokio::test]
async fn no_answer_is_recorded_as_such() {
    let oss = start_with(|options| options.push.target = Some("http://127.0.0.1:1".to_owned())).await;
    let pusher = oss.with(|oss| oss.pusher());
    let push = pusher.prepare(Method::Nib, 5, Revision::ORIGINAL).unwrap();
    let ack = pusher.push(&push).await;
    assert_eq!((ack.outcome, ack.http), (Outcome::NoAnswer, 0));
    assert_eq!(pusher.records().unacknowledged().count(), 1);
}

#[tokio::test]
async fn a_plan_repeats_bursts_updates_and_forges_and_the_tallies_tell() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    let plan = Plan {
        count: 40,
        repeat: 0.3,
        burst: 0.3,
        update: 0.3,
        same_date_update: 0.2,
        reorder: 0.2,
        revoke: 0.1,
        forge: 0.2,
        ..Default::default()
    };
    pusher.run(plan).await;
    let mut by_nib: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
    for seen in receiver.lock().unwrap().seen.clone() {
        by_nib
            .entry(seen.body["dataNIB"]["nib"].to_string())
            .or_default()
            .push(seen);
    }
    assert_eq!(by_nib.len(), 40);
    let records = pusher.records();
    let sent: u32 = records.documents().values().map(|tally| tally.sent).sum();
    assert_eq!(sent as usize, receiver.lock().unwrap().seen.len());
    let forged: u32 = records.documents().values().map(|tally| tally.forged_stored).sum();
    assert!(forged > 0, "this receiver checks nothing, and it shows");
    assert_eq!(records.unacknowledged().count(), 0);
    let documents: Vec<&str> = records.documents().keys().map(String::as_str).collect();
    assert!(documents.iter().any(|document| document.contains(" 5@")));
    assert!(documents.iter().any(|document| document.contains(" 3@")));
    assert!(receiver.lock().unwrap().most_at_once > 1);
    drop(records);
    let changed = pusher.prepare(Method::Nib, 1, Revision::update(1)).unwrap();
    assert_ne!(
        changed.body,
        pusher.prepare(Method::Nib, 1, Revision::ORIGINAL).unwrap().body
    );
}

#[tokio::test]
async fn the_same_content_under_the_same_date_and_changed_content_under_it() {
    let (oss, _) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    let body = |revision| -> Value {
        let push: Push = pusher.prepare(Method::Nib, 9, revision).unwrap();
        serde_json::from_slice(&push.body).unwrap()
    };
    let first = body(Revision::ORIGINAL);
    assert_eq!(first, body(Revision::ORIGINAL));
    let sly = body(Revision {
        number: 1,
        tipe_dokumen: '5',
        same_date: true,
    });
    assert_eq!(
        first["dataNIB"]["tgl_perubahan_nib"],
        sly["dataNIB"]["tgl_perubahan_nib"]
    );
    assert_ne!(first["dataNIB"]["alamat_perseroan"], sly["dataNIB"]["alamat_perseroan"]);
}

#[tokio::test]
async fn what_was_pushed_last_is_what_an_inquiry_shows() {
    let (oss, _) = both().await;
    let revision = json!({"number": 2, "tipe_dokumen": "5"});
    let command = post("/__sim/push").json(&json!({"index": 3, "revision": revision}));
    assert_eq!(command.reply(oss.addr()).await.json()["total"], 1);
    let nib = oss.with(|oss| oss.city().company(3).unwrap().nib);
    let found = call(&oss, "inqueryNIB", json!({"INQUERYNIB": {"nib": nib}}))
        .await
        .json();
    let found = &found["responinqueryNIB"]["dataNIB"];
    assert!(found["alamat_perseroan"].as_str().unwrap().ends_with("Blok 2"));
}

#[tokio::test]
async fn commands_push_a_given_body_and_make_it_known() {
    let (oss, receiver) = both().await;
    let body = json!({"dataNIB": {
        "nib": "0888000000001", "oss_id": "P-202601010000000000001", "tipe_dokumen": "9",
        "data_checklist": [{"id_izin": "I-202601010000000000001", "id_proyek": "R-1", "kd_izin": "033000000012",
            "kd_daerah": "3671051003", "jenis_izin": "04", "flag_checklist": "Y"}],
    }});
    let command = post("/__sim/push").json(&json!({"body": body, "times": 2}));
    assert_eq!(command.reply(oss.addr()).await.status, 200);
    let pusher = oss.with(|oss| oss.pusher());
    while !pusher.jobs().iter().all(|job| job.finished()) {
        tokio::task::yield_now().await;
    }
    assert_eq!(receiver.lock().unwrap().seen.len(), 2);
    let status = json!({"IZINSTATUS": {
        "nib": "0888000000001", "id_produk": "", "id_proyek": "R-1", "oss_id": "P-202601010000000000001",
        "id_izin": "I-202601010000000000001", "kd_izin": "033000000012", "kd_instansi": "367", "kd_status": "10",
        "tgl_status": "2026-02-03 09:00:00", "nip_status": "1", "nama_status": "PETUGAS CONTOH", "keterangan": "Lengkap",
    }});
    assert_eq!(call(&oss, "receiveLicenseStatus", status).await.status, 200);
    let bad = post("/__sim/push").json(&json!({"index": 100_000}));
    assert_eq!(bad.reply(oss.addr()).await.status, 422);
    let bad = post("/__sim/push_many").json(&json!({"jumlah": 3}));
    assert_eq!(bad.reply(oss.addr()).await.status, 422);
}

#[tokio::test]
async fn franchises_ministry_documents_and_files_are_pushed_too() {
    let (oss, receiver) = both().await;
    let pusher = oss.with(|oss| oss.pusher());
    assert!(
        pusher.prepare(Method::Stpw, 8, Revision::ORIGINAL).is_none(),
        "no franchise"
    );
    for (method, root) in [
        (Method::Stpw, "dataNIBSTPW"),
        (Method::Kkpr, "dataNIB"),
        (Method::Pse, "dataNIBPSE"),
    ] {
        let push = pusher.prepare(method, 7, Revision::ORIGINAL).unwrap();
        assert_eq!(pusher.push(&push).await.outcome, Outcome::Stored);
        let seen = receiver.lock().unwrap().seen.last().unwrap().clone();
        assert_eq!(seen.target, format!("/masuk/{}", method.name()));
        assert!(seen.body[root]["nib"].is_string(), "{root}");
    }
    let (company, id) = first(&oss);
    let taken = call(&oss, "receiveLicense", licence_body(&company, &id, ""))
        .await
        .json();
    let number = taken["responreceiveLicense"]["nomor_izin"].as_str().unwrap().to_owned();
    call(&oss, "receiveLicense", licence_body(&company, &id, &number)).await;
    let files = oss.with(|oss| oss.signed_files());
    assert_eq!(files.len(), 1);
    let ack = pusher.push(&files[0]).await;
    assert_eq!((ack.outcome, ack.documented), (Outcome::Stored, true));
    let seen = receiver.lock().unwrap().seen.last().unwrap().clone();
    assert_eq!(seen.body["receiveFileDS"]["id_izin"], id.as_str());
    let token = TokenRule::default().token(&company.nib, "", oss.clock().now()).unwrap();
    assert_eq!(seen.headers["token"], token.as_str());
}

#[tokio::test]
async fn the_password_is_not_shown_by_the_control_api() {
    let (oss, _) = both().await;
    let change = json!({"push": {"token": {"zone_hours": 0, "password": "rahasia-baru"}, "retries": 5}});
    let reply = post("/__sim/options").json(&change).reply(oss.addr()).await;
    assert!(!reply.body.contains("rahasia-baru"));
    assert_eq!(reply.json()["push"]["retries"], 5);
    let pusher = oss.with(|oss| oss.pusher());
    assert_eq!(pusher.rule().token.password, "rahasia-baru");
    assert_eq!(pusher.rule().token.user, "OSS671", "what is not named stays");
}
