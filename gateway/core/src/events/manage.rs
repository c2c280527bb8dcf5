//! What an owner does with its subscriptions: make, change, rotate the secret, try, replay, resume, delete. Called by the
//! edge with a body that passed the gate; everything is held against its schema and the owner's grants here. Others'
//! subscriptions do not exist for a caller.

use super::dispatch::{exchange, heard, new_delivery};
use super::standing::store;
use super::{Live, Mode, SUBSCRIPTIONS, SealedSecret, Standing, Subscription, TEST_EVENT, permitted, signature};
use crate::exchange::NewExchange;
use crate::identity::Consumer;
use crate::ids::ExchangeId;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::later;
use bytes::Bytes;
use connector_sdk::{Secret, Text};
use jiff::Timestamp;
use schemas::{Registry, Schema, Violation};
use serde::Deserialize;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Longest range that is replayed beside the cursor.
const RANGE: usize = 500;

/// Schemas of what owners send.
pub struct Forms {
    create: Arc<Schema>,
    change: Arc<Schema>,
    replay: Arc<Schema>,
    pub(super) acknowledge: Arc<Schema>,
}

impl Forms {
    pub(super) fn new(registry: &Registry) -> Result<Self, String> {
        let schema = |name: &str| {
            let id = format!("urn:simpul:skema:{name}:1");
            registry.shared(&id).ok_or_else(|| format!("schema {id} is missing"))
        };
        Ok(Self {
            create: schema("langganan_masukan")?,
            change: schema("langganan_perubahan")?,
            replay: schema("langganan_ulang")?,
            acknowledge: schema("peristiwa_akui")?,
        })
    }
}

/// Why an owner's wish was not carried out. Nothing changed.
#[derive(Debug)]
pub enum Refused {
    /// No such subscription or event for this caller.
    Unknown,
    /// The caller has no grant that covers events of this type.
    Denied {
        /// Event type.
        kind: String,
    },
    /// Content that does not fit.
    Invalid(Vec<Violation>),
    /// Not in this state.
    Conflict(Text),
    /// The journal cannot store or be read.
    CannotStore,
}

impl From<JournalError> for Refused {
    fn from(error: JournalError) -> Self {
        tracing::error!(%error, "subscription not read or stored");
        Self::CannotStore
    }
}

impl From<crate::seal::SealError> for Refused {
    fn from(error: crate::seal::SealError) -> Self {
        tracing::error!(%error, "subscription not sealed");
        Self::CannotStore
    }
}

#[derive(Deserialize)]
struct Wish {
    nama: String,
    jenis: Vec<String>,
    moda: Mode,
    url: Option<String>,
    #[serde(default)]
    ringkas: bool,
    jadwal_detik: Option<Vec<u32>>,
    batas_per_menit: Option<NonZeroU32>,
    #[serde(default)]
    mulai: Start,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Start {
    #[default]
    Sekarang,
    Awal,
}

#[derive(Deserialize)]
struct Change {
    nama: Option<String>,
    jenis: Option<Vec<String>>,
    url: Option<String>,
    ringkas: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    jadwal_detik: Option<Option<Vec<u32>>>,
    #[serde(default, deserialize_with = "given")]
    batas_per_menit: Option<Option<NonZeroU32>>,
}

/// Tells an explicit `null` (back to the usual) from a missing field.
fn given<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}

#[derive(Deserialize)]
struct Replay {
    dari_posisi: Option<i64>,
    sampai_posisi: Option<i64>,
    sejak: Option<Timestamp>,
}

/// The caller's own subscription.
pub fn own(rooms: &Rooms, consumer: &Consumer, id: &str) -> Result<Arc<Live>, Refused> {
    let live = rooms.events.get(id).ok_or(Refused::Unknown)?;
    if live.subscription.consumer == consumer.id {
        Ok(live)
    } else {
        Err(Refused::Unknown)
    }
}

/// The caller's own subscriptions, oldest first.
pub fn list(rooms: &Rooms, consumer: &Consumer) -> Vec<Arc<Live>> {
    let mut own = rooms.events.all();
    own.retain(|live| live.subscription.consumer == consumer.id);
    own.sort_by(|a, b| (a.subscription.created, &a.subscription.id).cmp(&(b.subscription.created, &b.subscription.id)));
    own
}

