//! Kept answers: the last answer of a reading operation about one record, served when its system cannot answer now, and
//! then with its age. They are fed by the operation itself and by other operations with the same reply, such as a push. Kept
//! as timers whose due time is the end of their keeping, sealed, under a keyed name that tells nothing.
//!
//! Must not: answer while the system does, answer for "not found", or hide that an answer is old.

use crate::catalogue::Catalogue;
use crate::evidence::sha256;
use crate::journal::{JournalError, Timer};
use crate::pipeline::Rooms;
use crate::relay::Ended;
use crate::time::{between, later};
use connector_sdk::{Fault, FaultKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Timer kind.
pub(crate) const KEPT: &str = "cadangan";
/// An answer that says the same is stored again only after this long: a read should not cost a write.
const AGAIN: Duration = Duration::from_secs(3600);

/// Which answers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// Reading operation that is answered from them.
    pub operation: String,
    /// Operations with the same reply that feed them, beside it.
    pub from: Vec<String>,
    /// JSON pointer in the input to what names the record.
    pub asked: String,
    /// JSON pointer in the reply to the same.
    pub named: String,
    /// JSON pointer in the reply to a text that never falls: an older answer does not replace a newer one.
    pub newer: Option<String>,
    /// How long an answer is kept.
    pub keep: Duration,
}

/// A kept answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Aged {
    /// The reply.
    pub reply: Value,
    /// System it came from.
    pub source: String,
    /// When.
    pub updated: Timestamp,
    /// How long ago.
    pub age: Duration,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    isi: Value,
    pada: Timestamp,
}

/// Whether a fault means that the system cannot answer now, and not that it answered no.
fn is_away(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::Unavailable
        | FaultKind::Timeout
        | FaultKind::OutOfHours
        | FaultKind::Throttled
        | FaultKind::CredentialExpired
        | FaultKind::Misconfigured
        | FaultKind::Drift => true,
        FaultKind::Invalid | FaultKind::Rejected | FaultKind::NotFound | FaultKind::Conflict | FaultKind::Internal => {
            false
        }
    }
}

fn name(rooms: &Rooms, plan: &Fallback, key: &str) -> String {
    let keyed = rooms.sealer.keyed(&format!("{KEPT}:{}:{key}", plan.operation));
    format!("{}:{}", plan.operation, hex::encode(keyed))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

async fn stored(rooms: &Rooms, id: &str) -> Result<Option<Stored>, JournalError> {
    let Some(timer) = rooms.journal.timer(KEPT.into(), id.to_owned()).await? else {
        return Ok(None);
    };
    let opened = rooms.sealer.open(&timer.body, id).ok();
    Ok(opened.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

/// What a journalled outcome leaves, in the transaction that records it.
pub(crate) async fn kept(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Timer> {
    let mut timers = Vec::new();
    let fed = |plan: &&Fallback| plan.from.iter().any(|from| from == ended.operation);
    for plan in catalogue.flows.fallbacks.iter().filter(fed) {
        timers.extend(timer(rooms, plan, ended.reply, ended.at).await);
    }
    timers
}

/// Keeps the answer of a read, beside it.
pub(crate) fn remember(rooms: &Arc<Rooms>, catalogue: &Catalogue, operation: &str, reply: &Value) {
    let plans = catalogue.flows.fallbacks.iter();
    for plan in plans.filter(|plan| plan.operation == operation) {
        let (plan, reply, rooms) = (plan.clone(), reply.clone(), Arc::clone(rooms));
        rooms.tasks.clone().spawn(async move {
            let now = rooms.clock.now();
            let Some(timer) = timer(&rooms, &plan, &reply, now).await else {
                return;
            };
            if let Err(error) = rooms.journal.put_timer(timer, None).await {
                tracing::warn!(operation = %plan.operation, %error, "answer not kept");
            }
        });
    }
}

/// The timer that keeps an answer; none when what is kept is newer, or the same and fresh.
async fn timer(rooms: &Rooms, plan: &Fallback, reply: &Value, at: Timestamp) -> Option<Timer> {
    let id = name(rooms, plan, text(reply, &plan.named)?);
    if let Ok(Some(before)) = stored(rooms, &id).await {
        let newest = |value: &Value| {
            plan.newer
                .as_ref()
                .and_then(|pointer| text(value, pointer).map(str::to_owned))
        };
        let older = newest(reply)
            .zip(newest(&before.isi))
            .is_some_and(|(ours, known)| ours < known);
        let same = sha256(&schemas::canon::to_bytes(reply)) == sha256(&schemas::canon::to_bytes(&before.isi));
        if older || same && between(before.pada, at) < AGAIN {
            return None;
        }
    }
    let plain = serde_json::to_vec(&Stored {
        isi: reply.clone(),
        pada: at,
    });
    let sealed = rooms.sealer.seal(&plain.ok()?, &id);
    let sealed = sealed.inspect_err(|error| tracing::error!(%error, "kept answer not sealed"));
    Some(Timer {
        kind: KEPT.into(),
        due: later(at, plan.keep),
        body: sealed.ok()?,
        id,
    })
}

/// The kept answer for a read that failed, if one may stand in.
pub(crate) async fn instead(
    rooms: &Rooms,
    catalogue: &Catalogue,
    (operation, source): (&str, &str),
    input: &Value,
    fault: &Fault,
) -> Option<Aged> {
    let plan = catalogue
        .flows
        .fallbacks
        .iter()
        .find(|plan| plan.operation == operation)?;
    let key = text(input, &plan.asked).filter(|_| is_away(fault))?;
    let found = stored(rooms, &name(rooms, plan, key)).await;
    let found = found
        .inspect_err(|error| tracing::error!(%error, "kept answer not read"))
        .ok()??;
    let now = rooms.clock.now();
    let age = between(found.pada, now);
    if age >= plan.keep {
        return None;
    }
    rooms.observer.noted("answered_from_kept", operation);
    Some(Aged {
        reply: found.isi,
        source: source.to_owned(),
        updated: found.pada,
        age,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::Text;

    #[test]
    fn an_answer_that_says_no_is_never_replaced() {
        let fault = |kind| Fault::new(kind, Text::new("a", "b"));
        for kind in [FaultKind::Unavailable, FaultKind::Timeout, FaultKind::Drift] {
            assert!(is_away(&fault(kind)), "{kind:?}");
        }
        for kind in [FaultKind::NotFound, FaultKind::Rejected, FaultKind::Invalid] {
            assert!(!is_away(&fault(kind)), "{kind:?}");
        }
    }
}
