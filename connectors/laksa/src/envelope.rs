//! The three envelopes that live side by side in the Tangerang LIVE back end (reference §5): `{success, message,
//! data[]}`, `{success, result[]}`, `{decode[]}`. A `success: false` is a fault whatever the HTTP status says.

use crate::settings::Setup;
use connector_sdk::{Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, profile, screen};
use serde_json::Value;

/// Judges a reply before any operation sees it.
pub(crate) fn judge(setup: &Setup, request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    if let Some(fault) = profile::splp_fault(request.writes, reply) {
        return Err(fault);
    }
    screen::http(request.writes, reply)?;
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    if reply.looks_like_html() {
        return Err(Fault::drift("a success status with an HTML page").landed(unsure));
    }
    let body = reply.json().map_err(|fault| fault.landed(unsure))?;
    match success(&body) {
        Some(true) => Ok(()),
        None if rows(&body).is_some() => Ok(()),
        Some(false) => Err(refused(setup, &body)),
        None => Err(Fault::drift("neither `success` nor rows in the answer").landed(unsure)),
    }
}

/// The rows of an answer, in any envelope.
pub(crate) fn rows(body: &Value) -> Option<&Vec<Value>> {
    ["data", "result", "decode"]
        .iter()
        .find_map(|field| body.get(*field)?.as_array())
}

/// The first row, or the object that stands in place of rows.
pub(crate) fn first(body: &Value) -> Option<&Value> {
    let object = || {
        ["data", "result"]
            .iter()
            .find_map(|field| body.get(*field).filter(|row| row.is_object()))
    };
    rows(body).and_then(|rows| rows.first()).or_else(object)
}

fn success(body: &Value) -> Option<bool> {
    match body.get("success")? {
        Value::Bool(success) => Some(*success),
        Value::Number(number) => Some(number.as_i64() != Some(0)),
        Value::String(word) => Some(!matches!(word.to_ascii_lowercase().as_str(), "false" | "0" | "gagal")),
        _ => None,
    }
}

fn refused(setup: &Setup, body: &Value) -> Fault {
    let message = body
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_lowercase();
    let says = |parts: &[String]| parts.iter().any(|part| message.contains(&part.to_lowercase()));
    let (kind, text) = if says(&setup.raw.pesan_sementara) {
        (
            FaultKind::Unavailable,
            Text::new("LAKSA sedang terganggu.", "LAKSA has trouble at the moment."),
        )
    } else if says(&setup.raw.pesan_tidak_ada) {
        (
            FaultKind::NotFound,
            Text::new("Tiket tidak ada di LAKSA.", "LAKSA has no such ticket."),
        )
    } else {
        (
            FaultKind::Rejected,
            Text::new("LAKSA menolak permintaan ini.", "LAKSA refused this request."),
        )
    };
    Fault::new(kind, text).native_code("success-false")
}
