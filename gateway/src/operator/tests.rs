//! The operator port over loopback, with a memory journal: what it shows, what it never shows, who may look.

mod console;
mod decisions;
mod world;

use gateway_core::journal::Journal;
use gateway_core::time::later;
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use world::{MARK, Noon, TOKEN, again, dead, open, port};

#[tokio::test]
async fn alive_is_not_ready() {
    let port = open();
    let (status, head, body) = port.call("/healthz", None).await;
    assert!(
        status == 200 && body.contains("hidup") && head.contains("cache-control: no-store"),
        "{head}"
    );
    let (status, _, body) = port.call("/readyz", None).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &body["siap"], &body["alasan"][0]["kode"]),
        (503, &false.into(), &"konfigurasi".into())
    );
    port.readiness.loaded();
    let (status, _, _) = port.call("/readyz", None).await;
    assert_eq!(status, 200);
    port.readiness.refused();
    let (status, _, body) = port.call("/readyz", None).await;
    assert!(status == 200 && body.contains("konfigurasi_lama"), "{body}");
    port.readiness.stopping();
    let (status, _, body) = port.call("/readyz", None).await;
    assert!(status == 503 && body.contains("berhenti"), "{body}");
}

#[tokio::test]
async fn a_systems_bad_day_does_not_take_the_node_away() {
    let port = open();
    port.readiness.loaded();
    assert!(port.system.breaker.failed(Noon::time()));
    assert_eq!(port.call("/readyz", None).await.0, 200);
    assert!(
        port.call("/metrics", None)
            .await
            .2
            .contains("simpul_breaker_state{system=\"lapor\"} 1")
    );
}

#[tokio::test]
async fn a_supplied_credential_is_announced_before_it_ends() {
    let port = open();
    port.readiness.loaded();
    let (status, _, body) = port.call("/readyz", None).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &body["siap"]),
        (200, &true.into()),
        "a warning, no reason to leave"
    );
    let warning = &body["peringatan"][0];
    assert_eq!(
        (&warning["kode"], &warning["sistem"], &warning["berakhir_pada"]),
        (&"kredensial".into(), &"lapor".into(), &"2026-02-03T06:00:00Z".into())
    );
    let (_, _, metrics) = port.call("/metrics", None).await;
    assert!(
        metrics.contains("simpul_credential_left_seconds{system=\"lapor\"} 3600"),
        "{metrics}"
    );
    let (_, systems) = port.json("/admin/v1/sistem").await;
    assert_eq!(systems["butir"][0]["kredensial_berakhir_pada"], "2026-02-03T06:00:00Z");
}

