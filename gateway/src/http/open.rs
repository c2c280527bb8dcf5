//! Room 3: every call has an open record from its first line on. It closes when the answer is ready, or on drop when
//! the caller went away or our code panicked, so that no call ends without a trace.

use super::stack::EdgeMeters;
use crate::telemetry::trace::{TraceParent, accept_or_new};
use gateway_core::Rooms;
use gateway_core::ids::ExchangeId;
use gateway_core::observe::Observer;
use gateway_core::spans::{Fact, Kind, Scope, Span};
use http::HeaderMap;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Instant;

/// One call under way.
pub(super) struct OpenRecord {
    /// Id of the exchange.
    pub(super) exchange: ExchangeId,
    /// W3C `traceparent`: the caller's when valid, else a new one. Where spans are kept its span is this call's.
    pub(super) trace: String,
    /// Operation, once matched.
    pub(super) operation: Option<String>,
    /// Consumer, once identified.
    pub(super) consumer: Option<String>,
    meters: Arc<EdgeMeters>,
    began: Instant,
    closed: bool,
    traced: Option<Traced>,
}

/// The span of a call in a kept trace.
struct Traced {
    scope: Scope,
    parent: Option<u64>,
    began: Timestamp,
    last: Timestamp,
    rooms: Arc<Rooms>,
}

impl OpenRecord {
    pub(super) fn open(rooms: &Arc<Rooms>, headers: &HeaderMap, meters: &Arc<EdgeMeters>) -> Self {
        let exchange = rooms.ids.exchange();
        let given = headers.get("traceparent").and_then(|v| v.to_str().ok());
        let (trace, traced) = if meters.traces() {
            begun(rooms, given, exchange, meters)
        } else {
            (accept_or_new(given, &exchange.0, &rooms.ids.span()), None)
        };
        Self {
            exchange,
            trace,
            operation: None,
            consumer: None,
            meters: Arc::clone(meters),
            began: Instant::now(),
            closed: false,
            traced,
        }
    }

    /// A room of the edge was left.
    pub(super) fn left(&mut self, room: &str, failed: Option<&str>) {
        let Some(traced) = &mut self.traced else { return };
        let now = traced.rooms.clock.now();
        self.meters.span(&Span {
            scope: traced.scope.below(&*traced.rooms.ids),
            parent: Some(traced.scope.span),
            name: room,
            kind: Kind::Internal,
            time: (traced.last, now),
            facts: &[],
            failed,
        });
        traced.last = now;
    }

    /// The rooms of the core were passed; what follows is the edge's again.
    pub(super) fn back(&mut self) {
        if let Some(traced) = &mut self.traced {
            traced.last = traced.rooms.clock.now();
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
        let kept = self.traced.as_ref().map(|traced| traced.scope.trace);
        self.meters.answered(operation, consumer, status, took, kept);
        if let Some(traced) = &self.traced {
            self.meters.span(&Span {
                scope: traced.scope,
                parent: traced.parent,
                name: operation,
                kind: Kind::Server,
                time: (traced.began, traced.rooms.clock.now()),
                facts: &[
                    ("simpul.exchange", Fact::Word(&self.exchange.to_string())),
                    ("simpul.consumer", Fact::Word(consumer)),
                    ("http.response.status_code", Fact::Number(u32::from(status))),
                ],
                failed: (status >= 499).then_some(message),
            });
        }
        tracing::info!(
            exchange = %self.exchange,
            trace_id = self.trace.get(3..35).unwrap_or_default(),
            operation,
            consumer,
            status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "{message}"
        );
    }
}

/// A call's own span, below the caller's. Whether it is kept is the caller's word, or ours where the trace begins here.
fn begun(
    rooms: &Arc<Rooms>,
    given: Option<&str>,
    exchange: ExchangeId,
    meters: &EdgeMeters,
) -> (String, Option<Traced>) {
    let above = given.and_then(TraceParent::parse).map(TraceParent::scope);
    let root = || Scope {
        trace: exchange.0.as_u128().max(1),
        span: 0,
        kept: meters.keeps(exchange.0.as_u128()),
    };
    let scope = above.unwrap_or_else(root).below(&*rooms.ids);
    let now = rooms.clock.now();
    let traced = scope.kept.then(|| Traced {
        scope,
        parent: above.map(|above| above.span),
        began: now,
        last: now,
        rooms: Arc::clone(rooms),
    });
    (scope.to_string(), traced)
}

impl Drop for OpenRecord {
    fn drop(&mut self) {
        if !self.closed {
            // 499: the caller is gone (or our code panicked); nobody hears this status.
            self.note(499, "call ended without an answer");
        }
    }
}
