//! Room 14 for what is not journalled: readings, refusals, what passed through. Evidence in batches, metrics at once.

use super::{Party, bytes_of, evidence, observe};
use crate::deliver::Task;
use crate::evidence::{About, Record, sha256};
use crate::exchange::Attempt;
use crate::ids::ExchangeId;
use crate::observe::Finished;
use crate::outcome::Refusal;
use crate::pipeline::Rooms;
use crate::{relay, subject};
use bytes::Bytes;
use connector_sdk::Landed;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

/// Records a reading try, which is not journalled: evidence in batches, metrics at once. `reply` in canonical bytes.
pub async fn read(rooms: &Rooms, task: &Task, party: &Party, attempt: &Attempt, reply: Option<&Bytes>) {
    observe(rooms, task, attempt, "read");
    // Read again only where a reply may name somebody.
    let named = reply.filter(|_| task.routed.operation().reply.names_subjects());
    let shown = named.and_then(|bytes| serde_json::from_slice(bytes).ok());
    let about = subject::about(rooms, &party.consumer, task, shown.as_ref());
    let record = evidence(task, party, attempt, None, reply, about);
    rooms.scribe.write(record).await;
}

/// Records that events were shown to a consumer that reads them: evidence in batches, metrics at once.
pub async fn shown(
    rooms: &Rooms,
    exchange: ExchangeId,
    consumer: &str,
    purpose: &str,
    began: Timestamp,
    events: &[&Value],
) {
    let bytes = serde_json::to_vec(events).unwrap_or_default();
    let record = Record {
        exchange,
        consumer,
        operation: READ_EVENTS,
        system: relay::OURSELVES,
        purpose,
        started: began,
        ended: rooms.clock.now(),
        state: None,
        result: "ok",
        attempt: 0,
        input: None,
        reply: Some(hex::encode(sha256(&bytes))),
        native: None,
        origin: None,
        landed: Some(Landed::No),
        about: None,
    };
    rooms.scribe.write(bytes_of(&record)).await;
    rooms.observer.finished(&Finished {
        exchange,
        operation: READ_EVENTS,
        consumer,
        result: "ok",
        refused: false,
        replayed: false,
    });
}

/// That records of a copy were shown.
pub struct Copied {
    /// Exchange.
    pub exchange: ExchangeId,
    /// Who read.
    pub consumer: String,
    /// The right that was used.
    pub operation: String,
    /// System that the copy is of.
    pub system: String,
    /// Purpose of the grant.
    pub purpose: String,
    /// When it was asked.
    pub began: Timestamp,
    /// SHA-256 of what was shown; of an export, over its parts.
    pub reply: [u8; 32],
}

/// Records that a copy was read: evidence in batches, metrics at once.
pub async fn copied(rooms: &Rooms, copied: Copied) {
    let record = Record {
        exchange: copied.exchange,
        consumer: &copied.consumer,
        operation: &copied.operation,
        system: &copied.system,
        purpose: &copied.purpose,
        started: copied.began,
        ended: rooms.clock.now(),
        state: None,
        result: "ok",
        attempt: 0,
        input: None,
        reply: Some(hex::encode(copied.reply)),
        native: None,
        origin: None,
        landed: Some(Landed::No),
        about: None,
    };
    rooms.scribe.write(bytes_of(&record)).await;
    rooms.observer.finished(&Finished {
        exchange: copied.exchange,
        operation: &copied.operation,
        consumer: &copied.consumer,
        result: "ok",
        refused: false,
        replayed: false,
    });
}

/// Operation that reading events stands under in the evidence.
const READ_EVENTS: &str = "peristiwa.baca";

/// Records that a known caller was refused: evidence in batches, metrics at once.
pub async fn turned_away(
    rooms: &Rooms,
    exchange: ExchangeId,
    refusal: &Refusal,
    operation: &str,
    system: &str,
    party: &Party,
    began: Timestamp,
) {
    let result = refusal.word();
    rooms.observer.finished(&Finished {
        exchange,
        operation,
        consumer: &party.consumer,
        result,
        refused: true,
        replayed: false,
    });
    let about = match refusal {
        Refusal::SubjectRestricted { subjects } => Some(About {
            subjects: subjects.clone(),
            basis: None,
        }),
        _ => None,
    };
    let record = Record {
        exchange,
        consumer: &party.consumer,
        operation,
        system,
        purpose: &party.purpose,
        started: began,
        ended: rooms.clock.now(),
        state: None,
        result,
        attempt: 0,
        input: None,
        reply: None,
        native: None,
        origin: None,
        landed: Some(Landed::No),
        about,
    };
    rooms.scribe.write(bytes_of(&record)).await;
}

/// Evidence of an exchange that passed through, from a place that cannot wait.
pub(crate) fn note(rooms: &Rooms, record: &Record<'_>) {
    let bytes = bytes_of(record);
    if let Err(mpsc::error::TrySendError::Full(bytes)) = rooms.scribe.queue.try_send(bytes) {
        let scribe = rooms.scribe.clone();
        rooms.tasks.spawn(async move { scribe.write(bytes).await });
    }
}