/// Makes one. The secret (pushes only) is told this once.
pub async fn create(rooms: &Rooms, consumer: &Consumer, wish: &Value) -> Result<(Arc<Live>, Option<Secret>), Refused> {
    let wish: Wish = read(&rooms.events.forms.create, wish)?;
    may_hear(rooms, consumer, &wish.jenis)?;
    if list(rooms, consumer).len() >= rooms.events.policy().per_consumer {
        return Err(Refused::Conflict(Text::new(
            "Jumlah langganan sudah mencapai batas; hapus yang tidak dipakai.",
            "The number of subscriptions has reached its limit; delete those not in use.",
        )));
    }
    if let Some(url) = &wish.url {
        may_call(rooms, url).await?;
    }
    let now = rooms.clock.now();
    let id = rooms.ids.exchange().to_string();
    let secret = match wish.moda {
        Mode::Push => Some(signature::fresh()?),
        Mode::Pull => None,
    };
    let sealed = secret
        .as_ref()
        .map(|s| Subscription::seal(&rooms.sealer, &id, s, None))
        .transpose()?;
    let subscription = Subscription {
        id: id.clone(),
        consumer: consumer.id.clone(),
        name: wish.nama,
        kinds: wish.jenis,
        mode: wish.moda,
        url: wish.url,
        thin: wish.ringkas,
        schedule: wish.jadwal_detik,
        per_minute: wish.batas_per_menit,
        secrets: sealed.into_iter().collect(),
        repeated_to: 0,
        created: now,
        changed: now,
    };
    // The cursor first: a subscription that is known must not hear of what was before it.
    if let Start::Sekarang = wish.mulai {
        let last = rooms.journal.last_event().await?;
        rooms.journal.dispatch(id, 0, last, Vec::new()).await?;
    }
    put(rooms, &subscription, 0).await.map(|live| (live, secret))
}

/// Changes what the body names.
pub async fn change(rooms: &Rooms, consumer: &Consumer, id: &str, change: &Value) -> Result<Arc<Live>, Refused> {
    let change: Change = read(&rooms.events.forms.change, change)?;
    let live = own(rooms, consumer, id)?;
    let mut subscription = live.subscription.clone();
    if let Some(kinds) = change.jenis {
        may_hear(rooms, consumer, &kinds)?;
        subscription.kinds = kinds;
    }
    if let Some(url) = change.url {
        pushed(&live)?;
        may_call(rooms, &url).await?;
        subscription.url = Some(url);
    }
    subscription.name = change.nama.unwrap_or(subscription.name);
    subscription.thin = change.ringkas.unwrap_or(subscription.thin);
    subscription.schedule = change.jadwal_detik.unwrap_or(subscription.schedule);
    subscription.per_minute = change.batas_per_menit.unwrap_or(subscription.per_minute);
    subscription.changed = rooms.clock.now();
    put(rooms, &subscription, live.revision).await
}

/// Ends one. What is on its way to it is not sent any more.
pub async fn delete(rooms: &Rooms, consumer: &Consumer, id: &str) -> Result<(), Refused> {
    let live = own(rooms, consumer, id)?;
    let journal = &rooms.journal;
    let gone = journal.put_document(SUBSCRIPTIONS.into(), id.to_owned(), None, Some(live.revision));
    if gone.await?.is_none() {
        return Err(changed_meanwhile());
    }
    rooms.events.refresh(&**journal, &rooms.sealer).await?;
    Ok(())
}

/// A new secret; the one before signs too until the overlap ends.
pub async fn rotate(rooms: &Rooms, consumer: &Consumer, id: &str) -> Result<(Arc<Live>, Secret), Refused> {
    let live = own(rooms, consumer, id)?;
    pushed(&live)?;
    let now = rooms.clock.now();
    let end = later(now, rooms.events.policy().overlap);
    let secret = signature::fresh()?;
    let mut subscription = live.subscription.clone();
    let before = subscription.secrets.first().map(|old| SealedSecret {
        until: Some(old.until.map_or(end, |until| until.min(end))),
        ..old.clone()
    });
    subscription.secrets = vec![Subscription::seal(&rooms.sealer, id, &secret, None)?];
    subscription.secrets.extend(before);
    subscription.changed = now;
    put(rooms, &subscription, live.revision)
        .await
        .map(|live| (live, secret))
}

/// Sends an event made up for the occasion. Returns the exchange to follow and the event's id.
pub async fn test(rooms: &Rooms, consumer: &Consumer, id: &str) -> Result<(ExchangeId, String), Refused> {
    let live = own(rooms, consumer, id)?;
    pushed(&live)?;
    enabled(rooms, id)?;
    let event = rooms.ids.exchange().to_string();
    let envelope = json!({
        "specversion": "1.0",
        "id": event,
        "source": "urn:simpul:gateway",
        "type": TEST_EVENT,
        "subject": id,
        "time": rooms.clock.now().to_string(),
        "datacontenttype": "application/json",
        "data": {"langganan": id, "pesan": "Peristiwa uji dari Simpul."},
    });
    let delivery = exchange(rooms, &live, &envelope, TEST_EVENT, "uji".to_owned())?;
    let exchange = delivery.id;
    beside(rooms, id, vec![delivery]).await?;
    Ok((exchange, event))
}

