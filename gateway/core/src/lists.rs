//! Synchronised lists: institutions, categories, templates of a system, pulled page by page on a schedule and handed to
//! its connector in every call. A list is replaced as a whole, and only by one that is complete, not empty and plausible;
//! the old one stays usable while the service is down. Kept as documents (`daftar`), so that every node has them within
//! a second, and with them when and where they came from.

use crate::deliver;
use crate::evidence::sha256;
use crate::journal::{Document, JournalError, LeasedTimer, Timer};
use crate::pipeline::Rooms;
use crate::time::later;
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::{Fault, Lists, MirrorSpec, Pull};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Kind of the documents and of the timers.
pub const LIST: &str = "daftar";
/// Longest one pull may take before another node begins again.
pub(crate) const LONGEST_PULL: Duration = Duration::from_secs(600);
/// Pause after a pull that was refused or failed.
const AGAIN: Duration = Duration::from_secs(300);

/// A list that is kept in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPlan {
    /// System.
    pub system: String,
    /// Mirror of its connector.
    pub mirror: String,
    /// Time between pulls; `None` takes the connector's.
    pub every: Option<Duration>,
}

/// One row: our code, the system's own value, a name for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Canonical code.
    #[serde(rename = "kode")]
    pub code: String,
    /// Native value.
    #[serde(rename = "asli")]
    pub native: String,
    /// Name.
    #[serde(rename = "nama", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A list with its provenance, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// System.
    #[serde(rename = "sistem")]
    pub system: String,
    /// Name.
    #[serde(rename = "daftar")]
    pub list: String,
    /// When it was pulled.
    #[serde(rename = "diambil_pada")]
    pub fetched_at: Timestamp,
    /// Rows.
    #[serde(rename = "butir")]
    pub rows: Vec<Row>,
}

struct Indexed {
    list: List,
    native: HashMap<String, String>,
    code: HashMap<String, String>,
}

type Held = HashMap<String, Arc<Indexed>>;

/// All lists of this node.
#[derive(Default)]
pub struct Shelf {
    held: ArcSwap<Held>,
    revision: AtomicI64,
}

impl Shelf {
    /// Those of one system, for its connector.
    pub fn of(&self, system: &str) -> SystemLists {
        SystemLists {
            held: self.held.load_full(),
            system: system.to_owned(),
        }
    }

    /// All lists with their provenance, for operators.
    pub fn all(&self) -> Vec<List> {
        let mut all: Vec<List> = self.held.load().values().map(|i| i.list.clone()).collect();
        all.sort_by(|a, b| (&a.system, &a.list).cmp(&(&b.system, &b.list)));
        all
    }

    fn list(&self, name: &str) -> Option<Arc<Indexed>> {
        self.held.load().get(name).map(Arc::clone)
    }

    fn take(&self, documents: Vec<Document>) {
        let mut held = Held::clone(&self.held.load());
        let mut newest = self.revision.load(Ordering::Acquire);
        for document in documents {
            newest = newest.max(document.revision);
            if document.kind != LIST {
                continue;
            }
            let list = document.body.as_ref().map(|body| serde_json::from_slice::<List>(body));
            match list {
                None => drop(held.remove(&document.id)),
                Some(Ok(list)) => drop(held.insert(document.id, Arc::new(indexed(list)))),
                Some(Err(error)) => tracing::error!(list = %document.id, %error, "stored list does not read"),
            }
        }
        self.held.store(Arc::new(held));
        self.revision.store(newest, Ordering::Release);
    }
}

fn indexed(list: List) -> Indexed {
    let pairs = |f: fn(&Row) -> (String, String)| list.rows.iter().map(f).collect();
    Indexed {
        native: pairs(|row| (row.code.clone(), row.native.clone())),
        code: pairs(|row| (row.native.clone(), row.code.clone())),
        list,
    }
}

/// The lists of one system.
pub struct SystemLists {
    held: Arc<Held>,
    system: String,
}

impl SystemLists {
    fn list(&self, list: &str) -> Option<&Arc<Indexed>> {
        self.held.get(&format!("{}/{list}", self.system))
    }
}

impl Lists for SystemLists {
    fn native(&self, list: &str, code: &str) -> Option<String> {
        self.list(list)?.native.get(code).cloned()
    }

    fn canonical(&self, list: &str, native: &str) -> Option<String> {
        self.list(list)?.code.get(native).cloned()
    }
}

/// Takes over what changed in the journal, here or on another node.
///
/// # Errors
/// When the journal cannot be read; what is held stays.
pub async fn refresh(rooms: &Rooms) -> Result<(), JournalError> {
    let after = rooms.lists.revision.load(Ordering::Acquire);
    let documents = rooms.journal.documents(after).await?;
    if !documents.is_empty() {
        rooms.lists.take(documents);
    }
    Ok(())
}

/// Plans the pulls that are not planned yet.
pub(crate) async fn plant(rooms: &Rooms) -> Result<(), JournalError> {
    let catalogue = rooms.catalogue.load_full();
    for plan in &catalogue.flows.lists {
        let id = format!("{}/{}", plan.system, plan.mirror);
        if rooms.journal.timer(LIST.into(), id.clone()).await?.is_none() {
            rooms.journal.put_timer(timer(id, rooms.clock.now()), None).await?;
        }
    }
    Ok(())
}

