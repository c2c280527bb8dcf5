//! A state that was overtaken is not written any more: when a dead or late exchange comes again after a newer one about
//! the same thing has taken effect, sending it would take the other side back. Such an exchange ends as refused, with
//! the reason. What took effect last is remembered in the transaction that records it.

use crate::catalogue::Catalogue;
use crate::deliver::Task;
use crate::ids::ExchangeId;
use crate::journal::{JournalError, Timer};
use crate::link::{self, LINK};
use crate::pipeline::Rooms;
use crate::relay::Ended;
use crate::source::{Documents, Source};
use crate::time::later;
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Landed, Origin, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// Native code of the fault.
pub const OVERTAKEN: &str = "didahului";
/// How long the newest is remembered.
const KEPT: Duration = Duration::from_secs(400 * 24 * 3600);

/// An operation whose inputs are states of one thing, the newest of which counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Newest {
    /// Operation.
    pub operation: String,
    /// Parts of the name of the thing.
    pub key: Vec<Source>,
    /// When the state came to be.
    pub at: Source,
}

/// What took effect last.
#[derive(Debug, Serialize, Deserialize)]
struct Last {
    at: Timestamp,
    exchange: ExchangeId,
}

impl Newest {
    fn read(&self, input: &Value) -> Option<(String, Timestamp)> {
        let documents = Documents::of(input, &Value::Null);
        let at = self.at.read(&documents)?.as_str()?.parse().ok()?;
        let key = link::key(&self.key, &documents)?;
        Some((format!("terbaru/{}:{key}", self.operation), at))
    }
}

async fn last(rooms: &Rooms, id: &str) -> Result<Option<Last>, JournalError> {
    let timer = rooms.journal.timer(LINK.into(), id.to_owned()).await?;
    Ok(timer.and_then(|timer| serde_json::from_slice(&timer.body).ok()))
}

/// Why an exchange must not be sent any more, if so. Only what was accepted *and* happened earlier is overtaken, so that
/// a wrong clock at the source never holds back what comes in its turn.
pub(crate) async fn overtaken(rooms: &Rooms, catalogue: &Catalogue, task: &Task) -> Option<Fault> {
    let operation = &task.routed.operation().id;
    for newest in catalogue.flows.newest.iter().filter(|n| &n.operation == operation) {
        let Some((id, at)) = newest.read(&task.input) else {
            continue;
        };
        match last(rooms, &id).await {
            Ok(Some(last)) if last.at > at && last.exchange > task.exchange => {
                return Some(
                    Fault::new(FaultKind::Conflict, TOO_LATE)
                        .landed(Landed::No)
                        .native_code(OVERTAKEN),
                );
            }
            Ok(_) => {}
            // Not known to be the newest: it waits.
            Err(error) => {
                let fault = Fault::new(FaultKind::Unavailable, NOT_KNOWN).origin(Origin::Gateway);
                return Some(fault.landed(Landed::No).internal(error.to_string()));
            }
        }
    }
    None
}

/// The timers that remember what has taken effect.
pub(crate) async fn remembered(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Timer> {
    let mut timers = Vec::new();
    for newest in catalogue.flows.newest.iter().filter(|n| n.operation == ended.operation) {
        let Some((id, at)) = newest.read(ended.input) else {
            continue;
        };
        let newer = matches!(last(rooms, &id).await, Ok(Some(last)) if last.at > at);
        if newer {
            continue;
        }
        let exchange = ended.exchange;
        timers.push(Timer {
            kind: LINK.into(),
            id,
            due: later(ended.at, KEPT),
            body: Bytes::from(serde_json::to_vec(&Last { at, exchange }).unwrap_or_default()),
        });
    }
    timers
}

const TOO_LATE: Text = Text::new(
    "Keadaan yang lebih baru sudah tersampaikan; yang ini tidak dikirim lagi.",
    "A newer state has been delivered already; this one is not sent any more.",
);
const NOT_KNOWN: Text = Text::new(
    "Belum diketahui apakah ada keadaan yang lebih baru.",
    "Whether there is a newer state is not known yet.",
);
