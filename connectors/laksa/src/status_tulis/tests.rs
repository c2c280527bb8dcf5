use super::*;
use connector_sdk::{Connector, FaultKind, NativeBody, NoLists, Settings};

fn connector(settings: &Value) -> Arc<dyn Connector> {
    let table = settings.as_object().cloned().unwrap_or_default();
    (crate::FACTORY.build)(&Settings::new(table)).expect("good settings")
}

fn call() -> Call<'static> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    Call {
        exchange: "x",
        reference: "x",
        attempt: 1,
        now,
        lists: &NoLists,
    }
}

fn status() -> Value {
    json!({
        "tiket": "LAKSA-2026-000123", "sumber": "laksa", "status": "diproses", "catatan": null,
        "terjadi_pada": "2026-02-05T09:15:00+07:00",
        "lapor": {"id_laporan": "7700123", "tracking_id": null, "url": null},
    })
}

#[test]
fn form_pairs_nest_and_leave_null_out() {
    let laksa = connector(&json!({}));
    let operation = laksa.operation("laksa.status.tulis").expect("declared");
    let request = operation.request(&call(), &status()).expect("a request");
    let NativeBody::Form(pairs) = request.body else {
        panic!("a form")
    };
    let text = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    assert_eq!(
        text,
        "detail_status=diproses&lapor[complaint_id]=7700123&occurred_at=2026-02-05T09:15:00+07:00&source=laksa&status=proses&ticket=LAKSA-2026-000123"
    );
}

#[test]
fn an_unknown_status_and_a_missing_ticket_are_complained_of() {
    let laksa = connector(&json!({"bentuk": "json"}));
    let operation = laksa.operation("laksa.status.tulis").expect("declared");
    let fault = operation
        .request(&call(), &json!({"status": "tidak_dikenal"}))
        .expect_err("refused");
    let pointers: Vec<_> = fault
        .complaints
        .iter()
        .map(|complaint| complaint.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["/tiket", "/status"]);
}

#[test]
fn every_envelope_is_read() {
    let laksa = connector(&json!({"pesan_tidak_ada": ["tidak ditemukan"]}));
    let operation = laksa.operation("laksa.status.tulis").expect("declared");
    let request = operation.request(&call(), &status()).expect("a request");
    let screen = |body: Value| {
        let body = body.to_string().into();
        laksa.screen(
            &request,
            &NativeReply {
                status: 200,
                headers: http::HeaderMap::new(),
                body,
            },
        )
    };
    assert_eq!(screen(json!({"success": true, "message": "ok", "data": []})), Ok(()));
    assert_eq!(screen(json!({"success": true, "result": []})), Ok(()));
    assert_eq!(screen(json!({"decode": []})), Ok(()));
    let kind = |body| screen(body).map_err(|fault| (fault.kind, fault.landed));
    assert_eq!(
        kind(json!({"success": false, "message": "x"})),
        Err((FaultKind::Rejected, Landed::No))
    );
    assert_eq!(
        kind(json!({"success": false, "message": "Tiket tidak ditemukan"})),
        Err((FaultKind::NotFound, Landed::No))
    );
    assert_eq!(kind(json!({"apa": 1})), Err((FaultKind::Drift, Landed::Unknown)));
}
