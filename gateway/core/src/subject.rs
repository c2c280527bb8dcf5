//! Data subjects: whom an exchange is about, by keyed names that tell nothing without the master key. They stand in the evidence,
//! so that a person can be told who processed what about them (`history`), and a person whose processing is restricted is
//! refused in room 9, left out of replies, and held back by the worker. Never keeps or logs the number itself.

pub mod history;

use crate::catalogue::Catalogue;
use crate::deliver::Task;
use crate::events;
use crate::evidence::About;
use crate::identity::keyring::{Deed, KeyError, reasoned};
use crate::journal::{Journal, JournalError};
use crate::outcome::Refusal;
use crate::pipeline::Rooms;
use crate::seal::Sealer;
use crate::time::Clock;
use arc_swap::ArcSwap;
use bytes::Bytes;
use schemas::{Schema, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Document kind of restrictions.
pub const RESTRICTIONS: &str = "subjek_batas";
/// Between two looks at the journal: a restriction holds on every node within a second.
const LOOK: Duration = Duration::from_millis(400);
/// Bytes of a keyed name. Half an HMAC-SHA256 tells persons apart and cannot be turned round.
const NAME: usize = 16;

/// The keyed name of a person, hex.
pub fn reference(sealer: &Sealer, subject: &Subject) -> String {
    let name = sealer.keyed(&format!("subjek:{}:{}", subject.kind.word(), subject.value));
    hex::encode(&name[..NAME])
}

/// A restriction of processing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Keyed name of the person.
    pub subject: String,
    /// Operations that are refused; empty: all.
    pub operations: Vec<String>,
    /// Who set it, when and why.
    pub set: Deed,
}

#[derive(Default, Clone)]
struct Known {
    revision: i64,
    live: BTreeMap<String, Restriction>,
}

/// All restrictions in force. One per process.
#[derive(Default)]
pub struct Restrictions {
    known: ArcSwap<Known>,
    refreshing: Mutex<()>,
}

impl Restrictions {
    /// Whether nobody is restricted, the usual case, which must cost nothing.
    pub fn is_empty(&self) -> bool {
        self.known.load().live.is_empty()
    }

    /// Whether this person's data may not be processed by this operation.
    pub fn holds(&self, subject: &str, operation: &str) -> bool {
        let known = self.known.load();
        let found = known.live.get(subject);
        found.is_some_and(|found| found.operations.is_empty() || found.operations.iter().any(|o| o == operation))
    }

    /// All of them.
    pub fn list(&self) -> Vec<Restriction> {
        self.known.load().live.values().cloned().collect()
    }

    /// Learns what changed since the last time.
    ///
    /// # Errors
    /// When the journal cannot be read; what was known stays.
    pub async fn refresh(&self, journal: &dyn Journal) -> Result<(), JournalError> {
        let _one_at_a_time = self.refreshing.lock().await;
        let known = self.known.load_full();
        let documents = journal.documents(known.revision).await?;
        if documents.is_empty() {
            return Ok(());
        }
        let mut next = Known::clone(&known);
        for document in documents {
            next.revision = next.revision.max(document.revision);
            if document.kind != RESTRICTIONS {
                continue;
            }
            match document.body.as_deref().map(serde_json::from_slice::<Restriction>) {
                Some(Ok(found)) => drop(next.live.insert(document.id, found)),
                None => drop(next.live.remove(&document.id)),
                // What was known of the person stays: not readable must not mean free.
                Some(Err(error)) => tracing::error!(%error, "restriction of a data subject not readable"),
            }
        }
        self.known.store(Arc::new(next));
        Ok(())
    }

    /// Keeps up with the journal until `stop`.
    pub async fn follow(self: Arc<Self>, journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.refresh(&*journal).await {
                tracing::error!(%error, "restrictions of data subjects not read from the journal");
            }
            tokio::select! { () = stop.cancelled() => break, () = clock.sleep(LOOK) => {} }
        }
    }

    /// Restricts a person, or changes a restriction. Evidence first.
    ///
    /// # Errors
    /// Without a reason, or when the journal refuses; nothing changed then.
    pub async fn set(&self, journal: &dyn Journal, wish: Restriction) -> Result<(), KeyError> {
        reasoned(&wish.set)?;
        witness(journal, "batasi_subjek", &wish.subject, &wish.operations, &wish.set).await?;
        let body = serde_json::to_vec(&wish).map_err(|error| JournalError::Broken(error.to_string()))?;
        let body = Some(Bytes::from(body));
        journal
            .put_document(RESTRICTIONS.into(), wish.subject, body, None)
            .await?;
        Ok(self.refresh(journal).await?)
    }

    /// Lifts a restriction. Evidence first.
    ///
    /// # Errors
    /// Without a reason, without a restriction, or when the journal refuses; nothing changed then.
    pub async fn lift(&self, journal: &dyn Journal, subject: &str, deed: &Deed) -> Result<(), KeyError> {
        reasoned(deed)?;
        self.refresh(journal).await?;
        if !self.known.load().live.contains_key(subject) {
            return Err(KeyError::Missing);
        }
        witness(journal, "lepas_subjek", subject, &[], deed).await?;
        journal
            .put_document(RESTRICTIONS.into(), subject.to_owned(), None, None)
            .await?;
        Ok(self.refresh(journal).await?)
    }
}

