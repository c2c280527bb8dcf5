//! What the operator port looks at. Built by the wiring; shared with the data path, never changed from here.

use super::guard::Operator;
use crate::telemetry::{Meters, Scraper};
use arc_swap::ArcSwap;
use gateway_core::identity::keyring::Keyring;
use gateway_core::journal::Journal;
use gateway_core::time::Clock;
use gateway_core::{Catalogue, Rooms};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this node wants traffic, as far as the journal is not concerned. Set by the wiring.
#[derive(Debug, Default)]
pub struct Readiness {
    loaded: AtomicBool,
    stopping: AtomicBool,
    refused: AtomicBool,
}

impl Readiness {
    /// Configuration is in force.
    pub fn loaded(&self) {
        self.loaded.store(true, Ordering::Release);
        self.refused.store(false, Ordering::Release);
    }

    /// A newer configuration was refused; the old one stays in force. Said, but no reason to take traffic away.
    pub fn refused(&self) {
        self.refused.store(true, Ordering::Release);
    }

    /// Shutdown began: no new traffic, please.
    pub fn stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.loaded.load(Ordering::Acquire)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Acquire)
    }
}

/// Everything the operator port needs. Cheap to clone.
#[derive(Clone)]
pub struct OperatorState {
    pub(super) journal: Arc<dyn Journal>,
    pub(super) catalogue: Arc<ArcSwap<Catalogue>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) readiness: Arc<Readiness>,
    pub(super) scraper: Arc<Scraper>,
    pub(super) operators: Arc<ArcSwap<Vec<Operator>>>,
    pub(super) rooms: Arc<Rooms>,
    /// The city's zone, for times that people read.
    pub(super) zone: TimeZone,
    pub(super) keyring: Arc<Keyring>,
}

impl OperatorState {
    /// `operators` may be swapped at any time; none means that the admin API is refused. A person may have several
    /// tokens, so that they rotate with overlap.
    pub fn new(
        rooms: Arc<Rooms>,
        meters: Arc<Meters>,
        readiness: Arc<Readiness>,
        operators: Arc<ArcSwap<Vec<Operator>>>,
        keyring: Arc<Keyring>,
    ) -> Self {
        let (journal, catalogue) = (Arc::clone(&rooms.journal), Arc::clone(&rooms.catalogue));
        let clock = Arc::clone(&rooms.clock);
        let scraper = Scraper::new(meters, Arc::clone(&rooms));
        Self {
            journal,
            catalogue,
            clock,
            readiness,
            scraper: Arc::new(scraper),
            operators,
            rooms,
            zone: TimeZone::UTC,
            keyring,
        }
    }

    /// Times that people read are in this zone.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }
}
