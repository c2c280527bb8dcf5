//! A built system: its connector, its endpoint, its credentials, and the state shared by all calls to it.

use super::auth::TokenCache;
use super::breaker::{Breaker, BreakerPolicy};
use super::pacing::Pacing;
use super::passage::NativeRule;
use super::transport::Reach;
use connector_sdk::{AuthKind, Connector};
use std::sync::Arc;
use std::time::Duration;

/// Faults that a transport profile adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Straight to the system.
    Direct,
    /// Through SPLP, the national service connector.
    Splp,
}

/// How deliveries to this system behave.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// One attempt, all steps together; `None` takes the operation's own deadline.
    pub deadline: Option<Duration>,
    /// Quick repeats of a reading step within one attempt.
    pub read_retries: u32,
    /// Attempts before an exchange becomes a dead letter.
    pub attempts: u32,
    /// First pause between attempts; doubled each time.
    pub backoff: Duration,
    /// Longest pause between attempts.
    pub longest_backoff: Duration,
    /// Pauses between attempts, one after another, with 10–20 % on top; an attempt follows each, then the exchange is a
    /// dead letter. `None` doubles `backoff` up to `longest_backoff`, for `attempts` attempts.
    pub schedule: Option<Vec<Duration>>,
    /// How long after an attempt of unknown outcome the system is asked: longer than it may take to store late.
    pub lookup_after: Duration,
    /// Look-ups before a person is asked.
    pub lookups: u32,
    /// Breaker.
    pub breaker: BreakerPolicy,
    /// Largest request body in bytes.
    pub max_request: u64,
    /// Largest reply body in bytes.
    pub max_reply: u64,
}

/// One configured system.
pub struct System {
    /// Id in configuration.
    pub id: String,
    /// Its connector.
    pub connector: Arc<dyn Connector>,
    /// Base URL without trailing slash.
    pub endpoint: String,
    /// By whose word the endpoint is called.
    pub reach: Reach,
    /// Extra headers from configuration, on every request.
    pub headers: http::HeaderMap,
    /// Profile.
    pub profile: Profile,
    /// Credentials.
    pub auth: AuthKind,
    /// Behaviour.
    pub policy: Policy,
    /// Breaker.
    pub breaker: Breaker,
    /// Pacing and bulkhead.
    pub pacing: Pacing,
    /// Fetched tokens.
    pub tokens: TokenCache,
    /// What may be called natively; `None` closes the pass-through.
    pub native: Option<NativeRule>,
}
