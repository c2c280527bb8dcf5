//! LAKSA: credentials, both bodies, both envelopes, statuses judged, tickets from LAPOR!, agencies' answers.

use serde_json::{Value, json};
use simulators::laksa::{self, BodyForm, Envelope, Generator, Laksa, LaksaOptions};
use simulators::{Fault, Running};

use crate::client::{Call, Reply, get, post};

async fn start(options: LaksaOptions) -> Running<Laksa> {
    laksa::start(options).await.unwrap()
}

/// `simpul:sandi-simulasi`
fn signed(call: Call) -> Call {
    call.header("authorization", "Basic c2ltcHVsOnNhbmRpLXNpbXVsYXNp")
}

async fn status(laksa: &Running<Laksa>, status: &str, at: &str) -> Reply {
    let body = json!({"tiket": "LAKSA-1", "status": status, "status_rinci": status, "terjadi_pada": at});
    signed(post("/services/laksa/pengaduan/status"))
        .json(&body)
        .reply(laksa.addr())
        .await
}

#[tokio::test]
async fn a_form_and_json_say_the_same() {
    let laksa = start(LaksaOptions::default()).await;
    let form = "tiket=LAKSA-1&status=proses&status_rinci=in_progress&catatan=Petugas+menuju%20lokasi\
                &terjadi_pada=2026-02-05T09%3A15%3A00%2B07%3A00&kode_opd=DPU&lapor%5Bcomplaint_id%5D=7700123";
    let call = signed(post("/services/laksa/pengaduan/status"));
    let reply = call
        .body("application/x-www-form-urlencoded", form)
        .reply(laksa.addr())
        .await;
    assert_eq!(reply.json()["success"], true);
    let english = json!({
        "ticket": "LAKSA-2", "status": "proses", "occurred_at": "2026-02-05T09:15:00+07:00",
        "lapor": {"complaint_id": 7_700_124},
    });
    signed(post("/services/laksa/pengaduan/status"))
        .json(&english)
        .reply(laksa.addr())
        .await;
    laksa.with(|laksa| {
        let first = &laksa.tickets()["LAKSA-1"];
        assert_eq!(
            (first.status.as_str(), first.lapor_id.as_deref()),
            ("proses", Some("7700123"))
        );
        assert_eq!(first.history[0].fields["catatan"], "Petugas menuju lokasi");
        assert_eq!(laksa.tickets()["LAKSA-2"].lapor_id.as_deref(), Some("7700124"));
    });
    laksa.with(|laksa| laksa.options.body_form = BodyForm::Form);
    let refused = signed(post("/services/laksa/pengaduan/status"))
        .json(&english)
        .reply(laksa.addr())
        .await;
    assert_eq!(refused.status, 415);
}

#[tokio::test]
async fn envelopes_and_refusals() {
    let laksa = start(LaksaOptions::default()).await;
    let good = status(&laksa, "menunggu", "2026-02-05T09:15:00+07:00").await.json();
    assert!(good["data"].is_array() && good["message"].is_string());
    laksa.with(|laksa| laksa.options.envelope = Envelope::Result);
    let good = status(&laksa, "proses", "2026-02-05T09:16:00+07:00").await.json();
    assert!(good["result"].is_array() && good.get("data").is_none());

    for (state, at) in [
        ("dalam proses", "2026-02-05T09:15:00+07:00"),
        ("proses", "2026-02-05 09:15:00"),
    ] {
        let reply = status(&laksa, state, at).await;
        assert_eq!((reply.status, &reply.json()["success"]), (422, &json!(false)));
    }
    laksa.with(|laksa| laksa.options.http_errors = false);
    let reply = status(&laksa, "dalam proses", "2026-02-05T09:15:00+07:00").await;
    assert_eq!((reply.status, &reply.json()["success"]), (200, &json!(false)));
    let unsigned = get("/services/laksa/pengaduan/daftar").reply(laksa.addr()).await;
    assert_eq!(unsigned.status, 401);
    assert!(unsigned.header("www-authenticate").unwrap().starts_with("Basic"));
    assert_eq!(laksa.effects()["statuses"], 2);
}

#[tokio::test]
async fn statuses_are_judged() {
    let laksa = start(LaksaOptions::default()).await;
    for (state, at) in [
        ("proses", "2026-02-05T09:00:00+07:00"),
        ("proses", "2026-02-05T09:00:00+07:00"),
        ("selesai", "2026-02-06T09:00:00+07:00"),
        ("proses", "2026-02-07T09:00:00+07:00"),
        ("menunggu", "2026-02-04T09:00:00+07:00"),
    ] {
        assert_eq!(status(&laksa, state, at).await.status, 200);
    }
    let effects = laksa.effects();
    let counts = [
        "statuses",
        "statuses_repeated",
        "reopened",
        "regressions",
        "out_of_order",
    ];
    assert_eq!(counts.map(|name| effects[name].as_u64().unwrap()), [5, 1, 1, 1, 1]);
}

