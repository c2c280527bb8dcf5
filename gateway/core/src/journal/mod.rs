//! The journal: durable exchanges behind one trait. Implementations: memory (here, for tests), SQLite and PostgreSQL
//! (`gateway-store`). One shared suite (`suite`) holds every implementation to the same promises.
//!
//! A call returns only when what it did is durable. Every state change by a lease holder carries its fencing token;
//! a token that is no longer the newest is refused with [`JournalError::Stale`] and changes nothing.

mod memory;
mod standing;
pub mod suite;

pub use memory::MemoryJournal;
pub use standing::{Change, Set, Standing};

use crate::evidence::batch::Batch;
use crate::exchange::{Attempt, LeaseRequest, Leased, NewEvent, NewExchange, Settlement, State, Stored};
use crate::ids::ExchangeId;
use bytes::Bytes;
use connector_sdk::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

/// Why the journal did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The lease was lost to another holder; nothing was changed.
    #[error("lease of exchange {0} is stale")]
    Stale(ExchangeId),
    /// No such exchange.
    #[error("no exchange {0}")]
    Missing(ExchangeId),
    /// The exchange is in a state that does not allow this.
    #[error("exchange {0} is {1:?}")]
    State(ExchangeId, State),
    /// A timer is not what the writer had seen of it: somebody else was quicker. Nothing was changed.
    #[error("timer {0} has moved meanwhile")]
    Moved(String),
    /// The disk is full or the database refuses writes. Nothing was accepted.
    #[error("journal cannot store: {0}")]
    Full(String),
    /// Anything else; the operation must be taken as not done.
    #[error("journal failed: {0}")]
    Broken(String),
}

/// What `accept` found.
#[derive(Debug)]
pub enum Acceptance {
    /// Stored now. The lease is held when it was asked for and the lane was free.
    New(Box<Stored>, Option<i64>),
    /// The same key or reference with the same fingerprint was stored before.
    Known(Box<Stored>),
    /// The key was used for other content.
    KeyMismatch(Box<Stored>),
    /// The reference was used for other content.
    ReferenceMismatch(Box<Stored>),
}

/// Which exchanges to list. All conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// States; empty means any.
    pub states: Vec<State>,
    /// System.
    pub system: Option<String>,
    /// Operation.
    pub operation: Option<String>,
    /// Consumer.
    pub consumer: Option<String>,
    /// Business reference.
    pub reference: Option<String>,
    /// Accepted at or after.
    pub since: Option<Timestamp>,
    /// Accepted before.
    pub until: Option<Timestamp>,
    /// Only exchanges before this position (newest first paging).
    pub before_seq: Option<i64>,
    /// Most rows; 0 means 50.
    pub limit: usize,
}

/// Depth and age of one system's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStat {
    /// System.
    pub system: String,
    /// State.
    pub state: State,
    /// How many.
    pub count: u64,
    /// Acceptance time of the oldest.
    pub oldest: Timestamp,
}

/// One link of the evidence chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLink {
    /// Position, from 1, without gaps.
    pub seq: i64,
    /// Hash of the link before.
    pub previous: [u8; 32],
    /// Stored bytes.
    pub record: Bytes,
    /// `evidence::link(previous, record)`.
    pub hash: [u8; 32],
}

/// A person's decision about an exchange that waits for one.
#[derive(Debug, Clone)]
pub struct Intervention {
    /// Exchange.
    pub id: ExchangeId,
    /// What to do.
    pub action: Action,
    /// Who decided.
    pub by: String,
    /// Who confirmed, where two people are asked for.
    pub second: Option<String>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// What subscribers are told, in the same transaction.
    pub events: Vec<NewEvent>,
    /// What an exchange that landed asks for, as a try that ends well does.
    pub relays: Vec<NewExchange>,
    /// Timers that it starts or moves; one that moved meanwhile refuses the decision.
    pub timers: Vec<Planned>,
}

