//! Statuses judged, the service clock, approval by silence.

use serde_json::json;
use simulators::Running;
use simulators::oss::Oss;

use crate::client::{get, post};
use crate::oss::{call, first, hours, start, start_with, status_body};

async fn send(oss: &Running<Oss>, code: &str, at: &str) {
    let (company, id) = first(oss);
    let reply = call(oss, "receiveLicenseStatus", status_body(&company, &id, code, at)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

async fn wrong(steps: &[(&str, &str)]) -> Vec<String> {
    let oss = start().await;
    for (code, time) in steps {
        send(&oss, code, &format!("2026-02-{time}")).await;
    }
    let effects = oss.effects();
    let counts = effects["wrong"].as_object().unwrap().clone();
    counts
        .into_iter()
        .filter(|(_, count)| *count != json!(0))
        .map(|(name, count)| format!("{name} {count}"))
        .collect()
}

#[tokio::test]
async fn order_is_judged() {
    let good = [
        ("11", "03 09:00:00"),
        ("09", "03 10:00:00"),
        ("10", "03 11:00:00"),
        ("41", "03 12:00:00"),
        ("42", "04 12:00:00"),
        ("43", "04 13:00:00"),
        ("44", "04 14:00:00"),
        ("49", "04 15:00:00"),
        ("50", "04 16:00:00"),
        ("60", "05 16:00:00"),
    ];
    assert!(wrong(&good).await.is_empty());
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("10", "03 09:00:00"), ("10", "03 09:00:00")], "repeated 1"),
        (&[("20", "03 10:00:00"), ("10", "03 09:00:00")], "backwards 1"),
        (&[("10", "03 09:00:00"), ("42", "03 10:00:00")], "unpaired 1"),
        (&[("41", "03 09:00:00"), ("44", "03 10:00:00")], "unpaired 1"),
        (&[("90", "03 09:00:00"), ("20", "03 10:00:00")], "after_final 1"),
        (&[("50", "03 09:00:00"), ("90", "03 10:00:00")], "after_final 1"),
        (&[("10", "03 09:00:00"), ("70", "03 10:00:00")], "before_issue 1"),
        (&[("41", "03 09:00:00"), ("40", "03 10:00:00")], "while_paused 1"),
    ];
    for (steps, expected) in cases {
        assert_eq!(wrong(steps).await, [expected]);
    }
}

#[tokio::test]
async fn history_keeps_the_order_of_arrival() {
    let oss = start().await;
    let (_, id) = first(&oss);
    send(&oss, "20", "2026-02-03 10:00:00").await;
    send(&oss, "10", "2026-02-03 09:00:00").await;
    let shown = get(format!("/__sim/applications/{id}")).reply(oss.addr()).await.json();
    let codes: Vec<&str> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kd_status"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["20", "10"]);
    assert_eq!(shown["history"][1]["wrong"], json!(["backwards"]));
    assert_eq!(shown["history"][0]["tgl_status"], "2026-02-03 10:00:00");
}

#[tokio::test]
async fn the_clock_pauses_resumes_and_restarts() {
    let oss = start_with(|options| {
        options.service.days_by_kind.clear();
        options.service.days = 10;
    })
    .await;
    let (_, id) = first(&oss);
    // Monday morning; the simulator's clock stands at Tuesday 3 February, 08:00.
    send(&oss, "10", "2026-02-02 08:00:00").await;
    let left = || oss.with(|oss| oss.remaining_seconds(&id).unwrap());
    let day = 86_400;
    assert_eq!(left(), 9 * day);
    send(&oss, "41", "2026-02-03 08:00:00").await;
    hours(oss.clock(), 48);
    assert_eq!(left(), 9 * day, "paused");
    send(&oss, "42", "2026-02-05 08:00:00").await;
    // Thursday to Monday: two working days.
    hours(oss.clock(), 4 * 24);
    assert_eq!(left(), 7 * day, "the weekend does not count");
    send(&oss, "43", "2026-02-09 08:00:00").await;
    send(&oss, "44", "2026-02-09 08:00:00").await;
    assert_eq!(left(), 10 * day, "from zero");
    let clocks = get("/__sim/clocks").reply(oss.addr()).await.json();
    assert_eq!(clocks[&id]["run"], "running");
    assert_eq!(clocks[&id]["deadline"], "2026-02-23 08:00:00");
    send(&oss, "50", "2026-02-10 08:00:00").await;
    hours(oss.clock(), 2400);
    assert_eq!(left(), 9 * day, "stopped");
}

#[tokio::test]
async fn a_status_too_late_meets_an_approval_by_silence() {
    let oss = start_with(|options| {
        options.service.days_by_kind.clear();
        options.service.days = 2;
        options.service.silence_approves = true;
    })
    .await;
    let (_, id) = first(&oss);
    send(&oss, "10", "2026-02-03 08:00:00").await;
    hours(oss.clock(), 47);
    let check = || {
        call(
            &oss,
            "checkLicenseStatus",
            json!({"CHECKLICENSESTATUS": {"id_izin": id}}),
        )
    };
    assert_eq!(
        check().await.json()["responcheckStatusLicense"]["dataIZIN"]["kd_status"],
        "10"
    );
    hours(oss.clock(), 2);
    assert_eq!(
        check().await.json()["responcheckStatusLicense"]["dataIZIN"]["kd_status"],
        "57"
    );
    send(&oss, "41", "2026-02-04 08:00:00").await;
    let effects = oss.effects();
    assert_eq!(effects["approved_by_silence"], 1);
    assert_eq!(effects["wrong"]["after_silence"], 1);
}

#[tokio::test]
async fn days_effects_and_calendar_are_settings() {
    let oss = start().await;
    let (_, id) = first(&oss);
    let change = json!({"service": {
        "days_by_kind": {"01": 3, "02": 3, "04": 3, "K03": 3}, "effects": {"12": "run"},
        "calendar": {"holidays": ["2026-02-04"]},
    }});
    let reply = post("/__sim/options").json(&change).reply(oss.addr()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    send(&oss, "12", "2026-02-03 08:00:00").await;
    hours(oss.clock(), 48);
    assert_eq!(oss.with(|oss| oss.remaining_seconds(&id)), Some(2 * 86_400));
    let bad = post("/__sim/options").json(&json!({"service": {"effects": {"12": "lari"}}}));
    assert_eq!(bad.reply(oss.addr()).await.status, 422);
}