/// Tells events again, with the ids they had: from a position or a time on, or a short range. Returns the position
/// before the first event told again.
pub async fn replay(rooms: &Rooms, consumer: &Consumer, id: &str, wish: &Value) -> Result<i64, Refused> {
    let wish: Replay = read(&rooms.events.forms.replay, wish)?;
    let live = own(rooms, consumer, id)?;
    let before = match (wish.dari_posisi, wish.sejak) {
        (Some(from), _) => from.saturating_sub(1),
        (None, Some(since)) => position_before(rooms, since).await?,
        (None, None) => return Err(Refused::Unknown),
    };
    if live.subscription.mode == Mode::Push {
        enabled(rooms, id)?;
    }
    if let Some(to) = wish.sampai_posisi {
        pushed(&live)?;
        return range(rooms, &live, before, to).await.map(|()| before);
    }
    let cursor = rooms.journal.cursor(id.to_owned()).await?;
    if before >= cursor {
        return Err(Refused::Conflict(Text::new(
            "Posisi itu belum dilalui langganan ini.",
            "The subscription has not passed that position yet.",
        )));
    }
    // Marked before the cursor moves, so that no event is told again unmarked by this node.
    let marked = Subscription {
        repeated_to: live.subscription.repeated_to.max(cursor),
        ..live.subscription.clone()
    };
    let marked_live = put(rooms, &marked, live.revision).await?;
    let moved = rooms.journal.dispatch(id.to_owned(), cursor, before, Vec::new());
    if !moved.await? {
        return Err(changed_meanwhile());
    }
    // Written once more: a dispatcher looks at a cursor behind it only when the subscription changed.
    put(rooms, &marked, marked_live.revision).await?;
    Ok(before)
}

/// Takes a receiver that was set aside back into service.
pub async fn resume(rooms: &Rooms, consumer: &Consumer, id: &str) -> Result<Arc<Live>, Refused> {
    let live = own(rooms, consumer, id)?;
    let (standing, revision) = rooms.events.standing(id);
    if standing != Standing::Healthy {
        store(rooms, id, Standing::Healthy, revision).await;
        if rooms.events.standing(id).0 != Standing::Healthy {
            return Err(changed_meanwhile());
        }
    }
    if let Some(system) = &live.system {
        system.breaker.succeeded();
    }
    Ok(live)
}

async fn range(rooms: &Rooms, live: &Live, before: i64, to: i64) -> Result<(), Refused> {
    let kinds = live.subscription.kinds.clone();
    let events = rooms.journal.events(before, kinds, RANGE + 1).await?;
    let events: Vec<_> = events.into_iter().filter(|e| e.seq <= to).collect();
    if events.len() > RANGE {
        return Err(Refused::Conflict(Text::owned(
            format!(
                "Rentang memuat lebih dari {RANGE} peristiwa; persempit, atau ulang dari posisi tanpa batas akhir."
            ),
            format!("The range holds more than {RANGE} events; narrow it, or replay from a position without an end."),
        )));
    }
    let catalogue = rooms.catalogue.load_full();
    // A copy that counts all of them as told again.
    let again = Live {
        subscription: Subscription {
            repeated_to: i64::MAX,
            ..live.subscription.clone()
        },
        revision: live.revision,
        system: None,
    };
    let deliveries = events
        .iter()
        .filter(|event| heard(rooms, &catalogue, live, event))
        .map(|event| new_delivery(rooms, &catalogue, &again, event))
        .collect::<Result<Vec<_>, _>>()?;
    beside(rooms, &live.subscription.id, deliveries).await
}

/// Accepts deliveries without moving the cursor.
async fn beside(rooms: &Rooms, id: &str, deliveries: Vec<NewExchange>) -> Result<(), Refused> {
    for _ in 0..5 {
        let cursor = rooms.journal.cursor(id.to_owned()).await?;
        if rooms
            .journal
            .dispatch(id.to_owned(), cursor, cursor, deliveries.clone())
            .await?
        {
            return Ok(());
        }
    }
    Err(changed_meanwhile())
}

