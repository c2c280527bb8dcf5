//! Pushes: accepted when genuine, refused when forged, stale or altered, recognised when repeated.
//!
//! A fixture `fixtures/<hook>/<case>/` has `native_push.json` (`{query, headers, body | body_text}`, without proof of the
//! sender) and the golden `canonical_event.json` (`{ordering, data}`). The connector's entry gives the signer.

use super::golden::{held, hold_schema};
use crate::context::Context;
use crate::fixture::Case;
use crate::kit::Push;
use crate::render;
use crate::trial::Findings;
use connector_sdk::{Hook, Inbound, Refused, Verified};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A genuine push passes, is acknowledged, and becomes a valid event.
pub(crate) fn accepted(cx: &Context, id: &str) -> Findings {
    let hook = hook(cx, id)?;
    let mut found = Vec::new();
    for case in genuine(cx, id)? {
        let push = signed(cx, id, plain(case)?, cx.now)?;
        let verified = match verify(hook, &push, cx.now) {
            Ok(verified) => verified,
            Err(refused) => {
                found.push(format!("{}: a genuine push is refused: {}", case.name, refused.reason));
                continue;
            }
        };
        if event_id(hook, &push, cx.now, &verified)?.is_empty() {
            found.push(format!("{}: the event id is empty", case.name));
        }
        acknowledged(hook, &push, cx.now, false, &case.name, &mut found);
        match hook.translate(&push.body, &push.query) {
            Err(fault) => found.push(format!("{}: {fault}: {:?}", case.name, fault.internal)),
            Ok(event) => {
                hold_schema(
                    cx,
                    &hook.spec().schema,
                    &event.data,
                    &format!("{}: event", case.name),
                    &mut found,
                );
                let shown = json!({"ordering": event.ordering, "data": event.data});
                held(cx, case, "canonical_event", Some(&shown), &mut found)?;
            }
        }
    }
    Ok(found)
}

/// Without proof, with half a proof and with a wrong proof nothing passes.
pub(crate) fn forged(cx: &Context, id: &str) -> Findings {
    let hook = hook(cx, id)?;
    let mut found = Vec::new();
    for case in genuine(cx, id)? {
        let unproven = plain(case)?;
        let push = signed(cx, id, unproven.clone(), cx.now)?;
        refused(
            hook,
            &unproven,
            cx.now,
            &format!("{}: without proof", case.name),
            &mut found,
        );
        for name in push.headers.keys().filter(|n| !unproven.headers.contains_key(*n)) {
            let mut without = push.clone();
            without.headers.remove(name);
            refused(
                hook,
                &without,
                cx.now,
                &format!("{}: without `{name}`", case.name),
                &mut found,
            );
            let mut wrong = push.clone();
            if let Some(value) = push
                .headers
                .get(name)
                .and_then(|v| HeaderValue::from_bytes(&spoilt(v.as_bytes())).ok())
            {
                wrong.headers.insert(name, value);
                refused(
                    hook,
                    &wrong,
                    cx.now,
                    &format!("{}: with a wrong `{name}`", case.name),
                    &mut found,
                );
            }
        }
    }
    Ok(found)
}

/// A proof of yesterday, or of tomorrow, is no proof.
pub(crate) fn stale(cx: &Context, id: &str) -> Findings {
    let hook = hook(cx, id)?;
    let mut found = Vec::new();
    for case in genuine(cx, id)? {
        for (hours, what) in [(-24, "of yesterday"), (24, "of tomorrow")] {
            let then = cx
                .now
                .checked_add(SignedDuration::from_hours(hours))
                .map_err(|e| e.to_string())?;
            let push = signed(cx, id, plain(case)?, then)?;
            refused(
                hook,
                &push,
                cx.now,
                &format!("{}: with a proof {what}", case.name),
                &mut found,
            );
        }
    }
    Ok(found)
}

/// A changed body is not what was proven.
pub(crate) fn altered(cx: &Context, id: &str) -> Findings {
    let hook = hook(cx, id)?;
    let mut found = Vec::new();
    for case in genuine(cx, id)? {
        let mut push = signed(cx, id, plain(case)?, cx.now)?;
        push.body = [push.body.as_ref(), b" "].concat().into();
        refused(
            hook,
            &push,
            cx.now,
            &format!("{}: with a changed body", case.name),
            &mut found,
        );
    }
    Ok(found)
}

