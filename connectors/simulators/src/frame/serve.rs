//! One request from socket to socket: which endpoint, which faults, the work, the answer, the damage.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::System;
use super::control;
use super::fault::{Fault, Stage};
use super::http::{Answer, Endpoint, Request};
use super::running::Shared;
use super::wire::Scissors;

const LARGEST_BODY: usize = 64 * 1024 * 1024;
const UNKNOWN: &str = "-";

/// What becomes of an answer on the wire.
enum Fate {
    Whole,
    HalfWay,
    Cut,
}

pub(crate) async fn answer<S: System>(
    State(shared): State<Arc<Shared<S>>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    incoming: axum::extract::Request,
) -> Response {
    let (head, body) = incoming.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return respond(Answer::text(413, "text/plain", "body too large or broken off"));
    };
    let request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    };
    if let Some(command) = request.path.strip_prefix("/__sim/") {
        return respond(control::answer(&shared, command, &request));
    }
    // Detached: a client that leaves does not stop a real system from finishing its work.
    let work = tokio::spawn(play(shared, request));
    let Ok((answer, fate)) = work.await else {
        return respond(Answer::text(500, "text/plain", "the simulator broke"));
    };
    match fate {
        Fate::Whole => {}
        Fate::HalfWay => scissors.cut_half_way(),
        Fate::Cut => scissors.cut(),
    }
    respond(answer)
}

async fn play<S: System>(shared: Arc<Shared<S>>, request: Request) -> (Answer, Fate) {
    let endpoint = shared.system().endpoint(&request);
    let faults = endpoint
        .map(|endpoint| shared.faults.draw(endpoint))
        .unwrap_or_default();
    for fault in &faults {
        if let Fault::SlowToStore { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
    let (answer, fate) = work(&shared, endpoint, &request, &faults);
    let status = if matches!(fate, Fate::Cut) { 0 } else { answer.status };
    let names = faults.iter().map(Fault::name).collect();
    let name = endpoint.map_or(UNKNOWN, |endpoint| endpoint.name);
    shared.log().add(&request, name, status, names);
    for fault in &faults {
        if let Fault::Slow { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
    (answer, fate)
}

fn work<S: System>(
    shared: &Shared<S>,
    endpoint: Option<Endpoint>,
    request: &Request,
    faults: &[Fault],
) -> (Answer, Fate) {
    let mut system = shared.system();
    if let Some(fault) = faults.iter().find(|fault| fault.stage() == Stage::Instead) {
        return match fault {
            Fault::HangUpBeforeStoring => (Answer::text(500, "text/plain", ""), Fate::Cut),
            other => (system.fault_answer(other, request), Fate::Whole),
        };
    }
    let answer = system.serve(endpoint, request, faults);
    let too_late = system.timeout_answer(request);
    drop(system);
    match faults.iter().find(|fault| fault.stage() == Stage::After) {
        Some(Fault::HangUpAfterStoring) => (answer, Fate::Cut),
        Some(Fault::HalfReply) => (answer, Fate::HalfWay),
        Some(Fault::InvalidJson) => (garbled(&answer), Fate::Whole),
        Some(Fault::BackendTimeout { .. }) => (too_late, Fate::Whole),
        _ => (answer, Fate::Whole),
    }
}

/// The body cut short with a warning in front of it, under the same status: what a failing script host sends.
fn garbled(answer: &Answer) -> Answer {
    let mut body = b"Warning: Undefined index: id\n".to_vec();
    body.extend_from_slice(&answer.body[..answer.body.len() * 2 / 3]);
    Answer {
        body: body.into(),
        ..answer.clone()
    }
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
