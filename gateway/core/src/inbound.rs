//! What systems push to us. A push is proven by its hook, made durable under its event id in one transaction, and only
//! then acknowledged; later the worker takes it through rooms 12–14 like everything else: translated, checked,
//! recorded, told. Called by the edge (`receive`) and by room 13 (`translate`).
//!
//! Must not: read more of a push than its hook needs before the sender is proven, or say yes before it is durable.

use crate::catalogue::Published;
use crate::deliver::{System, Task, Tried};
use crate::evidence::sha256;
use crate::exchange::{Attempt, Key, NewExchange, Next, TryKind};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, JournalError};
use crate::pipeline::Rooms;
use bytes::Bytes;
use connector_sdk::{Acknowledgement, Fault, FaultKind, Hook, Inbound, Origin, Refused, Text};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Schema of what is stored of a push.
pub const STORED: &str = "urn:simpul:skema:kiriman_masuk:1";
/// Bodies above this are read on a thread of their own, so that other calls do not wait.
const LARGE: usize = 256 * 1024;

/// Consumer name under which the pushes of a system stand in the journal, and the system of their queue.
pub fn sender(system: &str) -> String {
    format!("masuk:{system}")
}

/// Name of the operation that a push of this hook is: rights, relays, events and retention refer to it.
pub fn operation(system: &str, hook: &str) -> String {
    format!("masuk.{system}.{hook}")
}

/// Whether an exchange was pushed to us and not asked for.
pub(crate) fn is_sender(consumer: &str) -> bool {
    consumer.starts_with("masuk:")
}

/// One hook of one system, as it is taken here.
pub struct Receiver {
    /// Its operation.
    pub published: Arc<Published>,
    /// The system that pushes.
    pub system: Arc<System>,
    /// Id of the hook in its connector.
    pub hook: String,
    /// Where it is taken; the first is the documented one, the others are aliases.
    pub paths: Vec<String>,
    /// Purpose recorded with each push.
    pub purpose: String,
    /// Largest body in bytes.
    pub max_body: u64,
    /// Bodies held at once; more wait for their turn.
    pub places: Arc<Semaphore>,
}

impl Receiver {
    fn hook(&self) -> Option<&dyn Hook> {
        self.system.connector.hook(&self.hook)
    }

    /// What is answered when a push was not taken although nothing is wrong with its proof.
    pub fn not_taken(&self, status: u16) -> Acknowledgement {
        self.hook().map_or_else(
            || Acknowledgement {
                status,
                content_type: "text/plain".into(),
                body: Bytes::new(),
            },
            |hook| hook.not_taken(status),
        )
    }
}

/// The head of a push.
pub struct Head {
    /// Raw query string.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Address of the sender, if known.
    pub peer: Option<IpAddr>,
}

/// How a push ended at the edge. The word is for metrics and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Durable now.
    New,
    /// Durable before.
    Repeated,
    /// The sender did not prove itself.
    Refused,
    /// Nothing wrong with the sender, but it is not durable.
    NotTaken,
}

impl Taken {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::New, Self::Repeated, Self::Refused, Self::NotTaken];

    /// The word in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Repeated => "repeated",
            Self::Refused => "refused",
            Self::NotTaken => "not_taken",
        }
    }
}

/// What may be judged before the body is read.
///
/// # Errors
/// The answer in the system's own form.
pub fn admit(rooms: &Rooms, receiver: &Receiver, head: &Head) -> Result<(), Acknowledgement> {
    let Some(hook) = receiver.hook() else {
        return Err(receiver.not_taken(501));
    };
    let empty = Bytes::new();
    hook.admit(&inbound(head, &empty, rooms.clock.now()))
        .map_err(|refused| refuse(receiver, refused))
}

/// Proves the sender, makes the push durable and says what the system hears.
pub async fn receive(
    rooms: &Rooms,
    receiver: &Arc<Receiver>,
    head: Head,
    body: Bytes,
    exchange: ExchangeId,
    trace: Option<String>,
) -> (Taken, Acknowledgement) {
    let now = rooms.clock.now();
    let read = {
        let receiver = Arc::clone(receiver);
        let large = body.len() > LARGE;
        let reading = move || read(&receiver, &head, &body, now);
        if large {
            let read = tokio::task::spawn_blocking(reading).await;
            read.unwrap_or_else(|_| Err((Taken::NotTaken, None)))
        } else {
            reading()
        }
    };
    let Read {
        event,
        lane,
        stored,
        answer,
        again,
    } = match read {
        Ok(read) => read,
        Err((taken, Some(answer))) => return (taken, answer),
        Err((taken, None)) => return (taken, receiver.not_taken(500)),
    };
    match store(rooms, receiver, (event, lane, stored), exchange, trace).await {
        Ok(Acceptance::New(..)) => (Taken::New, answer),
        Ok(Acceptance::Known(_) | Acceptance::KeyMismatch(_) | Acceptance::ReferenceMismatch(_)) => {
            (Taken::Repeated, again)
        }
        Err(error) => {
            tracing::error!(operation = %receiver.published.id, %error, "push not stored");
            (Taken::NotTaken, receiver.not_taken(503))
        }
    }
}