/// What a person may decide.
#[derive(Debug, Clone)]
pub enum Action {
    /// Same exchange, new attempt. Allowed from `Parked`, `Dead`, `Failed`, and `Scheduled` (try now). Attempts and
    /// look-ups count from zero again.
    Replay {
        /// When.
        due: Timestamp,
        /// Ask the system first (the state becomes `Unresolved`, not `Scheduled`).
        lookup_first: bool,
    },
    /// Put aside. Allowed from `Parked`, `Dead`, `Scheduled` and `Unresolved`.
    Discard,
    /// The person saw in the system that it landed. Allowed from `Parked`, `Unresolved` and `Dead`.
    Landed {
        /// Canonical reply, already checked.
        reply: Bytes,
    },
}

/// An event as stored.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Position over all events, rising.
    pub seq: i64,
    /// Position among the events of the same subject, from 1 without gaps.
    pub subject_seq: i64,
    /// The event.
    pub event: NewEvent,
}

/// A small shared document (subscription, registered connector, revocation): all nodes see a change within a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is, for example `langganan`.
    pub kind: String,
    /// Its name within the kind.
    pub id: String,
    /// Journal-wide revision of its last change, rising.
    pub revision: i64,
    /// Content; `None` once deleted (a tombstone, so that other nodes learn of it).
    pub body: Option<Bytes>,
}

/// What another node told of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which node.
    pub node: String,
    /// Which grant.
    pub grant: String,
    /// Calls it let through since somebody began to count; falls only when counting begins anew.
    pub calls: u64,
}

/// Name of the one evidence chain of an embedded journal.
pub const MAIN_CHAIN: &str = "main";

/// Whether a document stands at the revision a writer expects; 0 means that there is none, or only a tombstone. For
/// implementations.
pub fn document_is_at(found: Option<&Document>, expected: i64) -> bool {
    match found {
        None => expected == 0,
        Some(document) => document.revision == expected || (expected == 0 && document.body.is_none()),
    }
}

/// What a writer hears who no longer holds a timer. For implementations.
pub fn lost_timer(kind: &str, id: &str) -> JournalError {
    JournalError::Broken(format!("timer {kind}/{id} is held by another"))
}

/// What a writer hears whose view of a timer is out of date. For implementations.
pub fn moved_timer(timer: &Timer) -> JournalError {
    JournalError::Moved(format!("{}/{}", timer.kind, timer.id))
}

/// Planned work that is not an exchange: following a record, pulling a mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// What it is, for example `ikuti`.
    pub kind: String,
    /// Its name within the kind.
    pub id: String,
    /// When.
    pub due: Timestamp,
    /// State of the work.
    pub body: Bytes,
}

/// What an outcome may rely on when it puts a timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: whatever is there is replaced.
    Any,
    /// That there was none.
    Absent,
    /// That its body was this.
    Body(Bytes),
}

impl Seen {
    /// Whether it still holds. For implementations.
    pub fn holds(&self, found: Option<&[u8]>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Body(body) => found == Some(&body[..]),
        }
    }
}

/// A timer that an outcome puts, in the transaction that records the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The timer.
    pub timer: Timer,
    /// What it was made from; [`JournalError::Moved`], and nothing changed, where that no longer holds.
    pub seen: Seen,
}

impl From<Timer> for Planned {
    fn from(timer: Timer) -> Self {
        Self { timer, seen: Seen::Any }
    }
}

/// A timer held for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedTimer {
    /// The timer.
    pub timer: Timer,
    /// Fencing token.
    pub fence: i64,
}

/// Durable exchanges.
pub trait Journal: Send + Sync {
    /// Rooms 10 and 11 in one transaction: looks for the key and the reference, else stores the intent, taking the
    /// lease when asked and when no earlier open exchange holds the lane. A reference that was given up
    /// ([`crate::exchange::State::gives_up_reference`]) goes to the newcomer; the exchange that had it cannot be
    /// replayed then ([`JournalError::State`]).
    fn accept(&self, new: NewExchange) -> BoxFuture<'_, Result<Acceptance, JournalError>>;

