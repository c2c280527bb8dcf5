//! Links: names under which something a later outcome needs is found again (the report's id by its ticket, whether a
//! record is protected). A link is remembered in the same transaction as the outcome that made it, as a timer whose due
//! time is the end of its keeping. A relay whose link is not there yet waits, and is never lost: when its patience ends
//! it becomes an exchange that ends as a dead letter.
//!
//! Protection only rises: a flag read as `Source::Protected` that was once true stays true until [`lower`].

use crate::catalogue::Catalogue;
use crate::evidence::sha256;
use crate::ids::ExchangeId;
use crate::journal::{JournalError, LeasedTimer, Timer};
use crate::pipeline::Rooms;
use crate::relay::{Ended, Relay, asked, ours};
use crate::source::{Documents, Source, put};
use crate::time::later;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Timer kind of links: `tautan`.
pub(crate) const LINK: &str = "tautan";
/// Timer kind of relays that wait for their link.
pub(crate) const WAITING: &str = "susulan";

/// What an operation's outcome is remembered by.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Name of the kind of link, for example `laporan`.
    pub name: String,
    /// Operation.
    pub operation: String,
    /// Parts of the key, joined.
    pub key: Vec<Source>,
    /// The value: pointers and where they come from. Flags and ids only, never personal data.
    pub value: Vec<(String, Source)>,
    /// How long it is kept.
    pub keep: Duration,
}

/// How a relay finds a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Find {
    /// Name of the kind of link.
    pub name: String,
    /// Parts of the key.
    pub key: Vec<Source>,
    /// How long the relay waits for it.
    pub patience: Duration,
}

/// What was found.
pub(crate) enum Found {
    Value(Value),
    NotYet(String),
    NoKey,
}

pub(crate) fn key(parts: &[Source], documents: &Documents<'_>) -> Option<String> {
    let text = |source: &Source| match source.read(documents)? {
        Value::String(text) => Some(text),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        scalar => Some(scalar.to_string()),
    };
    let parts: Option<Vec<_>> = parts.iter().map(text).collect();
    parts.filter(|p| !p.is_empty()).map(|p| p.join(":"))
}

fn timer_id(name: &str, key: &str) -> String {
    format!("{name}:{key}")
}

/// The value of a link.
pub(crate) async fn value(rooms: &Rooms, name: &str, key: &str) -> Result<Option<Value>, JournalError> {
    let timer = rooms.journal.timer(LINK.into(), timer_id(name, key)).await?;
    Ok(timer.and_then(|timer| serde_json::from_slice(&timer.body).ok()))
}

pub(crate) async fn find(rooms: &Rooms, find: &Find, documents: &Documents<'_>) -> Found {
    let Some(key) = key(&find.key, documents) else {
        return Found::NoKey;
    };
    match value(rooms, &find.name, &key).await {
        Ok(Some(value)) => Found::Value(value),
        Ok(None) => Found::NotYet(key),
        Err(error) => {
            tracing::error!(%error, "link not read");
            Found::NotYet(key)
        }
    }
}

