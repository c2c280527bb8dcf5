//! What persons decide over the operator port, and every way it says no.

use super::world::{MARK, Noon, Port, SECOND, TOKEN, UNSAFE, again, dead, open, parked};
use crate::operator::{Operator, TokenHash};
use gateway_core::exchange::{Next, State, TryKind};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Journal, MAIN_CHAIN};
use gateway_core::person::bulk;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const WHY: &str = r#"{"alasan":"sistem sudah pulih"}"#;

impl Port {
    async fn evidence(&self) -> String {
        let links = self.journal.evidence(MAIN_CHAIN.into(), 0, 1000).await.unwrap();
        links
            .iter()
            .map(|link| String::from_utf8_lossy(&link.record).into_owned())
            .collect()
    }

    async fn state(&self, id: ExchangeId) -> State {
        self.journal.get(id).await.unwrap().unwrap().state
    }
}

#[tokio::test]
async fn a_replay_carries_the_operators_name_and_reason() {
    let port = open();
    let id = port.exchange(1, dead, "1").await;
    let (status, answer) = port.post(&format!("/pertukaran/{id}/kirim-ulang"), TOKEN, WHY).await;
    assert_eq!((status, &answer["hasil"]), (202, &"dijalankan".into()), "{answer}");
    assert_eq!(answer["pertukaran"]["keadaan"], "menunggu_ulang");
    assert_eq!(port.state(id).await, State::Scheduled);
    let attempts = port.journal.attempts(id).await.unwrap();
    let person = attempts.iter().find(|a| a.kind == TryKind::Person).unwrap();
    assert_eq!(person.by.as_deref(), Some("Petugas Satu"));
    let evidence = port.evidence().await;
    assert!(evidence.contains("Petugas Satu") && evidence.contains("sistem sudah pulih"));
    // Not a second time: it waits already, which is no dead letter. "Try now" is allowed, a finished one is not.
    let done = port.exchange(2, |_| Next::Failed, "2").await;
    let (status, _) = port.post(&format!("/pertukaran/{done}/batalkan"), TOKEN, WHY).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn an_unsafe_replay_waits_for_another_person() {
    let port = open();
    let id = port.exchange_of(UNSAFE, 1, parked, "1").await;
    let (status, answer) = port.post(&format!("/pertukaran/{id}/kirim-ulang"), TOKEN, WHY).await;
    assert_eq!((status, &answer["hasil"]), (202, &"menunggu_orang_kedua".into()));
    let (_, shown) = port.json(&format!("/admin/v1/pertukaran/{id}")).await;
    assert_eq!(shown["usulan"]["oleh"], "Petugas Satu");
    assert_eq!(
        (&shown["usulan"]["tindakan"], &shown["keadaan"]),
        (&"kirim_ulang".into(), &"hasil_tidak_pasti".into())
    );
    let confirm = format!("/pertukaran/{id}/setujui");
    for same in [TOKEN, "token-lama"] {
        let (status, problem) = port.post(&confirm, same, "").await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &"hak-tidak-ada".into()),
            "one person, whichever token"
        );
    }
    let (status, answer) = port.post(&confirm, SECOND, "").await;
    assert_eq!((status, &answer["hasil"]), (202, &"dijalankan".into()));
    assert_eq!(answer["pertukaran"]["usulan"], Value::Null);
    let evidence = port.evidence().await;
    assert!(evidence.contains("\"second\":\"Petugas Dua\""), "{evidence}");
    assert_eq!(port.post(&confirm, SECOND, "").await.0, 409, "nothing waits any more");
}

#[tokio::test]
async fn an_unknown_outcome_is_never_shown_as_not_landed() {
    let port = open();
    let id = port.exchange(1, parked, "1").await;
    let mut fault = port.journal.get(id).await.unwrap().unwrap().fault.unwrap();
    fault.landed = connector_sdk::Landed::No;
    let mut stored = port.journal.get(id).await.unwrap().unwrap();
    stored.fault = Some(fault);
    let shown = crate::operator::view::exchange(&stored);
    assert_eq!(shown["masalah"]["landed"], "unknown");
}

#[tokio::test]
async fn discarding_and_stating_that_it_landed() {
    let port = open();
    let gone = port.exchange(1, dead, "1").await;
    let (status, answer) = port.post(&format!("/pertukaran/{gone}/batalkan"), TOKEN, WHY).await;
    assert_eq!((status, &answer["pertukaran"]["keadaan"]), (200, &"dibatalkan".into()));
    let seen = port.exchange(2, parked, "2").await;
    let path = format!("/pertukaran/{seen}/nyatakan-berlaku");
    let body = |reply: Value| json!({"balasan": reply, "alasan": "terlihat di sistem"}).to_string();
    let (status, problem) = port.post(&path, TOKEN, &body(json!({"salah": MARK}))).await;
    assert_eq!((status, &problem["code"]), (422, &"isi-tidak-sesuai".into()));
    let places = problem["errors"].as_array().unwrap();
    assert!(
        places
            .iter()
            .all(|p| p["pointer"].as_str().unwrap().starts_with("/balasan")),
        "{problem}"
    );
    assert!(!problem.to_string().contains(MARK));
    let (status, answer) = port.post(&path, TOKEN, &body(json!({"isi": "diterima"}))).await;
    assert_eq!((status, &answer["pertukaran"]["keadaan"]), (200, &"terkirim".into()));
}