    /// Leases due exchanges, heads of their lanes only, oldest due first, leaving out the systems in `skip`.
    /// Counts an attempt unless the exchange is to be looked up. A lease that ran out counts as due at its end.
    ///
    /// A lane belongs to its system. Its head is the exchange that is held, else the oldest open one, so that never
    /// two of a lane are tried at once, not even when an older one is replayed.
    fn lease(
        &self,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
        skip: Vec<String>,
    ) -> BoxFuture<'_, Result<Vec<Leased>, JournalError>>;

    /// Lengthens a lease that is still held.
    fn renew(&self, id: ExchangeId, fence: i64, until: Timestamp) -> BoxFuture<'_, Result<(), JournalError>>;

    /// At start-up: ends the leases that this owner held before it stopped, as if they ran out now. Call it before any
    /// lease is taken under that name. Returns how many. A journal that forgets when it is closed has none.
    fn recover(&self, _owner: String, _now: Timestamp) -> BoxFuture<'_, Result<u64, JournalError>> {
        Box::pin(async { Ok(0) })
    }

    /// Stores a value for later attempts of a held exchange.
    fn checkpoint(
        &self,
        id: ExchangeId,
        fence: i64,
        name: String,
        value: Value,
    ) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Ends a try: attempt, next state, relays, events, timers and evidence in one transaction. The journal numbers the attempt
    /// itself, counting on from the rows there are (people's decisions too). Relays never take a lease. A relay whose key or reference
    /// is known already, given up or not, is left out silently (it was asked for before), and so is an event whose id is known. A timer that is
    /// no longer what the outcome was judged by ([`Seen`]) refuses the whole with [`JournalError::Moved`]. For `TryKind::Late` the token is not checked;
    /// the exchange must be `Unresolved` or `Parked`, else [`JournalError::State`] and nothing changes.
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Appends evidence of exchanges that were never journalled (reads, refusals), in order.
    fn witness(&self, records: Vec<Bytes>) -> BoxFuture<'_, Result<(), JournalError>>;

    /// One exchange.
    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<Stored>, JournalError>>;

    /// Values stored by its attempts for later ones.
    fn checkpoints(&self, id: ExchangeId) -> BoxFuture<'_, Result<serde_json::Map<String, Value>, JournalError>>;

    /// Its attempts in order.
    fn attempts(&self, id: ExchangeId) -> BoxFuture<'_, Result<Vec<Attempt>, JournalError>>;

    /// Exchanges, newest first.
    fn list(&self, filter: Filter) -> BoxFuture<'_, Result<Vec<Stored>, JournalError>>;

    /// Depth and age per system and state. `Done`, `Failed` and `Discarded` are left out: nobody waits for them.
    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueStat>, JournalError>>;

    /// When the next open exchange falls due, or its lease runs out, leaving out the systems in `skip`.
    fn next_due(&self, skip: Vec<String>) -> BoxFuture<'_, Result<Option<Timestamp>, JournalError>>;

    /// Names of the evidence chains, in order. An embedded journal has one; on a shared database each node has its own.
    fn chains(&self) -> BoxFuture<'_, Result<Vec<String>, JournalError>>;

    /// Links of one evidence chain after a position, in order.
    fn evidence(
        &self,
        chain: String,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<EvidenceLink>, JournalError>>;

    /// Stores a signed batch of evidence as the next number; `false`, and nothing stored, when its number is not the next
    /// (another node was quicker). Batches are never changed or removed.
    fn put_batch(&self, batch: Batch) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// Batches after a number, in order.
    fn batches(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Batch>, JournalError>>;

    /// The newest batch.
    fn last_batch(&self) -> BoxFuture<'_, Result<Option<Batch>, JournalError>>;

    /// Carries out a person's decision: new state, attempt row of kind `Person`, evidence, in one transaction.
    fn intervene(&self, intervention: Intervention, evidence: Bytes) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Events after a position, in order, of the given types (empty: all). An event never comes into sight below one
    /// that was in sight before it: who has read up to a position has missed nothing.
    fn events(
        &self,
        after: i64,
        kinds: Vec<String>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, JournalError>>;

    /// Position of the newest event, 0 when there is none.
    fn last_event(&self) -> BoxFuture<'_, Result<i64, JournalError>>;

    /// Moves the cursor of a subscription from `from` to `to` and accepts its deliveries in the same transaction.
    /// `false`, and nothing changed, when the cursor was not at `from` (another node was quicker). A subscription
    /// without a cursor stands at 0.
    fn dispatch(
        &self,
        subscription: String,
        from: i64,
        to: i64,
        deliveries: Vec<NewExchange>,
    ) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// Where a subscription's cursor stands.
    fn cursor(&self, subscription: String) -> BoxFuture<'_, Result<i64, JournalError>>;

    /// Stores or deletes (`body: None`) a document. With `expected`, only when its revision is still that one (0: it
    /// must not exist). Returns the new revision, or `None` when `expected` did not hold.
    fn put_document(
        &self,
        kind: String,
        id: String,
        body: Option<Bytes>,
        expected: Option<i64>,
    ) -> BoxFuture<'_, Result<Option<i64>, JournalError>>;

    /// Documents changed after a revision, in order of revision; tombstones included.
    fn documents(&self, after: i64) -> BoxFuture<'_, Result<Vec<Document>, JournalError>>;

    /// One document; `None` when it never was or was deleted.
    fn document(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Document>, JournalError>> {
        Box::pin(async move {
            let all = self.documents(0).await?;
            Ok(all
                .into_iter()
                .find(|d| d.kind == kind && d.id == id && d.body.is_some()))
        })
    }

    /// Stores or replaces a timer and frees it. With `fence`, only by its holder ([`JournalError::Broken`] otherwise).
    fn put_timer(&self, timer: Timer, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>>;

    /// One timer, held or not.
    fn timer(&self, kind: String, id: String) -> BoxFuture<'_, Result<Option<Timer>, JournalError>>;

    /// Timers of a kind in the order of their ids, held or not, after a name.
    fn timers(&self, kind: String, after: String, limit: usize) -> BoxFuture<'_, Result<Vec<Timer>, JournalError>>;

    /// Publishes events that no try led to; one whose id is known is left out silently.
    fn publish(&self, events: Vec<NewEvent>) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Removes a timer; only by its holder when `fence` is given. Removing a missing timer is fine.
    fn drop_timer(&self, kind: String, id: String, fence: Option<i64>) -> BoxFuture<'_, Result<(), JournalError>>;

    /// Leases due timers of a kind, oldest due first.
    fn lease_timers(
        &self,
        kind: String,
        request: LeaseRequest,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<LeasedTimer>, JournalError>>;

    /// Erases input, reply and sealing key of exchanges of these operations that nobody waits for any more
    /// ([`State::is_over`]) and that changed before `before`, at most `limit`; and data of events of these types before
    /// it. A dead letter or a parked exchange keeps its body until a person has decided. Evidence, attempts and
    /// fingerprints stay. Returns how many exchanges.
    fn erase(
        &self,
        operations: Vec<String>,
        events: Vec<String>,
        before: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<u64, JournalError>>;

    /// Takes a name that counts once until `until`: `true` for whoever is first, on whatever node, also after a restart. What
    /// ran out before `now` is forgotten on the way.
    fn claim(&self, name: [u8; 16], until: Timestamp, now: Timestamp) -> BoxFuture<'_, Result<bool, JournalError>>;

    /// Tells other nodes how many calls of each grant this one let through since it last told, and hears how many of each
    /// every other node has told of so far. An embedded journal has no other nodes.
    fn tell_use(&self, _node: String, _calls: Vec<(String, u64)>) -> BoxFuture<'_, Result<Vec<Told>, JournalError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Wakes when work may be due sooner than `next_due` said (an accept, here or on another node). Whatever
    /// happens after the call counts, polled or not: who calls it before looking misses nothing, however many wait. Returns
    /// `at_most` after the first poll in any case.
    fn wait(&self, at_most: std::time::Duration) -> BoxFuture<'_, ()>;

    /// Whether the journal can store right now; for readiness.
    fn ready(&self) -> BoxFuture<'_, Result<(), JournalError>>;
}
