//! The fault switchboard: every fault does what its name says, and stores or does not store as it says.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::frame::switchboard::When;
use simulators::lapor::{Lapor, LaporOptions};
use simulators::{Fault, Running};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::client::{Reply, get, post};
use crate::lapor::{create, report, signed, start};

/// Plays a fault at the next create; the answer, and how many reports were stored.
async fn played(lapor: &Running<Lapor>, fault: Fault) -> (Option<Reply>, u64) {
    let before = lapor.effects()["creates"].as_u64().unwrap();
    lapor.faults().once("create", fault);
    let reply = signed(post("/complaints/complaint"))
        .json(&report("L"))
        .send(lapor.addr())
        .await;
    (reply, lapor.effects()["creates"].as_u64().unwrap() - before)
}

#[tokio::test]
async fn hanging_up_before_and_after_storing() {
    let lapor = start(LaporOptions::default()).await;
    let (reply, stored) = played(&lapor, Fault::HangUpBeforeStoring).await;
    assert!(reply.is_none());
    assert_eq!(stored, 0);
    let (reply, stored) = played(&lapor, Fault::HangUpAfterStoring).await;
    assert!(reply.is_none());
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn half_a_reply_is_stored_and_announces_more_than_it_sends() {
    let lapor = start(LaporOptions::default()).await;
    let (reply, stored) = played(&lapor, Fault::HalfReply).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.whole, stored), (200, false, 1));
    assert!(!reply.body.is_empty());
    // A long body is cut as well.
    lapor.with(|lapor| lapor.options.page_size = 1000);
    for number in 0..300 {
        create(&lapor, &format!("L-{number}")).await;
    }
    lapor.faults().once("list", Fault::HalfReply);
    let reply = signed(get("/complaints/complaint")).reply(lapor.addr()).await;
    assert!(!reply.whole);
    assert!(serde_json::from_str::<Value>(&reply.body).is_err());
}

#[tokio::test]
async fn answers_that_are_not_what_they_seem() {
    let lapor = start(LaporOptions::default()).await;
    let (reply, stored) = played(&lapor, Fault::OkWithErrorBody).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, stored), (200, 0));
    assert_eq!(reply.json()["status"], false);

    let (reply, stored) = played(&lapor, Fault::CreatedWithoutId).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, stored), (200, 1));
    assert!(!reply.body.contains("77000"));

    let (reply, stored) = played(&lapor, Fault::InvalidJson).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, stored, reply.whole), (200, 1, true));
    assert!(serde_json::from_str::<Value>(&reply.body).is_err());

    let (reply, stored) = played(&lapor, Fault::HtmlErrorPage { status: 403 }).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, stored), (403, 0));
    assert_eq!(reply.header("content-type"), Some("text/html"));
}

#[tokio::test]
async fn the_connectors_faults_by_code() {
    let lapor = start(LaporOptions::default().behind_splp()).await;
    let cases = [
        (Fault::TokenExpired { code: 900_903 }, 401, 900_903),
        (Fault::TokenExpired { code: 900_901 }, 401, 900_901),
        (Fault::EndpointSuspended, 503, 303_001),
        (Fault::BackendTimeout { stored: false }, 504, 101_504),
        (Fault::GatewayFault { code: 900_908 }, 403, 900_908),
        (Fault::GatewayFault { code: 700_700 }, 503, 700_700),
    ];
    for (fault, status, code) in cases {
        lapor.faults().once("templates", fault);
        let reply = get("/lapor/3.0.0/masters/templates").reply(lapor.addr()).await;
        assert_eq!((reply.status, &reply.json()["fault"]["code"]), (status, &json!(code)));
    }
    lapor.faults().once("templates", Fault::XmlFault { code: 101_503 });
    let reply = get("/lapor/3.0.0/masters/templates").reply(lapor.addr()).await;
    assert!(reply.body.contains("<ams:code>101503</ams:code>"));
    assert!(reply.header("content-type").unwrap().contains("xml"));
}

