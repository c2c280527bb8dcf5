//! From an outcome to events, in the transaction that records it. Two sorts: what the catalogue says an operation's
//! reply tells ([`Emit`]), for everyone with a grant; and where a consumer's own exchange ended ([`LIFECYCLE`]), thin
//! and for that consumer alone.

use super::{DELIVERY, TEST_EVENT};
use crate::catalogue::{Catalogue, Published};
use crate::deadlines;
use crate::evidence::sha256;
use crate::exchange::{NewEvent, State, Stored};
use crate::fields::Fields;
use crate::idempotency::joined;
use crate::identity::Consumer;
use crate::ids::ExchangeId;
use crate::journal::StoredEvent;
use crate::pipeline::Rooms;
use crate::relay::OURSELVES;
use crate::restrict;
use crate::source::{Documents, Source, put};
use connector_sdk::{Fault, FaultKind, Origin, Str, Text};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::borrow::Cow;
use uuid::Uuid;

/// What an operation's reply tells subscribers.
#[derive(Debug, Clone, PartialEq)]
pub struct Emit {
    /// Operation whose success is told.
    pub operation: String,
    /// CloudEvents type, for example `pengaduan.status_berubah`.
    pub kind: String,
    /// JSON pointers in the data whose values together are the subject; the exchange id when one is missing.
    pub subject: Vec<Str>,
    /// Conditions: JSON pointer in the data and the text that must stand there. All must hold.
    pub when: Vec<(String, String)>,
    /// JSON pointer to a list in the reply: each entry is an event of its own. `None`: the whole reply is one.
    pub each: Option<String>,
    /// Whether the data starts as the entry; otherwise it starts empty.
    pub whole: bool,
    /// Values put into the data: pointer there, and where the value comes from. What is missing is left out.
    pub copy: Vec<(String, Source)>,
    /// Schema of the data when it is not the operation's reply schema.
    pub schema: Option<String>,
    /// Operation whose grant a consumer needs to hear of it.
    pub grant: String,
    /// Whether the grant's fields limit the data. What tells of a change alone holds no members of the record.
    pub limited: bool,
}

impl Emit {
    /// The whole reply of an operation as an event, to whoever has a grant for the operation.
    pub fn new(operation: &str, kind: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            kind: kind.to_owned(),
            subject: Vec::new(),
            when: Vec::new(),
            each: None,
            whole: true,
            copy: Vec::new(),
            schema: None,
            grant: operation.to_owned(),
            limited: true,
        }
    }

    fn data<'a>(&self, item: &'a Value, reply: &Value) -> Cow<'a, Value> {
        if self.whole && self.copy.is_empty() {
            return Cow::Borrowed(item);
        }
        let documents = Documents {
            item,
            ..Documents::of(&Value::Null, reply)
        };
        let mut data = if self.whole { item.clone() } else { Value::Null };
        for (pointer, source) in &self.copy {
            if let Some(value) = source.read(&documents) {
                put(&mut data, pointer, value);
            }
        }
        Cow::Owned(data)
    }
}

/// Types of events about a consumer's own exchanges and subscriptions. They need no grant.
pub const LIFECYCLE: &[&str] = &[
    "pertukaran.selesai",
    "pertukaran.gagal",
    "pertukaran.tidak_pasti",
    "langganan.dijeda",
    "langganan.dinonaktifkan",
    "langganan.pulih",
];

/// Source of events that belong to one consumer.
const OWNER: &str = "konsumen:";

/// The end of a try, as far as events are concerned.
pub(crate) struct Ended<'a> {
    pub(crate) exchange: ExchangeId,
    pub(crate) consumer: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) before: State,
    pub(crate) state: State,
    pub(crate) reply: Option<&'a Value>,
    pub(crate) at: Timestamp,
}

