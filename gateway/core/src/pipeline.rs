//! The life of an exchange, room by room. `run` takes a consumer's call through rooms 7–14; the worker and the inbound
//! push enter `advance` at room 12 with an `Accepted` from the journal. Rooms 1–6 and 15 stand in the gateway crate.
//! Each room takes the product of the room before it, so none can be skipped or reordered.

use crate::accept::{Accepted, Intake, LEASE, accept};
use crate::authorize::{Grant, authorize};
use crate::catalogue::{Catalogue, Published};
use crate::deliver::{self, Held, Task, Transport};
use crate::events::Events;
use crate::exchange::{Next, State};
use crate::fallback;
use crate::fields::Fields;
use crate::files::Files;
use crate::idempotency;
use crate::identity::Identified;
use crate::ids::{ExchangeId, Ids};
use crate::journal::Journal;
use crate::lists::Shelf;
use crate::mirror::MirrorStore;
use crate::observe::Observer;
use crate::outcome::{Outcome, Provenance, Refusal, Verdict};
use crate::quota::{Admitted, limit};
use crate::record::{self, Party, Scribe};
use crate::restrict;
use crate::resume;
use crate::route::route;
use crate::seal::Sealer;
use crate::spoken;
use crate::subject::{self, Restrictions};
use crate::time::Clock;
use crate::validate::{Body, Validated, validate};
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::Secret;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Everything the rooms share. One per data-plane thread (its transport is its own); all else is shared.
pub struct Rooms {
    /// The published world, swapped on reload.
    pub catalogue: Arc<ArcSwap<Catalogue>>,
    /// Durable exchanges.
    pub journal: Arc<dyn Journal>,
    /// The wire.
    pub transport: Arc<dyn Transport>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub ids: Arc<dyn Ids>,
    /// Metrics.
    pub observer: Arc<dyn Observer>,
    /// Seals bodies at rest.
    pub sealer: Arc<Sealer>,
    /// Lists kept in step with the systems.
    pub lists: Arc<Shelf>,
    /// Copies of data sets.
    pub mirrors: Arc<dyn MirrorStore>,
    /// Files of consumers.
    pub files: Arc<dyn Files>,
    /// Persons whose processing is restricted.
    pub restrictions: Arc<Restrictions>,
    /// Subscriptions and what they are told.
    pub events: Arc<Events>,
    /// Evidence of unjournalled exchanges.
    pub scribe: Scribe,
    /// Work that outlives its caller; drained at shutdown.
    pub tasks: TaskTracker,
    /// Name of this node, for leases.
    pub node: String,
}

/// A call that rooms 1–6 let in: matched and identified, its body not read yet.
pub struct Call<'a> {
    /// Id given in room 3.
    pub exchange: ExchangeId,
    /// Operation matched in room 5.
    pub operation: Arc<Published>,
    /// Caller identified in room 6.
    pub identified: Identified,
    /// Path and query parameters.
    pub parameters: Map<String, Value>,
    /// `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// `Prefer: respond-async`.
    pub respond_async: bool,
    /// W3C `traceparent`.
    pub trace: Option<String>,
    /// What the caller said beside the body, for operations that take it.
    pub secret: Option<Secret>,
    /// The body, unread.
    pub body: &'a mut dyn Body,
}

/// Takes a call through its rooms. Always ends in an outcome.
pub async fn run(rooms: &Arc<Rooms>, call: Call<'_>) -> Outcome {
    let began = rooms.clock.now();
    let operation = Arc::clone(&call.operation);
    let mut party = Party {
        consumer: call.identified.consumer().id.clone(),
        purpose: String::new(),
    };
    let mut outcome = record::refused(call.exchange, Refusal::CannotStore);
    let mut admitted = None;
    match through(rooms, call, &mut party, &mut admitted).await {
        Ok(Passed {
            exchange,
            verdict,
            replayed,
            aged,
        }) => {
            outcome = Outcome {
                exchange,
                verdict,
                replayed,
                aged,
                ..outcome
            };
        }
        Err(refusal) => outcome.verdict = Verdict::Refused(refusal),
    }
    outcome.standing = admitted.as_ref().map(Admitted::standing);
    if let (Verdict::Done(reply), Some(fields)) = (
        &mut outcome.verdict,
        admitted.as_ref().and_then(|a| a.grant().fields.as_ref()),
    ) {
        outcome.limited = true;
        *reply = minimised(fields, reply);
    }
    record::close(rooms, &outcome, &operation.id, &operation.system, &party, began).await;
    outcome
}

struct Passed {
    exchange: ExchangeId,
    verdict: Verdict,
    replayed: bool,
    aged: Option<Provenance>,
}

