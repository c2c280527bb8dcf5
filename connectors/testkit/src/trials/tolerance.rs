//! Native systems add fields and codes without telling anyone. The first must not matter; the second must not be guessed.

use super::golden::happy;
use crate::context::Context;
use crate::evaluate;
use crate::fixture::Case;
use crate::mutate;
use crate::render;
use crate::script;
use crate::trial::Findings;
use connector_sdk::{Fault, FaultKind};
use serde_json::Value;

/// Unknown members in every object of every reply change nothing.
pub(crate) fn unknown_fields(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    let mut tried = false;
    for case in cx.cases(id) {
        let Some(mutated) = with_bodies(case, mutate::with_unknown_fields) else {
            continue;
        };
        tried = true;
        let plain = evaluate::case(cx, spec, case)?.outcome;
        let outcome = evaluate::case(cx, spec, &mutated)?.outcome;
        if comparable(&plain) != comparable(&outcome) {
            found.push(format!("{}: unknown fields change the outcome", case.name));
        }
    }
    if !tried {
        return Err("no fixture has a JSON `body` to put unknown fields into".into());
    }
    Ok(found)
}

/// A code that no list has is said to be unknown, or refused; never mapped to something known, never passed on.
pub(crate) fn unknown_codes(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    let mut tried = false;
    for (case, reply) in happy(cx, spec)? {
        let before = count_unknown(&reply);
        for (pointer, mutated) in coded_replies(cx, case) {
            tried = true;
            match evaluate::case(cx, spec, &mutated)?.outcome {
                // A fixture that already shows an unknown code stays as it is.
                Ok(reply) if count_unknown(&reply) < before.max(1) => {
                    found.push(format!(
                        "{}: an unknown code at reply `{pointer}` is guessed or dropped",
                        case.name
                    ));
                }
                _ => {}
            }
        }
        let input = case.file("canonical").cloned().unwrap_or_default();
        for (pointer, value) in coded(cx, &input) {
            tried = true;
            let changed = case.with("canonical", mutate::replaced(&input, &pointer, value));
            match evaluate::case(cx, spec, &changed)?.outcome {
                Err(fault) if complains_at(&fault, &pointer) => {}
                Err(fault) => found.push(format!(
                    "{}: an unknown code at input `{pointer}` gives {fault} without its pointer",
                    case.name
                )),
                Ok(_) => found.push(format!(
                    "{}: an unknown code at input `{pointer}` is sent on",
                    case.name
                )),
            }
        }
    }
    if !tried {
        return Err("no field named with `.codes(…)` occurs in the ok… fixtures".into());
    }
    Ok(found)
}

/// Each field of the input taken away: refused by the schema, complained about with its pointer, or truly optional.
pub(crate) fn missing_fields(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for (case, _) in happy(cx, spec)? {
        let input = case.file("canonical").cloned().unwrap_or_default();
        for (pointer, _) in mutate::nodes(&input) {
            let changed = mutate::removed(&input, &pointer);
            let outcome = evaluate::case(cx, spec, &case.with("canonical", changed.clone()))?;
            match outcome.outcome {
                Err(fault) if !complains_at(&fault, &pointer) && !outcome.by_schema => {
                    found.push(format!(
                        "{}: without `{pointer}` the outcome is {fault}, without its pointer",
                        case.name
                    ));
                }
                _ => {}
            }
            if outcome.by_schema {
                // The gateway stops it here; the connector must still not fall over when asked.
                let connector = cx.connector_of(case)?;
                let plays = script::plays(case.file("native_reply"))?;
                let direct = evaluate::run(cx, connector.as_ref(), spec, case, &changed, plays);
                if let Ok(Err(fault)) = direct.map(|e| e.outcome)
                    && fault.kind == FaultKind::Internal
                {
                    found.push(format!(
                        "{}: without `{pointer}` the connector fails internally",
                        case.name
                    ));
                }
            }
        }
    }
    Ok(found)
}

/// `Invalid` with a complaint at the pointer, above or below it.
fn complains_at(fault: &Fault, pointer: &str) -> bool {
    let related =
        |p: &str| pointer == p || pointer.starts_with(&format!("{p}/")) || p.starts_with(&format!("{pointer}/"));
    fault.kind == FaultKind::Invalid && fault.complaints.iter().any(|c| related(&c.pointer))
}

fn comparable(outcome: &Result<Value, Fault>) -> Value {
    match outcome {
        Ok(reply) => serde_json::json!({"reply": reply}),
        Err(fault) => render::fault(fault),
    }
}

fn count_unknown(reply: &Value) -> usize {
    mutate::strings(reply)
        .iter()
        .filter(|(_, s)| *s == "tidak_dikenal")
        .count()
}

/// Pointers of fields that hold codes, each with an unknown one.
pub(crate) fn coded(cx: &Context, document: &Value) -> Vec<(String, Value)> {
    let nodes = mutate::nodes(document).into_iter();
    let coded = nodes.filter(|(p, _)| cx.is_code(p));
    coded.filter_map(|(p, v)| Some((p, mutate::unknown_code(v)?))).collect()
}

fn coded_replies(cx: &Context, case: &Case) -> Vec<(String, Case)> {
    let Some(native) = case.file("native_reply") else {
        return Vec::new();
    };
    let bodies = if native.is_array() {
        mutate::nodes(native)
            .into_iter()
            .map(|(p, _)| p)
            .filter(|p| p.ends_with("/body") && p.matches('/').count() == 2)
            .collect()
    } else {
        vec!["/body".to_owned()]
    };
    let mut found = Vec::new();
    for at in bodies {
        let Some(body) = native.pointer(&at) else { continue };
        for (pointer, value) in coded(cx, body) {
            let full = format!("{at}{pointer}");
            let mutated = case.with("native_reply", mutate::replaced(native, &full, value));
            found.push((full, mutated));
        }
    }
    found
}

/// The case with every JSON body of its replies changed; `None` when it has none.
pub(crate) fn with_bodies(case: &Case, change: impl Fn(&Value) -> Value) -> Option<Case> {
    let mut native = case.file("native_reply")?.clone();
    let mut changed = false;
    let mut one = |reply: &mut Value| {
        if let Some(body) = reply.get_mut("body") {
            *body = change(body);
            changed = true;
        }
    };
    match &mut native {
        Value::Array(steps) => steps.iter_mut().for_each(&mut one),
        reply => one(reply),
    }
    changed.then(|| case.with("native_reply", native))
}