/// The links that an outcome is remembered by.
pub(crate) async fn remembered(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Timer> {
    let mut timers = Vec::new();
    for link in catalogue.flows.links.iter().filter(|l| l.operation == ended.operation) {
        let documents = Documents::of(ended.input, ended.reply);
        let Some(key) = key(&link.key, &documents) else {
            tracing::error!(exchange = %ended.exchange, link = %link.name, "outcome without the key of its link");
            rooms.observer.noted("link_without_key", &link.name);
            continue;
        };
        let mut body = json!({});
        for (pointer, source) in &link.value {
            if let Some(value) = source.read(&documents) {
                put(&mut body, pointer, value);
            }
        }
        // What was protected stays so; what cannot be read is taken as protected.
        let before = value(rooms, &link.name, &key).await;
        let flags = link.value.iter().filter(|(_, s)| matches!(s, Source::Protected(_)));
        for (pointer, _) in flags {
            let stays = match &before {
                Ok(before) => before
                    .as_ref()
                    .is_some_and(|b| b.pointer(pointer) == Some(&Value::Bool(true))),
                Err(_) => true,
            };
            if stays {
                put(&mut body, pointer, Value::Bool(true));
            }
        }
        timers.push(Timer {
            kind: LINK.into(),
            id: timer_id(&link.name, &key),
            due: later(ended.at, link.keep),
            body: Bytes::from(body.to_string()),
        });
    }
    timers
}

/// A protection is lowered only by a named person with a reason; both go into the evidence. `false` when there is no
/// such link, or the flag protects nothing.
///
/// # Errors
/// When the journal cannot store.
pub async fn lower(
    rooms: &Rooms,
    name: &str,
    key: &str,
    flag: &str,
    by: &str,
    reason: &str,
) -> Result<bool, JournalError> {
    let catalogue = rooms.catalogue.load_full();
    let protects = |link: &Link| {
        let flagged = link
            .value
            .iter()
            .any(|(pointer, source)| pointer == flag && matches!(source, Source::Protected(_)));
        link.name == name && flagged
    };
    if !catalogue.flows.links.iter().any(protects) {
        return Ok(false);
    }
    let Some(timer) = rooms.journal.timer(LINK.into(), timer_id(name, key)).await? else {
        return Ok(false);
    };
    let mut body: Value = serde_json::from_slice(&timer.body).unwrap_or_default();
    put(&mut body, flag, Value::Bool(false));
    let record = json!({
        "action": "protection_lowered", "link": name, "key": hex::encode(sha256(key.as_bytes())), "flag": flag,
        "by": by, "reason": reason, "at": rooms.clock.now(),
    });
    rooms.journal.witness(vec![Bytes::from(record.to_string())]).await?;
    let timer = Timer {
        body: Bytes::from(body.to_string()),
        ..timer
    };
    rooms.journal.put_timer(timer, None).await?;
    Ok(true)
}

/// A relay that waits. Sealed, since its input is a body.
#[derive(Serialize, Deserialize)]
struct Waiting {
    from: String,
    to: String,
    key: String,
    input: Value,
    cause: ExchangeId,
    trace: Option<String>,
    since: Timestamp,
    tries: u32,
}

/// The timer of a relay whose link is not there yet; `None` when it waits already.
pub(crate) async fn waiting(rooms: &Rooms, relay: &Relay, key: &str, input: Value, ended: &Ended<'_>) -> Option<Timer> {
    let fact = json!([relay.from, relay.to, key, input]);
    let id = hex::encode(sha256(&schemas::canon::to_bytes(&fact)));
    if let Ok(Some(_)) = rooms.journal.timer(WAITING.into(), id.clone()).await {
        return None;
    }
    let waiting = Waiting {
        from: relay.from.clone(),
        to: relay.to.clone(),
        key: key.to_owned(),
        input,
        cause: ended.exchange,
        trace: ended.trace.map(str::to_owned),
        since: ended.at,
        tries: 0,
    };
    timer(rooms, id, &waiting, ended.at)
}

fn timer(rooms: &Rooms, id: String, waiting: &Waiting, at: Timestamp) -> Option<Timer> {
    let pause = Duration::from_secs(5 << waiting.tries.min(7)).mul_f64(0.5 + rooms.ids.fraction());
    let body = serde_json::to_vec(waiting).ok()?;
    let body = rooms.sealer.seal(&body, &id).inspect_err(|error| {
        tracing::error!(%error, "waiting relay not sealed");
    });
    Some(Timer {
        kind: WAITING.into(),
        due: later(at, pause),
        body: body.ok()?,
        id,
    })
}

/// Tries a waiting relay again.
pub(crate) async fn retry(rooms: &Rooms, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: old, fence } = leased;
    let drop = || rooms.journal.drop_timer(WAITING.into(), old.id.clone(), Some(fence));
    let opened = rooms.sealer.open(&old.body, &old.id).ok();
    let Some(waiting) = opened.and_then(|body| serde_json::from_slice::<Waiting>(&body).ok()) else {
        tracing::error!(timer = %old.id, "waiting relay does not open");
        return drop().await;
    };
    let catalogue = rooms.catalogue.load_full();
    let relay = catalogue
        .relays
        .iter()
        .find(|r| r.from == waiting.from && r.to == waiting.to && r.find.is_some());
    let Some((relay, find)) = relay.and_then(|r| Some((r, r.find.as_ref()?))) else {
        tracing::error!(from = %waiting.from, to = %waiting.to, "waiting relay is no longer configured");
        return drop().await;
    };
    let now = rooms.clock.now();
    let mut input = waiting.input.clone();
    if let Some(value) = value(rooms, &find.name, &waiting.key).await? {
        let documents = Documents {
            link: &value,
            ..Documents::of(&Value::Null, &waiting.input)
        };
        relay.shape(&mut input, &documents, true);
        let trace = waiting.trace.as_deref();
        match asked(rooms, &catalogue, relay, &input, Some(waiting.cause), trace, now) {
            Ok(exchange) => rooms.journal.accept(exchange).await.map(|_| ())?,
            Err(why) => {
                tracing::error!(from = %relay.from, to = %relay.to, why, "waiting relay skipped");
                rooms.observer.noted("relay_unfit", &relay.to);
            }
        }
        return drop().await;
    }
    if now >= later(waiting.since, find.patience) {
        // Not lost: the other operation refuses the incomplete input, and a person finds it among the dead letters.
        rooms.observer.noted("relay_without_link", &relay.to);
        if let Some(to) = catalogue.operations.get(&relay.to) {
            let name = Some(format!("tanpa_tautan:{}", old.id));
            let cause = Some(waiting.cause);
            let trace = waiting.trace.as_deref();
            if let Some(exchange) = ours(rooms, to, &input, name, &relay.purpose, cause, trace, now) {
                rooms.journal.accept(exchange).await?;
            }
        }
        return drop().await;
    }
    let waiting = Waiting {
        tries: waiting.tries + 1,
        ..waiting
    };
    match timer(rooms, old.id.clone(), &waiting, now) {
        Some(next) => rooms.journal.put_timer(next, Some(fence)).await,
        None => Ok(()),
    }
}
