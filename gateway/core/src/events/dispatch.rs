//! The dispatcher: reads events after each subscription's cursor and accepts a delivery per event, moving the cursor in
//! the same transaction. Any number of nodes may run one: whoever moves the cursor first has dispatched, the others
//! begin again behind it. It never delivers itself: that is the worker's task.

use super::emit::{covered, hidden_from, purpose};
use super::envelope::{LARGEST_FULL, cloud_event};
use super::{DELIVERY, Live, Mode, Standing, permitted, system_id};
use crate::catalogue::Catalogue;
use crate::evidence::sha256;
use crate::exchange::NewExchange;
use crate::journal::{JournalError, StoredEvent};
use crate::pipeline::Rooms;
use crate::seal::SealError;
use crate::time::between;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Events looked at in one step.
const BATCH: usize = 100;
/// Between two looks at least: the journal wakes for every exchange.
const BREATH: Duration = Duration::from_millis(25);
/// A cursor that had nothing to tell is moved on all the same once it lags this far, so that a restart is cheap.
const LAG: i64 = 10_000;
/// How long a cursor that another node moved back may go unnoticed, should that node die in between.
const FORGET: Duration = Duration::from_secs(30);

/// What this node remembers between looks; all of it can be lost.
#[derive(Default)]
struct Memory {
    /// By subscription: what was looked at. Forgotten now and then, since a cursor may be moved back.
    places: HashMap<String, Place>,
    /// When all of it was last forgotten.
    fresh: Option<Timestamp>,
    /// Last dispatch; spaces the probes of a paused receiver.
    probes: HashMap<String, Timestamp>,
}

struct Place {
    /// Revision of the subscription.
    revision: i64,
    cursor: i64,
    /// How far was looked beyond the cursor.
    seen: i64,
}

