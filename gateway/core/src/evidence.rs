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
use serde::Serialize;

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
#[derive(Debug, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Short word for the result: `ok`, a fault kind or a refusal's name.
    pub result: &'a str,
    /// Number of the attempt this record closes.
    pub attempt: u32,
    /// Hex SHA-256 of the canonical input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Hex SHA-256 of the canonical reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Hex SHA-256 of the native request and reply bodies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<(String, String)>,
    /// Side at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landed: Option<Landed>,
    /// Whom it was about.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

/// Whom an exchange was about, and on what basis.
#[derive(Debug, Serialize)]
pub struct About {
    /// Keyed names of the persons; see [`crate::subject`].
    pub subjects: Vec<String>,
    /// Legal basis and agreement of the grant at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
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
