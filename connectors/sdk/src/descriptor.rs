//! What a connector is and can do, as data. Undeclared use is refused; declared use is tested, documented and shown.

use crate::{FaultKind, HookSpec, Landed, MirrorSpec, OperationSpec, Str, Text};
use serde::{Deserialize, Serialize};

/// Hours during which the system takes calls, local time of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceHours {
    /// IANA zone, for example `Asia/Jakarta`.
    pub zone: Str,
    /// First minute of the day, from midnight.
    pub from_minute: u16,
    /// First minute after the service closes, from midnight. Smaller than `from_minute` when hours cross midnight.
    pub to_minute: u16,
}

/// The system's own limits; the door paces to them. Configuration may tighten or replace each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeLimits {
    /// Calls per minute.
    pub per_minute: Option<u32>,
    /// Calls at once.
    pub concurrent: Option<u32>,
    /// Largest request body in bytes.
    pub max_request: Option<u64>,
    /// Largest reply body in bytes.
    pub max_reply: Option<u64>,
    /// Hours of service.
    pub hours: Option<ServiceHours>,
}

/// An error the system is known to answer with, and what it means here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeError {
    /// HTTP status it comes with; 200 is possible.
    pub status: u16,
    /// A body that shows it, invented.
    pub sample: Str,
    /// Kind it maps to.
    pub kind: FaultKind,
    /// Whether a write took effect.
    pub landed: Landed,
}

/// A setting the connector reads, for docs and the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingSpec {
    /// Key path below `settings`.
    pub key: Str,
    /// What it is for.
    pub text: Text,
    /// Whether it must be given.
    pub required: bool,
}

/// Everything the gateway needs to know about a connector without running it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Kind of connector, for example `lapor`.
    pub id: Str,
    /// Name for people.
    pub title: Text,
    /// Who runs the system.
    pub owner: Str,
    /// Version of the native interface this was written for.
    pub native_version: Str,
    /// Where the native interface is described.
    pub documentation: Str,
    /// Names of accepted auth kinds (see `AuthKind::name`).
    pub auth: Vec<Str>,
    /// The system's own limits.
    pub limits: NativeLimits,
    /// Operations.
    pub operations: Vec<OperationSpec>,
    /// Pushes.
    pub hooks: Vec<HookSpec>,
    /// Data sets.
    pub mirrors: Vec<MirrorSpec>,
    /// Known native errors.
    pub errors: Vec<NativeError>,
    /// Settings.
    pub settings: Vec<SettingSpec>,
}

impl Descriptor {
    /// The specification of an operation.
    pub fn operation(&self, id: &str) -> Option<&OperationSpec> {
        self.operations.iter().find(|o| o.id == id)
    }
}
