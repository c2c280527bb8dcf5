//! Reading events: a page after a position, one event, and the acknowledgement that moves a pulled subscription's cursor.
//! Only forward moves count; going back is a replay.

use super::dispatch::heard;
use super::emit::{covered, hidden_from, purpose, withheld};
use super::envelope::cloud_event;
use super::manage::{Refused, changed_meanwhile, own, read as read_form, violation};
use super::{Mode, permitted};
use crate::identity::Consumer;
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use crate::record;
use connector_sdk::Text;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Events on a page at most.
pub const LARGEST_PAGE: usize = 500;
/// Steps of the journal looked at for one page.
const STEPS: usize = 20;

/// A page of events.
pub struct Page {
    /// Position and envelope.
    pub events: Vec<(i64, Value)>,
    /// Where the next page begins; acknowledge this once all are worked on.
    pub position: i64,
    /// Whether there may be more now.
    pub more: bool,
}

/// Events after a position (the cursor when none is given), for the owner of a subscription. Leaves evidence of who was
/// shown what.
pub async fn page(
    rooms: &Rooms,
    consumer: &Consumer,
    exchange: ExchangeId,
    subscription: &str,
    after: Option<i64>,
    limit: usize,
) -> Result<Page, Refused> {
    let live = own(rooms, consumer, subscription)?;
    let limit = limit.clamp(1, LARGEST_PAGE);
    let began = rooms.clock.now();
    let mut position = match after {
        Some(after) => after.max(0),
        None => rooms.journal.cursor(subscription.to_owned()).await?,
    };
    let catalogue = rooms.catalogue.load_full();
    let mut events = Vec::new();
    let mut purposes = BTreeSet::new();
    let mut more = true;
    for _ in 0..STEPS {
        let last = rooms.journal.last_event().await?;
        let wanted = limit - events.len();
        let found = rooms
            .journal
            .events(position, live.subscription.kinds.clone(), wanted)
            .await?;
        more = found.len() == wanted;
        for event in found.iter().filter(|event| heard(rooms, &catalogue, &live, event)) {
            let kind = &event.event.kind;
            purposes.insert(purpose(&catalogue, consumer, kind));
            let fields = covered(&catalogue, consumer, kind, began);
            let thin = live.subscription.thin;
            let envelope = cloud_event(&rooms.sealer, event, thin, usize::MAX, fields);
            events.push((event.seq, withheld(&catalogue, consumer, envelope, began)));
        }
        position = match found.last() {
            Some(event) if more => event.seq,
            Some(event) => event.seq.max(last),
            None => position.max(last),
        };
        if !more || events.len() == limit {
            break;
        }
    }
    let shown: Vec<&Value> = events.iter().map(|(_, envelope)| envelope).collect();
    if !shown.is_empty() {
        let purposes = purposes.into_iter().collect::<Vec<_>>().join("; ");
        record::shown(rooms, exchange, &consumer.id, &purposes, began, &shown).await;
    }
    Ok(Page { events, position, more })
}

/// One whole event by its position.
pub async fn one(rooms: &Rooms, consumer: &Consumer, exchange: ExchangeId, position: i64) -> Result<Value, Refused> {
    let began = rooms.clock.now();
    let found = rooms.journal.events(position.saturating_sub(1), Vec::new(), 1).await?;
    let event = found
        .first()
        .filter(|event| event.seq == position)
        .ok_or(Refused::Unknown)?;
    if hidden_from(event, &consumer.id) {
        return Err(Refused::Unknown);
    }
    let catalogue = rooms.catalogue.load_full();
    if permitted(&catalogue, consumer, &event.event.kind, began) != Some(true) {
        return Err(Refused::Denied {
            kind: event.event.kind.clone(),
        });
    }
    let fields = covered(&catalogue, consumer, &event.event.kind, began);
    let envelope = cloud_event(&rooms.sealer, event, false, usize::MAX, fields);
    let envelope = withheld(&catalogue, consumer, envelope, began);
    let purpose = purpose(&catalogue, consumer, &event.event.kind);
    record::shown(rooms, exchange, &consumer.id, &purpose, began, &[&envelope]).await;
    Ok(envelope)
}

#[derive(Deserialize)]
struct Acknowledgement {
    langganan: String,
    posisi: i64,
}

/// Moves the cursor of a pulled subscription forward. Returns where it stands.
pub async fn acknowledge(rooms: &Rooms, consumer: &Consumer, body: &Value) -> Result<i64, Refused> {
    let wish: Acknowledgement = read_form(&rooms.events.forms.acknowledge, body)?;
    let live = own(rooms, consumer, &wish.langganan)?;
    if live.subscription.mode == Mode::Push {
        return Err(Refused::Conflict(Text::new(
            "Langganan dorong tidak diakui: jawaban 2xx penerima sudah cukup.",
            "A pushed subscription is not acknowledged: the receiver's 2xx is enough.",
        )));
    }
    if wish.posisi > rooms.journal.last_event().await? {
        return Err(Refused::Invalid(vec![violation(
            "/posisi",
            "maximum",
            "Posisi ini belum ada.",
            "There is no such position yet.",
        )]));
    }
    for _ in 0..5 {
        let cursor = rooms.journal.cursor(wish.langganan.clone()).await?;
        if cursor >= wish.posisi {
            return Ok(cursor);
        }
        let moved = rooms
            .journal
            .dispatch(wish.langganan.clone(), cursor, wish.posisi, Vec::new());
        if moved.await? {
            return Ok(wish.posisi);
        }
    }
    Err(changed_meanwhile())
}
