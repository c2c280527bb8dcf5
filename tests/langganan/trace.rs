//! One exchange as a collector sees it: the call, every room, the attempt, the request to the system, and the push that told
//! of it, each below the right one. The collector is a receiver of the test that knows nothing of our code.

use super::receiver::Receiver;
use super::world_with;
use e2e::client::{complaint, until};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use toml::Value as Toml;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// All that may stand beside a span: ids, words of configuration, statuses.
const FACTS: [&str; 7] = [
    "simpul.exchange",
    "simpul.operation",
    "simpul.system",
    "simpul.consumer",
    "simpul.attempt",
    "http.request.method",
    "http.response.status_code",
];

#[derive(Clone)]
struct Span {
    id: String,
    parent: String,
    name: String,
    kind: u64,
    facts: BTreeMap<String, String>,
}

/// Every span of a trace that the collector has.
fn spans(collector: &Receiver, trace: &str) -> Vec<Span> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for hit in collector.hits() {
        let sent = hit.json();
        let Some(spans) = sent["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned() else {
            continue;
        };
        assert_eq!(hit.header("content-type"), "application/json");
        for span in spans.iter().filter(|span| span["traceId"] == trace) {
            let facts = span["attributes"].as_array().unwrap().iter();
            let value = |fact: &Value| text(&fact["value"]["stringValue"]) + &text(&fact["value"]["intValue"]);
            assert!(
                text(&span["startTimeUnixNano"]) <= text(&span["endTimeUnixNano"]),
                "{span}"
            );
            found.push(Span {
                id: text(&span["spanId"]),
                parent: text(&span["parentSpanId"]),
                name: text(&span["name"]),
                kind: span["kind"].as_u64().unwrap(),
                facts: facts.map(|fact| (text(&fact["key"]), value(fact))).collect(),
            });
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_exchange_is_one_trace_across_rooms_attempt_and_webhook() {
    let (collector, subscriber) = (Receiver::start().await, Receiver::start().await);
    let place = format!("http://{}", collector.place());
    let world = world_with(&[&subscriber], |node| {
        let table = [
            ("kolektor", Toml::String(place)),
            ("per_seribu", Toml::Integer(0)),
            ("ukuran_setiap", Toml::String("1s".into())),
        ];
        let table = table.into_iter().map(|(key, value)| (key.to_owned(), value));
        node.insert("telemetri".to_owned(), Toml::Table(table.collect()));
    })
    .await;
    world.pushed(&subscriber, &["pengaduan.terkirim"]).await;
    let url = format!("{}/v1/pengaduan", world.base);
    for (ticket, flags) in [("T-1", "01"), ("T-2", "00")] {
        let trace = if flags == "01" {
            TRACE.to_owned()
        } else {
            TRACE.replace('4', "5")
        };
        let given = format!("00-{trace}-{CALLER}-{flags}");
        let head = [("idempotency-key", ticket), ("traceparent", given.as_str())];
        let reply = world.client.post(&url, &head, &complaint(ticket)).await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.json());
    }
    subscriber.wait(2).await;
    let hits = subscriber.hits();
    let told = |ticket: &str| {
        let hit = hits.iter().find(|hit| hit.json()["subject"] == ticket).unwrap();
        hit.header("traceparent").to_owned()
    };
    let pushed = told("T-1");
    assert!(
        pushed.starts_with(&format!("00-{TRACE}-")) && pushed.ends_with("-01"),
        "{pushed}"
    );
    assert!(
        told("T-2").starts_with(&format!("00-{}-", TRACE.replace('4', "5"))),
        "the context goes on all the same"
    );

    let push = pushed[36..52].to_owned();
    let all = until(Duration::from_secs(20), async || {
        let found = spans(&collector, TRACE);
        found
            .iter()
            .any(|span| span.id == push)
            .then(|| found.clone())
            .ok_or_else(|| format!("{} spans", found.len()))
    });
    let all = all.await.unwrap();
    let by_id = |id: &str| all.iter().find(|span| span.id == id).unwrap().clone();
    let named = |name: &str| -> Vec<_> { all.iter().filter(|span| span.name == name).cloned().collect() };

    let call = named("pengaduan.kirim").remove(0);
    assert_eq!((call.parent.as_str(), call.kind), (CALLER, 2));
    assert_eq!(call.facts["http.response.status_code"], "201");
    let below: BTreeSet<_> = all
        .iter()
        .filter(|span| span.parent == call.id)
        .map(|s| s.name.clone())
        .collect();
    for room in [
        "match",
        "identify",
        "authorize",
        "limit",
        "validate",
        "idempotency",
        "accept",
        "route",
        "deliver",
        "record",
        "respond",
    ] {
        assert!(below.contains(room), "{room} is not below the call: {below:?}");
    }
    let attempts = named("attempt");
    for (system, operation) in [("lapor", "pengaduan.kirim"), ("langganan:", "")] {
        let attempt = attempts.iter().find(|a| {
            a.facts["simpul.system"].starts_with(system)
                && (operation.is_empty() || a.facts["simpul.operation"] == operation)
        });
        let attempt = attempt.unwrap();
        assert_eq!(by_id(&attempt.parent).name, "deliver");
        let sent = all
            .iter()
            .find(|span| span.parent == attempt.id && span.kind == 3)
            .unwrap();
        assert_eq!(sent.facts["simpul.system"], attempt.facts["simpul.system"]);
    }
    assert_eq!(
        by_id(&by_id(&push).parent).name,
        "attempt",
        "what the subscriber got is the span below its attempt"
    );
    for span in &all {
        let strange: Vec<_> = span.facts.keys().filter(|key| !FACTS.contains(&key.as_str())).collect();
        assert!(strange.is_empty(), "{}: {strange:?}", span.name);
    }
    assert!(
        spans(&collector, &TRACE.replace('4', "5")).is_empty(),
        "the caller did not want it kept"
    );

    let figures = until(Duration::from_secs(20), async || {
        let sent = collector.hits().into_iter().map(|hit| hit.json().to_string());
        let found = sent
            .into_iter()
            .any(|text| text.contains("resourceMetrics") && text.contains("simpul_request_duration_seconds"));
        found.then_some(()).ok_or_else(|| "no metrics".to_owned())
    });
    figures.await.unwrap();
    for hit in collector.hits() {
        let text = hit.json().to_string();
        assert!(
            !text.contains("Lampu") && !text.contains("smp_"),
            "content in telemetry"
        );
    }
    let operator = world.gateway.targets(&world.setup, &world.neighbours).operator;
    let metrics = world.client.get(&format!("{operator}/metrics")).await.unwrap();
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(metrics.contains(&format!("# {{trace_id=\"{TRACE}\"}}")), "no exemplar");
    assert!(metrics.contains("simpul_spans_total{outcome=\"sent\"}"), "{metrics}");
}