#[tokio::test]
async fn metrics_are_openmetrics_and_mirror_the_journal() {
    let port = open();
    for n in 1..=3 {
        port.exchange(n, dead, &n.to_string()).await;
    }
    port.exchange(4, again, "4").await;
    port.meters
        .answered("pengaduan.kirim", "dinas-uji", 202, Duration::from_millis(2), None);
    let (status, head, text) = port.call("/metrics", None).await;
    assert_eq!(status, 200);
    assert!(
        head.contains("\r\ncontent-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"),
        "{head}"
    );
    for line in [
        "simpul_dead_letters{system=\"lapor\"} 3",
        "simpul_parked{system=\"lapor\"} 0",
        "simpul_queue_depth{system=\"lapor\",state=\"menunggu_ulang\"} 1",
        "simpul_queue_depth{system=\"lapor\",state=\"gagal\"} 3",
        "simpul_queue_oldest_seconds{system=\"lapor\"} 90",
        "simpul_evidence_seq{chain=\"main\"} 4",
        "simpul_journal_ready 1",
        "simpul_breaker_state{system=\"lapor\"} 0",
        "simpul_requests_total{operation=\"-\",consumer=\"-\",code_class=\"2xx\"} 1",
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n") && !text.contains(MARK));
}

#[tokio::test]
async fn the_admin_api_wants_a_token_and_is_closed_without_one() {
    const PATHS: [&str; 6] = [
        "/admin/v1/pertukaran",
        "/admin/v1/pertukaran/018f0000-0000-7000-8000-000000000001",
        "/admin/v1/antrean",
        "/admin/v1/sistem",
        "/admin/v1/tidak-ada",
        "/admin/v1",
    ];
    let closed = port(Vec::new());
    let open = open();
    for path in PATHS {
        assert_eq!(closed.call(path, Some(TOKEN)).await.0, 403, "{path}");
        for token in [
            None,
            Some(""),
            Some("token-operator-uj"),
            Some("token-operator-uji-dan-lagi"),
        ] {
            let (status, head, body) = open.call(path, token).await;
            assert!(
                status == 401 && head.contains("www-authenticate: bearer"),
                "{path}: {status} {head}"
            );
            assert!(head.contains("content-type: application/problem+json") && body.contains("kunci-tidak-sah"));
        }
    }
    assert_eq!(open.call("/admin/v1/antrean", Some(TOKEN)).await.0, 200);
    assert_eq!(
        open.call("/admin/v1/antrean", Some("token-lama")).await.0,
        200,
        "the older token still opens"
    );
    let twice = open
        .raw(&format!(
            "GET /admin/v1/antrean HTTP/1.1\r\nhost: uji\r\nconnection: close\r\nauthorization: Bearer {TOKEN}\r\n\
             authorization: Bearer {TOKEN}\r\n\r\n"
        ))
        .await;
    assert!(twice.starts_with("HTTP/1.1 401"), "{twice}");
}

#[tokio::test]
async fn exchanges_are_listed_page_by_page_without_bodies() {
    let port = open();
    let nik = format!("{}{}", "367101", "0101900000");
    for n in 1..=3 {
        port.exchange(n, dead, &format!("{nik}-{n}")).await;
    }
    port.exchange(4, again, "4").await;
    let (status, page) = port
        .json("/admin/v1/pertukaran?keadaan=gagal,hasil_tidak_pasti&jumlah=2")
        .await;
    assert_eq!(status, 200);
    let rows = page["butir"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["rujukan"], "3671********0000-3");
    assert_eq!(rows[0]["masalah"]["internal"], "host gave 3671********0000");
    assert_eq!(rows[0]["masalah"]["landed"], "unknown");
    assert_eq!(rows[0]["alasan"], "habis");
    let next = page["berikut"].as_i64().unwrap();
    let (_, page) = port
        .json(&format!("/admin/v1/pertukaran?keadaan=gagal&jumlah=2&kursor={next}"))
        .await;
    assert_eq!(
        (page["butir"].as_array().unwrap().len(), &page["berikut"]),
        (1, &Value::Null)
    );
    let (_, none) = port.json("/admin/v1/pertukaran?konsumen=lain").await;
    assert_eq!(none["butir"], serde_json::json!([]));
    let all = port.call("/admin/v1/pertukaran", Some(TOKEN)).await.2;
    assert!(!all.contains(MARK) && !all.contains(&nik));
}

#[tokio::test]
async fn conditions_that_are_not_understood_are_refused_without_repeating_them() {
    let port = open();
    for query in [
        "status=gagal",
        "keadaan=rusak",
        "jumlah=0",
        "jumlah=201",
        "sejak=kemarin",
        "kursor=x",
        "sistem=a&sistem=b",
    ] {
        let (status, _, body) = port.call(&format!("/admin/v1/pertukaran?{query}"), Some(TOKEN)).await;
        assert!(
            status == 400 && body.contains("parameter-tidak-sesuai"),
            "{query}: {status}"
        );
        assert!(!body.contains("rusak") && !body.contains("kemarin"));
    }
}

#[tokio::test]
async fn one_exchange_comes_with_its_attempts() {
    let port = open();
    let id = port.exchange(1, again, "1").await;
    let (status, shown) = port.json(&format!("/admin/v1/pertukaran/{id}")).await;
    assert_eq!(status, 200);
    assert_eq!(shown["keadaan"], "menunggu_ulang");
    assert_eq!(
        shown["percobaan_berikut_pada"],
        later(Noon::time(), Duration::from_secs(30)).to_string()
    );
    let attempt = &shown["percobaan"][0];
    assert_eq!(
        (&attempt["nomor"], &attempt["status_asli"], &attempt["langkah"]),
        (&1.into(), &504.into(), &"buat".into())
    );
    assert_eq!(attempt["masalah"]["kode_asli"], "E-17");
    assert!(!shown.to_string().contains(MARK));
    for unknown in ["018f0000-0000-7000-8000-000000000001", "bukan-nomor"] {
        assert_eq!(port.json(&format!("/admin/v1/pertukaran/{unknown}")).await.0, 404);
    }
}

#[tokio::test]
async fn queues_and_systems() {
    let port = open();
    port.exchange(1, again, "1").await;
    let (_, queues) = port.json("/admin/v1/antrean").await;
    let row = &queues["butir"][0];
    assert_eq!(
        (&row["sistem"], &row["jumlah"], &row["umur_detik"]),
        (&"lapor".into(), &1.into(), &90.into())
    );
    port.system.breaker.failed(Noon::time());
    let (_, systems) = port.json("/admin/v1/sistem").await;
    let row = &systems["butir"][0];
    assert_eq!(
        (&row["host"], &row["port"], &row["skema"]),
        (&"lapor.invalid".into(), &8443.into(), &"https".into())
    );
    assert_eq!(
        (&row["pemutus"]["keadaan"], &row["pemutus"]["sisa_ms"]),
        (&"terbuka".into(), &60_000.into())
    );
    assert_eq!(
        (&row["kebijakan"]["percobaan"], &row["kredensial"]),
        (&10.into(), &"headers".into())
    );
    let text = systems.to_string();
    assert!(!text.contains("rahasia"), "{text}");
}

#[tokio::test]
async fn unknown_addresses_methods_and_oversized_heads() {
    let port = open();
    assert_eq!(port.call("/tidak-ada", None).await.0, 404);
    let post = port
        .raw("POST /healthz HTTP/1.1\r\nhost: uji\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        .await;
    assert!(
        post.starts_with("HTTP/1.1 405") && post.contains("metode-tidak-boleh"),
        "{post}"
    );
    let long = "a".repeat(32 * 1024);
    let answer = port.raw(&format!("GET /{long} HTTP/1.1\r\nhost: uji\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn it_stops_when_told_and_closes_idle_connections() {
    let mut port = open();
    let mut idle = TcpStream::connect(port.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: uji\r\n\r\n")
        .await
        .unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    port.stop.cancel();
    (&mut port.served).await.unwrap().unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(port.address).await.is_err());
}

#[tokio::test]
async fn the_monthly_report_counts_a_known_mix_as_it_was() {
    let port = open();
    let record = |at: &str, millis: i64, result: &str, origin: Option<&str>, attempt: u32| {
        let started: jiff::Timestamp = at.parse().unwrap();
        let ended = started + jiff::SignedDuration::from_millis(millis);
        let mut record = serde_json::json!({
            "consumer": "opd-uji", "system": "lapor", "result": result, "started": started.to_string(),
            "ended": ended.to_string(), "attempt": attempt,
        });
        if let Some(origin) = origin {
            record["origin"] = origin.into();
        }
        bytes::Bytes::from(record.to_string())
    };
    let within = "2026-02-10T01:00:00Z";
    let mut mix: Vec<_> = (1..=90).map(|millis| record(within, millis, "ok", None, 1)).collect();
    mix.extend((0..6).map(|_| record(within, 1000, "timeout", Some("system"), 1)));
    // The system answered that it has none: that is an answer.
    mix.extend([91, 92].map(|millis| record(within, millis, "not_found", Some("system"), 1)));
    mix.push(record(within, 2000, "misconfigured", Some("gateway"), 1));
    mix.push(record(within, 0, "invalid", None, 0));
    // The months beside it.
    mix.push(record("2026-01-31T23:59:59Z", 999, "timeout", Some("system"), 1));
    mix.push(record("2026-03-01T00:00:00Z", 0, "timeout", Some("system"), 1));
    port.journal.witness(mix).await.unwrap();
    let (status, report) = port.json("/admin/v1/laporan/spbe?bulan=2026-02&opd=40").await;
    assert_eq!(status, 200);
    let expected = serde_json::json!([{
        "sistem": "lapor", "percobaan": 100, "berhasil": 92, "gagal_sistem": 6, "gagal_gateway": 1, "gagal_konsumen": 1,
        "ketersediaan_sistem": "94.000", "ketersediaan_gateway": "99.000", "p50_ms": 50, "p95_ms": 1000,
    }]);
    assert_eq!(report["layanan"], expected, "{report}");
    assert_eq!((&report["bulan"], &report["lebih"]), (&"2026-02".into(), &false.into()));
    assert_eq!(report["opd"]["jumlah"], 40);
    let (status, head, file) = port
        .call("/admin/v1/laporan/spbe?bulan=2026-02&opd=40&bentuk=pdf", Some(TOKEN))
        .await;
    assert_eq!(status, 200);
    assert!(
        head.contains("application/pdf") && head.contains("laporan-spbe-2026-02.pdf"),
        "{head}"
    );
    assert!(file.starts_with("%PDF-1.4") && file.trim_end().ends_with("%%EOF"));
    // The bars: 92 of 100 tries went well, six of them failed at the system; beside them the same as a table.
    for drawn in [" 441 9 re f", " 28 9 re f", "(100 percobaan)", "(Laporan SPBE 2026-02)"] {
        assert!(file.contains(drawn), "{drawn}");
    }
    assert!(
        file.lines()
            .any(|line| line.contains("(lapor ") && line.contains("94.000")),
        "{file}"
    );
}