/// A repeated push has the same id and a good answer; another push has another id.
pub(crate) fn replayed(cx: &Context, id: &str) -> Findings {
    let hook = hook(cx, id)?;
    let mut found = Vec::new();
    let mut ids: Vec<(String, &str)> = Vec::new();
    for case in genuine(cx, id)? {
        let later = cx
            .now
            .checked_add(SignedDuration::from_secs(30))
            .map_err(|e| e.to_string())?;
        let (one, two) = (
            signed(cx, id, plain(case)?, cx.now)?,
            signed(cx, id, plain(case)?, later)?,
        );
        let (Ok(first), Ok(second)) = (verify(hook, &one, cx.now), verify(hook, &two, later)) else {
            return Err(format!("{}: a genuine push is refused", case.name));
        };
        let (a, b) = (
            event_id(hook, &one, cx.now, &first)?,
            event_id(hook, &two, later, &second)?,
        );
        if a != b {
            found.push(format!("{}: the same push sent again has another event id", case.name));
        }
        if let Some((_, other)) = ids.iter().find(|(known, _)| *known == a) {
            found.push(format!("{} and {other} have the same event id", case.name));
        }
        ids.push((a, &case.name));
        acknowledged(hook, &two, later, true, &case.name, &mut found);
    }
    Ok(found)
}

fn hook<'a>(cx: &'a Context, id: &str) -> Result<&'a dyn Hook, String> {
    cx.connector.hook(id).ok_or(format!("hook `{id}` is not there"))
}

fn genuine<'a>(cx: &'a Context, id: &'a str) -> Result<Vec<&'a Case>, String> {
    let cases: Vec<&Case> = cx.cases_named(id, "ok").collect();
    if cases.is_empty() {
        return Err(format!("fixtures/{id}/ok…/native_push.json is missing"));
    }
    Ok(cases)
}

fn plain(case: &Case) -> Result<Push, String> {
    let shown = case
        .file("native_push")
        .ok_or(format!("{}: native_push.json is missing", case.name))?;
    Ok(Push {
        query: shown["query"].as_str().unwrap_or_default().to_owned(),
        headers: render::header_map(&shown["headers"])?,
        body: render::body_bytes(shown)?,
    })
}

fn signed(cx: &Context, id: &str, push: Push, at: Timestamp) -> Result<Push, String> {
    let sign = cx
        .kit
        .signers
        .get(id)
        .ok_or(format!("no signer: give one with `.hook(\"{id}\", …)`"))?;
    Ok(sign(push, at))
}

fn inbound(push: &Push, now: Timestamp) -> Inbound<'_> {
    Inbound {
        query: &push.query,
        headers: &push.headers,
        body: &push.body,
        peer: None,
        now,
    }
}

fn verify(hook: &dyn Hook, push: &Push, now: Timestamp) -> Result<Verified, Refused> {
    hook.verify(&inbound(push, now))
}

fn event_id(hook: &dyn Hook, push: &Push, now: Timestamp, verified: &Verified) -> Result<String, String> {
    let id = hook.event_id(&inbound(push, now), verified);
    id.map_err(|r| format!("a genuine push has no event id: {}", r.reason))
}

fn refused(hook: &dyn Hook, push: &Push, now: Timestamp, what: &str, found: &mut Vec<String>) {
    match verify(hook, push, now) {
        Ok(_) => found.push(format!("{what}: accepted")),
        Err(refused) if refused.answer.status < 400 => {
            found.push(format!(
                "{what}: refused, yet answered {}",
                render::acknowledgement(&refused.answer)
            ));
        }
        Err(_) => {}
    }
}

fn acknowledged(hook: &dyn Hook, push: &Push, now: Timestamp, repeated: bool, case: &str, found: &mut Vec<String>) {
    let answer = hook.acknowledge(&inbound(push, now), repeated);
    if !(200..300).contains(&answer.status) {
        let shown: Value = render::acknowledgement(&answer);
        found.push(format!(
            "{case}: a durable push (repeated: {repeated}) is answered {shown}"
        ));
    }
}

/// The same length and alphabet, another value.
fn spoilt(value: &[u8]) -> Vec<u8> {
    let change = |b: &u8| match b {
        b'0'..=b'8' | b'a'..=b'e' | b'A'..=b'E' => b + 1,
        b'9' => b'0',
        b'f' => b'a',
        b'F' => b'A',
        other => *other,
    };
    value.iter().map(change).collect()
}
