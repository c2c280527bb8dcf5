//! What an outcome sets off: when an operation is done, its canonical reply becomes the input of another operation,
//! in the same transaction. Relays are configuration; the reply must be valid as the other's input.

use crate::catalogue::Catalogue;
use crate::evidence::sha256;
use crate::exchange::NewExchange;
use crate::idempotency::joined;
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use jiff::Timestamp;
use serde_json::Value;

/// Consumer name of exchanges that Simpul itself asks for.
pub const OURSELVES: &str = "simpul";

/// One configured relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Operation whose success sets it off.
    pub from: String,
    /// Operation it asks for.
    pub to: String,
    /// Conditions: JSON pointer in the reply and the text that must stand there. All must hold.
    pub when: Vec<(String, String)>,
    /// Purpose recorded for the exchange.
    pub purpose: String,
}

/// The exchanges that a reply asks for. A reply that is not valid input for the other operation is left out and named
/// in the second list, so that the operator learns of a relay that does not fit.
pub fn relays(
    rooms: &Rooms,
    catalogue: &Catalogue,
    operation: &str,
    cause: ExchangeId,
    trace: Option<&str>,
    reply: &Value,
    now: Timestamp,
) -> (Vec<NewExchange>, Vec<String>) {
    let mut planned = Vec::new();
    let mut unfit = Vec::new();
    for relay in catalogue.relays.iter().filter(|r| r.from == operation) {
        let holds = |(pointer, text): &(String, String)| reply.pointer(pointer).and_then(Value::as_str) == Some(text);
        if !relay.when.iter().all(holds) {
            continue;
        }
        let Some(to) = catalogue
            .operations
            .get(&relay.to)
            .filter(|to| to.request.is_valid(reply))
        else {
            unfit.push(relay.to.clone());
            continue;
        };
        let input = schemas::canon::to_bytes(reply);
        let id = rooms.ids.exchange();
        let Ok((seal, sealed)) = rooms
            .sealer
            .fresh()
            .and_then(|key| Ok((key.wrapped(), key.seal(&input, id)?)))
        else {
            unfit.push(relay.to.clone());
            continue;
        };
        planned.push(NewExchange {
            id,
            consumer: OURSELVES.to_owned(),
            operation: to.id.clone(),
            system: to.system.clone(),
            purpose: relay.purpose.clone(),
            key: None,
            fingerprint: sha256(&input),
            reference: joined(reply, &to.spec.reference),
            lane: joined(reply, &to.spec.ordering).map(|lane| format!("{}:{lane}", to.system)),
            input: sealed,
            seal: Some(seal),
            trace: trace.map(str::to_owned),
            at: now,
            due: now,
            cause: Some(cause),
            lease: None,
        });
    }
    (planned, unfit)
}
