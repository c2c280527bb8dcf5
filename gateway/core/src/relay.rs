//! What an outcome sets off: when an operation is done, its canonical reply, or each item of a list in it, becomes the
//! input of another operation, in the same transaction. Relays are configuration. A fact met twice is done once: what
//! is asked for carries a reference, and the journal leaves known references out. One relay that does not fit is
//! logged and counted, and never stops the others.

use crate::catalogue::{Catalogue, Published};
use crate::deadlines;
use crate::evidence::sha256;
use crate::exchange::NewExchange;
use crate::fallback;
use crate::follow;
use crate::idempotency::joined;
use crate::ids::ExchangeId;
use crate::journal::{Planned, Timer};
use crate::likeness;
use crate::link::{self, Find, LINK};
use crate::newest;
use crate::origin::{Origin, origin};
use crate::pipeline::Rooms;
use crate::source::{Condition, Documents, Source, put};
use crate::steps::Steps;
use crate::time::later;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// Consumer name of exchanges that Simpul itself asks for.
pub const OURSELVES: &str = "simpul";
/// How long a step out of order is remembered as told; longer than any record is followed.
const ODD_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);

/// A list in the reply whose items are relayed one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Each {
    /// JSON pointer in the reply.
    pub pointer: String,
    /// The list stands newest first; items are relayed oldest first.
    pub newest_first: bool,
}

/// One configured relay.
#[derive(Debug, Clone, PartialEq)]
pub struct Relay {
    /// Operation whose success sets it off.
    pub from: String,
    /// Operation it asks for.
    pub to: String,
    /// Purpose recorded for the exchange.
    pub purpose: String,
    /// Relay each item of a list; `None` relays the reply itself.
    pub each: Option<Each>,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Whether the input starts as the item; otherwise it starts empty.
    pub whole: bool,
    /// Values put into the input: pointer there, and where the value comes from. What is missing is left out.
    pub copy: Vec<(String, Source)>,
    /// Pointers into the input that name the fact, where the other operation names none itself.
    pub reference: Vec<String>,
    /// A link that must be found first.
    pub find: Option<Find>,
    /// Order in which the item's state may move.
    pub steps: Option<Steps>,
}

impl Relay {
    /// A relay of the whole reply.
    pub fn new(from: impl Into<String>, to: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            purpose: purpose.into(),
            each: None,
            when: Vec::new(),
            whole: true,
            copy: Vec::new(),
            reference: Vec::new(),
            find: None,
            steps: None,
        }
    }

    fn needs_origin(&self) -> bool {
        self.copy.iter().any(|(_, source)| source.needs_origin())
            || self.when.iter().any(|condition| condition.source.needs_origin())
            || self.find.iter().flat_map(|find| &find.key).any(Source::needs_origin)
    }

    /// The input as far as it is known: everything, or everything but what a link brings.
    pub(crate) fn shape(&self, input: &mut Value, documents: &Documents<'_>, linked: bool) {
        for (pointer, source) in self.copy.iter().filter(|(_, source)| source.needs_link() == linked) {
            if let Some(value) = source.read(documents) {
                put(input, pointer, value);
            }
        }
    }
}

/// An exchange that is done, with what it was about.
pub struct Ended<'a> {
    /// Operation.
    pub operation: &'a str,
    /// Exchange.
    pub exchange: ExchangeId,
    /// The exchange that caused it.
    pub cause: Option<ExchangeId>,
    /// Who asked.
    pub consumer: &'a str,
    /// Purpose recorded with it.
    pub purpose: &'a str,
    /// W3C `traceparent`.
    pub trace: Option<&'a str>,
    /// Canonical input.
    pub input: &'a Value,
    /// Canonical reply.
    pub reply: &'a Value,
    /// When.
    pub at: Timestamp,
}

/// What becomes durable together with the outcome.
#[derive(Default)]
pub struct SetOff {
    /// Exchanges asked for.
    pub exchanges: Vec<NewExchange>,
    /// Follows begun, links remembered, relays that wait for a link.
    pub timers: Vec<Planned>,
}

impl SetOff {
    /// Timers that rely on nothing.
    fn put(&mut self, timers: impl IntoIterator<Item = Timer>) {
        self.timers.extend(timers.into_iter().map(Planned::from));
    }
}

