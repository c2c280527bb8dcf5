//! Mirrors: local copies of data sets of systems that are slow, paged oddly or down for days. A copy knows where each
//! record came from and how old it is; it is never emptied by an answer that is empty, short or wrong.
//!
//! | file | does |
//! |---|---|
//! | `plan` | what is copied, how often, in which scopes; which fields can be asked for |
//! | `keeper` | takes sets that are due, one run of a set at once over all nodes, one per system on this node |
//! | `pull` | one run: page by page through the door, checkpointed, resumed after a crash |
//! | `intake` | one batch of records: schema, masks, what changed, events |
//! | `sweep` | what two complete pulls in a row did not bring is marked gone |
//! | `standing` | where a set stands, kept by the store; what a run did |
//! | `order` | values as texts that sort like the values |
//! | `search` | questions over a copy: filters, order, pages, fields by grant |
//! | `export` | CSV and NDJSON |
//! | `chain`, `chain_links` | one package from budget to payment, over several copies: how it is read, how it is linked |
//!
//! Storage is [`MirrorStore`], implemented beside each journal and held to its promises by [`suite`].

pub mod chain;
pub mod chain_links;
mod chain_match;
pub mod export;
mod intake;
pub mod keeper;
pub mod order;
mod plan;
mod pull;
pub mod search;
mod standing;
pub mod suite;
mod sweep;

pub use plan::{Feed, Field, FieldKind, MirrorPlan, SLOTS, Scopes};
pub use standing::{Ended, Run, Standing};

use crate::exchange::NewEvent;
use crate::journal::JournalError;
use bytes::Bytes;
use connector_sdk::BoxFuture;
use jiff::Timestamp;

/// One record of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name within the set.
    pub key: String,
    /// The part of the set that it was pulled with, empty when the set has one part only.
    pub scope: String,
    /// Canonical record.
    pub body: Bytes,
    /// JSON pointers of values that are known masked only.
    pub masked: Vec<String>,
    /// The system's mark of this version.
    pub version: Option<String>,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// Newest run that brought it.
    pub run: i64,
    /// When that was.
    pub fetched: Timestamp,
    /// When its content last changed.
    pub changed: Timestamp,
    /// Complete pulls in a row that did not bring it.
    pub missed: i64,
    /// Newest run that was counted in `missed`.
    pub missed_run: i64,
    /// When it was marked gone.
    pub gone: Option<Timestamp>,
    /// Values by which it can be asked for, as texts that sort like them; at most [`SLOTS`].
    pub slots: Vec<Option<String>>,
}

/// A set held for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Set.
    pub set: String,
    /// Fencing token.
    pub fence: i64,
    /// Where it stands, as last kept.
    pub state: Bytes,
}

/// Where a set stands, for whoever looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRow {
    /// Set.
    pub set: String,
    /// When it is due.
    pub due: Timestamp,
    /// When the lease of a running pull ends.
    pub until: Option<Timestamp>,
    /// State, as last kept.
    pub state: Bytes,
    /// Rises with every change of a record.
    pub revision: i64,
}

/// What happens to the lease with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It goes on until then.
    Hold(Timestamp),
    /// It is given back; the set is due again then.
    Release(Timestamp),
}

/// One durable step of a run.
#[derive(Debug, Clone)]
pub struct Step {
    /// Set.
    pub set: String,
    /// Fencing token; an older one is refused and changes nothing.
    pub fence: i64,
    /// Records to store over those of the same key.
    pub rows: Vec<Row>,
    /// Whether any of them changed what is read: the revision rises.
    pub changed: bool,
    /// What subscribers are told.
    pub events: Vec<NewEvent>,
    /// New state.
    pub state: Bytes,
    /// Lease.
    pub then: Then,
    /// A line of the history of runs: number and account.
    pub ended: Option<(i64, Bytes)>,
}

/// How many records a set, or a scope of it, has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Not marked gone.
    pub live: u64,
    /// Of these, not brought by the run.
    pub unseen: u64,
}

/// Half-open bounds on one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Slot.
    pub slot: usize,
    /// Least value.
    pub from: Option<String>,
    /// First value that is too large.
    pub below: Option<String>,
}

/// A question that a store answers with an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Set.
    pub set: String,
    /// All hold.
    pub bounds: Vec<Bound>,
    /// Slot that orders; the key when `None`, and among equals.
    pub order: Option<usize>,
    /// Largest first.
    pub descending: bool,
    /// Slot value (empty when ordered by key) and key of the last record of the page before.
    pub after: Option<(String, String)>,
    /// Most records.
    pub limit: usize,
}

/// Copies on disk. Times come from the caller; a call returns when what it did is durable.
pub trait MirrorStore: Send + Sync {
    /// Makes the set known, due then, unless it is known.
    fn plant(&self, set: String, due: Timestamp) -> BoxFuture<'_, Result<(), JournalError>>;
    /// Takes a set that is due and held by nobody.
    fn take(&self, set: String, now: Timestamp, until: Timestamp) -> BoxFuture<'_, Result<Option<Held>, JournalError>>;
    /// Makes a set due now, without disturbing a run under way. `false` when it is not known.
    fn hurry(&self, set: String, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>>;
    /// Writes a step: records, events, state, lease and history in one transaction.
    fn step(&self, step: Step) -> BoxFuture<'_, Result<(), JournalError>>;
    /// All sets.
    fn sets(&self) -> BoxFuture<'_, Result<Vec<SetRow>, JournalError>>;
    /// Records by key, gone ones too.
    fn find(&self, set: String, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<Row>, JournalError>>;
    /// Records of a scope that are not gone, that a run did not bring and that were not counted for it yet, by key.
    fn unseen(
        &self,
        set: String,
        scope: String,
        run: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Row>, JournalError>>;
    /// Counts a scope, or the whole set.
    fn tally(&self, set: String, scope: Option<String>, run: i64) -> BoxFuture<'_, Result<Tally, JournalError>>;
    /// Records that a question finds; gone ones never.
    fn search(&self, search: Search) -> BoxFuture<'_, Result<Vec<Row>, JournalError>>;
    /// Every record after a key, gone ones too.
    fn walk(&self, set: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Row>, JournalError>>;
    /// Removes records that are gone since before; returns how many.
    fn purge(&self, set: String, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>>;
    /// Accounts of runs, newest first.
    fn history(&self, set: String, limit: usize) -> BoxFuture<'_, Result<Vec<Bytes>, JournalError>>;
}

/// What a writer hears who no longer holds a set. For implementations.
pub fn lost(set: &str) -> JournalError {
    JournalError::Broken(format!("mirror {set} is held by another"))
}
