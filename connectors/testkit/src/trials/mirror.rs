//! Mirrors: pages are read whole, records are valid and named, and nothing that went wrong looks like an empty set.
//!
//! A fixture `fixtures/<mirror>/<case>/` has optionally `pull.json` (`{scope, cursor}`), the `native_reply.json`, and the
//! golden `native_request.json` and `canonical_page.json` (`{records, next, total}`; where there are any, `lacking` and, by the
//! number of the record, `masked` and `versions`) or `fault.json`. Cases: `ok…`, and `kosong…` for a list that is truly empty:
//! what stands there (`null`, nothing at all, a sentence) is taken at its word.

use super::golden::{held, hold_schema};
use crate::context::Context;
use crate::evaluate;
use crate::fixture::Case;
use crate::render;
use crate::trial::Findings;
use crate::trials::errors::reply;
use connector_sdk::{Fault, Mirror, NativeReply, NativeRequest, Pull, Reading, Record, Str};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Request and page of every case.
pub(crate) fn golden(cx: &Context, id: &str) -> Findings {
    let mirror = mirror(cx, id)?;
    let mut found = Vec::new();
    for case in cx.cases(id) {
        let (request, page) = turn(cx, mirror, case, None)?;
        held(cx, case, "native_request", Some(&render::request(&request)), &mut found)?;
        let (page, fault) = match &page {
            Ok(page) => (Some(shown(page)), None),
            Err(fault) => (None, Some(render::fault(fault))),
        };
        held(cx, case, "canonical_page", page.as_ref(), &mut found)?;
        held(cx, case, "fault", fault.as_ref(), &mut found)?;
        if request.writes {
            found.push(format!("{}: a pull must not write", case.name));
        }
    }
    Ok(found)
}

/// Records satisfy the schema and have their keys, each record another.
pub(crate) fn records(cx: &Context, id: &str) -> Findings {
    let mirror = mirror(cx, id)?;
    let mut found = Vec::new();
    let mut any = false;
    for case in cx.cases_named(id, "ok") {
        let page = turn(cx, mirror, case, None)?
            .1
            .map_err(|f| format!("{}: {f}: {:?}", case.name, f.internal))?;
        let mut keys = BTreeSet::new();
        for (index, record) in page.records.iter().enumerate() {
            any = true;
            let place = format!("{}: record {index}", case.name);
            hold_schema(cx, &mirror.spec().schema, &record.value, &place, &mut found);
            let key: Vec<String> = mirror
                .spec()
                .key
                .iter()
                .map(|p| text(record.value.pointer(p)))
                .collect();
            for pointer in record.masked.iter().filter(|p| record.value.pointer(p).is_none()) {
                found.push(format!("{place} calls `{pointer}` masked, which is not there"));
            }
            if key.iter().any(String::is_empty) {
                found.push(format!("{place} lacks its key"));
            } else if !keys.insert(key) {
                found.push(format!("{place} repeats a key of the same page"));
            }
        }
    }
    if !any {
        return Err(format!("fixtures/{id}/ok…/ has no record"));
    }
    Ok(found)
}