#[tokio::test]
async fn unknown_tickets_can_be_refused() {
    let laksa = start(LaksaOptions {
        accept_unknown_tickets: false,
        ..Default::default()
    })
    .await;
    assert_eq!(status(&laksa, "proses", "2026-02-05T09:00:00+07:00").await.status, 404);
    post("/__sim/tickets")
        .json(&json!({"tiket": "LAKSA-1"}))
        .reply(laksa.addr())
        .await;
    assert_eq!(status(&laksa, "proses", "2026-02-05T09:00:00+07:00").await.status, 200);
}

#[tokio::test]
async fn a_report_from_lapor_becomes_a_ticket_and_twice_is_a_double() {
    let laksa = start(LaksaOptions::default()).await;
    let body = json!({"id_lapor": 7_700_009, "judul": "Jalan rusak", "isi": "Jalan rusak parah", "anonim": true});
    for expected in ["LAKSA-L-000001", "LAKSA-L-000002"] {
        let reply = signed(post("/services/laksa/pengaduan/tambah"))
            .json(&body)
            .reply(laksa.addr())
            .await
            .json();
        assert_eq!(reply["data"][0]["tiket"], expected);
    }
    assert_eq!(laksa.effects()["doubles"], json!(["7700009"]));
    laksa.faults().once("add", Fault::CreatedWithoutId);
    let reply = signed(post("/services/laksa/pengaduan/tambah"))
        .json(&body)
        .reply(laksa.addr())
        .await
        .json();
    assert_eq!(reply["data"][0], json!({}));
    let list = signed(get("/services/laksa/pengaduan/daftar?asal=lapor"))
        .reply(laksa.addr())
        .await
        .json();
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    let found = signed(get("/services/laksa/pengaduan/daftar?id_lapor=7700008"))
        .reply(laksa.addr())
        .await
        .json();
    assert_eq!(found["data"], json!([]));
    let detail = signed(get("/services/laksa/pengaduan/detail?tiket=LAKSA-L-000001"))
        .reply(laksa.addr())
        .await
        .json();
    assert_eq!(detail["data"][0]["id_lapor"], "7700009");
}

#[tokio::test]
async fn agencies_answer_and_followups_come_back() {
    let laksa = start(LaksaOptions {
        page_size: 2,
        ..Default::default()
    })
    .await;
    post("/__sim/generate")
        .json(&json!({"seed": 3, "count": 2}))
        .reply(laksa.addr())
        .await;
    for number in 1..=3 {
        let body = json!({"isi": format!("Jawaban {number}"), "kode_opd": "DPU", "status": "selesai"});
        let reply = post("/__sim/tickets/LAKSA-2026-000001/answer")
            .json(&body)
            .reply(laksa.addr())
            .await;
        assert_eq!(reply.json()["id"], number);
    }
    let page = |query: &str| {
        let call = signed(get(format!("/services/laksa/pengaduan/tanggapan?{query}")));
        let addr = laksa.addr();
        async move { call.reply(addr).await.json()["data"].as_array().unwrap().len() }
    };
    assert_eq!(
        [
            page("halaman=1").await,
            page("halaman=2").await,
            page("halaman=3").await
        ],
        [2, 1, 0]
    );
    assert_eq!(page("sejak=2").await, 1);
    assert_eq!(page("tiket=LAKSA-2026-000002").await, 0);

    let body = json!({"tiket": "LAKSA-2026-000001", "id_tindak_lanjut": "77", "isi": "Terima kasih"});
    for _ in 0..2 {
        signed(post("/services/laksa/pengaduan/tindaklanjut"))
            .json(&body)
            .reply(laksa.addr())
            .await;
    }
    let effects = laksa.effects();
    assert_eq!(
        (&effects["followups"], &effects["followups_repeated"]),
        (&json!(2), &json!(1))
    );
}

#[tokio::test]
async fn files_of_filed_complaints_can_be_fetched() {
    let laksa = start(LaksaOptions::default()).await;
    let complaint = Generator::new(5).find(|complaint| !complaint.files.is_empty()).unwrap();
    laksa.with(|laksa| laksa.file_complaint(&complaint));
    let pdf = Generator::new(5).find(|complaint| complaint.files.len() == 5).unwrap();
    laksa.with(|laksa| laksa.file_complaint(&pdf));
    let path = format!("/services/laksa/pengaduan/lampiran?id={}", pdf.files[4].id);
    let reply = signed(get(path)).reply(laksa.addr()).await;
    assert!(reply.body.starts_with("%PDF"));
    let missing = signed(get("/services/laksa/pengaduan/lampiran?id=x"))
        .reply(laksa.addr())
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn the_switchboard_works_here_too_in_laksas_words() {
    let laksa = start(LaksaOptions::default()).await;
    laksa.faults().once("status", Fault::OkWithErrorBody);
    let reply = status(&laksa, "proses", "2026-02-05T09:00:00+07:00").await;
    assert_eq!((reply.status, &reply.json()["success"]), (200, &json!(false)));
    laksa.faults().once("status", Fault::TokenExpired { code: 900_903 });
    let reply = status(&laksa, "proses", "2026-02-05T09:00:00+07:00").await;
    assert_eq!((reply.status, reply.json().get("fault")), (401, None::<&Value>));
    assert_eq!(laksa.effects()["statuses"], 0);
}