/// Everything an outcome asks for.
pub async fn set_off(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> SetOff {
    let relays: Vec<_> = catalogue.relays.iter().filter(|r| r.from == ended.operation).collect();
    let mut set_off = SetOff::default();
    set_off.put(follow::begun(catalogue, ended));
    set_off.put(link::remembered(rooms, catalogue, ended).await);
    set_off.put(likeness::remembered(rooms, catalogue, ended).await);
    set_off.put(newest::remembered(rooms, catalogue, ended).await);
    set_off.timers.extend(deadlines::moved(rooms, catalogue, ended).await);
    set_off.put(fallback::kept(rooms, catalogue, ended).await);
    if relays.is_empty() {
        return set_off;
    }
    let origin = match ended.cause.filter(|_| relays.iter().any(|r| r.needs_origin())) {
        Some(cause) => origin(rooms, cause).await,
        None => Origin::default(),
    };
    for relay in relays {
        for item in items(rooms, relay, ended, &mut set_off).await {
            let documents = Documents {
                item,
                reply: ended.reply,
                input: ended.input,
                origin_reply: &origin.reply,
                origin_input: &origin.input,
                link: &Value::Null,
            };
            if relay.when.iter().all(|condition| condition.holds(&documents)) {
                one(rooms, catalogue, relay, ended, documents, &mut set_off).await;
            }
        }
    }
    set_off
}

async fn items<'a>(rooms: &Rooms, relay: &Relay, ended: &'a Ended<'_>, set_off: &mut SetOff) -> Vec<&'a Value> {
    let mut items: Vec<&Value> = match &relay.each {
        None => vec![ended.reply],
        Some(each) => ended
            .reply
            .pointer(&each.pointer)
            .and_then(Value::as_array)
            .map(|list| list.iter().collect())
            .unwrap_or_default(),
    };
    if relay.each.as_ref().is_some_and(|each| each.newest_first) {
        items.reverse();
    }
    if let Some(steps) = &relay.steps {
        for odd in steps.keep_orderly(&mut items) {
            // Every look at the record shows it again; it is told once.
            let of = ended.cause.unwrap_or(ended.exchange);
            let fact = json!([relay.from, relay.to, of, odd]);
            let id = format!("langkah/{}", hex::encode(sha256(&schemas::canon::to_bytes(&fact))));
            if let Ok(Some(_)) = rooms.journal.timer(LINK.into(), id.clone()).await {
                continue;
            }
            rooms.observer.noted("relay_odd_step", &relay.to);
            tracing::warn!(exchange = %ended.exchange, to = %relay.to, "a step out of order is kept back");
            set_off.put([Timer {
                kind: LINK.into(),
                id,
                due: later(ended.at, ODD_KEPT),
                body: Bytes::new(),
            }]);
        }
    }
    items
}

async fn one(
    rooms: &Rooms,
    catalogue: &Catalogue,
    relay: &Relay,
    ended: &Ended<'_>,
    documents: Documents<'_>,
    set_off: &mut SetOff,
) {
    let mut input = if relay.whole {
        documents.item.clone()
    } else {
        Value::Null
    };
    relay.shape(&mut input, &documents, false);
    if let Some(find) = &relay.find {
        match link::find(rooms, find, &documents).await {
            link::Found::Value(value) => {
                let documents = Documents {
                    link: &value,
                    ..documents
                };
                relay.shape(&mut input, &documents, true);
            }
            link::Found::NotYet(key) => {
                set_off.put(link::waiting(rooms, relay, &key, input, ended).await);
                return;
            }
            link::Found::NoKey => return unfit(rooms, ended.exchange, relay, "no key of its link"),
        }
    }
    match asked(
        rooms,
        catalogue,
        relay,
        &input,
        Some(ended.exchange),
        ended.trace,
        ended.at,
    ) {
        Ok(exchange) => set_off.exchanges.push(exchange),
        Err(why) => unfit(rooms, ended.exchange, relay, why),
    }
}

fn unfit(rooms: &Rooms, exchange: ExchangeId, relay: &Relay, why: &str) {
    tracing::error!(%exchange, from = %relay.from, to = %relay.to, why, "relay skipped");
    rooms.observer.noted("relay_unfit", &relay.to);
}

/// The exchange that a finished input asks for, or why it does not fit.
pub(crate) fn asked(
    rooms: &Rooms,
    catalogue: &Catalogue,
    relay: &Relay,
    input: &Value,
    cause: Option<ExchangeId>,
    trace: Option<&str>,
    at: Timestamp,
) -> Result<NewExchange, &'static str> {
    let to = catalogue.operations.get(&relay.to).ok_or("no such operation")?;
    if !to.request.is_valid(input) {
        return Err("not valid input for the other operation");
    }
    let reference = match (&to.spec.reference[..], &relay.reference[..]) {
        ([], []) => None,
        ([], own) => Some(named(input, own)),
        (spec, _) => Some(joined(input, spec).ok_or("the input does not name its reference")?),
    };
    ours(rooms, to, input, reference, &relay.purpose, cause, trace, at).ok_or("its body cannot be sealed")
}

/// An exchange that Simpul itself asks for.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of an exchange; a struct would be NewExchange again"
)]
pub(crate) fn ours(
    rooms: &Rooms,
    operation: &Published,
    input: &Value,
    reference: Option<String>,
    purpose: &str,
    cause: Option<ExchangeId>,
    trace: Option<&str>,
    at: Timestamp,
) -> Option<NewExchange> {
    let plain = schemas::canon::to_bytes(input);
    let id = rooms.ids.exchange();
    let key = rooms.sealer.fresh().ok()?;
    Some(NewExchange {
        id,
        consumer: OURSELVES.to_owned(),
        operation: operation.id.clone(),
        system: operation.system.clone(),
        purpose: purpose.to_owned(),
        key: None,
        fingerprint: sha256(&plain),
        reference,
        lane: joined(input, &operation.spec.ordering).map(|lane| format!("{}:{lane}", operation.system)),
        input: key.seal(&plain, id).ok()?,
        seal: Some(key.wrapped()),
        trace: trace.map(str::to_owned),
        at,
        due: at,
        cause,
        lease: None,
    })
}

/// The values at the pointers; what is missing still names the fact, by its absence.
fn named(input: &Value, pointers: &[String]) -> String {
    let values = pointers.iter().map(|pointer| match input.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => "-".to_owned(),
        Some(other) => other.to_string(),
    });
    values.collect::<Vec<_>>().join(":")
}
