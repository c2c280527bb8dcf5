//! Room 12: where to. From the published operation to the built system and its connector's operation.

use crate::catalogue::{Catalogue, Published};
use crate::deliver::System;
use crate::events::{Events, Standing};
use crate::exchange::Stored;
use crate::ids::ExchangeId;
use crate::inbound::Receiver;
use crate::outcome::Refusal;
use crate::time::between;
use connector_sdk::{Fault, FaultKind, Hook, Origin, Text};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// A published operation with the system that carries it out.
#[derive(Clone)]
pub struct Routed {
    operation: Arc<Published>,
    system: Arc<System>,
    hook: Option<String>,
}

impl Routed {
    /// The operation.
    pub fn operation(&self) -> &Arc<Published> {
        &self.operation
    }

    /// The system.
    pub fn system(&self) -> &Arc<System> {
        &self.system
    }

    /// The hook, when this was pushed to us.
    pub fn hook(&self) -> Option<&dyn Hook> {
        self.system.connector.hook(self.hook.as_deref()?)
    }

    /// Whether this was pushed to us.
    pub fn is_inbound(&self) -> bool {
        self.hook.is_some()
    }
}

/// The way of what was pushed: back to the hook that took it.
pub(crate) fn inbound(receiver: &Receiver) -> Routed {
    Routed {
        operation: Arc::clone(&receiver.published),
        system: Arc::clone(&receiver.system),
        hook: Some(receiver.hook.clone()),
    }
}

/// Finds the system, or the newer version beside it where that takes this exchange; refused when it is not set up or its connector lacks the operation.
pub fn route(
    catalogue: &Catalogue,
    operation: &Arc<Published>,
    consumer: &str,
    exchange: ExchangeId,
) -> Result<Routed, Refusal> {
    let able = |id: &str| {
        let system = catalogue.systems.get(id);
        system.filter(|system| system.connector.operation(&operation.spec.id).is_some())
    };
    let mut newer = catalogue
        .flows
        .beside
        .iter()
        .filter(|one| one.system == operation.system);
    let system = newer
        .find(|one| one.takes(consumer, exchange))
        .and_then(|one| able(&one.other))
        .or_else(|| able(&operation.system))
        .ok_or_else(|| Refusal::NotInstalled {
            system: operation.system.clone(),
        })?;
    Ok(Routed {
        operation: Arc::clone(operation),
        system: Arc::clone(system),
        hook: None,
    })
}

/// A subscription that no node knows of for this long was deleted.
const KNOWN_BY_ALL: Duration = Duration::from_secs(60);

/// Finds the receiver of a stored push. Another node may have made the subscription a moment ago: a young delivery
/// waits, an old one has lost its subscription.
pub(crate) fn push(events: &Events, exchange: &Stored, now: Timestamp) -> Result<Routed, Fault> {
    let fault = |kind, why: &str| {
        let text = Text::new("Langganan ini tidak aktif.", "This subscription is not active.");
        Fault::new(kind, text).origin(Origin::Gateway).internal(why)
    };
    let Some(system) = events.by_system(&exchange.system).and_then(|live| live.system.clone()) else {
        let young = between(exchange.created, now) < KNOWN_BY_ALL;
        let kind = if young {
            FaultKind::Misconfigured
        } else {
            FaultKind::NotFound
        };
        return Err(fault(kind, "subscription of delivery is not known"));
    };
    let id = exchange.system.rsplit(':').next().unwrap_or_default();
    if let Standing::Disabled { .. } = events.standing(id).0 {
        return Err(fault(FaultKind::Rejected, "the receiver said that it takes no more"));
    }
    Ok(Routed {
        operation: Arc::clone(events.delivery()),
        system,
        hook: None,
    })
}
