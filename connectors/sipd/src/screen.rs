//! Faults common to the whole of SIPD, judged before anybody reads a reply. The same rate limit comes as 429, as plain
//! text, as JSON or as nothing under 200; a refusal comes as a code in the body; a failed push comes as `code` 200 with
//! `ERROR:` in its log. None of it is data.

use crate::exact;
use connector_sdk::{Fault, FaultKind, Landed, NativeReply, NativeRequest, Text, screen};
use serde_json::Value;
use std::time::Duration;

/// SIPD names no time to come back; its web clients wait up to this long.
const PAUSE: Duration = Duration::from_secs(10);
/// Step of the push service.
pub(crate) const PUSH: &str = "a";

/// Passes what may be an answer.
pub(crate) fn screen(request: &NativeRequest, reply: &NativeReply) -> Result<(), Fault> {
    let unsure = if request.writes { Landed::Unknown } else { Landed::No };
    let body = exact::parse(&reply.body);
    if reply.is_success() {
        return match body {
            None => Err(unreadable(reply, unsure)),
            Some(body) => judged(request, &body, unsure),
        };
    }
    let said = String::from_utf8_lossy(&reply.body).to_lowercase();
    match reply.status {
        401 => Err(expired("http-401")),
        403 if said.contains("token_key_1") => Err(Fault::new(FaultKind::Unavailable, PASSING)
            .native_code("token_key_1")
            .internal("passes by itself as a rule; if it lasts, the token has ended: supply a new one")),
        500 if said.contains("cannot scan") || said.contains("scan into dest") => {
            Err(Fault::new(FaultKind::Rejected, BROKEN)
                .landed(unsure)
                .native_code("baris-rusak")
                .internal("SIPD cannot read a row of its own; asking again does not help"))
        }
        500 if said.contains("tidak diperbolehkan") => {
            Err(Fault::new(FaultKind::Misconfigured, NOT_OURS).native_code("peran-tidak-boleh"))
        }
        _ => screen::http(request.writes, reply).map_err(|mut fault| {
            if fault.kind == FaultKind::Throttled && fault.retry_after.is_none() {
                fault.retry_after = Some(PAUSE);
            }
            fault
        }),
    }
}

/// A success status without JSON: the rate limit in disguise, or drift.
fn unreadable(reply: &NativeReply, unsure: Landed) -> Fault {
    let text = String::from_utf8_lossy(&reply.body);
    let text = text.trim();
    if text.eq_ignore_ascii_case("too many requests") {
        return throttled().native_code("batas-teks");
    }
    if text.is_empty() {
        return throttled().landed(unsure).native_code("batas-kosong");
    }
    let form = if reply.looks_like_html() {
        "an HTML page"
    } else {
        "a body that is not JSON"
    };
    Fault::drift(format!("status {} with {form}", reply.status)).landed(unsure)
}

fn judged(request: &NativeRequest, body: &Value, unsure: Landed) -> Result<(), Fault> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::trim);
    if text("message").is_some_and(|message| message.eq_ignore_ascii_case("too many requests")) {
        return Err(throttled().native_code("batas-json"));
    }
    let code = text("status_code").or_else(|| text("status_kode"));
    let code = code.or_else(|| text("code").filter(|_| request.step == PUSH));
    if let Some(code) = code {
        by_code(code, unsure)?;
    }
    if body.get("status") == Some(&Value::Bool(false))
        || (text("status") == Some("error") && body.get("message").is_some())
    {
        return Err(refused("status"));
    }
    let log = body.get("log").and_then(Value::as_array).into_iter().flatten();
    let failed = log
        .filter_map(Value::as_str)
        .any(|line| line.trim_start().starts_with("ERROR"));
    if failed {
        // The whole transaction is undone: nothing was committed.
        return Err(refused("log-error"));
    }
    Ok(())
}

fn by_code(code: &str, unsure: Landed) -> Result<(), Fault> {
    match code.parse::<u16>() {
        Ok(200..=299) => Ok(()),
        Ok(401 | 403) => Err(expired(&format!("isi-{code}"))),
        Ok(404) => Err(Fault::new(FaultKind::NotFound, ABSENT).native_code("isi-404")),
        Ok(429) => Err(throttled().native_code("isi-429")),
        Ok(number @ 500..=599) => Err(Fault::new(FaultKind::Unavailable, DOWN)
            .landed(unsure)
            .native_code(format!("isi-{number}"))),
        Ok(number) => Err(refused(&format!("isi-{number}"))),
        Err(_) => Err(Fault::drift("a status code in the body that is no number").landed(unsure)),
    }
}

fn throttled() -> Fault {
    Fault::new(FaultKind::Throttled, SLOWER).retry_after(Some(PAUSE))
}

fn expired(code: &str) -> Fault {
    Fault::new(FaultKind::CredentialExpired, ENDED)
        .native_code(code)
        .internal("the supplied token has ended or is for another year or role: supply a new one")
}

fn refused(code: &str) -> Fault {
    Fault::new(FaultKind::Rejected, REFUSED).native_code(code)
}

const SLOWER: Text = Text::new("SIPD meminta jeda.", "SIPD asks us to slow down.");
const ENDED: Text = Text::new(
    "Token SIPD yang dititipkan pada gateway tidak berlaku lagi. Pengelola perlu menitipkan yang baru.",
    "The SIPD token supplied to the gateway is no longer valid. The operator must supply a new one.",
);
const REFUSED: Text = Text::new("SIPD menolak permintaan.", "SIPD refused the request.");
const ABSENT: Text = Text::new("Data tidak ada di SIPD.", "SIPD has no such record.");
const DOWN: Text = Text::new("SIPD sedang tidak dapat melayani.", "SIPD cannot serve at the moment.");
const PASSING: Text = Text::new("SIPD menolak sementara.", "SIPD refuses for a moment.");
const BROKEN: Text = Text::new(
    "SIPD tidak dapat membaca catatannya sendiri untuk data ini.",
    "SIPD cannot read its own record for this.",
);
const NOT_OURS: Text = Text::new(
    "Peran pemilik token tidak diperbolehkan membaca data ini di SIPD.",
    "The role behind the token may not read this in SIPD.",
);
