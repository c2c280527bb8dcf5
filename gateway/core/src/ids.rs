//! Identifiers and randomness are handed in, so that a run can be repeated from a seed.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Id of an exchange: UUIDv7, so that ids sort by time of acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExchangeId(pub Uuid);

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ExchangeId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Source of ids and of the randomness that spreads retries.
pub trait Ids: Send + Sync {
    /// A fresh exchange id.
    fn exchange(&self) -> ExchangeId;
    /// Uniform in `0.0..1.0`, for jitter only.
    fn fraction(&self) -> f64;
    /// 16 random hex digits, for W3C span ids.
    fn span(&self) -> String;
}