#[tokio::test]
async fn a_backend_timeout_may_have_stored() {
    let lapor = start(LaporOptions::default()).await;
    let (reply, stored) = played(&lapor, Fault::BackendTimeout { stored: true }).await;
    assert_eq!((reply.unwrap().status, stored), (504, 1));
}

#[tokio::test]
async fn throttling_says_when_to_come_back_or_does_not() {
    let lapor = start(LaporOptions::default()).await;
    let throttled = |code, retry_after, next_access| Fault::Throttled {
        code,
        retry_after,
        next_access,
    };
    let (reply, stored) = played(&lapor, throttled(900_802, Some(7), None)).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.header("retry-after"), stored), (429, Some("7"), 0));
    let (reply, _) = played(&lapor, throttled(900_800, None, Some(60))).await;
    let reply = reply.unwrap();
    assert_eq!(reply.header("retry-after"), None);
    let fault = reply.json()["fault"].clone();
    assert_eq!(fault["code"], "900800", "the code may be a string");
    assert!(fault["nextAccessTime"].as_str().unwrap().ends_with("+0000 UTC"));
    let (reply, _) = played(&lapor, throttled(0, None, None)).await;
    assert!(reply.unwrap().json().get("fault").is_none());
    let (reply, _) = played(&lapor, Fault::Unavailable { retry_after: Some(3) }).await;
    assert_eq!(reply.unwrap().header("retry-after"), Some("3"));
    let (reply, stored) = played(&lapor, Fault::OutOfHours).await;
    assert_eq!((reply.unwrap().status, stored), (503, 0));
}

/// Waits until something is so; the deadline is for a test that fails.
async fn until(so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn slow_answers_are_stored_before_the_client_gives_up() {
    let lapor = start(LaporOptions::default()).await;
    lapor.faults().once("create", Fault::Slow { ms: 60_000 });
    let call = signed(post("/complaints/complaint")).json(&report("L"));
    let addr = lapor.addr();
    let client = tokio::spawn(async move { call.send(addr).await });
    until(|| lapor.effects()["creates"] == 1).await;
    assert!(!client.is_finished());
    client.abort();
}

#[tokio::test]
async fn slow_to_store_stores_even_after_the_client_has_left() {
    let lapor = start(LaporOptions::default()).await;
    lapor.faults().once("create", Fault::SlowToStore { ms: 1_000 });
    let call = signed(post("/complaints/complaint")).json(&report("L"));
    let addr = lapor.addr();
    let client = tokio::spawn(async move { call.send(addr).await });
    until(|| !lapor.faults().fired().is_empty()).await;
    assert_eq!(lapor.effects()["creates"], 0);
    client.abort();
    until(|| lapor.effects()["creates"] == 1).await;
}

#[tokio::test]
async fn rules_for_one_endpoint_queue_up() {
    let lapor = start(LaporOptions::default()).await;
    lapor.faults().once("create", Fault::OutOfHours);
    lapor.faults().once("create", Fault::CreatedWithoutId);
    lapor.faults().once("*", Fault::HtmlErrorPage { status: 502 });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let reply = signed(post("/complaints/complaint"))
            .json(&report("L"))
            .reply(lapor.addr())
            .await;
        statuses.push((reply.status, reply.body.contains("complaint_id")));
    }
    assert_eq!(statuses, [(503, false), (502, false), (200, false), (200, true)]);
}

