//! Native errors become the faults the descriptor promises, and a success status never hides an error.

use super::golden::happy;
use crate::context::Context;
use crate::evaluate;
use crate::script::{self, Play};
use crate::trial::Findings;
use connector_sdk::{
    FaultKind, Landed, NativeBody, NativeError, NativeReply, NativeRequest, OperationSpec, RelativePath,
};
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// Each declared error, played at each step of each operation, gives its kind somewhere and success nowhere.
pub(crate) fn mapped(cx: &Context, _: &str) -> Findings {
    let mut found = Vec::new();
    if cx.descriptor.errors.is_empty() {
        return Err("the descriptor declares no native error".into());
    }
    for error in &cx.descriptor.errors {
        let mut matched = false;
        let mut seen = Vec::new();
        for spec in &cx.descriptor.operations {
            for (writes, outcome) in at_each_step(cx, spec, error.status, &error.sample)? {
                match outcome {
                    Ok(_) => found.push(format!("{}: taken for success by `{}`", name(error), spec.id)),
                    Err(fault) => {
                        let landed = if writes { error.landed } else { Landed::No };
                        matched |= fault.kind == error.kind && fault.landed == landed;
                        seen.push(format!("{} in `{}`", fault, spec.id));
                    }
                }
            }
        }
        if !matched {
            let promised = format!("{:?}, landed {:?}", error.kind, error.landed);
            found.push(format!(
                "{}: declared {promised}; came {}",
                name(error),
                seen.join("; ")
            ));
        }
    }
    Ok(found)
}

/// 429 is `Throttled`, did not land, and says when to come back.
pub(crate) fn throttled(cx: &Context, _: &str) -> Findings {
    let mut reply = reply(429, "");
    reply
        .headers
        .insert(http::header::RETRY_AFTER, HeaderValue::from_static("7"));
    let requests = [
        NativeRequest::get("uji", RelativePath::root()),
        NativeRequest::post("uji", RelativePath::root(), NativeBody::Empty),
    ];
    let mut found = Vec::new();
    for request in requests {
        match cx.connector.screen(&request, &reply) {
            Ok(()) => found.push("429 passes the screen".into()),
            Err(fault) => {
                if fault.kind != FaultKind::Throttled || fault.landed != Landed::No {
                    found.push(format!("429 gives {fault}"));
                }
                if fault.retry_after != Some(Duration::from_secs(7)) {
                    found.push(format!("`Retry-After: 7` becomes {:?}", fault.retry_after));
                }
            }
        }
    }
    Ok(found)
}

/// Status 200 with nothing, with half a body, with another form or with a known error is a fault; after a write it is
/// a fault of unknown outcome unless the system said that it refused.
pub(crate) fn under_success(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let (case, _) = happy(cx, spec)?.swap_remove(0);
    let plays = script::plays(case.file("native_reply"))?;
    let Some((Play::Reply(last), earlier)) = plays.split_last() else {
        return Err(format!("{}: native_reply.json is missing", case.name));
    };
    let text = String::from_utf8_lossy(&last.body).into_owned();
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let mut bodies: Vec<(&str, String, bool)> = vec![
        ("an empty body", String::new(), true),
        ("an empty object", "{}".into(), true),
        ("null", "null".into(), true),
        ("half a body", half, true),
        (
            "an HTML page",
            "<!DOCTYPE html><html><body>Masuk</body></html>".into(),
            true,
        ),
    ];
    if !text.trim_start().starts_with('[') {
        bodies.push(("an empty list", "[]".into(), true));
    }
    let samples = cx.descriptor.errors.iter().filter(|e| !e.sample.is_empty());
    bodies.extend(samples.map(|e| ("a declared error", e.sample.to_string(), false)));
    let mut found = Vec::new();
    for (what, body, silent) in bodies {
        let mut plays = earlier.to_vec();
        let mut changed = last.clone();
        changed.body = body.into();
        changed.status = 200;
        plays.push(Play::Reply(changed));
        let evaluation = evaluate::with_plays(cx, spec, case, plays)?;
        let wrote = evaluation.sent.last().is_some_and(|r| r.writes);
        match evaluation.outcome {
            Ok(_) => found.push(format!("status 200 with {what} is taken for success")),
            Err(f) if wrote && silent && f.landed == Landed::No => {
                found.push(format!(
                    "status 200 with {what} after a write is said not to have landed; nobody knows"
                ));
            }
            Err(f) if !wrote && f.landed != Landed::No => {
                found.push(format!(
                    "status 200 with {what} on a reading step has landed {:?}",
                    f.landed
                ));
            }
            Err(_) => {}
        }
    }
    Ok(found)
}

type Step = (bool, Result<serde_json::Value, connector_sdk::Fault>);

/// The outcome when the reply comes at the first step, at the second, and so on; with whether that step writes.
pub(crate) fn at_each_step(cx: &Context, spec: &OperationSpec, status: u16, body: &str) -> Result<Vec<Step>, String> {
    let (case, _) = happy(cx, spec)?.swap_remove(0);
    let plays = script::plays(case.file("native_reply"))?;
    let mut outcomes = Vec::new();
    for step in 0..plays.len() {
        let mut changed = plays[..step].to_vec();
        changed.push(Play::Reply(reply(status, body)));
        let evaluation = evaluate::with_plays(cx, spec, case, changed)?;
        let writes = evaluation.sent.last().is_some_and(|r| r.writes);
        outcomes.push((writes, evaluation.outcome));
    }
    Ok(outcomes)
}

pub(crate) fn reply(status: u16, body: &str) -> NativeReply {
    NativeReply {
        status,
        headers: HeaderMap::new(),
        body: body.to_owned().into(),
    }
}

fn name(error: &NativeError) -> String {
    format!("declared error {} `{}`", error.status, error.sample)
}
