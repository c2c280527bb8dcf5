//! Spans as OTLP/HTTP JSON. Ids are lowercase hex there, 64-bit numbers are text.

use gateway_core::spans::{Fact, Kind, Scope, Span};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A span that waits to be sent.
#[derive(Debug)]
pub(super) struct Kept {
    scope: Scope,
    parent: Option<u64>,
    name: String,
    kind: Kind,
    time: (Timestamp, Timestamp),
    facts: Vec<(&'static str, Word)>,
    failed: Option<String>,
}

#[derive(Debug)]
enum Word {
    Text(String),
    Number(u32),
}

impl Kept {
    pub(super) fn of(span: &Span<'_>) -> Self {
        let facts = span.facts.iter().map(|(key, fact)| {
            let word = match fact {
                Fact::Word(word) => Word::Text((*word).to_owned()),
                Fact::Number(number) => Word::Number(*number),
            };
            (*key, word)
        });
        Self {
            scope: span.scope,
            parent: span.parent,
            name: span.name.to_owned(),
            kind: span.kind,
            time: span.time,
            facts: facts.collect(),
            failed: span.failed.map(str::to_owned),
        }
    }

    fn json(&self) -> Value {
        let facts = self.facts.iter().map(|(key, word)| match word {
            Word::Text(text) => json!({"key": key, "value": {"stringValue": text}}),
            Word::Number(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
        });
        let kind = match self.kind {
            Kind::Internal => 1,
            Kind::Server => 2,
            Kind::Client => 3,
        };
        let mut span = json!({
            "traceId": format!("{:032x}", self.scope.trace),
            "spanId": format!("{:016x}", self.scope.span),
            "name": self.name,
            "kind": kind,
            "startTimeUnixNano": nanos(self.time.0),
            "endTimeUnixNano": nanos(self.time.1),
            "attributes": facts.collect::<Vec<_>>(),
            "status": match &self.failed {
                Some(word) => json!({"code": 2, "message": word}),
                None => json!({}),
            },
        });
        if let (Some(fields), Some(parent)) = (span.as_object_mut(), self.parent) {
            fields.insert("parentSpanId".into(), json!(format!("{parent:016x}")));
        }
        span
    }
}

pub(super) fn nanos(at: Timestamp) -> String {
    at.as_nanosecond().to_string()
}

/// Who speaks, for all signals.
pub(super) fn resource(node: &str) -> Value {
    json!({"attributes": [
        {"key": "service.name", "value": {"stringValue": "simpul"}},
        {"key": "service.instance.id", "value": {"stringValue": node}},
        {"key": "service.version", "value": {"stringValue": env!("CARGO_PKG_VERSION")}},
    ]})
}

/// One request of spans.
pub(super) fn text(node: &str, spans: &[Kept]) -> String {
    let spans: Vec<Value> = spans.iter().map(Kept::json).collect();
    json!({"resourceSpans": [{
        "resource": resource(node),
        "scopeSpans": [{"scope": {"name": "simpul"}, "spans": spans}],
    }]})
    .to_string()
}
