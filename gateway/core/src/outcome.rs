//! How an exchange ends, for whoever answers. The core knows no consumer-facing status; the edge turns each case into
//! one in an exhaustive match.

use crate::exchange::State;
use crate::ids::ExchangeId;
use crate::quota::Standing;
use bytes::Bytes;
use connector_sdk::Fault;
use jiff::Timestamp;
use schemas::Violation;
use schemas::gate::GateError;
use std::time::Duration;

/// The end of one call.
#[derive(Debug)]
pub struct Outcome {
    /// Exchange.
    pub exchange: ExchangeId,
    /// What happened.
    pub verdict: Verdict,
    /// The answer is that of an earlier call with the same key or reference.
    pub replayed: bool,
    /// The answer is an earlier one, since the system could not answer now.
    pub aged: Option<Provenance>,
    /// Where the caller stands with its quota, once that is known.
    pub standing: Option<Standing>,
    /// The grant does not cover all members; what it does not cover was left out of the reply.
    pub limited: bool,
}

/// Where an answer came from that was not given now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// System.
    pub source: String,
    /// When it answered.
    pub updated: Timestamp,
    /// How long ago.
    pub age: Duration,
}

/// What happened.
#[derive(Debug)]
pub enum Verdict {
    /// Done; the canonical reply.
    Done(Bytes),
    /// Durable and under way; the caller asks again at the exchange's own address.
    Underway {
        /// Where it stands.
        state: State,
        /// When it last changed.
        changed: Timestamp,
        /// When it is next due, for open states.
        due: Timestamp,
        /// Why it has not landed yet, if it was tried.
        fault: Option<Fault>,
    },
    /// Not taken on; nothing happened.
    Refused(Refusal),
    /// Tried, and ended in a fault.
    Faulted {
        /// The fault.
        fault: Fault,
        /// Where the exchange stands; `None` for reads.
        state: Option<State>,
    },
}

/// Why a call was not taken on. Nothing was stored, nothing was sent.
#[derive(Debug)]
pub enum Refusal {
    /// No grant.
    NoGrant {
        /// Caller.
        consumer: String,
        /// Operation.
        operation: String,
    },
    /// The grant does not cover all fields that were sent.
    FieldsNotGranted(Vec<Violation>),
    /// The grant ended.
    GrantExpired {
        /// Agreement number.
        agreement: String,
    },
    /// The grant has not begun.
    GrantNotYet {
        /// Agreement number.
        agreement: String,
    },
    /// Over quota.
    OverQuota {
        /// Calls per minute.
        limit: u32,
        /// When to come back.
        after: Duration,
    },
    /// The body is larger than the operation takes.
    BodyTooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// The body did not arrive in time, or the caller went away.
    BodyIncomplete,
    /// The body is not the one that was signed.
    BodyAltered,
    /// The content type is not JSON, or the body is encoded.
    MediaType,
    /// Not acceptable JSON.
    NotJson(GateError),
    /// Valid JSON that breaks the schema or a code list.
    Invalid(Vec<Violation>),
    /// Path or query parameters break the schema.
    Parameters(Vec<Violation>),
    /// The operation needs an idempotency key.
    KeyRequired,
    /// The key is too long or has characters that are not allowed.
    KeyMalformed,
    /// The key was used for other content.
    KeyMismatch {
        /// When.
        first: Timestamp,
    },
    /// The business reference was used for other content.
    ReferenceMismatch {
        /// The earlier exchange.
        earlier: ExchangeId,
    },
    /// The first call with this key is still running.
    InProgress {
        /// The running exchange.
        exchange: ExchangeId,
        /// When to come back.
        after: Duration,
    },
    /// The journal cannot store. The intent was not accepted.
    CannotStore,
    /// Processing about a person in it is restricted.
    SubjectRestricted {
        /// Keyed names of the persons.
        subjects: Vec<String>,
    },
    /// This method and path of a system are not open to native calls.
    NotOpen,
    /// The operation is published but its system is not set up.
    NotInstalled {
        /// System.
        system: String,
    },
}

impl Refusal {
    /// Short word for evidence, metrics and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotOpen => "not_open",
            Self::SubjectRestricted { .. } => "subject_restricted",
            Self::NoGrant { .. } => "no_grant",
            Self::FieldsNotGranted(_) => "fields_not_granted",
            Self::GrantExpired { .. } => "grant_expired",
            Self::GrantNotYet { .. } => "grant_not_yet",
            Self::OverQuota { .. } => "over_quota",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyIncomplete => "body_incomplete",
            Self::BodyAltered => "body_altered",
            Self::MediaType => "media_type",
            Self::NotJson(_) => "not_json",
            Self::Invalid(_) => "invalid",
            Self::Parameters(_) => "parameters",
            Self::KeyRequired => "key_required",
            Self::KeyMalformed => "key_malformed",
            Self::KeyMismatch { .. } => "key_mismatch",
            Self::ReferenceMismatch { .. } => "reference_mismatch",
            Self::InProgress { .. } => "in_progress",
            Self::CannotStore => "cannot_store",
            Self::NotInstalled { .. } => "not_installed",
        }
    }
}
