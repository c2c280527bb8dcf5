//! One run of an operation as the journal keeps it: its state, its lease, its attempts.

use crate::ids::ExchangeId;
use crate::journal::Planned;
use bytes::Bytes;
use connector_sdk::Fault;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where an exchange stands. Public words (Indonesian) in `word`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Durable, not yet tried.
    Accepted,
    /// A lease holder is trying it.
    Leased,
    /// Failed without landing; tried again when due.
    Scheduled,
    /// Outcome unknown; the system is asked when due.
    Unresolved,
    /// Outcome unknown and the system cannot tell; waits for a person.
    Parked,
    /// Took effect; the reply is stored.
    Done,
    /// Refused for good, and the caller was told.
    Failed,
    /// Given up; a dead letter with a reason. Waits for a person.
    Dead,
    /// Put aside by a person, with a reason.
    Discarded,
}

impl State {
    /// All states, in the order of the list above.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::Leased,
        Self::Scheduled,
        Self::Unresolved,
        Self::Parked,
        Self::Done,
        Self::Failed,
        Self::Dead,
        Self::Discarded,
    ];

    /// The word consumers and operators read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "diterima",
            Self::Leased => "dikirim",
            Self::Scheduled => "menunggu_ulang",
            Self::Unresolved => "hasil_belum_pasti",
            Self::Parked => "hasil_tidak_pasti",
            Self::Done => "terkirim",
            Self::Failed => "ditolak",
            Self::Dead => "gagal",
            Self::Discarded => "dibatalkan",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Whether the gateway itself still works on it. Open exchanges hold their lane.
    pub fn is_open(self) -> bool {
        match self {
            Self::Accepted | Self::Leased | Self::Scheduled | Self::Unresolved => true,
            Self::Parked | Self::Done | Self::Failed | Self::Dead | Self::Discarded => false,
        }
    }

    /// Whether nobody waits for it any more: neither the gateway nor a person. Only then may its body be erased by date.
    pub fn is_over(self) -> bool {
        match self {
            Self::Accepted | Self::Leased | Self::Scheduled | Self::Unresolved | Self::Parked | Self::Dead => false,
            Self::Done | Self::Failed | Self::Discarded => true,
        }
    }

    /// Whether its business reference may be taken by a corrected intent: the consumer heard a refusal, or a person
    /// threw it away. A dead letter keeps it, since it may still be replayed.
    pub fn gives_up_reference(self) -> bool {
        match self {
            Self::Failed | Self::Discarded => true,
            Self::Accepted
            | Self::Leased
            | Self::Scheduled
            | Self::Unresolved
            | Self::Parked
            | Self::Done
            | Self::Dead => false,
        }
    }
}

/// The consumer's idempotency key with the fingerprint of what it was first used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// As sent.
    pub key: String,
    /// SHA-256 over operation and canonical input.
    pub fingerprint: [u8; 32],
}

/// An intent on its way into the journal.
#[derive(Debug, Clone)]
pub struct NewExchange {
    /// Id.
    pub id: ExchangeId,
    /// Who asked.
    pub consumer: String,
    /// Published operation.
    pub operation: String,
    /// System it goes to.
    pub system: String,
    /// Purpose recorded with the grant.
    pub purpose: String,
    /// The consumer's idempotency key; unique per consumer and operation.
    pub key: Option<Key>,
    /// Fingerprint of the input, also when no key was given.
    pub fingerprint: [u8; 32],
    /// Name of the business object; unique per operation. One effect per reference.
    pub reference: Option<String>,
    /// Lane: first in, first out.
    pub lane: Option<String>,
    /// Canonical input as accepted, sealed when `seal` is given. The journal never looks inside.
    pub input: Bytes,
    /// The exchange's own data key, wrapped by the master key. Erasing it erases the bodies.
    pub seal: Option<Bytes>,
    /// W3C `traceparent` of the call.
    pub trace: Option<String>,
    /// When it was accepted.
    pub at: Timestamp,
    /// First due time; later than `at` only for planned work.
    pub due: Timestamp,
    /// The exchange whose outcome asked for this one.
    pub cause: Option<ExchangeId>,
    /// Take the lease in the same transaction (the caller delivers at once), if the lane is free.
    pub lease: Option<LeaseRequest>,
}

/// Who wants to hold exchanges, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Name of the node and worker.
    pub owner: String,
    /// When the lease ends by itself.
    pub until: Timestamp,
}

