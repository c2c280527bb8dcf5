//! All subscriptions as this node knows them, with their built systems. Every node reads the changed documents at least
//! once a second ([`Events::refresh`]); whoever changes one reads at once. Readers take a snapshot and hold no lock.

use super::manage::Forms;
use super::{Egress, PushPolicy, STANDINGS, SUBSCRIPTIONS, Standing, Subscription, webhook};
use crate::catalogue::Published;
use crate::deliver::System;
use crate::journal::{Document, Journal, JournalError};
use crate::seal::Sealer;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A subscription with its built system.
pub struct Live {
    /// As its owner wants it.
    pub subscription: Subscription,
    /// Revision of its document.
    pub revision: i64,
    /// Where pushes go; `None` when events are pulled.
    pub system: Option<Arc<System>>,
}

#[derive(Default, Clone)]
struct Known {
    revision: i64,
    live: HashMap<String, Arc<Live>>,
    standings: HashMap<String, (Standing, i64)>,
}

/// Subscriptions and what they are told. One per process, shared by all threads.
pub struct Events {
    policy: PushPolicy,
    delivery: Arc<Published>,
    pub(super) egress: Arc<dyn Egress>,
    pub(super) forms: Forms,
    known: ArcSwap<Known>,
    refreshing: Mutex<()>,
}

impl Events {
    /// Knows no subscription before its first [`Events::refresh`].
    ///
    /// # Errors
    /// Names a schema that the registry lacks.
    pub fn new(registry: &schemas::Registry, policy: PushPolicy, egress: Arc<dyn Egress>) -> Result<Self, String> {
        Ok(Self {
            policy,
            delivery: Arc::new(webhook::delivery(registry)?),
            egress,
            forms: Forms::new(registry)?,
            known: ArcSwap::default(),
            refreshing: Mutex::new(()),
        })
    }

    /// The rule that receivers' addresses are held against.
    pub fn egress(&self) -> Arc<dyn Egress> {
        Arc::clone(&self.egress)
    }

    /// Behaviour of pushes.
    pub fn policy(&self) -> &PushPolicy {
        &self.policy
    }

    /// The operation of pushes.
    pub fn delivery(&self) -> &Arc<Published> {
        &self.delivery
    }

    /// One subscription.
    pub fn get(&self, id: &str) -> Option<Arc<Live>> {
        self.known.load().live.get(id).cloned()
    }

    /// All subscriptions, in no order.
    pub fn all(&self) -> Vec<Arc<Live>> {
        self.known.load().live.values().cloned().collect()
    }

    /// The subscription behind a system of ours.
    pub fn by_system(&self, system: &str) -> Option<Arc<Live>> {
        self.get(system.strip_prefix(&webhook::system_id(""))?)
    }

    /// How its deliveries fare, with the revision of that document (0: none yet).
    pub fn standing(&self, id: &str) -> (Standing, i64) {
        self.known.load().standings.get(id).copied().unwrap_or_default()
    }

    /// Systems that the worker should leave alone now, and for how long: their breaker is open.
    pub fn spared(&self, now: jiff::Timestamp) -> Vec<(String, std::time::Duration)> {
        let known = self.known.load();
        let systems = known.live.values().filter_map(|live| live.system.as_ref());
        systems
            .filter_map(|system| Some((system.id.clone(), system.breaker.open_for(now)?)))
            .collect()
    }

    /// Learns what changed since the last time. `true` when something did.
    ///
    /// # Errors
    /// When the journal cannot be read; what was known stays.
    pub async fn refresh(&self, journal: &dyn Journal, sealer: &Sealer) -> Result<bool, JournalError> {
        let _one_at_a_time = self.refreshing.lock().await;
        let known = self.known.load_full();
        let documents = journal.documents(known.revision).await?;
        if documents.is_empty() {
            return Ok(false);
        }
        let mut next = Known::clone(&known);
        for document in documents {
            next.revision = next.revision.max(document.revision);
            match document.kind.as_str() {
                SUBSCRIPTIONS => self.learn(&mut next, document, sealer),
                STANDINGS => learn_standing(&mut next, &document),
                _ => {}
            }
        }
        self.known.store(Arc::new(next));
        Ok(true)
    }

    fn learn(&self, known: &mut Known, document: Document, sealer: &Sealer) {
        let Some(body) = document.body else {
            known.live.remove(&document.id);
            return;
        };
        match serde_json::from_slice::<Subscription>(&body) {
            Ok(subscription) => {
                let system = webhook::system(&subscription, &self.policy, sealer).map(Arc::new);
                let live = Live {
                    subscription,
                    revision: document.revision,
                    system,
                };
                known.live.insert(document.id, Arc::new(live));
            }
            Err(error) => tracing::error!(subscription = %document.id, %error, "subscription not readable"),
        }
    }
}

fn learn_standing(known: &mut Known, document: &Document) {
    let standing = document
        .body
        .as_ref()
        .and_then(|body| serde_json::from_slice::<Standing>(body).ok());
    let standing = (standing.unwrap_or_default(), document.revision);
    known.standings.insert(document.id.clone(), standing);
}
