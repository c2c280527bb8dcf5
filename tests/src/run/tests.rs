//! The runner against a small HTTP server that answers from a list, on loopback.

use super::*;
use crate::story::parse;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<String>>>;

/// A server that echoes what it was asked and counts; `/ready` answers 503 until its third call.
async fn server() -> (String, Seen) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let log = Arc::clone(&log);
            let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&log)));
            let io = hyper_util::rt::TokioIo::new(socket);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    (address, seen)
}

async fn answer(
    request: http::Request<hyper::body::Incoming>,
    log: Seen,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let line = format!("{} {}", head.method, head.uri);
    let count = {
        let mut log = log.lock().unwrap();
        log.push(line.clone());
        log.iter().filter(|seen| **seen == line).count()
    };
    let status = if head.uri.path() == "/ready" && count < 3 {
        503
    } else {
        200
    };
    let json = serde_json::json!({"line": line, "key": header("authorization"), "type": header("content-type"), "body": body, "count": count});
    let response = http::Response::builder().status(status).header("x-nomor", "n-7");
    Ok(response.body(Full::new(Bytes::from(json.to_string()))).unwrap())
}

fn targets(address: &str) -> Targets {
    Targets {
        gateway: address.to_owned(),
        operator: format!("{address}/operator"),
        sims: [("lapor".to_owned(), format!("{address}/lapor"))].into(),
        keys: [("laksa".to_owned(), "Bearer kunci".to_owned())].into(),
        run: "r1".to_owned(),
    }
}

async fn told(steps: &str) -> (Result<(), String>, Vec<String>) {
    let (address, seen) = server().await;
    let story = parse(&format!(
        "title: t\noperasi: a.b\nkasus: berhasil\nvars: {{satu: '1'}}\nsteps:\n{steps}"
    ))
    .unwrap();
    let outcome = run(&story, &targets(&address)).await;
    let seen = seen.lock().unwrap().clone();
    (outcome, seen)
}

#[tokio::test]
async fn keys_bodies_captures_and_variables_travel() {
    let (outcome, seen) = told(
        "- name: kirim\n  call: {method: POST, path: '/v1/a?x={{satu}}', as: laksa, body: {kunci: 'k-{{run}}'}}\n  \
           expect: {status: 200, headers: {x-nomor: 'n-*'}, json: {/key: {equal: Bearer kunci}, /type: {equal: application/json}, /body: {equal: '{\"kunci\":\"k-r1\"}'}}}\n  \
           capture: {nomor: 'header:x-nomor', baris: /line}\n\
         - name: operator\n  call: {to: operator, path: '/{{nomor}}'}\n  expect: {status: 200, json: {/key: {equal: null}, /type: {equal: null}}, contains: ['{{nomor}}']}\n\
         - name: simulator\n  sim: {system: lapor, method: PUT, path: /x, body_text: '{rusak'}\n  expect: {status: 200, json: {/body: {equal: '{rusak'}}}\n",
    )
    .await;
    outcome.unwrap();
    assert_eq!(seen, ["POST /v1/a?x=1", "GET /operator/n-7", "PUT /lapor/x"]);
}

#[tokio::test]
async fn until_asks_again_and_no_longer_than_needed() {
    let (outcome, seen) =
        told("- name: siap\n  call: {path: /ready}\n  until: {within_ms: 5000}\n  expect: {status: 200}\n").await;
    outcome.unwrap();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn until_ends_at_its_bound_with_the_difference() {
    let (outcome, seen) =
        told("- name: siap\n  call: {path: /a}\n  until: {within_ms: 60}\n  expect: {status: 204}\n").await;
    let why = outcome.unwrap_err();
    assert!(
        why.contains("step `siap`") && why.contains("status is 200, not 204"),
        "{why}"
    );
    assert!(seen.len() > 1);
}

#[tokio::test]
async fn times_calls_that_often_and_judges_the_last() {
    let (outcome, seen) = told("- name: siap\n  call: {path: /ready}\n  times: 3\n  expect: {status: 200}\n").await;
    outcome.unwrap();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn a_failed_step_ends_the_story() {
    let (outcome, seen) = told("- name: a\n  call: {path: /a}\n  expect: {status: 404}\n- name: b\n  call: {path: /b}\n  expect: {status: 200}\n").await;
    assert!(outcome.unwrap_err().contains("GET /a: status is 200, not 404"));
    assert_eq!(seen, ["GET /a"]);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    for (step, why) in [
        ("call: {path: '/{{tiada}}'}", "no variable `tiada`"),
        ("call: {path: '/{{tiada'}", "does not close it"),
        ("call: {path: /, as: siapa}", "no key for the consumer `siapa`"),
        ("sim: {system: oss, path: /}", "no simulator for `oss`"),
    ] {
        let (outcome, _) = told(&format!("- name: a\n  {step}\n  expect: {{status: 200}}\n")).await;
        assert!(outcome.unwrap_err().contains(why), "{step}");
    }
    let (outcome, _) = told("- name: a\n  call: {path: /}\n  expect: {status: 200}\n  capture: {x: /tiada}\n").await;
    assert!(outcome.unwrap_err().contains("nothing to capture at `/tiada`"));
}

#[tokio::test]
async fn a_closed_port_is_a_failure_and_not_a_panic() {
    let story =
        parse("title: t\noperasi: a.b\nkasus: berhasil\nsteps: [{name: a, call: {path: /}, expect: {status: 200}}]")
            .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(
        run(&story, &targets(&closed))
            .await
            .unwrap_err()
            .contains("did not answer")
    );
}