/// Makes a push durable under its event id; the same event is the same push, however its bytes are laid out.
async fn store(
    rooms: &Rooms,
    receiver: &Receiver,
    (event, lane, stored): (String, Option<String>, Value),
    exchange: ExchangeId,
    trace: Option<String>,
) -> Result<Acceptance, JournalError> {
    let now = rooms.clock.now();
    let sealed = rooms.sealer.fresh().and_then(|key| {
        let plain = serde_json::to_vec(&stored).unwrap_or_default();
        Ok((key.wrapped(), key.seal(&plain, exchange)?))
    });
    let (seal, input) = sealed.map_err(|error| JournalError::Broken(error.to_string()))?;
    let fingerprint = sha256(event.as_bytes());
    let queue = sender(&receiver.system.id);
    let new = NewExchange {
        id: exchange,
        consumer: queue.clone(),
        operation: receiver.published.id.clone(),
        purpose: receiver.purpose.clone(),
        key: Some(Key {
            key: event,
            fingerprint,
        }),
        fingerprint,
        reference: None,
        lane: lane.map(|lane| format!("{queue}:{lane}")),
        system: queue,
        input,
        seal: Some(seal),
        trace,
        at: now,
        due: now,
        cause: None,
        lease: None,
    };
    rooms.journal.accept(new).await
}

/// What became of a push that a person brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// Durable now.
    New(ExchangeId),
    /// Durable before.
    Known(ExchangeId),
    /// It cannot be translated; nothing was stored.
    Unreadable,
}

/// A push that a person brings instead of its system. The person is proven already, and named in what is stored; unlike a
/// push of the system, one that cannot be translated is refused, since somebody is there to mend it.
///
/// # Errors
/// When the journal cannot store.
pub async fn import(rooms: &Rooms, receiver: &Receiver, body: Bytes, by: &str) -> Result<Imported, JournalError> {
    let Some(hook) = receiver.hook() else {
        return Ok(Imported::Unreadable);
    };
    let valid = |data: &Value| receiver.published.reply.is_valid(data);
    if !hook
        .translate(&body, "")
        .is_ok_and(|translated| valid(&translated.data))
    {
        return Ok(Imported::Unreadable);
    }
    let head = Head {
        query: String::new(),
        headers: HeaderMap::new(),
        peer: None,
    };
    let inbound = inbound(&head, &body, rooms.clock.now());
    let verified = connector_sdk::Verified {
        by: format!("impor:{by}").into(),
    };
    let Ok(event) = hook.event_id(&inbound, &verified) else {
        return Ok(Imported::Unreadable);
    };
    let answer = hook.acknowledge(&inbound, false);
    let stored = json!({
        "isi": String::from_utf8_lossy(&body), "terbukti": verified.by,
        "jawaban_sha256": hex::encode(sha256(&answer.body)),
    });
    let exchange = rooms.ids.exchange();
    Ok(
        match store(rooms, receiver, (event, hook.lane(&inbound), stored), exchange, None).await? {
            Acceptance::New(stored, _) => Imported::New(stored.id),
            Acceptance::Known(stored) | Acceptance::KeyMismatch(stored) | Acceptance::ReferenceMismatch(stored) => {
                Imported::Known(stored.id)
            }
        },
    )
}

struct Read {
    event: String,
    lane: Option<String>,
    stored: Value,
    answer: Acknowledgement,
    again: Acknowledgement,
}

type NotRead = (Taken, Option<Acknowledgement>);

