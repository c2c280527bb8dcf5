//! Spans: what a trace shows of an exchange. Whoever keeps them is the [`Observer`]; where it keeps none, or the caller's
//! trace is not sampled, nothing is measured and nothing allocated. Facts are ids and words of configuration, never content.

use crate::ids::Ids;
use crate::observe::Observer;
use crate::outcome::Refusal;
use crate::pipeline::Rooms;
use crate::time::Clock;
use jiff::Timestamp;
use std::fmt;

/// A place in a trace; its text form is a W3C `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Trace.
    pub trace: u128,
    /// Span.
    pub span: u64,
    /// Sampled: whoever has a part of this trace keeps it.
    pub kept: bool,
}

impl Scope {
    /// Of a `traceparent` that the edge accepted or made.
    pub fn read(traceparent: &str) -> Option<Self> {
        let hex = |from, to| u128::from_str_radix(traceparent.get(from..to)?, 16).ok();
        Some(Self {
            trace: hex(3, 35)?,
            span: u64::try_from(hex(36, 52)?).ok()?,
            kept: hex(53, 55)? & 1 == 1,
        })
    }

    /// A new span below this one.
    #[must_use]
    pub fn below(self, ids: &dyn Ids) -> Self {
        let span = u64::from_str_radix(&ids.span(), 16).unwrap_or(1).max(1);
        Self { span, ..self }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.kept);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace, self.span)
    }
}

/// What a span stands for, in the words of OpenTelemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Work of ours.
    Internal,
    /// A call that came in.
    Server,
    /// A request that went out.
    Client,
}

/// A value beside a span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// An id or a word.
    Word(&'a str),
    /// A count or a status.
    Number(u32),
}

/// A finished span.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// Its place.
    pub scope: Scope,
    /// The span above it; `None`: the first of its trace.
    pub parent: Option<u64>,
    /// Name: a room, an operation, a step.
    pub name: &'a str,
    /// What it stands for.
    pub kind: Kind,
    /// Begin and end.
    pub time: (Timestamp, Timestamp),
    /// Facts.
    pub facts: &'a [(&'static str, Fact<'a>)],
    /// The word of what went wrong.
    pub failed: Option<&'a str>,
}

/// Where spans of this exchange go, when anybody keeps them.
pub fn kept(observer: &dyn Observer, traceparent: Option<&str>) -> Option<Scope> {
    if !observer.traces() {
        return None;
    }
    Scope::read(traceparent?).filter(|scope| scope.kept)
}

/// A walk through the rooms: each room passed is a span that begins where the one before it ended.
pub struct Walk<'r> {
    observer: &'r dyn Observer,
    clock: &'r dyn Clock,
    ids: &'r dyn Ids,
    under: Option<Under>,
}

struct Under {
    scope: Scope,
    last: Timestamp,
    next: Scope,
    exchange: String,
}

impl<'r> Walk<'r> {
    /// Below the span that `traceparent` names.
    pub fn new(rooms: &'r Rooms, exchange: crate::ids::ExchangeId, traceparent: Option<&str>) -> Self {
        let (observer, clock, ids) = (&*rooms.observer, &*rooms.clock, &*rooms.ids);
        let under = kept(observer, traceparent).map(|scope| Under {
            scope,
            last: clock.now(),
            next: scope.below(ids),
            exchange: exchange.to_string(),
        });
        Self {
            observer,
            clock,
            ids,
            under,
        }
    }

    /// A room was passed, or refused.
    pub fn passed<T>(&mut self, room: &str, result: Result<T, Refusal>) -> Result<T, Refusal> {
        self.leave(room, result.as_ref().err().map(Refusal::word));
        result
    }

    /// A room was left; `failed` is the word of what went wrong in it.
    pub fn leave(&mut self, room: &str, failed: Option<&str>) {
        let Some(under) = &mut self.under else { return };
        let now = self.clock.now();
        self.observer.span(&Span {
            scope: under.next,
            parent: Some(under.scope.span),
            name: room,
            kind: Kind::Internal,
            time: (under.last, now),
            facts: &[("simpul.exchange", Fact::Word(&under.exchange))],
            failed,
        });
        under.last = now;
        under.next = under.scope.below(self.ids);
    }

    /// The `traceparent` of what happens within the room that is left next; `None` where nobody keeps spans.
    pub fn within(&self) -> Option<String> {
        self.under.as_ref().map(|under| under.next.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_traceparent() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let scope = Scope::read(text).unwrap();
        assert_eq!(scope.to_string(), text);
        assert!(scope.kept && !Scope::read(&text.replace("-01", "-00")).unwrap().kept);
        assert_eq!(Scope::read("00-kosong"), None);
    }
}
