//! Runs one case the way the gateway would: schema, then the operation's whole run against a scripted door.

use crate::context::Context;
use crate::fixture::Case;
use crate::script::{self, Play, Script};
use connector_sdk::{Call, Complaint, Connector, Fault, NativeRequest, OperationSpec, Text};
use futures_util::FutureExt;
use serde_json::Value;

/// What came out of a case.
pub(crate) struct Evaluation {
    /// Requests that were sent.
    pub(crate) sent: Vec<NativeRequest>,
    /// Canonical reply or fault.
    pub(crate) outcome: Result<Value, Fault>,
    /// Whether the request schema refused the input before the connector saw it.
    pub(crate) by_schema: bool,
}

/// Evaluates with the replies of the case.
pub(crate) fn case(cx: &Context, spec: &OperationSpec, case: &Case) -> Result<Evaluation, String> {
    let plays = script::plays(case.file("native_reply")).map_err(|e| format!("{}: {e}", case.name))?;
    let evaluation = with_plays(cx, spec, case, plays)?;
    Ok(evaluation)
}

/// Evaluates with other replies.
pub(crate) fn with_plays(
    cx: &Context,
    spec: &OperationSpec,
    case: &Case,
    plays: Vec<Play>,
) -> Result<Evaluation, String> {
    let input = case
        .file("canonical")
        .ok_or(format!("{}: canonical.json is missing", case.name))?;
    if let Some(fault) = refused_by_schema(cx, spec, input) {
        return Ok(Evaluation {
            sent: Vec::new(),
            outcome: Err(fault),
            by_schema: true,
        });
    }
    let connector = cx.connector_of(case)?;
    run(cx, connector.as_ref(), spec, case, input, plays)
}

/// Runs the operation without asking the schema first.
pub(crate) fn run(
    cx: &Context,
    connector: &dyn Connector,
    spec: &OperationSpec,
    case: &Case,
    input: &Value,
    plays: Vec<Play>,
) -> Result<Evaluation, String> {
    let operation = connector
        .operation(&spec.id)
        .ok_or(format!("operation `{}` is not there", spec.id))?;
    let memory = case
        .file("checkpoints")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let door = Script::new(connector, plays, memory);
    let reference = reference(spec, input);
    let call = call(cx, &reference);
    let outcome = operation.call(&call, input, &door).now_or_never();
    let outcome = outcome.ok_or(format!(
        "{}: the run waits for something other than the door",
        case.name
    ))?;
    let (sent, exhausted) = door.finish();
    if let Some(step) = exhausted {
        return Err(format!(
            "{}: step `{step}` was sent but native_reply.json has no reply for it",
            case.name
        ));
    }
    Ok(Evaluation {
        sent,
        outcome,
        by_schema: false,
    })
}

/// The facts of a trial's exchange; fixed, so that golden files stay the same.
pub(crate) fn call<'a>(cx: &'a Context, reference: &'a str) -> Call<'a> {
    Call {
        exchange: EXCHANGE,
        reference,
        attempt: 1,
        now: cx.now,
        lists: &cx.lists,
    }
}

const EXCHANGE: &str = "01980000-0000-7000-8000-000000000001";

/// The values the spec names, joined; the exchange id when it names none.
pub(crate) fn reference(spec: &OperationSpec, input: &Value) -> String {
    let values: Vec<String> = spec
        .reference
        .iter()
        .filter_map(|p| input.pointer(p))
        .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
        .collect();
    if values.is_empty() {
        EXCHANGE.into()
    } else {
        values.join(":")
    }
}

fn refused_by_schema(cx: &Context, spec: &OperationSpec, input: &Value) -> Option<Fault> {
    let violations = cx.kit.schemas.check(&spec.request_schema, input)?;
    if violations.is_empty() {
        return None;
    }
    let complaints = violations.into_iter().map(|v| Complaint {
        pointer: v.pointer,
        text: Text::new("Tidak sesuai skema.", "Breaks the schema."),
    });
    Some(Fault::invalid(complaints.collect()))
}
