//! What is counted, under which names.

use super::super::catalogue::METRICS;
use super::*;

fn tried(operation: &'static str, result: &'static str) -> Tried<'static> {
    Tried {
        exchange: ExchangeId(uuid::Uuid::nil()),
        operation,
        system: "lapor",
        attempt: 1,
        result,
        landed: "no",
        state: "gagal",
        system_time: Duration::from_millis(20),
        at: jiff::Timestamp::UNIX_EPOCH,
        failed: None,
        trace: None,
    }
}

#[test]
fn what_concerns_security_is_counted_by_a_closed_list() {
    let meters = Meters::new();
    meters.pushed("oss.masuk", Taken::Refused);
    meters.pushed("oss.masuk", Taken::New);
    meters.noted(EGRESS_REFUSED, "oss");
    meters.noted("overdue", "oss");
    meters.rejected("handshake");
    meters.rejected("idle");
    let text = meters.text().unwrap();
    for event in ["push_forged", "egress_refused", "connection_refused"] {
        assert!(
            text.contains(&format!("simpul_security_events_total{{event=\"{event}\"}} 1")),
            "{text}"
        );
    }
    assert_eq!(text.matches("simpul_security_events_total{").count(), 3, "{text}");
}

#[test]
fn published_names_kinds_and_help_are_those_of_the_catalogue() {
    let meters = Meters::new();
    meters.answered("x", "y", 200, Duration::ZERO, None);
    meters.tried(&tried("x", "ok"));
    meters.rejected("unidentified");
    meters.spans("sent", 1);
    meters.pushed("masuk.uji.kabar", Taken::New);
    for levels in [
        &meters.queue_depth,
        &meters.queue_oldest,
        &meters.dead_letters,
        &meters.unresolved,
    ] {
        let _made = levels.get_or_create_owned(&vec![("system", OTHER.to_owned())]);
    }
    for levels in [&meters.mirror_age, &meters.mirror_stale, &meters.mirror_failures] {
        let _made = levels.get_or_create_owned(&vec![("mirror", OTHER.to_owned())]);
    }
    for levels in [
        &meters.parked,
        &meters.breaker_state,
        &meters.credential_left,
        &meters.evidence_seq,
        &meters.deadlines,
        &meters.problem_active,
        &meters.problem_exchanges,
        &meters.problem_age,
        &meters.problem_muted,
        &meters.subscriptions,
        &meters.certificate_left,
    ] {
        let _made = levels.get_or_create_owned(&vec![("system", OTHER.to_owned())]);
    }
    meters.tried(&Tried {
        failed: Some(gateway_core::observe::Failed {
            cause: gateway_core::trouble::Cause::Down,
            side: gateway_core::trouble::Side::System,
            code: None,
            echo: false,
        }),
        ..tried("x", "unavailable")
    });
    meters.erased("uji", 1);
    meters.noted("relay_unfit", "uji");
    meters.noted("relay_unfit", "uji");
    let text = meters.text().unwrap();
    let published: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .collect();
    let bare = |metric: &super::super::Metric| {
        let series = metric.series();
        series.trim_end_matches("_total").trim_end_matches("_info").to_owned()
    };
    let listed: Vec<(String, &str)> = METRICS.iter().map(|metric| (bare(metric), metric.kind)).collect();
    assert_eq!(published.len(), listed.len());
    for ((name, kind), (listed_name, listed_kind)) in published.iter().zip(&listed) {
        assert_eq!((*name, *kind), (listed_name.as_str(), *listed_kind));
    }
    assert!(!text.contains(&format!(" {OTHER}.\n")), "a metric has no help text");
    assert!(
        text.contains("simpul_noted_total{what=\"relay_unfit\",of=\"uji\"} 2"),
        "{text}"
    );
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn calls_and_attempts_are_counted_by_known_names_only() {
    let meters = Meters::new();
    meters.learn_names(&[("pengaduan.kirim", "lapor")], &["dinas-uji"]);
    meters.answered("pengaduan.kirim", "dinas-uji", 202, Duration::from_millis(3), None);
    meters.answered("pengaduan.kirim", "dinas-uji", 201, Duration::from_millis(3), None);
    meters.answered("jalur.asing", "orang asing\n", 404, Duration::from_millis(3), None);
    meters.answered("pengaduan.kirim", "dinas-uji", 0, Duration::ZERO, None);
    meters.tried(&tried("pengaduan.kirim", "timeout"));
    meters.tried(&tried("pengaduan.kirim", "kata baru"));
    let text = meters.text().unwrap();
    for line in [
        r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="2xx"} 2"#,
        r#"simpul_requests_total{operation="-",consumer="-",code_class="4xx"} 1"#,
        r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="-"} 1"#,
        r#"simpul_request_duration_seconds_count{operation="pengaduan.kirim"} 3"#,
        r#"simpul_attempts_total{system="lapor",operation="pengaduan.kirim",outcome="timeout"} 1"#,
        r#"simpul_attempts_total{system="lapor",operation="pengaduan.kirim",outcome="-"} 1"#,
        r#"simpul_upstream_duration_seconds_bucket{le="0.025",system="lapor",operation="pengaduan.kirim"} 2"#,
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    assert!(!text.contains("asing"));
}

#[test]
fn counts_go_on_after_new_names_are_learnt() {
    let meters = Meters::new();
    for _ in 0..2 {
        meters.learn_names(&[("pengaduan.kirim", "lapor")], &["dinas-uji"]);
        meters.answered("pengaduan.kirim", "dinas-uji", 200, Duration::ZERO, None);
    }
    let line = r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="2xx"} 2"#;
    assert!(meters.text().unwrap().contains(line));
}

#[test]
fn refusals_replays_and_things_under_way() {
    let meters = Meters::new();
    let finished = |result, refused, replayed| Finished {
        exchange: ExchangeId(uuid::Uuid::nil()),
        operation: "pengaduan.kirim",
        consumer: "dinas-uji",
        result,
        refused,
        replayed,
    };
    meters.finished(&finished("over_quota", true, false));
    meters.finished(&finished("ok", false, true));
    meters.rejected("unidentified");
    meters.config_errors(3);
    let first = meters.connection();
    let call = meters.call();
    drop(meters.connection());
    let text = meters.text().unwrap();
    for line in [
        "simpul_refusals_total{reason=\"over_quota\"} 1",
        "simpul_refusals_total{reason=\"unidentified\"} 1",
        "simpul_idempotent_replays_total 1",
        "simpul_connections 1",
        "simpul_calls_under_way 1",
        "simpul_config_errors 3",
        concat!("simpul_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
    drop((first, call));
    assert!(meters.text().unwrap().contains("simpul_connections 0"));
}