/// An error, a page cut short or another form is a fault; only a list that is truly empty is an empty page.
pub(crate) fn never_emptied(cx: &Context, id: &str) -> Findings {
    let mirror = mirror(cx, id)?;
    let case = cx.main_case(id)?;
    let native = case
        .file("native_reply")
        .ok_or(format!("{}: native_reply.json is missing", case.name))?;
    let body = String::from_utf8_lossy(&render::reply(native)?.body).into_owned();
    let half: String = body.chars().take(body.chars().count() / 2).collect();
    let mut bad = vec![
        (500, String::new()),
        (503, "{}".into()),
        (200, String::new()),
        (200, "{}".into()),
        (200, "null".into()),
        (200, "<html><body>Masuk</body></html>".into()),
        (200, half),
    ];
    let empty_bodies: Vec<(u16, Vec<u8>)> = cx
        .cases_named(id, "kosong")
        .filter_map(|case| render::reply(case.file("native_reply")?).ok())
        .map(|reply| (reply.status, reply.body.trim_ascii().to_vec()))
        .collect();
    bad.retain(|(status, body)| !empty_bodies.contains(&(*status, body.trim().as_bytes().to_vec())));
    bad.extend(cx.descriptor.errors.iter().map(|e| (e.status, e.sample.to_string())));
    // A system may say "none" in a bare word; a `kosong…` case that shows it, without any header, declares so.
    for empty in cx.cases_named(id, "kosong") {
        if let Some(native) = empty
            .file("native_reply")
            .filter(|native| native.get("headers").is_none())
            && empty.file("pull") == case.file("pull")
        {
            let shown = render::reply(native)?;
            bad.retain(|(status, body)| body != "null" || shown.status != *status || shown.body != body.as_bytes());
        }
    }
    let mut found = Vec::new();
    for (status, body) in bad {
        if turn(cx, mirror, case, Some(reply(status, &body)))?.1.is_ok() {
            found.push(format!("status {status} with `{body}` is taken for a page"));
        }
    }
    let mut empty = cx.cases_named(id, "kosong").peekable();
    if empty.peek().is_none() {
        found.push(format!("fixtures/{id}/kosong…/ is missing: a list that is truly empty"));
    }
    for case in empty {
        match turn(cx, mirror, case, None)?.1 {
            Ok(page) if page.records.is_empty() && page.next.is_none() => {}
            Ok(_) => found.push(format!("{}: an empty list has records or goes on", case.name)),
            Err(fault) => found.push(format!("{}: an empty list is no error, yet {fault}", case.name)),
        }
    }
    Ok(found)
}

fn mirror<'a>(cx: &'a Context, id: &str) -> Result<&'a dyn Mirror, String> {
    cx.connector.mirror(id).ok_or(format!("mirror `{id}` is not there"))
}

/// One page: the request, and what the reply of the case (or another) becomes.
fn turn(
    cx: &Context,
    mirror: &dyn Mirror,
    case: &Case,
    other: Option<NativeReply>,
) -> Result<(NativeRequest, Result<Held, Fault>), String> {
    let connector = cx.connector_of(case)?;
    let mirror = connector
        .mirror(&mirror.spec().id)
        .ok_or("the mirror is not there under these settings")?;
    let pull: Pull = match case.file("pull") {
        Some(pull) => serde_json::from_value(pull.clone()).map_err(|e| format!("{}: pull.json: {e}", case.name))?,
        None => Pull::default(),
    };
    let call = evaluate::call(cx, "tarikan");
    let request = mirror
        .request(&call, &pull)
        .map_err(|f| format!("{}: {f}", case.name))?;
    let reply = match (other, case.file("native_reply")) {
        (Some(reply), _) => reply,
        (None, Some(native)) => render::reply(native)?,
        (None, None) => return Err(format!("{}: native_reply.json is missing", case.name)),
    };
    let page = connector
        .screen(&request, &reply)
        .and_then(|()| mirror.open(&call, &pull, &reply))
        .and_then(read);
    Ok((request, page))
}

/// A page read to its end.
struct Held {
    records: Vec<Record>,
    next: Option<String>,
    total: Option<u64>,
    lacking: Option<Str>,
}

fn read(reading: Reading<'_>) -> Result<Held, Fault> {
    Ok(Held {
        next: reading.next,
        total: reading.total,
        lacking: reading.lacking,
        records: reading.records.collect::<Result<_, _>>()?,
    })
}

fn shown(page: &Held) -> Value {
    let values: Vec<&Value> = page.records.iter().map(|r| &r.value).collect();
    let mut shown = json!({"records": values, "next": page.next, "total": page.total});
    let beside = |of: &dyn Fn(&Record) -> Option<Value>| -> Map<String, Value> {
        let named = page.records.iter().enumerate();
        named
            .filter_map(|(index, record)| Some((index.to_string(), of(record)?)))
            .collect()
    };
    let masked = beside(&|r| (!r.masked.is_empty()).then(|| json!(r.masked)));
    let versions = beside(&|r| r.version.as_ref().map(|v| json!(v)));
    for (name, found) in [("masked", masked), ("versions", versions)] {
        if !found.is_empty() {
            shown[name] = Value::Object(found);
        }
    }
    if let Some(why) = &page.lacking {
        shown["lacking"] = json!(why);
    }
    shown
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