async fn witness(
    journal: &dyn Journal,
    action: &str,
    subject: &str,
    operations: &[String],
    deed: &Deed,
) -> Result<(), JournalError> {
    let record = json!({
        "action": action, "subjects": [subject], "operations": operations,
        "person": deed.by, "reason": deed.reason, "at": deed.at.to_string(),
    });
    journal.witness(vec![record.to_string().into()]).await
}

/// Room 9: an input about a person whose processing is restricted is not taken on.
pub(crate) fn input(rooms: &Rooms, operation: &str, schema: &Schema, value: &Value) -> Result<(), Refusal> {
    let subjects = held(rooms, operation, schema, value);
    if subjects.is_empty() {
        return Ok(());
    }
    Err(Refusal::SubjectRestricted { subjects })
}

/// What goes out: entries of lists are left out, anything else is refused.
pub(crate) fn reply(rooms: &Rooms, operation: &str, schema: &Schema, value: &mut Value) -> Result<(), Refusal> {
    if rooms.restrictions.is_empty() || !schema.names_subjects() {
        return Ok(());
    }
    let mut subjects = Vec::new();
    schema.leave_out(value, &mut |subject, in_list| {
        let name = reference(&rooms.sealer, subject);
        let held = rooms.restrictions.holds(&name, operation);
        if held && !in_list {
            subjects.push(name);
        }
        held
    });
    if subjects.is_empty() {
        return Ok(());
    }
    Err(Refusal::SubjectRestricted { subjects })
}

fn held(rooms: &Rooms, operation: &str, schema: &Schema, value: &Value) -> Vec<String> {
    if rooms.restrictions.is_empty() || !schema.names_subjects() {
        return Vec::new();
    }
    let mut names = names(rooms, schema, value);
    names.retain(|name| rooms.restrictions.holds(name, operation));
    names
}

fn names(rooms: &Rooms, schema: &Schema, value: &Value) -> Vec<String> {
    let subjects = schema.subjects(value);
    subjects
        .iter()
        .map(|subject| reference(&rooms.sealer, subject))
        .collect()
}

/// Whether a stored exchange must wait for a person, since processing about somebody in it was restricted meanwhile.
pub(crate) fn waits(rooms: &Rooms, catalogue: &Catalogue, task: &Task) -> bool {
    if rooms.restrictions.is_empty() {
        return false;
    }
    let operation = &task.routed.operation().id;
    match delivered(catalogue, task) {
        Some((schema, data)) => !held(rooms, operation, schema, data).is_empty(),
        None => !held(rooms, operation, &task.routed.operation().request, &task.input).is_empty(),
    }
}

/// Of a push to a subscriber: the data of its event and that data's schema.
fn delivered<'a>(catalogue: &'a Catalogue, task: &'a Task) -> Option<(&'a Schema, &'a Value)> {
    if task.routed.operation().id != events::DELIVERY {
        return None;
    }
    let event = task.input.get("peristiwa")?;
    let id = event.get("dataschema")?.as_str()?;
    let mut published = catalogue.operations.values();
    let schema = published.find(|published| published.reply.id() == id)?;
    Some((&*schema.reply, event.get("data")?))
}

/// Whom a try was about and on what basis, for its record; `None` when it names nobody.
pub(crate) fn about(rooms: &Rooms, consumer: &str, task: &Task, reply: Option<&Value>) -> Option<About> {
    let operation = task.routed.operation();
    let is_push = operation.id == events::DELIVERY;
    if !is_push && !operation.request.names_subjects() && !operation.reply.names_subjects() {
        return None;
    }
    let catalogue = rooms.catalogue.load();
    let mut subjects = match delivered(&catalogue, task) {
        Some((schema, data)) => names(rooms, schema, data),
        None => names(rooms, &operation.request, &task.input),
    };
    subjects.extend(
        reply
            .into_iter()
            .flat_map(|reply| names(rooms, &operation.reply, reply)),
    );
    subjects.sort_unstable();
    subjects.dedup();
    let grant = catalogue
        .consumers
        .get(consumer)
        .and_then(|c| c.grants.get(&operation.id));
    let basis = grant.map(|grant| format!("{}; {}", grant.legal_basis, grant.agreement));
    (!subjects.is_empty()).then_some(About { subjects, basis })
}
