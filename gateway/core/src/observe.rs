//! What the core tells whoever measures: finished calls and finished tries, with bounded words only. Never payloads.

use crate::ids::ExchangeId;
use crate::spans::Span;
use crate::trouble::{Cause, Side};
use jiff::Timestamp;
use std::time::Duration;

/// Said of a system whose address is not allowed; see [`Observer::noted`].
pub const EGRESS_REFUSED: &str = "egress_refused";

/// One finished call of a consumer.
#[derive(Debug)]
pub struct Finished<'a> {
    /// Exchange.
    pub exchange: ExchangeId,
    /// Operation.
    pub operation: &'a str,
    /// Consumer.
    pub consumer: &'a str,
    /// `ok`, `underway`, a refusal's or a fault's word.
    pub result: &'a str,
    /// Whether it was refused before anything was stored or sent.
    pub refused: bool,
    /// Answer of an earlier call.
    pub replayed: bool,
}

/// One finished try against a system.
#[derive(Debug)]
pub struct Tried<'a> {
    /// Exchange.
    pub exchange: ExchangeId,
    /// Operation.
    pub operation: &'a str,
    /// System.
    pub system: &'a str,
    /// Number of the attempt.
    pub attempt: u32,
    /// `ok`, or the fault's word.
    pub result: &'a str,
    /// Whether it landed.
    pub landed: &'a str,
    /// State the exchange went to, or `read`.
    pub state: &'a str,
    /// Time spent waiting for the system.
    pub system_time: Duration,
    /// When it ended.
    pub at: Timestamp,
    /// Why it did not go well.
    pub failed: Option<Failed<'a>>,
    /// W3C `traceparent` of the call it belongs to.
    pub trace: Option<&'a str>,
}

/// Why a try failed, judged.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// What.
    pub cause: Cause,
    /// Whose fault.
    pub side: Side,
    /// The system's own code.
    pub code: Option<&'a str>,
    /// Held back by an open breaker: the echo of earlier failures.
    pub echo: bool,
}

/// Receives both. Implementations must be quick and must not block.
pub trait Observer: Send + Sync {
    /// A call ended.
    fn finished(&self, finished: &Finished<'_>);
    /// A try ended.
    fn tried(&self, tried: &Tried<'_>);
    /// Bodies of so many exchanges of a retention class were erased.
    fn erased(&self, _class: &str, _exchanges: u64) {}
    /// Something worth counting beside exchanges: `what` is a fixed word, `of` names configuration (an operation, a
    /// list, a schedule), never a payload.
    fn noted(&self, _what: &'static str, _of: &str) {}
    /// Whether spans are kept at all; asked before anything is measured for one.
    fn traces(&self) -> bool {
        false
    }
    /// A span of a kept trace ended.
    fn span(&self, _span: &Span<'_>) {}
}
