use super::*;
use crate::tests::{call, reply, setup};

fn look(body: &Value) -> Value {
    Look::new(&setup())
        .reply(&call(), &json!({"id": "7700123"}), &reply(body))
        .expect("a status")
}

#[test]
fn the_documented_detail_is_read() {
    let answer = look(&json!({"status": true, "results": {
    "data": {"status_code": "4", "status_name": "Dalam Proses", "disposition_id": 200_010,
             "status_logs": [{"note": "Sedang <b>dicek</b> petugas", "timestamp": "05-02-2026 09:15:00"}]},
    "data_logs": [
        {"id": 1, "date": "03-02-2026 20:01:10", "content": "Ke {{institution_to}}", "data": "", "attachments": []},
        {"id": 3, "date": "2026-02-04 08:00:00", "content": "{{ status_old }} ke {{status_new}}",
         "status_old": {"name": "Belum Terverifikasi"}, "status_new": {"name": "Terverifikasi"}, "data": "{rusak"},
        {"id": 2, "date": "05/02/2026 09:15", "content": "x",
         "data": "{\"status_old\":{\"name\":\"Terverifikasi\"},\"status_new\":{\"name\":\"Dalam Proses\"}}"},
    ]}}));
    assert_eq!(answer["status"], "diproses");
    assert_eq!(answer["status_asli"], json!({"kode": "4", "nama": "Dalam Proses"}));
    assert_eq!(answer["kode_opd"], "dishub");
    assert_eq!(answer["catatan"], "Sedang dicek petugas");
    assert_eq!(answer["terjadi_pada"], "2026-02-05T09:15:00+07:00");
    let history = answer["riwayat"].as_array().expect("a history");
    assert_eq!(history.len(), 2);
    assert_eq!(history[0]["status"], "diproses");
    assert_eq!(history[0]["catatan"], "Sedang dicek petugas");
    assert_eq!(history[1]["terjadi_pada"], "2026-02-04T08:00:00+07:00");
    assert_eq!(history[1]["catatan"], "Belum Terverifikasi ke Terverifikasi");
}

#[test]
fn an_unmapped_status_is_shown_never_guessed() {
    let answer = look(&json!({"results": {"data": {"status_code": 9, "status_name": "Status Baru"}}}));
    assert_eq!(
        (&answer["status"], &answer["status_asli"]["kode"]),
        (&json!("tidak_dikenal"), &json!("9"))
    );
}

#[test]
fn an_answer_without_a_detail_or_status_is_drift() {
    for body in [
        json!({"results": {}}),
        json!({"results": {"data": []}}),
        json!({"results": {"data": {}}}),
    ] {
        let fault = Look::new(&setup())
            .reply(&call(), &json!({"id": "1"}), &reply(&body))
            .expect_err("drift");
        assert_eq!(fault.kind, connector_sdk::FaultKind::Drift, "{body}");
    }
}
