//! Room 3: every call has an open record from its first line on. It closes when the answer is ready, or on drop when
//! the caller went away or our code panicked, so that no call ends without a trace.

use super::stack::EdgeMeters;
use gateway_core::ids::{ExchangeId, Ids};
use http::HeaderMap;
use std::sync::Arc;
use std::time::Instant;

/// One call under way.
pub(super) struct OpenRecord {
    /// Id of the exchange.
    pub(super) exchange: ExchangeId,
    /// W3C `traceparent`: the caller's when valid, else a new one.
    pub(super) trace: String,
    /// Operation, once matched.
    pub(super) operation: Option<String>,
    /// Consumer, once identified.
    pub(super) consumer: Option<String>,
    meters: Arc<EdgeMeters>,
    began: Instant,
    closed: bool,
}

impl OpenRecord {
    pub(super) fn open(ids: &dyn Ids, headers: &HeaderMap, meters: &Arc<EdgeMeters>) -> Self {
        let exchange = ids.exchange();
        let given = headers.get("traceparent").and_then(|v| v.to_str().ok());
        let trace = crate::telemetry::trace::accept_or_new(given, &exchange.0, &ids.span());
        Self {
            exchange,
            trace,
            operation: None,
            consumer: None,
            meters: Arc::clone(meters),
            began: Instant::now(),
            closed: false,
        }
    }

    /// The answer is ready.
    pub(super) fn close(mut self, status: u16) {
        self.closed = true;
        self.note(status, "answered");
    }

    fn note(&self, status: u16, message: &'static str) {
        let operation = self.operation.as_deref().unwrap_or("-");
        let consumer = self.consumer.as_deref().unwrap_or("-");
        let took = self.began.elapsed();
        self.meters.answered(operation, consumer, status, took);
        tracing::info!(
            exchange = %self.exchange,
            trace = %self.trace,
            operation,
            consumer,
            status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "{message}"
        );
    }
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        if !self.closed {
            // 499: the caller is gone (or our code panicked); nobody hears this status.
            self.note(499, "call ended without an answer");
        }
    }
}
