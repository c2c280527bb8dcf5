//! Room 12: where to. From the published operation to the built system and its connector's operation.

use crate::catalogue::{Catalogue, Published};
use crate::deliver::System;
use crate::outcome::Refusal;
use std::sync::Arc;

/// A published operation with the system that carries it out.
#[derive(Clone)]
pub struct Routed {
    operation: Arc<Published>,
    system: Arc<System>,
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
}

/// Finds the system; refused when it is not set up or its connector lacks the operation.
pub fn route(catalogue: &Catalogue, operation: &Arc<Published>) -> Result<Routed, Refusal> {
    let system = catalogue
        .systems
        .get(&operation.system)
        .filter(|system| system.connector.operation(&operation.spec.id).is_some())
        .ok_or_else(|| Refusal::NotInstalled {
            system: operation.system.clone(),
        })?;
    Ok(Routed {
        operation: Arc::clone(operation),
        system: Arc::clone(system),
    })
}
