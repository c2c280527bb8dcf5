//! Evidence: one record per exchange, hash-chained by the journal. The chain is over stored bytes, never over a value
//! serialised again. Ranges of all chains are bound into signed batches (`binder`, `batch`, `merkle`), which archives and
//! proofs carry to whoever verifies (`archive`, `proof`, `check`).

pub mod archive;
pub mod batch;
pub mod binder;
pub mod check;
pub mod merkle;
pub mod proof;
pub mod search;
#[cfg(test)]
mod tests;

use crate::exchange::State;
use crate::ids::ExchangeId;
use aws_lc_rs::digest::{SHA256, digest};
use connector_sdk::{Fault, FaultKind, Landed, Origin};
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use schemas::canon;

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Hash of a link: SHA-256 over the previous hash and the stored record.
pub fn link(previous: &[u8; 32], record: &[u8]) -> [u8; 32] {
    let mut context = aws_lc_rs::digest::Context::new(&SHA256);
    context.update(previous);
    context.update(record);
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// What happened, without any content: digests, parties, purpose, times, outcome.
#[derive(Debug)]
pub struct Record<'a> {
    /// Exchange.
    pub exchange: ExchangeId,
    /// Who asked.
    pub consumer: &'a str,
    /// Operation.
    pub operation: &'a str,
    /// System.
    pub system: &'a str,
    /// Purpose of the grant.
    pub purpose: &'a str,
    /// Start.
    pub started: Timestamp,
    /// End.
    pub ended: Timestamp,
    /// State it ended in, or `None` for a read or refusal that was never journalled.
    pub state: Option<State>,
    /// Short word for the result: `ok`, a fault kind or a refusal's name.
    pub result: &'a str,
    /// Number of the attempt this record closes.
    pub attempt: u32,
    /// Hex SHA-256 of the canonical input.
    pub input: Option<String>,
    /// Hex SHA-256 of the canonical reply.
    pub reply: Option<String>,
    /// Hex SHA-256 of the native request and reply bodies.
    pub native: Option<(String, String)>,
    /// Side at fault.
    pub origin: Option<Origin>,
    /// Effect.
    pub landed: Option<Landed>,
    /// Whom it was about.
    pub about: Option<About>,
}

/// Whom an exchange was about, and on what basis.
#[derive(Debug)]
pub struct About {
    /// Keyed names of the persons; see [`crate::subject`].
    pub subjects: Vec<String>,
    /// Legal basis and agreement of the grant at that time.
    pub basis: Option<String>,
}

impl Record<'_> {
    /// The record as JSON: members in the order above, those that are `None` left out, times in RFC 3339 (UTC). It is written
    /// for every exchange, so it is written by hand.
    pub fn to_bytes(&self) -> Vec<u8> {
        const ROOM: usize = 640;
        let mut out = Vec::with_capacity(ROOM);
        out.extend_from_slice(b"{\"exchange\":");
        let mut id = uuid::Uuid::encode_buffer();
        canon::string(&mut out, self.exchange.0.hyphenated().encode_lower(&mut id));
        member(&mut out, "consumer", self.consumer);
        member(&mut out, "operation", self.operation);
        member(&mut out, "system", self.system);
        member(&mut out, "purpose", self.purpose);
        moment(&mut out, "started", self.started);
        moment(&mut out, "ended", self.ended);
        if let Some(state) = self.state {
            // Enumerations are written with the words of their own serialisation.
            name(&mut out, "state");
            _ = serde_json::to_writer(&mut out, &state);
        }
        member(&mut out, "result", self.result);
        name(&mut out, "attempt");
        _ = serde_json::to_writer(&mut out, &self.attempt);
        if let Some(input) = &self.input {
            member(&mut out, "input", input);
        }
        if let Some(reply) = &self.reply {
            member(&mut out, "reply", reply);
        }
        if let Some((request, reply)) = &self.native {
            name(&mut out, "native");
            out.push(b'[');
            canon::string(&mut out, request);
            out.push(b',');
            canon::string(&mut out, reply);
            out.push(b']');
        }
        if let Some(origin) = self.origin {
            name(&mut out, "origin");
            _ = serde_json::to_writer(&mut out, &origin);
        }
        if let Some(landed) = self.landed {
            name(&mut out, "landed");
            _ = serde_json::to_writer(&mut out, &landed);
        }
        if let Some(about) = &self.about {
            name(&mut out, "subjects");
            _ = serde_json::to_writer(&mut out, &about.subjects);
            if let Some(basis) = &about.basis {
                member(&mut out, "basis", basis);
            }
        }
        out.push(b'}');
        out
    }
}

fn name(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn member(out: &mut Vec<u8>, key: &str, text: &str) {
    name(out, key);
    canon::string(out, text);
}

fn moment(out: &mut Vec<u8>, key: &str, at: Timestamp) {
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    name(out, key);
    out.push(b'"');
    // Writing into memory cannot fail.
    _ = PRINTER.print_timestamp(&at, &mut *out);
    out.push(b'"');
}

/// The word of a fault kind in evidence, metrics and logs.
pub fn fault_word(fault: &Fault) -> &'static str {
    match fault.kind {
        FaultKind::Invalid => "invalid",
        FaultKind::Rejected => "rejected",
        FaultKind::NotFound => "not_found",
        FaultKind::Conflict => "conflict",
        FaultKind::CredentialExpired => "credential_expired",
        FaultKind::Misconfigured => "misconfigured",
        FaultKind::Throttled => "throttled",
        FaultKind::Unavailable => "unavailable",
        FaultKind::OutOfHours => "out_of_hours",
        FaultKind::Timeout => "timeout",
        FaultKind::Drift => "drift",
        FaultKind::Internal => "internal",
    }
}