/// All events of a journalled outcome.
pub(crate) fn of_outcome(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<NewEvent> {
    if ended.operation == DELIVERY {
        return Vec::new();
    }
    let mut events = match (ended.reply, catalogue.operations.get(ended.operation)) {
        (Some(reply), Some(operation)) => emitted(rooms, catalogue, operation, ended.exchange, reply, ended.at),
        _ => Vec::new(),
    };
    events.extend(lifecycle(rooms, ended));
    events
}

/// The events that a reply tells. For journalled outcomes, and for whoever follows a record by reading.
pub fn emitted(
    rooms: &Rooms,
    catalogue: &Catalogue,
    operation: &Published,
    exchange: ExchangeId,
    reply: &Value,
    at: Timestamp,
) -> Vec<NewEvent> {
    let mut events = Vec::new();
    for emit in catalogue.emits.iter().filter(|e| e.operation == operation.id) {
        let whole = std::slice::from_ref(reply);
        let parts = match &emit.each {
            None => whole,
            Some(pointer) => reply
                .pointer(pointer)
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice),
        };
        for item in parts {
            let data = &*emit.data(item, reply);
            let holds =
                |(pointer, text): &(String, String)| data.pointer(pointer).and_then(Value::as_str) == Some(text);
            if !emit.when.iter().all(holds) {
                continue;
            }
            let subject = joined(data, &emit.subject).unwrap_or_else(|| exchange.to_string());
            let schema = emit.schema.as_deref().unwrap_or(&operation.spec.reply_schema);
            let told = (at, Some(exchange));
            events.extend(sealed(
                rooms,
                &operation.system,
                &emit.kind,
                &subject,
                schema,
                data,
                told,
            ));
        }
    }
    events
}

fn lifecycle(rooms: &Rooms, ended: &Ended<'_>) -> Option<NewEvent> {
    let kind = match ended.state {
        State::Done => "pertukaran.selesai",
        State::Failed | State::Dead | State::Discarded => "pertukaran.gagal",
        State::Parked => "pertukaran.tidak_pasti",
        State::Unresolved if ended.before != State::Unresolved => "pertukaran.tidak_pasti",
        State::Accepted | State::Leased | State::Scheduled | State::Unresolved => return None,
    };
    if ended.consumer == OURSELVES || crate::inbound::is_sender(ended.consumer) {
        return None;
    }
    let subject = ended.exchange.to_string();
    let data = json!({
        "id": subject,
        "operasi": ended.operation,
        "keadaan": ended.state.word(),
        "pada": ended.at.to_string(),
    });
    let schema = "urn:simpul:skema:peristiwa_pertukaran:1";
    own_event(rooms, ended.consumer, kind, &subject, schema, &data, ended.at)
}

/// An event that only `owner` may hear of.
pub(super) fn own_event(
    rooms: &Rooms,
    owner: &str,
    kind: &str,
    subject: &str,
    schema: &str,
    data: &Value,
    at: Timestamp,
) -> Option<NewEvent> {
    sealed(
        rooms,
        &format!("{OWNER}{owner}"),
        kind,
        subject,
        schema,
        data,
        (at, None),
    )
}

/// An event that no outcome of an exchange brought: about a system or a copy of its data.
pub(crate) fn sealed(
    rooms: &Rooms,
    source: &str,
    kind: &str,
    subject: &str,
    schema: &str,
    data: &Value,
    (at, occasion): (Timestamp, Option<ExchangeId>),
) -> Option<NewEvent> {
    let plain = schemas::canon::to_bytes(data);
    let id = event_id(kind, subject, &plain, occasion);
    match rooms.sealer.seal(&plain, &id.to_string()) {
        Ok(data) => Some(NewEvent {
            id,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            source: source.to_owned(),
            at,
            data,
            schema: schema.to_owned(),
            trace: None,
        }),
        Err(error) => {
            // The outcome itself must still be recorded.
            tracing::error!(event = %id, kind, %error, "event not sealed and not published");
            None
        }
    }
}

/// Id of an event: UUIDv8 from SHA-256 over type, subject, canonical data and the exchange that brought it. What one
/// exchange brings twice (a late answer, a look-up, another node) is one event; what comes back after a change to
/// something else is a new one.
pub fn event_id(kind: &str, subject: &str, canonical: &[u8], occasion: Option<ExchangeId>) -> Uuid {
    let mut named = Vec::with_capacity(kind.len() + subject.len() + 34);
    for part in [kind, subject] {
        named.extend_from_slice(part.as_bytes());
        named.push(0);
    }
    named.extend_from_slice(&sha256(canonical));
    if let Some(exchange) = occasion {
        named.extend_from_slice(exchange.0.as_bytes());
    }
    let mut first = [0; 16];
    first.copy_from_slice(&sha256(&named)[..16]);
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

/// Whether `consumer` may hear of events of this type now. `None`: there is no such type.
pub fn permitted(catalogue: &Catalogue, consumer: &Consumer, kind: &str, now: Timestamp) -> Option<bool> {
    if LIFECYCLE.contains(&kind) {
        return Some(true);
    }
    if deadlines::KINDS.contains(&kind) {
        return deadlines::heard(catalogue, |operation| {
            consumer.grants.get(operation).is_some_and(|grant| grant.holds(now))
        });
    }
    let mut emits = catalogue.emits.iter().filter(|e| e.kind == kind).peekable();
    emits.peek()?;
    Some(emits.any(|emit| consumer.grants.get(&emit.grant).is_some_and(|grant| grant.holds(now))))
}

/// What of the data `consumer` may see, by the grant that lets it hear of the event; `None`: all.
pub(super) fn covered<'a>(
    catalogue: &'a Catalogue,
    consumer: &'a Consumer,
    kind: &str,
    now: Timestamp,
) -> Option<&'a Fields> {
    let mut emits = catalogue.emits.iter().filter(|e| e.kind == kind && e.limited);
    let (emit, grant) = emits.find_map(|emit| {
        let grant = consumer.grants.get(&emit.grant).filter(|grant| grant.holds(now))?;
        Some((emit, grant))
    })?;
    let fields = grant.fields.as_ref()?;
    match &emit.each {
        // The grant names entries by their list, or the data's own members.
        Some(list) => Some(fields.below(list).unwrap_or(fields)),
        None => Some(fields),
    }
}