fn read(receiver: &Receiver, head: &Head, body: &Bytes, now: jiff::Timestamp) -> Result<Read, NotRead> {
    let hook = receiver.hook().ok_or((Taken::NotTaken, None))?;
    let inbound = inbound(head, body, now);
    let turned_away = |refused| (Taken::Refused, Some(refuse(receiver, refused)));
    let verified = hook.verify(&inbound).map_err(turned_away)?;
    let event = hook.event_id(&inbound, &verified).map_err(turned_away)?;
    let lane = hook.lane(&inbound);
    let answer = hook.acknowledge(&inbound, false);
    let again = hook.acknowledge(&inbound, true);
    let mut stored = Map::new();
    match std::str::from_utf8(body) {
        Ok(text) => stored.insert("isi".into(), text.into()),
        Err(_) => stored.insert("isi_heksa".into(), hex::encode(body).into()),
    };
    if !head.query.is_empty() {
        stored.insert("kueri".into(), head.query.clone().into());
    }
    stored.insert("terbukti".into(), verified.by.into_owned().into());
    stored.insert("jawaban_sha256".into(), hex::encode(sha256(&answer.body)).into());
    Ok(Read {
        event,
        lane,
        stored: Value::Object(stored),
        answer,
        again,
    })
}

fn inbound<'a>(head: &'a Head, body: &'a Bytes, now: jiff::Timestamp) -> Inbound<'a> {
    Inbound {
        query: &head.query,
        headers: &head.headers,
        body,
        peer: head.peer,
        now,
    }
}

fn refuse(receiver: &Receiver, refused: Refused) -> Acknowledgement {
    tracing::warn!(operation = %receiver.published.id, reason = %refused.reason, "push refused");
    refused.answer
}

/// The exact bytes of a stored push, and its query.
fn original(stored: &Value) -> Option<(Bytes, &str)> {
    let text = |name: &str| stored.get(name).and_then(Value::as_str);
    let body = match (text("isi"), text("isi_heksa")) {
        (Some(plain), _) => Bytes::from(plain.to_owned()),
        (None, Some(digits)) => Bytes::from(hex::decode(digits).ok()?),
        (None, None) => return None,
    };
    Some((body, text("kueri").unwrap_or_default()))
}

/// Room 13 for a push: native to canonical, checked. What cannot be translated waits for a person as a dead letter.
pub(crate) async fn translate(rooms: &Rooms, task: &Task) -> (Attempt, Next, Option<Value>) {
    let started = rooms.clock.now();
    let large = task.input.get("isi").and_then(Value::as_str).map_or(0, str::len) > LARGE;
    let run = {
        let task = task.clone();
        move || canonical(&task)
    };
    let tried = if large {
        let done = tokio::task::spawn_blocking(run).await;
        done.unwrap_or_else(|_| Err(defect("the translation of a push panicked")))
    } else {
        run()
    };
    let digests = original(&task.input).map(|(body, _)| {
        let answer = task.input.get("jawaban_sha256").and_then(Value::as_str);
        (hex::encode(sha256(&body)), answer.unwrap_or_default().to_owned())
    });
    let Tried { result, attempt } = Tried {
        attempt: Attempt {
            number: task.number,
            kind: TryKind::Deliver,
            started,
            ended: rooms.clock.now(),
            system_ms: 0,
            step: Some("terjemah".to_owned()),
            status: None,
            digests,
            fault: tried.as_ref().err().cloned(),
            by: None,
        },
        result: tried,
    };
    match result {
        Ok(data) => (attempt, crate::pipeline::done(&data), Some(data)),
        Err(fault) => {
            let why = fault.internal.as_deref().unwrap_or("tanpa keterangan");
            let reason = format!("kiriman tidak dapat diterjemahkan: {why}");
            (attempt, Next::Dead { reason }, None)
        }
    }
}

/// The canonical data of a stored push, valid under its schema.
pub(crate) fn canonical(task: &Task) -> Result<Value, Fault> {
    let hook = task.routed.hook().ok_or_else(|| defect("no such hook"))?;
    let (body, query) = original(&task.input).ok_or_else(|| defect("the stored push is not readable"))?;
    let data = hook.translate(&body, query)?.data;
    task.routed.operation().reply.check(&data).map_err(|violations| {
        let places = violations.iter().take(5).map(|v| format!("{} {}", v.pointer, v.code));
        let places = places.collect::<Vec<_>>().join(", ");
        Fault::drift(format!("canonical data breaks its schema at {places}"))
    })?;
    Ok(data)
}

fn defect(why: &'static str) -> Fault {
    Fault::new(
        FaultKind::Internal,
        Text::new("Cacat pada gateway.", "A defect in the gateway."),
    )
    .origin(Origin::Gateway)
    .internal(why)
}

/// The push a person looks at, without what it holds: which fields came, and what the translation makes of it now.
pub(crate) fn outline(task: &Task) -> Value {
    match canonical(task) {
        Ok(data) => json!({ "langkah": "terjemah", "isi": crate::person::inspect::shape(&data) }),
        Err(fault) => json!({ "gagal": fault.public.id, "keterangan": fault.internal }),
    }
}

/// Longest time a push waits for its turn to be read.
pub const TURN: Duration = Duration::from_secs(20);