#[tokio::test]
async fn every_no_has_its_status_and_changes_nothing() {
    let port = open();
    let id = port.exchange(1, dead, "1").await;
    let replay = format!("/pertukaran/{id}/kirim-ulang");
    let large = format!("{{\"alasan\":\"{}\"}}", "a".repeat(70_000));
    let nowhere = "/pertukaran/018f0000-0000-7000-8000-000000000001/batalkan";
    for (path, body, status, code) in [
        (replay.as_str(), "", 422, "isi-tidak-sesuai"),
        (&replay, r#"{"alasan":"ya"}"#, 422, "isi-tidak-sesuai"),
        (&replay, r#"{"alasan":"sudah pulih","lain":1}"#, 422, "isi-tidak-sesuai"),
        (&replay, "bukan json", 400, "json-tidak-sah"),
        (&replay, &large, 413, "terlalu-besar"),
        (nowhere, WHY, 404, "tidak-ditemukan"),
        ("/pertukaran/bukan-nomor/batalkan", WHY, 404, "tidak-ditemukan"),
        (&format!("/pertukaran/{id}/setujui"), "{}", 409, "keadaan-tidak-sesuai"),
        ("/pekerjaan/tidak-ada/hentikan", "", 404, "tidak-ditemukan"),
        ("/antrean", "", 405, "metode-tidak-boleh"),
        (
            "/kirim-ulang",
            r#"{"pilihan":{"keadaan":"gagal"}}"#,
            422,
            "isi-tidak-sesuai",
        ),
        (
            "/kirim-ulang",
            r#"{"pilihan":{"keadaan":"terkirim","sistem":"lapor"}}"#,
            422,
            "isi-tidak-sesuai",
        ),
        (
            "/kirim-ulang",
            r#"{"pilihan":{"keadaan":"gagal","sistem":"lapor"},"uji":false}"#,
            422,
            "isi-tidak-sesuai",
        ),
    ] {
        let (found, problem) = port.post(path, TOKEN, body).await;
        assert_eq!((found, &problem["code"]), (status, &code.into()), "{path} {problem}");
    }
    for path in [&replay, "/kirim-ulang", "/pekerjaan/x/hentikan"] {
        assert_eq!(port.post(path, "salah", WHY).await.0, 401, "{path}");
    }
    assert_eq!(port.state(id).await, State::Dead);
    assert_eq!(port.journal.attempts(id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn problems_speak_the_callers_language() {
    let port = open();
    let english = port
        .raw(&format!(
            "GET /admin/v1/pertukaran/x HTTP/1.1\r\nhost: uji\r\nconnection: close\r\naccept-language: en\r\n\
             authorization: Bearer {TOKEN}\r\n\r\n"
        ))
        .await;
    assert!(english.contains("\"Not found\"") && english.to_ascii_lowercase().contains("content-language: en"));
    let (_, indonesian) = port.json("/admin/v1/pertukaran/x").await;
    assert_eq!(indonesian["title"], "Tidak ditemukan");
}

#[tokio::test]
async fn looking_inside_is_masked_and_opening_is_evidence() {
    let port = open();
    let id = port.exchange(1, dead, "1").await;
    let path = format!("/admin/v1/pertukaran/{id}/isi");
    let before = port.evidence().await;
    let (status, inside) = port.json(&path).await;
    assert_eq!((status, &inside["terbuka"]), (200, &false.into()), "{inside}");
    assert!(!inside.to_string().contains(MARK));
    assert_eq!(
        (&inside["langkah_gagal"]["status"], &inside["terjemahan"]["metode"]),
        (&504.into(), &"POST".into())
    );
    assert_eq!(port.evidence().await, before, "a masked look reveals nothing");
    assert_eq!(
        port.json(&format!("{path}?buka=ya")).await.0,
        422,
        "not without a reason"
    );
    assert_eq!(port.json(&format!("{path}?buka=mungkin")).await.0, 400);
    let (status, inside) = port.json(&format!("{path}?buka=ya&alasan=keluhan%20warga")).await;
    assert_eq!((status, &inside["masukan"]["isi"]), (200, &MARK.into()));
    let evidence = port.evidence().await;
    assert!(evidence.contains("buka_isi") && evidence.contains("Petugas Satu") && evidence.contains("keluhan warga"));
}

#[tokio::test]
async fn what_was_erased_can_neither_be_opened_nor_sent() {
    let port = open();
    let id = port.exchange(1, |_| Next::Failed, "1").await;
    let waits = port.exchange(2, dead, "2").await;
    let after = gateway_core::time::later(Noon::time(), Duration::from_secs(60));
    port.journal
        .erase(vec!["pengaduan.kirim".into()], Vec::new(), after, 10)
        .await
        .unwrap();
    assert_eq!(port.json(&format!("/admin/v1/pertukaran/{id}/isi")).await.0, 409);
    let kept = port.json(&format!("/admin/v1/pertukaran/{waits}/isi")).await;
    assert_eq!(kept.0, 200, "a dead letter keeps its body until a person has decided");
    let (status, problem) = port.post(&format!("/pertukaran/{id}/kirim-ulang"), TOKEN, WHY).await;
    assert_eq!((status, &problem["code"]), (409, &"keadaan-tidak-sesuai".into()));
}

#[tokio::test]
async fn many_are_counted_first_and_then_replayed_as_a_job() {
    let port = open();
    for n in 1..=7 {
        port.exchange(n, dead, &n.to_string()).await;
    }
    port.exchange_of(UNSAFE, 8, dead, "8").await;
    port.exchange(9, again, "9").await;
    let body = |uji: bool| {
        json!({"pilihan": {"sistem": "lapor", "keadaan": "gagal"}, "alasan": "sistem sudah pulih", "uji": uji})
            .to_string()
    };
    let (status, preview) = port.post("/kirim-ulang", TOKEN, &body(true)).await;
    assert_eq!((status, &preview["hasil"]["jumlah"]), (200, &8.into()));
    assert_eq!(preview["hasil"]["contoh"].as_array().unwrap().len(), 5);
    let (_, silent) = port
        .post(
            "/kirim-ulang",
            TOKEN,
            r#"{"pilihan":{"sistem":"lapor","keadaan":"gagal"},"alasan":"tanpa uji"}"#,
        )
        .await;
    assert_eq!(silent["uji"], true, "what was not said is no consent");

    let (status, begun) = port.post("/kirim-ulang", TOKEN, &body(false)).await;
    assert_eq!((status, &begun["pekerjaan"]["oleh"]), (202, &"Petugas Satu".into()));
    let path = format!("/admin/v1/pekerjaan/{}", begun["id"].as_str().unwrap());
    let stop = CancellationToken::new();
    let running = tokio::spawn(bulk::run(Arc::clone(&port.rooms), stop.clone()));
    let job = loop {
        let (_, job) = port.json(&path).await;
        if job["pekerjaan"]["keadaan"] != "berjalan" {
            break job;
        }
    };
    stop.cancel();
    running.await.unwrap();
    let of = &job["pekerjaan"];
    assert_eq!(
        (&of["keadaan"], &of["diulang"], &of["dilewati"]),
        (&"selesai".into(), &7.into(), &1.into())
    );
    let (_, left) = port.json("/admin/v1/pertukaran?keadaan=gagal").await;
    let left = left["butir"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["operasi"]), (1, &UNSAFE.into()));
    let id = left[0]["id"].as_str().unwrap();
    let (_, shown) = port.json(&format!("/admin/v1/pertukaran/{id}")).await;
    assert_eq!(
        shown["usulan"],
        Value::Null,
        "a job proposes nothing in a person's name"
    );
}

#[tokio::test]
async fn a_job_can_be_stopped() {
    let port = open();
    port.exchange(1, dead, "1").await;
    let body = r#"{"pilihan":{"sistem":"lapor","keadaan":"gagal"},"alasan":"sistem sudah pulih","uji":false}"#;
    let (_, begun) = port.post("/kirim-ulang", TOKEN, body).await;
    let halt = format!("/pekerjaan/{}/hentikan", begun["id"].as_str().unwrap());
    let (status, job) = port.post(&halt, SECOND, "").await;
    assert_eq!((status, &job["pekerjaan"]["keadaan"]), (200, &"dihentikan".into()));
}

#[tokio::test]
async fn evidence_comes_page_by_page_and_a_withdrawn_token_is_refused_at_once() {
    let port = open();
    for n in 1..=3 {
        port.exchange(n, dead, &n.to_string()).await;
    }
    let (_, chains) = port.json("/admin/v1/bukti").await;
    assert_eq!(chains["rantai"], json!([MAIN_CHAIN]));
    let (_, page) = port.json("/admin/v1/bukti?rantai=main&setelah=1").await;
    let rows = page["butir"].as_array().unwrap();
    assert_eq!(
        (rows.len(), &rows[0]["seq"], &page["berikut"]),
        (2, &2.into(), &Value::Null)
    );
    assert_eq!(rows[1]["sebelum"], rows[0]["hash"]);
    assert_eq!(port.json("/admin/v1/bukti?setelah=x").await.0, 400);

    port.operators
        .store(Arc::new(vec![Operator::new("Petugas Dua", TokenHash::of(SECOND))]));
    assert_eq!(port.call("/admin/v1/bukti", Some(TOKEN)).await.0, 401);
    assert_eq!(port.call("/admin/v1/bukti", Some(SECOND)).await.0, 200);
}
