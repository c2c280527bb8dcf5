//! Room 11: the intent is durable before anything is done and before the caller hears yes. One transaction with room
//! 10: the journal finds the twin or stores the intent.

use crate::catalogue::Published;
use crate::exchange::{LeaseRequest, Leased, NewExchange, State};
use crate::guard;
use crate::idempotency::{Names, replay};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, JournalError};
use crate::outcome::{Refusal, Verdict};
use crate::pipeline::Rooms;
use crate::seal::DataKey;
use crate::time::later;
use crate::validate::Validated;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// How long a lease lasts without renewal. A node that dies is replaced after this long.
pub const LEASE: Duration = Duration::from_secs(30);

/// An exchange that is durable and held by us: the only ticket into room 12.
pub struct Accepted {
    leased: Leased,
    plain: Option<Plain>,
}

/// What the intake holds in the open, so that it need not be unsealed and parsed again at once.
pub(crate) struct Plain {
    /// The input, as validated.
    pub input: Arc<Value>,
    /// SHA-256 of its canonical bytes.
    pub fingerprint: [u8; 32],
    /// What it was sealed with.
    pub key: Arc<DataKey>,
}

impl Accepted {
    /// From a lease taken by the worker.
    pub fn from_lease(leased: Leased) -> Self {
        Self { leased, plain: None }
    }

    pub(crate) fn into_parts(self) -> (Leased, Option<Plain>) {
        (self.leased, self.plain)
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
    validated: Validated,
    names: Names,
    exchange: ExchangeId,
    trace: Option<String>,
    at_once: bool,
) -> Result<Intake, Refusal> {
    guard::check(rooms, &rooms.catalogue.load(), &operation.id, validated.input()).await?;
    let at = rooms.clock.now();
    let (key, input) = sealed(rooms, validated.bytes(), exchange)?;
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
        seal: Some(key.wrapped()),
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
            let plain = Plain {
                fingerprint: validated.fingerprint(),
                input: Arc::new(validated.into_input()),
                key: Arc::new(key),
            };
            Ok(Intake::Held(Box::new(Accepted {
                leased,
                plain: Some(plain),
            })))
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

fn sealed(rooms: &Rooms, plain: &[u8], exchange: ExchangeId) -> Result<(DataKey, Bytes), Refusal> {
    let both = |key: DataKey| {
        let sealed = key.seal(plain, exchange)?;
        Ok((key, sealed))
    };
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