/// An envelope without its data when the data demands a right of its own that `consumer` does not have: it hears that
/// something changed, and what holds the rest is asked for with the right.
pub(super) fn withheld(catalogue: &Catalogue, consumer: &Consumer, mut envelope: Value, now: Timestamp) -> Value {
    let schema = envelope.get("dataschema").and_then(Value::as_str);
    let operations = catalogue.operations.values();
    let told = operations
        .filter(|operation| Some(&*operation.spec.reply_schema) == schema)
        .map(|operation| &operation.reply)
        .next();
    let hidden = told
        .zip(envelope.get("data"))
        .is_some_and(|(schema, data)| restrict::hidden(consumer, schema, data, now));
    if let Some(fields) = envelope.as_object_mut().filter(|_| hidden) {
        fields.remove("data");
        fields.remove("datacontenttype");
    }
    envelope
}

/// Purpose under which `consumer` hears of events of this type.
pub(super) fn purpose(catalogue: &Catalogue, consumer: &Consumer, kind: &str) -> String {
    let emits = catalogue.emits.iter().filter(|e| e.kind == kind);
    let mut grants = emits.filter_map(|emit| consumer.grants.get(&emit.grant));
    grants
        .next()
        .map_or_else(|| "pemberitahuan".to_owned(), |grant| grant.purpose.clone())
}

/// Whether a stored delivery may still go out: the grant may have ended while it waited.
pub(crate) fn still_heard(rooms: &Rooms, catalogue: &Catalogue, stored: &Stored, input: &Value) -> Result<(), Fault> {
    let kind = input
        .pointer("/peristiwa/type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let consumer = catalogue.consumers.get(&stored.consumer);
    let now = rooms.clock.now();
    if consumer.is_some_and(|c| kind == TEST_EVENT || permitted(catalogue, c, kind, now) == Some(true)) {
        return Ok(());
    }
    let text = Text::new(
        "Hak atas peristiwa ini sudah berakhir.",
        "The grant for this event has ended.",
    );
    Err(Fault::new(FaultKind::Rejected, text).origin(Origin::Gateway))
}

/// Whether an event belongs to somebody else.
pub(super) fn hidden_from(event: &StoredEvent, consumer: &str) -> bool {
    event
        .event
        .source
        .strip_prefix(OWNER)
        .is_some_and(|owner| owner != consumer)
}

/// CloudEvents source of a stored event.
pub(super) fn source_uri(event: &StoredEvent) -> String {
    match event.event.source.strip_prefix(OWNER) {
        Some(_) => "urn:simpul:gateway".to_owned(),
        None => format!("urn:simpul:sistem:{}", event.event.source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_follows_from_what_happened() {
        let exchange = |n| Some(ExchangeId(Uuid::from_u128(n)));
        let id = event_id("a.b", "1", b"{}", exchange(1));
        assert_eq!(id, event_id("a.b", "1", b"{}", exchange(1)));
        assert_eq!(id.get_version_num(), 8);
        for other in [
            event_id("a.c", "1", b"{}", exchange(1)),
            event_id("a.b", "2", b"{}", exchange(1)),
            event_id("a.b", "1", b"[]", exchange(1)),
            event_id("a.b", "1", b"{}", exchange(2)),
            event_id("a.b", "1", b"{}", None),
        ] {
            assert_ne!(id, other);
        }
    }
}