/// Dispatches until `stop`.
pub async fn run(rooms: Arc<Rooms>, stop: CancellationToken) {
    let mut memory = Memory::default();
    while !stop.is_cancelled() {
        // Before the look, so that nothing which happens meanwhile is missed.
        let woken = rooms.journal.wait(rooms.events.policy().look_every);
        let more = match look(&rooms, &mut memory).await {
            Ok(more) => more,
            Err(error) => {
                tracing::error!(%error, "dispatcher cannot work");
                false
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = rooms.clock.sleep(BREATH) => {}
        }
        if !more {
            tokio::select! {
                () = stop.cancelled() => break,
                () = woken => {}
            }
        }
    }
}

/// One look at all subscriptions. `true` when there is more to do at once.
async fn look(rooms: &Rooms, memory: &mut Memory) -> Result<bool, JournalError> {
    rooms.events.refresh(&*rooms.journal, &rooms.sealer).await?;
    // Read before the events, so that nothing can lie unseen below it.
    let last = rooms.journal.last_event().await?;
    let pushed: Vec<_> = rooms
        .events
        .all()
        .into_iter()
        .filter(|live| live.subscription.mode == Mode::Push)
        .collect();
    let now = rooms.clock.now();
    if memory.fresh.is_none_or(|fresh| between(fresh, now) >= FORGET) {
        memory.fresh = Some(now);
        memory.places.clear();
    }
    let behind: Vec<_> = pushed
        .into_iter()
        .filter(|live| {
            let place = memory.places.get(&live.subscription.id);
            place.is_none_or(|place| place.seen < last || place.revision != live.revision)
        })
        .collect();
    if behind.is_empty() {
        return Ok(false);
    }
    let open = open_deliveries(rooms).await?;
    let mut more = false;
    for live in behind {
        more |= one(
            rooms,
            memory,
            &live,
            last,
            open.get(&system_id(&live.subscription.id)).copied().unwrap_or(0),
        )
        .await?;
    }
    Ok(more)
}

/// How many deliveries each system has open.
async fn open_deliveries(rooms: &Rooms) -> Result<HashMap<String, u64>, JournalError> {
    let mut open = HashMap::new();
    for stat in rooms.journal.queues().await? {
        if stat.state.is_open() {
            *open.entry(stat.system).or_default() += stat.count;
        }
    }
    Ok(open)
}

async fn one(rooms: &Rooms, memory: &mut Memory, live: &Live, last: i64, open: u64) -> Result<bool, JournalError> {
    let id = &live.subscription.id;
    let room = room(rooms, memory, live, open);
    if room == 0 {
        return Ok(false);
    }
    let cursor = rooms.journal.cursor(id.clone()).await?;
    let seen = match memory.places.get(id) {
        Some(place) if place.cursor == cursor => place.seen,
        _ => cursor,
    };
    let limit = BATCH.min(room);
    let events = rooms
        .journal
        .events(seen, live.subscription.kinds.clone(), limit)
        .await?;
    let full = events.len() == limit;
    let to = match events.last() {
        Some(event) if full => event.seq,
        Some(event) => event.seq.max(last),
        None => last.max(seen),
    };
    let catalogue = rooms.catalogue.load_full();
    let mut deliveries = Vec::new();
    for event in &events {
        if heard(rooms, &catalogue, live, event) {
            match new_delivery(rooms, &catalogue, live, event) {
                Ok(delivery) => deliveries.push(delivery),
                // Nothing is skipped: the cursor stays until sealing works again.
                Err(error) => return Err(JournalError::Broken(error.to_string())),
            }
        }
    }
    let place = |cursor, seen| Place {
        revision: live.revision,
        cursor,
        seen,
    };
    if deliveries.is_empty() && to - cursor < LAG {
        memory.places.insert(id.clone(), place(cursor, to));
        return Ok(full);
    }
    let told = !deliveries.is_empty();
    if rooms.journal.dispatch(id.clone(), cursor, to, deliveries).await? {
        memory.places.insert(id.clone(), place(to, to));
        if told {
            memory.probes.insert(id.clone(), rooms.clock.now());
        }
    } else {
        memory.places.remove(id);
    }
    Ok(full)
}

/// How many more deliveries this subscription may have.
fn room(rooms: &Rooms, memory: &Memory, live: &Live, open: u64) -> usize {
    let id = &live.subscription.id;
    let policy = rooms.events.policy();
    match rooms.events.standing(id).0 {
        Standing::Healthy | Standing::Failing { .. } => {
            usize::try_from(policy.window.saturating_sub(open)).unwrap_or(usize::MAX)
        }
        Standing::Disabled { .. } => 0,
        Standing::Paused { .. } => {
            // What is open already probes by itself; without any, the next event is the probe.
            let now = rooms.clock.now();
            let due = memory
                .probes
                .get(id)
                .is_none_or(|at| between(*at, now) >= policy.probe_every);
            usize::from(open == 0 && due)
        }
    }
}

/// Whether the subscriber is to hear of this event: its own, or covered by a grant that holds.
pub(super) fn heard(rooms: &Rooms, catalogue: &Catalogue, live: &Live, event: &StoredEvent) -> bool {
    let subscription = &live.subscription;
    let Some(consumer) = catalogue.consumers.get(&subscription.consumer) else {
        return false;
    };
    !hidden_from(event, &consumer.id)
        && permitted(catalogue, consumer, &event.event.kind, rooms.clock.now()) == Some(true)
}

/// The exchange that delivers an event.
pub(super) fn new_delivery(
    rooms: &Rooms,
    catalogue: &Catalogue,
    live: &Live,
    event: &StoredEvent,
) -> Result<NewExchange, SealError> {
    let consumer = catalogue.consumers.get(&live.subscription.consumer);
    let fields = consumer.and_then(|c| covered(catalogue, c, &event.event.kind, rooms.clock.now()));
    let thin = live.subscription.thin;
    let mut envelope = cloud_event(&rooms.sealer, event, thin, LARGEST_FULL, fields);
    if event.seq <= live.subscription.repeated_to
        && let Some(fields) = envelope.as_object_mut()
    {
        fields.insert("ulangan".into(), json!(true));
    }
    let purpose = consumer.map_or_else(String::new, |c| purpose(catalogue, c, &event.event.kind));
    exchange(rooms, live, &envelope, &event.event.subject, purpose)
}

/// The exchange that delivers an envelope.
pub(super) fn exchange(
    rooms: &Rooms,
    live: &Live,
    envelope: &Value,
    subject: &str,
    purpose: String,
) -> Result<NewExchange, SealError> {
    let subscription = &live.subscription;
    let input = schemas::canon::to_bytes(&json!({"langganan": subscription.id, "peristiwa": envelope}));
    let id = rooms.ids.exchange();
    let key = rooms.sealer.fresh()?;
    let at = rooms.clock.now();
    let event = envelope.get("id").and_then(Value::as_str).unwrap_or_default();
    Ok(NewExchange {
        id,
        consumer: subscription.consumer.clone(),
        operation: DELIVERY.to_owned(),
        system: system_id(&subscription.id),
        purpose,
        key: None,
        fingerprint: sha256(&input),
        // Names the event for whoever lists deliveries; never equal to another, since the cursor alone decides.
        reference: Some(format!("{event}:{id}")),
        lane: Some(subject.to_owned()),
        input: key.seal(&input, id)?,
        seal: Some(key.wrapped()),
        trace: None,
        at,
        due: at,
        cause: None,
        lease: None,
    })
}