/// The position of the last event before a time, by halving.
async fn position_before(rooms: &Rooms, since: Timestamp) -> Result<i64, Refused> {
    let (mut low, mut high) = (0, rooms.journal.last_event().await?);
    while low < high {
        let middle = low + (high - low) / 2;
        let first_after = rooms.journal.events(middle, Vec::new(), 1).await?;
        match first_after.first() {
            Some(event) if event.event.at < since => low = event.seq.max(middle + 1),
            _ => high = middle,
        }
    }
    Ok(low)
}

async fn put(rooms: &Rooms, subscription: &Subscription, expected: i64) -> Result<Arc<Live>, Refused> {
    let body = serde_json::to_vec(subscription).map_err(|error| {
        tracing::error!(%error, "subscription not written");
        Refused::CannotStore
    })?;
    let id = subscription.id.clone();
    let put = rooms
        .journal
        .put_document(SUBSCRIPTIONS.into(), id, Some(Bytes::from(body)), Some(expected));
    if put.await?.is_none() {
        return Err(changed_meanwhile());
    }
    rooms.events.refresh(&*rooms.journal, &rooms.sealer).await?;
    rooms.events.get(&subscription.id).ok_or(Refused::CannotStore)
}

pub(super) fn read<T: for<'a> Deserialize<'a>>(schema: &Schema, value: &Value) -> Result<T, Refused> {
    schema.check(value).map_err(Refused::Invalid)?;
    T::deserialize(value)
        .map_err(|_| Refused::Invalid(vec![violation("", "type", "Isi tidak terbaca.", "Not readable.")]))
}

fn may_hear(rooms: &Rooms, consumer: &Consumer, kinds: &[String]) -> Result<(), Refused> {
    let catalogue = rooms.catalogue.load();
    let now = rooms.clock.now();
    for (i, kind) in kinds.iter().enumerate() {
        match permitted(&catalogue, consumer, kind, now) {
            Some(true) => {}
            Some(false) => return Err(Refused::Denied { kind: kind.clone() }),
            None => {
                return Err(Refused::Invalid(vec![violation(
                    &format!("/jenis/{i}"),
                    "unknown_code",
                    "Jenis peristiwa ini tidak ada; lihat katalog.",
                    "There is no such event type; see the catalogue.",
                )]));
            }
        }
    }
    Ok(())
}

async fn may_call(rooms: &Rooms, url: &str) -> Result<(), Refused> {
    let wrong = |text: &Text| Refused::Invalid(vec![violation("/url", "egress", &text.id, &text.en)]);
    if !is_plain(url) {
        return Err(wrong(&Text::new(
            "Tulis URL http(s) lengkap, tanpa nama pengguna dan tanpa #.",
            "Write a whole http(s) URL, without a user name and without #.",
        )));
    }
    rooms.events.egress.judge(url).await.map_err(|text| wrong(&text))
}

/// An absolute URL with nothing that another parser could read otherwise.
fn is_plain(url: &str) -> bool {
    let clean = url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&b));
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri
        .authority()
        .is_some_and(|a| !a.as_str().contains('@') && !a.host().is_empty());
    clean && scheme && host
}

fn pushed(live: &Live) -> Result<(), Refused> {
    if live.subscription.mode == Mode::Push {
        return Ok(());
    }
    Err(Refused::Conflict(Text::new(
        "Ini langganan tarik: tidak ada penerima. Baca dengan GET /v1/peristiwa.",
        "This subscription is pulled: it has no receiver. Read with GET /v1/peristiwa.",
    )))
}

fn enabled(rooms: &Rooms, id: &str) -> Result<(), Refused> {
    match rooms.events.standing(id).0 {
        Standing::Healthy | Standing::Failing { .. } | Standing::Paused { .. } => Ok(()),
        Standing::Disabled { .. } => Err(Refused::Conflict(Text::new(
            "Penerima menjawab 410. Perbaiki lalu POST /v1/langganan/{id}/lanjutkan.",
            "The receiver answered 410. Mend it, then POST /v1/langganan/{id}/lanjutkan.",
        ))),
    }
}

pub(super) fn changed_meanwhile() -> Refused {
    Refused::Conflict(Text::new(
        "Langganan ini baru saja berubah. Baca lagi lalu ulangi.",
        "The subscription has just changed. Read it again and repeat.",
    ))
}

pub(super) fn violation(pointer: &str, code: &'static str, id: &str, en: &str) -> Violation {
    Violation {
        pointer: pointer.to_owned(),
        code,
        id: id.to_owned(),
        en: en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_urls() {
        for good in ["https://penerima.invalid/a?b=c", "http://127.0.0.1:8080/x"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "ftp://a.invalid/",
            "/a",
            "https://",
            "https://u:p@a.invalid/",
            "https://a.invalid/#x",
            "https://a.invalid/ b",
            "https://a.invalid\\@b.invalid/",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
