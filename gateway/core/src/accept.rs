//! Room 11: the intent is durable before anything is done and before the caller hears yes. One transaction with room
//! 10: the journal finds the twin or stores the intent.

use crate::catalogue::Published;
use crate::exchange::{LeaseRequest, Leased, NewExchange, State};
use crate::idempotency::{Names, replay};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, JournalError};
use crate::outcome::{Refusal, Verdict};
use crate::pipeline::Rooms;
use crate::seal::DataKey;
use crate::time::later;
use crate::validate::Validated;
use bytes::Bytes;
use serde_json::Map;
use std::time::Duration;

/// How long a lease lasts without renewal. A node that dies is replaced after this long.
pub const LEASE: Duration = Duration::from_secs(30);

/// An exchange that is durable and held by us: the only ticket into room 12.
pub struct Accepted {
    leased: Leased,
}

impl Accepted {
    /// From a lease taken by the worker.
    pub fn from_lease(leased: Leased) -> Self {
        Self { leased }
    }

    /// The lease.
    pub fn leased(&self) -> &Leased {
        &self.leased
    }
}

/// What became of an intent.
pub enum Intake {
    /// Durable and ours to deliver at once.
    Held(Box<Accepted>),
    /// Durable; the worker delivers it.
    Queued(Verdict),
    /// Known before: the first answer again.
    Known(ExchangeId, Verdict),
}

/// Stores the intent, or finds its twin.
pub async fn accept(
    rooms: &Rooms,
    operation: &Published,
    validated: &Validated,
    names: Names,
    exchange: ExchangeId,
    trace: Option<String>,
    at_once: bool,
) -> Result<Intake, Refusal> {
    let at = rooms.clock.now();
    let (seal, input) = sealed(rooms, validated.bytes(), exchange)?;
    let admitted = validated.admitted();
    let new = NewExchange {
        id: exchange,
        consumer: admitted.consumer().id.clone(),
        operation: operation.id.clone(),
        system: operation.system.clone(),
        purpose: admitted.grant().purpose.clone(),
        key: names.key,
        fingerprint: validated.fingerprint(),
        reference: names.reference,
        lane: names.lane,
        input,
        seal: Some(seal),
        trace,
        at,
        due: at,
        cause: None,
        lease: at_once.then(|| rooms.lease_request(at)),
    };
    match rooms.journal.accept(new).await {
        Ok(Acceptance::New(stored, Some(fence))) => {
            let leased = Leased {
                exchange: *stored,
                fence,
                before: State::Accepted,
                checkpoints: Map::new(),
            };
            Ok(Intake::Held(Box::new(Accepted::from_lease(leased))))
        }
        Ok(Acceptance::New(stored, None)) => Ok(Intake::Queued(crate::idempotency::underway(&stored))),
        Ok(Acceptance::Known(known)) => Ok(Intake::Known(known.id, replay(&rooms.sealer, &known))),
        Ok(Acceptance::KeyMismatch(known)) => Err(Refusal::KeyMismatch { first: known.created }),
        Ok(Acceptance::ReferenceMismatch(known)) => Err(Refusal::ReferenceMismatch { earlier: known.id }),
        Err(error) => {
            report(&error);
            Err(Refusal::CannotStore)
        }
    }
}

fn sealed(rooms: &Rooms, plain: &[u8], exchange: ExchangeId) -> Result<(Bytes, Bytes), Refusal> {
    let both = |key: DataKey| Ok((key.wrapped(), key.seal(plain, exchange)?));
    rooms.sealer.fresh().and_then(both).map_err(|error| {
        tracing::error!(%error, "intent not sealed");
        Refusal::CannotStore
    })
}

fn report(error: &JournalError) {
    tracing::error!(%error, "intent not accepted");
}

impl Rooms {
    /// A lease for this node from `at` on.
    pub fn lease_request(&self, at: jiff::Timestamp) -> LeaseRequest {
        LeaseRequest {
            owner: self.node.clone(),
            until: later(at, LEASE),
        }
    }
}