/// An exchange as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Position in the journal, rising.
    pub seq: i64,
    /// Id.
    pub id: ExchangeId,
    /// Who asked.
    pub consumer: String,
    /// Published operation.
    pub operation: String,
    /// System.
    pub system: String,
    /// Purpose.
    pub purpose: String,
    /// Fingerprint of the input.
    pub fingerprint: [u8; 32],
    /// Business reference.
    pub reference: Option<String>,
    /// Lane.
    pub lane: Option<String>,
    /// State.
    pub state: State,
    /// Attempts begun so far, look-ups not counted.
    pub attempts: u32,
    /// Look-ups made since the outcome became unknown.
    pub lookups: u32,
    /// When it is due, for open states.
    pub due: Timestamp,
    /// Canonical input, sealed when `seal` is given; empty once erased.
    pub input: Bytes,
    /// Wrapped data key; `None` when bodies are stored clear or were erased.
    pub seal: Option<Bytes>,
    /// Canonical reply of a `Done` exchange; empty once erased.
    pub reply: Option<Bytes>,
    /// Last fault.
    pub fault: Option<Fault>,
    /// Why it was given up, parked or discarded.
    pub reason: Option<String>,
    /// W3C `traceparent` of the call.
    pub trace: Option<String>,
    /// The exchange that caused this one.
    pub cause: Option<ExchangeId>,
    /// When it was accepted.
    pub created: Timestamp,
    /// When its state last changed.
    pub changed: Timestamp,
}

/// An exchange held for work, with the token that proves it.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The exchange.
    pub exchange: Stored,
    /// Fencing token: rises with every lease. Writes with an older token are refused.
    pub fence: i64,
    /// What stood before this lease. An expired lease (`State::Leased`) may have sent something.
    pub before: State,
    /// Values stored by earlier attempts.
    pub checkpoints: Map<String, Value>,
}

/// What kind of try an attempt row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryKind {
    /// The operation itself.
    Deliver,
    /// A look-up that reconciles an unknown outcome.
    Lookup,
    /// An answer that came after the attempt was given up.
    Late,
    /// A person's decision.
    Person,
}

/// One try of an exchange against a system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// Number from 1, in order.
    pub number: u32,
    /// Kind.
    pub kind: TryKind,
    /// Start.
    pub started: Timestamp,
    /// End.
    pub ended: Timestamp,
    /// Milliseconds spent waiting for the system.
    pub system_ms: u64,
    /// Last native step, if one was sent.
    pub step: Option<String>,
    /// Last native status, if one came.
    pub status: Option<u16>,
    /// SHA-256 of the native request and reply bodies, hex, for the evidence.
    pub digests: Option<(String, String)>,
    /// What went wrong, if anything.
    pub fault: Option<Fault>,
    /// Who acted, for `Person`.
    pub by: Option<String>,
}

/// What becomes of an exchange after a try.
#[derive(Debug, Clone)]
pub enum Next {
    /// It landed.
    Done {
        /// Canonical reply.
        reply: Bytes,
    },
    /// Refused for good; the caller hears it.
    Failed,
    /// Given up; dead letter.
    Dead {
        /// Why, in one sentence.
        reason: String,
    },
    /// Try again.
    Schedule {
        /// When.
        due: Timestamp,
    },
    /// Ask the system.
    Unresolved {
        /// When.
        due: Timestamp,
    },
    /// Wait for a person.
    Parked {
        /// Why.
        reason: String,
    },
    /// Give the lease back untouched (shutdown, breaker open): not counted as an attempt.
    Release {
        /// When to look again.
        due: Timestamp,
    },
}

impl Next {
    /// The state it leads to, given the state before the lease (for `Release`).
    pub fn state(&self, before: State) -> State {
        match self {
            Self::Done { .. } => State::Done,
            Self::Failed => State::Failed,
            Self::Dead { .. } => State::Dead,
            Self::Schedule { .. } => State::Scheduled,
            Self::Unresolved { .. } => State::Unresolved,
            Self::Parked { .. } => State::Parked,
            Self::Release { .. } => before,
        }
    }
}

/// Everything that becomes durable together when a try ends.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// Exchange.
    pub id: ExchangeId,
    /// Fencing token of the lease.
    pub fence: i64,
    /// State before the lease.
    pub before: State,
    /// The try; `None` for a release.
    pub attempt: Option<Attempt>,
    /// What follows.
    pub next: Next,
    /// When.
    pub at: Timestamp,
    /// Exchanges this outcome asks for.
    pub relays: Vec<NewExchange>,
    /// Events to publish.
    pub events: Vec<NewEvent>,
    /// Timers this outcome starts (following a record, a name to be found again). A timer of the same name is replaced
    /// where it is still what the outcome has seen of it.
    pub timers: Vec<Planned>,
    /// Evidence, serialised.
    pub evidence: Option<Bytes>,
}

/// Something that happened, on its way into the journal.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Stable id (UUIDv7).
    pub id: uuid::Uuid,
    /// CloudEvents type, for example `pengaduan.status_berubah`.
    pub kind: String,
    /// CloudEvents subject and ordering key.
    pub subject: String,
    /// System it comes from.
    pub source: String,
    /// When it happened.
    pub at: Timestamp,
    /// Canonical data.
    pub data: Bytes,
    /// Schema id of the data.
    pub schema: String,
}