async fn through(
    rooms: &Arc<Rooms>,
    call: Call<'_>,
    party: &mut Party,
    known: &mut Option<Admitted>,
) -> Result<Passed, Refusal> {
    let Call {
        exchange,
        operation,
        identified,
        parameters,
        key,
        respond_async,
        trace,
        secret,
        body,
    } = call;
    let catalogue = rooms.catalogue.load_full();
    let fresh = |verdict| Passed {
        exchange,
        verdict,
        replayed: false,
        aged: None,
    };

    // room 7: authorize
    let permitted = authorize(&identified, &operation, rooms.clock.now())?;
    party.purpose.clone_from(&permitted.grant().purpose);
    // room 8: limit
    let admitted = limit(permitted)?;
    *known = Some(admitted.clone());
    let grant = Arc::clone(admitted.grant());
    // room 9: validate
    let validated = validate(admitted, &operation, &catalogue, parameters, body, rooms.clock.now()).await?;
    restrict::input(&identified, &operation.request, validated.input(), rooms.clock.now())?;
    subject::input(rooms, &operation.id, &operation.request, validated.input())?;
    if !operation.spec.effect.writes() {
        let (verdict, aged) = read(
            rooms,
            &catalogue,
            &operation,
            validated,
            exchange,
            trace,
            (party, &identified, &grant),
        )
        .await?;
        return Ok(Passed { aged, ..fresh(verdict) });
    }
    let secret = spoken::check(&catalogue, &operation, secret, respond_async)?;
    // room 10: idempotency
    let names = idempotency::names(&operation, key, &validated)?;
    // room 11: accept
    match accept(rooms, &operation, &validated, names, exchange, trace, !respond_async).await? {
        Intake::Known(exchange, verdict) => Ok(Passed {
            exchange,
            verdict,
            replayed: true,
            aged: None,
        }),
        Intake::Queued(verdict) => Ok(fresh(verdict)),
        Intake::Held(accepted) => {
            // A caller that goes away must not cancel what is under way: the rest runs as a task of its own.
            let work = rooms.tasks.spawn(advance(Arc::clone(rooms), *accepted, secret, true));
            Ok(fresh(work.await.unwrap_or_else(|_| resume::broken_off())))
        }
    }
}

/// A reply without what the grant does not cover. One that cannot be read shows nothing.
pub fn minimised(fields: &Fields, reply: &[u8]) -> Bytes {
    let mut reply = serde_json::from_slice(reply).unwrap_or_default();
    fields.minimise(&mut reply);
    Bytes::from(schemas::canon::to_bytes(&reply))
}

/// Rooms 12–14 for an exchange that is durable and held: deliver it, or ask what became of it, and record the end.
/// `secret` is what a caller who waits said beside the body; nobody else has it.
pub async fn advance(rooms: Arc<Rooms>, accepted: Accepted, secret: Option<Secret>, caller_waits: bool) -> Verdict {
    let catalogue = rooms.catalogue.load_full();
    let leased = accepted.leased();
    let party = Party {
        consumer: leased.exchange.consumer.clone(),
        purpose: leased.exchange.purpose.clone(),
    };
    // room 12: route
    let task = match resume::task(&rooms, &catalogue, leased) {
        Ok(task) => Task { secret, ..task },
        Err(fault) => return resume::unroutable(&rooms, leased, fault, caller_waits).await,
    };
    // room 13: deliver
    let working = resume::work(&rooms, leased, &task, caller_waits);
    let (attempt, next, reply) = resume::holding(&rooms, &task, LEASE, working).await;
    // room 14: record
    record::settle(
        &rooms,
        &catalogue,
        &task,
        &party,
        leased.before,
        attempt,
        (next, reply.as_ref()),
    )
    .await
}

/// A read passes rooms 10 and 11 without a write. Where its system cannot answer, a kept answer may, with its age.
async fn read(
    rooms: &Arc<Rooms>,
    catalogue: &Catalogue,
    operation: &Arc<Published>,
    validated: Validated,
    exchange: ExchangeId,
    trace: Option<String>,
    (party, who, grant): (&Party, &Identified, &Grant),
) -> Result<(Verdict, Option<Provenance>), Refusal> {
    let routed = route(catalogue, operation, &party.consumer, exchange)?;
    let task = Task {
        routed,
        fingerprint: validated.fingerprint(),
        input: Arc::new(validated.into_input()),
        exchange,
        consumer: party.consumer.clone(),
        cause: None,
        reference: exchange.to_string(),
        number: 1,
        held: None,
        data_key: None,
        checkpoints: Map::new(),
        trace,
        secret: None,
    };
    let mut tried = deliver::attempt(rooms, &task).await;
    let source = (operation.id.as_str(), operation.system.as_str());
    let mut aged = None;
    match &mut tried.result {
        Ok(reply) => fallback::remember(rooms, catalogue, &operation.id, reply),
        Err(fault) => aged = fallback::instead(rooms, catalogue, source, &task.input, fault).await,
    }
    let (mut shown, provenance) = match aged {
        Some(aged) => {
            let provenance = Provenance {
                source: aged.source,
                updated: aged.updated,
                age: aged.age,
            };
            (Ok(aged.reply), Some(provenance))
        }
        None => (tried.result, None),
    };
    if let Ok(reply) = &mut shown {
        restrict::reply(who, &operation.reply, reply, rooms.clock.now())?;
        subject::reply(rooms, &operation.id, &operation.reply, reply)?;
        // Before it is recorded: evidence of a reading is of what was shown.
        if let Some(fields) = &grant.fields {
            fields.minimise(reply);
        }
    }
    let shown = shown.map(|reply| Bytes::from(schemas::canon::to_bytes(&reply)));
    record::read(rooms, &task, party, &tried.attempt, shown.as_ref().ok()).await;
    Ok(match shown {
        Ok(reply) => (Verdict::Done(reply), provenance),
        Err(fault) => (Verdict::Faulted { fault, state: None }, None),
    })
}

/// The lease of a task, for the door.
pub(crate) fn held(id: ExchangeId, fence: i64) -> Option<Held> {
    Some(Held { id, fence })
}

/// A finished write, ready for the journal.
pub(crate) fn done(reply: &Value) -> Next {
    Next::Done {
        reply: Bytes::from(schemas::canon::to_bytes(reply)),
    }
}

/// Whether the state before a lease means that something may have been sent already.
pub(crate) fn may_have_sent(before: State) -> bool {
    matches!(before, State::Leased | State::Unresolved)
}