fn timer(id: String, due: Timestamp) -> Timer {
    Timer {
        kind: LIST.into(),
        id,
        due,
        body: Bytes::new(),
    }
}

/// Pulls one list and replaces it if what came is fit to replace it.
pub(crate) async fn fire(rooms: &Arc<Rooms>, leased: LeasedTimer) -> Result<(), JournalError> {
    let LeasedTimer { timer: held, fence } = leased;
    let catalogue = rooms.catalogue.load_full();
    let name = |plan: &&ListPlan| format!("{}/{}", plan.system, plan.mirror) == held.id;
    let plan = catalogue.flows.lists.iter().find(name);
    let system = plan.and_then(|plan| catalogue.systems.get(&plan.system));
    let (Some(plan), Some(system)) = (plan, system) else {
        tracing::warn!(list = %held.id, "list is no longer configured");
        return rooms.journal.drop_timer(LIST.into(), held.id, Some(fence)).await;
    };
    let every = |spec: &MirrorSpec| {
        plan.every
            .unwrap_or(Duration::from_secs(u64::from(spec.every_s.max(60))))
    };
    let pause = match system.connector.mirror(&plan.mirror) {
        None => {
            tracing::error!(list = %held.id, "the connector has no such mirror");
            AGAIN
        }
        Some(mirror) => match pulled(rooms, system, mirror).await {
            Ok(rows) => {
                let list = List {
                    system: plan.system.clone(),
                    list: plan.mirror.clone(),
                    fetched_at: rooms.clock.now(),
                    rows,
                };
                if replace(rooms, &held.id, list, mirror.spec().max_shrink_percent).await? {
                    every(mirror.spec())
                } else {
                    AGAIN.min(every(mirror.spec()))
                }
            }
            Err(why) => {
                tracing::warn!(list = %held.id, %why, "list not pulled; the old one stays");
                rooms.observer.noted("list_not_pulled", &held.id);
                AGAIN.min(every(mirror.spec()))
            }
        },
    };
    let due = later(rooms.clock.now(), pause.mul_f64(0.9 + 0.2 * rooms.ids.fraction()));
    rooms.journal.put_timer(timer(held.id, due), Some(fence)).await
}

/// All pages of a mirror as rows. Anything short of the whole is an error.
async fn pulled(
    rooms: &Arc<Rooms>,
    system: &Arc<deliver::System>,
    mirror: &dyn connector_sdk::Mirror,
) -> Result<Vec<Row>, Fault> {
    let spec = mirror.spec();
    let mut pull = Pull::default();
    let mut seen = HashSet::new();
    let (mut rows, mut natives): (Vec<Row>, HashSet<String>) = Default::default();
    for _ in 0..spec.max_pages.max(1) {
        let page = deliver::page(rooms, system, mirror, &pull).await?;
        let bytes = schemas::canon::to_bytes(&Value::Array(page.records.clone()));
        if !seen.insert(sha256(&bytes)) && !page.records.is_empty() {
            return Err(Fault::drift("the system repeats a page of a list"));
        }
        for record in &page.records {
            let row = row(spec, record).ok_or_else(|| Fault::drift("a record of a list without its key"))?;
            if natives.insert(row.native.clone()) {
                rows.push(row);
            }
        }
        match page.next {
            Some(next) => pull.cursor = Some(next),
            None if page.total.is_some_and(|total| total > rows.len() as u64) => {
                return Err(Fault::drift("fewer records of a list than the system says there are"));
            }
            None => return Ok(rows),
        }
    }
    Err(Fault::drift("a list has more pages than a pull may read"))
}

fn row(spec: &MirrorSpec, record: &Value) -> Option<Row> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let key: Option<Vec<String>> = spec.key.iter().map(|pointer| text(record.pointer(pointer)?)).collect();
    let native = key.filter(|parts| !parts.is_empty())?.join(":");
    let code = record.get("kode").and_then(Value::as_str).map(str::to_owned);
    Some(Row {
        code: code.unwrap_or_else(|| native.clone()),
        native,
        name: record.get("nama").and_then(Value::as_str).map(str::to_owned),
    })
}

/// Replaces a list, unless the new one is empty or lacks more of the old one than may vanish at once.
async fn replace(rooms: &Rooms, id: &str, new: List, max_shrink_percent: u8) -> Result<bool, JournalError> {
    refresh(rooms).await?;
    let natives: HashSet<&str> = new.rows.iter().map(|row| row.native.as_str()).collect();
    let old = rooms.lists.list(id);
    let old_rows = old.as_ref().map_or(&[][..], |old| &old.list.rows);
    let gone = old_rows
        .iter()
        .filter(|row| !natives.contains(row.native.as_str()))
        .count();
    let implausible = gone * 100 > old_rows.len() * usize::from(max_shrink_percent);
    if new.rows.is_empty() || implausible {
        tracing::error!(
            list = id,
            rows = new.rows.len(),
            gone,
            "implausible list refused; the old one stays"
        );
        rooms.observer.noted("list_refused", id);
        return Ok(false);
    }
    let body = Bytes::from(serde_json::to_vec(&new).unwrap_or_default());
    rooms
        .journal
        .put_document(LIST.into(), id.to_owned(), Some(body), None)
        .await?;
    refresh(rooms).await?;
    Ok(true)
}
