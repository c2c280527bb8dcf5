//! What only people know about a catalogue: who runs it, whom to ask, what is open, what is on its way out. From
//! `[katalog]` of the configuration.

use crate::access::Newcomers;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::collections::{BTreeMap, BTreeSet};

/// Facts about the whole catalogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Who runs the gateway.
    pub organiser: String,
    /// Its code in the list of institutions.
    pub code: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// Address under which consumers reach it; none: the one they called.
    pub base: Option<String>,
    /// Entries that may be read without registration.
    pub open: BTreeSet<String>,
    /// Who may ask for access without being known.
    pub newcomers: Newcomers,
    /// Operations on their way out.
    pub ageing: BTreeMap<String, Ageing>,
}

/// How something ages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ageing {
    /// Not to be used for new work since.
    pub deprecated: Timestamp,
    /// Gone after.
    pub sunset: Option<Timestamp>,
    /// What to use instead.
    pub successor: Option<String>,
}

impl Ageing {
    /// Value of the header `Deprecation` (RFC 9745).
    pub fn deprecation(&self) -> String {
        format!("@{}", self.deprecated.as_second())
    }

    /// Value of the header `Sunset` (RFC 8594).
    pub fn sunset(&self) -> Option<String> {
        DateTimePrinter::new().timestamp_to_rfc9110_string(&self.sunset?).ok()
    }
}
