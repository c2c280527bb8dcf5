//! What went wrong with an exchange: kind, whose side, whether it landed, whether a retry is safe.
//!
//! What the caller sees (`public`, `complaints`) and what the operator sees (`internal`, `native_code`) are separate
//! fields. Neither may hold personal data: quote codes and field names, never values.

use crate::Text;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// On whose side the cause lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The calling system sent something that cannot be served.
    Consumer,
    /// Simpul itself.
    Gateway,
    /// The translation of a system, or its configuration.
    Connector,
    /// The external system or the way to it.
    System,
}

/// Whether an attempt took effect in the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Landed {
    /// It certainly did not.
    No,
    /// It certainly did.
    Yes,
    /// Nobody can tell without asking the system.
    Unknown,
}

/// The kind of a fault. Matches are exhaustive everywhere: a new kind makes the compiler ask each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The canonical input cannot be expressed for this system (see `complaints`).
    Invalid,
    /// The system refused the content for a reason of its own.
    Rejected,
    /// The system does not have what was asked for; a normal answer for a deleted record.
    NotFound,
    /// The system's state conflicts with the request.
    Conflict,
    /// Our credentials expired; the door refreshes them once.
    CredentialExpired,
    /// The system refuses our credentials or subscription: configuration, not the caller.
    Misconfigured,
    /// The system asks us to slow down.
    Throttled,
    /// The system or the way to it is down.
    Unavailable,
    /// The system keeps hours and is closed now.
    OutOfHours,
    /// No answer in time.
    Timeout,
    /// The answer does not have the recorded shape.
    Drift,
    /// A defect on our side.
    Internal,
}

/// One field that cannot be served, with a JSON pointer into the canonical input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// RFC 6901 pointer, for example `/kategori`.
    pub pointer: String,
    /// What is wrong and what to do, without the value.
    pub text: Text,
}

/// A failed attempt, complete enough to answer: whose fault, did it land, what now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Kind.
    pub kind: FaultKind,
    /// Side.
    pub origin: Origin,
    /// Effect.
    pub landed: Landed,
    /// When the system says we may come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Duration>,
    /// The system's own code, for the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_code: Option<String>,
    /// For the caller.
    pub public: Text,
    /// For the operator; never personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<String>,
    /// Fields at fault, for `Invalid` and `Rejected`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complaints: Vec<Complaint>,
}

impl Fault {
    /// A fault of a kind with its usual origin, not landed.
    pub fn new(kind: FaultKind, public: Text) -> Self {
        let origin = match kind {
            FaultKind::Invalid => Origin::Consumer,
            FaultKind::Misconfigured | FaultKind::CredentialExpired => Origin::Connector,
            FaultKind::Internal => Origin::Gateway,
            FaultKind::Rejected
            | FaultKind::NotFound
            | FaultKind::Conflict
            | FaultKind::Throttled
            | FaultKind::Unavailable
            | FaultKind::OutOfHours
            | FaultKind::Timeout
            | FaultKind::Drift => Origin::System,
        };
        Self {
            kind,
            origin,
            landed: Landed::No,
            retry_after: None,
            native_code: None,
            public,
            internal: None,
            complaints: Vec::new(),
        }
    }

    /// The input has fields this system cannot take.
    pub fn invalid(complaints: Vec<Complaint>) -> Self {
        let mut fault = Self::new(
            FaultKind::Invalid,
            Text::new(
                "Isian tidak dapat diterjemahkan untuk sistem tujuan. Perbaiki isian yang disebut.",
                "The content cannot be expressed for the target system. Correct the fields named.",
            ),
        );
        fault.complaints = complaints;
        fault
    }

    /// The answer lacks what the recorded contract promises. `what` names the field or form, never a value.
    pub fn drift(what: impl Into<String>) -> Self {
        Self::new(
            FaultKind::Drift,
            Text::new(
                "Jawaban sistem tujuan tidak sesuai dengan kontrak yang tercatat.",
                "The target system's answer does not match its recorded contract.",
            ),
        )
        .internal(what)
    }

    /// Sets whether the attempt took effect.
    #[must_use]
    pub fn landed(mut self, landed: Landed) -> Self {
        self.landed = landed;
        self
    }

    /// Sets the side at fault.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Sets the system's own code.
    #[must_use]
    pub fn native_code(mut self, code: impl Into<String>) -> Self {
        self.native_code = Some(code.into());
        self
    }

    /// Sets the operator's text.
    #[must_use]
    pub fn internal(mut self, text: impl Into<String>) -> Self {
        self.internal = Some(text.into());
        self
    }

    /// Sets when to come back.
    #[must_use]
    pub fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }

    /// Whether trying again later may help. Whether it is *safe* is decided with the operation's effect and `landed`.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            FaultKind::Throttled | FaultKind::Unavailable | FaultKind::OutOfHours | FaultKind::Timeout => true,
            FaultKind::Invalid
            | FaultKind::Rejected
            | FaultKind::NotFound
            | FaultKind::Conflict
            | FaultKind::CredentialExpired
            | FaultKind::Misconfigured
            | FaultKind::Drift
            | FaultKind::Internal => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} (origin {:?}, landed {:?})",
            self.kind, self.origin, self.landed
        )?;
        if let Some(code) = &self.native_code {
            write!(f, ", native code {code}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
