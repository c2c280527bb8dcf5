//! The spans of a try: the attempt, and each request on the wire below it. Only where a kept trace asks for them.

use super::Task;
use crate::evidence::fault_word;
use crate::exchange::{Attempt, TryKind};
use crate::pipeline::Rooms;
use crate::spans::{Fact, Kind, Scope, Span, kept};
use connector_sdk::{Fault, NativeReply, NativeRequest};
use jiff::Timestamp;

/// The span of a try under way.
pub(super) struct Tracked {
    parent: u64,
    own: Scope,
}

impl Tracked {
    /// Below the room the task is worked on in.
    pub(super) fn begin(rooms: &Rooms, task: &Task) -> Option<Self> {
        let above = kept(&*rooms.observer, task.within.as_deref())?;
        Some(Self {
            parent: above.span,
            own: above.below(&*rooms.ids),
        })
    }

    /// What its requests stand below.
    pub(super) fn traceparent(&self) -> String {
        self.own.to_string()
    }

    /// The try ended.
    pub(super) fn end(self, rooms: &Rooms, task: &Task, attempt: &Attempt) {
        let exchange = task.exchange.to_string();
        let name = match attempt.kind {
            TryKind::Lookup => "look-up",
            TryKind::Deliver | TryKind::Late | TryKind::Person => "attempt",
        };
        rooms.observer.span(&Span {
            scope: self.own,
            parent: Some(self.parent),
            name,
            kind: Kind::Internal,
            time: (attempt.started, attempt.ended),
            facts: &[
                ("simpul.exchange", Fact::Word(&exchange)),
                ("simpul.operation", Fact::Word(&task.routed.operation().id)),
                ("simpul.system", Fact::Word(&task.routed.system().id)),
                ("simpul.attempt", Fact::Number(attempt.number)),
            ],
            failed: attempt.fault.as_ref().map(fault_word),
        });
    }
}

/// One request was answered, or was not.
pub(super) fn sent(
    rooms: &Rooms,
    system: &str,
    request: &NativeRequest,
    (above, own): (Scope, Scope),
    begun: Timestamp,
    result: &Result<NativeReply, Fault>,
) {
    let status = result.as_ref().map_or(0, |reply| u32::from(reply.status));
    rooms.observer.span(&Span {
        scope: own,
        parent: Some(above.span),
        name: request.step,
        kind: Kind::Client,
        time: (begun, rooms.clock.now()),
        facts: &[
            ("simpul.system", Fact::Word(system)),
            ("http.request.method", Fact::Word(request.method.as_str())),
            ("http.response.status_code", Fact::Number(status)),
        ],
        failed: result.as_ref().err().map(fault_word),
    });
}