#[tokio::test]
async fn faults_are_set_and_read_over_http() {
    let lapor = start(LaporOptions::default()).await;
    let set = |body: Value| {
        let call = post("/__sim/faults").json(&body);
        let addr = lapor.addr();
        async move { call.reply(addr).await }
    };
    let status = || {
        let call = signed(get("/masters/templates"));
        let addr = lapor.addr();
        async move { call.reply(addr).await.status }
    };
    assert_eq!(
        set(json!({"endpoint": "templates", "fault": "unavailable", "next": 2}))
            .await
            .status,
        200
    );
    assert_eq!([status().await, status().await, status().await], [503, 503, 200]);
    set(json!({"fault": "html_error_page", "always": true})).await;
    assert_eq!([status().await, status().await], [502, 502]);
    assert_eq!(
        get("/__sim/faults").reply(lapor.addr()).await.json()["rules"][0]["fault"],
        "html_error_page"
    );
    set(json!({"clear": true})).await;
    assert_eq!(status().await, 200);

    for wrong in [
        json!({"endpoint": "tidak_ada", "fault": "unavailable"}),
        json!({"endpoint": "detail", "fault": "created_without_id"}),
        json!({"endpoint": "detail", "fault": "tidak_ada"}),
        json!({"endpoint": "detail", "fault": "slow"}),
        json!({"endpoint": "detail", "fault": "unavailable", "always": true, "next": 1}),
    ] {
        assert_eq!(set(wrong.clone()).await.status, 422, "{wrong}");
    }
    let played = get("/__sim/effects").reply(lapor.addr()).await.json();
    assert_eq!(
        played["faults_played"],
        json!({"templates:html_error_page": 2, "templates:unavailable": 2})
    );
    assert_eq!(played["requests"]["templates"]["total"], 6);
}

#[tokio::test]
async fn every_fault_has_a_json_form_with_its_name() {
    for fault in Fault::all() {
        let json = json!(fault);
        assert_eq!(json["fault"], fault.name());
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
}

#[tokio::test]
async fn a_seed_repeats_its_draws() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let lapor = start(LaporOptions::default()).await;
        lapor
            .faults()
            .set("templates", Fault::OutOfHours, When::Chance { probability: 0.3, seed });
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(signed(get("/masters/templates")).reply(lapor.addr()).await.status);
        }
        assert!(statuses.contains(&503) && statuses.contains(&200));
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_storm_plays_many_faults_and_loses_count_of_nothing() {
    let lapor = start(LaporOptions::default()).await;
    lapor.faults().storm(0.03, 11);
    for number in 0..200 {
        signed(post("/complaints/complaint"))
            .json(&report(&format!("L-{number}")))
            .send(lapor.addr())
            .await;
    }
    let effects = lapor.effects();
    let stored = lapor.with(|lapor| lapor.reports().len());
    assert_eq!(effects["creates"], stored);
    assert!(
        effects["faults_played"].as_object().unwrap().len() > 8,
        "{}",
        effects["faults_played"]
    );
    assert_eq!(lapor.requests().len(), 200);
}

#[tokio::test]
async fn every_request_is_kept_word_for_word() {
    let lapor = start(LaporOptions::default()).await;
    create(&lapor, "LAKSA-1").await;
    signed(get("/complaints/1/complaint?x=1")).reply(lapor.addr()).await;
    let kept = get("/__sim/requests").reply(lapor.addr()).await.json();
    assert_eq!(kept.as_array().unwrap().len(), 2);
    assert!(kept[0]["body"].as_str().unwrap().contains("[Ref LAKSA-1]"));
    assert_eq!(
        (&kept[1]["target"], &kept[1]["status"]),
        (&json!("/complaints/1/complaint?x=1"), &json!(404))
    );
    assert!(lapor.requests()[0].raw().contains("token: {AAAAAAAA-0000"));
    let later = get("/__sim/requests?since=1").reply(lapor.addr()).await.json();
    assert_eq!(later.as_array().unwrap().len(), 1);
    post("/__sim/reset").reply(lapor.addr()).await;
    assert_eq!(lapor.effects()["creates"], 0);
    assert!(lapor.requests().is_empty());
}

#[tokio::test]
async fn it_goes_down_and_comes_up_with_its_state() {
    let mut lapor = start(LaporOptions::default()).await;
    create(&lapor, "LAKSA-1").await;
    lapor.down().await;
    assert!(TcpStream::connect(lapor.addr()).await.is_err());
    lapor.up().await.unwrap();
    create(&lapor, "LAKSA-2").await;
    assert_eq!(lapor.effects()["creates"], 2);
}
