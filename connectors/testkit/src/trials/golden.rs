//! What leaves and what comes back, held against the golden files of each case, and against the schemas.

use crate::context::Context;
use crate::evaluate::{self, Evaluation};
use crate::fixture::Case;
use crate::render;
use crate::trial::Findings;
use connector_sdk::{FaultKind, OperationSpec};
use serde_json::Value;

/// The native request of every case.
pub(crate) fn request(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for case in cx.cases(id) {
        let sent = rendered(&evaluate::case(cx, spec, case)?);
        let again = rendered(&evaluate::case(cx, spec, case)?);
        if sent != again {
            found.push(format!(
                "{}: the same input gives another request the second time",
                case.name
            ));
        }
        held(cx, case, "native_request", sent.as_ref(), &mut found)?;
    }
    Ok(found)
}

/// The canonical reply or the fault of every case, and that it is of the sort the case's name promises.
pub(crate) fn reply(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for case in cx.cases(id) {
        let evaluation = evaluate::case(cx, spec, case)?;
        if let Some(finding) = breaks_promise(case, &evaluation) {
            found.push(finding);
            continue;
        }
        let (reply, fault) = match &evaluation.outcome {
            Ok(reply) => (Some(reply.clone()), None),
            Err(fault) => (None, Some(render::fault(fault))),
        };
        held(cx, case, "canonical_reply", reply.as_ref(), &mut found)?;
        held(cx, case, "fault", fault.as_ref(), &mut found)?;
    }
    Ok(found)
}

/// Canonical documents satisfy their schemas, in both directions.
pub(crate) fn schemas(cx: &Context, id: &str) -> Findings {
    let spec = cx.spec(id)?;
    let mut found = Vec::new();
    for case in cx.cases(id) {
        if case.name.starts_with("ok") {
            let input = case
                .file("canonical")
                .ok_or(format!("{}: canonical.json is missing", case.name))?;
            hold_schema(
                cx,
                &spec.request_schema,
                input,
                &format!("{}: canonical.json", case.name),
                &mut found,
            );
        }
        if let Ok(reply) = evaluate::case(cx, spec, case)?.outcome {
            hold_schema(
                cx,
                &spec.reply_schema,
                &reply,
                &format!("{}: canonical reply", case.name),
                &mut found,
            );
        }
    }
    Ok(found)
}

/// Adds a finding per violation.
pub(crate) fn hold_schema(cx: &Context, schema: &str, value: &Value, what: &str, found: &mut Vec<String>) {
    match cx.kit.schemas.check(schema, value) {
        None => found.push(format!("there is no schema `{schema}`")),
        Some(violations) => {
            found.extend(
                violations
                    .iter()
                    .map(|v| format!("{what}: `{}` {} ({schema})", v.pointer, v.text)),
            );
        }
    }
}

/// Compares with a golden file, or rewrites it.
pub(crate) fn held(
    cx: &Context,
    case: &Case,
    file: &str,
    actual: Option<&Value>,
    found: &mut Vec<String>,
) -> Result<(), String> {
    if cx.kit.update {
        return case.write(file, actual);
    }
    let expected = case.file(file);
    if expected != actual {
        let shown = |v: Option<&Value>| v.map_or("nothing".into(), |v| format!("{v:#}"));
        let hint = if expected.is_none() {
            "\nUPDATE_GOLDEN=1 writes it; then read the diff"
        } else {
            ""
        };
        let (expected, actual) = (shown(expected), shown(actual));
        found.push(format!(
            "{}/{file}.json: expected {expected}\ngot {actual}{hint}",
            case.name
        ));
    }
    Ok(())
}

/// One step as an object, several as a list, none as nothing.
fn rendered(evaluation: &Evaluation) -> Option<Value> {
    let mut sent: Vec<Value> = evaluation.sent.iter().map(render::request).collect();
    match sent.len() {
        0 => None,
        1 => sent.pop(),
        _ => Some(Value::Array(sent)),
    }
}

fn breaks_promise(case: &Case, evaluation: &Evaluation) -> Option<String> {
    let name = &case.name;
    match &evaluation.outcome {
        Err(fault) if name.starts_with("ok") => {
            Some(format!("{name}: expected a reply, got {fault}: {:?}", fault.internal))
        }
        Ok(_) if name.starts_with("ditolak") || name.starts_with("kurang") => {
            Some(format!("{name}: expected a fault, got a reply"))
        }
        Err(_) if name.starts_with("ditolak") && evaluation.sent.is_empty() => {
            Some(format!("{name}: must be refused by the system, but nothing was sent"))
        }
        Err(fault) if name.starts_with("kurang") => {
            let good = fault.kind == FaultKind::Invalid && !fault.complaints.is_empty() && evaluation.sent.is_empty();
            (!good).then(|| format!("{name}: must be refused as invalid, with pointers, before anything is sent"))
        }
        _ => None,
    }
}

/// The cases of the happy way with their canonical replies.
pub(crate) fn happy<'a>(cx: &'a Context, spec: &OperationSpec) -> Result<Vec<(&'a Case, Value)>, String> {
    let mut found = Vec::new();
    for case in cx.cases_named(&spec.id, "ok") {
        let outcome = evaluate::case(cx, spec, case)?.outcome;
        let reply = outcome.map_err(|f| format!("{}: expected a reply, got {f}: {:?}", case.name, f.internal))?;
        found.push((case, reply));
    }
    if found.is_empty() {
        return Err(format!("fixtures/{}/ok…/ is missing", spec.id));
    }
    Ok(found)
}
