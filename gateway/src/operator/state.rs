//! What the operator port looks at. Built by the wiring; shared with the data path, never changed from here.

use super::console::Sessions;
use super::guard::Operator;
use super::oidc::Oidc;
use crate::outbound::Egress;
use crate::registry::InForce;
use crate::telemetry::history::History;
use crate::telemetry::{Meters, Scraper};
use arc_swap::ArcSwap;
use gateway_core::evidence::batch::SigningKey;
use gateway_core::identity::keyring::Keyring;
use gateway_core::journal::Journal;
use gateway_core::time::Clock;
use gateway_core::{Catalogue, Rooms};
use jiff::tz::TimeZone;
use rustls::ClientConfig;
use schemas::Registry;
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

/// What registered connectors are judged by and how they went, and who may come in by whom. Swapped as one on reload.
#[derive(Debug)]
pub struct Desk {
    /// Every schema.
    pub schemas: Registry,
    /// Which addresses they may name.
    pub egress: Egress,
    /// What runs and what does not.
    pub in_force: InForce,
    /// The identity provider of the console.
    pub oidc: Option<Arc<Oidc>>,
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
    pub(super) signer: Arc<SigningKey>,
    pub(super) meters: Arc<Meters>,
    pub(super) desk: Arc<ArcSwap<Desk>>,
    /// The city's zone, for times that people read.
    pub(super) zone: TimeZone,
    /// Who is in the console.
    pub(super) sessions: Arc<Sessions>,
    /// The last hour of this node.
    pub(super) history: Arc<History>,
    pub(super) keyring: Arc<Keyring>,
    /// For tries of connections; none: they are refused.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

impl OperatorState {
    /// `operators` may be swapped at any time; none means that the admin API is refused. A person may have several
    /// tokens, so that they rotate with overlap. `seed` signs sessions; nodes behind one address share it.
    pub fn new(
        rooms: Arc<Rooms>,
        meters: Arc<Meters>,
        readiness: Arc<Readiness>,
        operators: Arc<ArcSwap<Vec<Operator>>>,
        (signer, seed): (Arc<SigningKey>, [u8; 32]),
        desk: Arc<ArcSwap<Desk>>,
        keyring: Arc<Keyring>,
    ) -> Self {
        let (journal, catalogue) = (Arc::clone(&rooms.journal), Arc::clone(&rooms.catalogue));
        let clock = Arc::clone(&rooms.clock);
        let scraper = Scraper::new(Arc::clone(&meters), Arc::clone(&rooms));
        Self {
            journal,
            catalogue,
            clock,
            readiness,
            scraper: Arc::new(scraper),
            operators,
            rooms,
            signer,
            meters,
            desk,
            zone: TimeZone::UTC,
            sessions: Arc::new(Sessions::new(&seed)),
            history: Arc::default(),
            keyring,
            tls: None,
        }
    }

    /// Connections are tried with these roots.
    #[must_use]
    pub fn with_tls(mut self, tls: Arc<ClientConfig>) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Times that people read are in this zone.
    #[must_use]
    pub fn in_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }
}
