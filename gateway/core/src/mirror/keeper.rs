//! Keeps the copies in step until told to stop: takes sets that are due, one run of a set at once over all nodes, and on
//! this node one per system, so that a system that comes back after days is not met by all its sets together.

use super::chain::ChainPlan;
use super::{MirrorPlan, chain_links, pull};
use crate::catalogue::Catalogue;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::time::later;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a set is held without a step: longer than the door may take for one page.
pub(super) const LEASE: Duration = Duration::from_secs(180);
/// Time between two looks.
const LOOK: Duration = Duration::from_secs(2);

/// Works until `stop`. A run that is cut off by the end of the process goes on when its lease has run out.
pub async fn run(rooms: Arc<Rooms>, stop: CancellationToken) {
    let busy: Arc<Mutex<HashSet<String>>> = Arc::default();
    let mut planted: Option<Arc<Catalogue>> = None;
    while !stop.is_cancelled() {
        let catalogue = rooms.catalogue.load_full();
        if !planted.as_ref().is_some_and(|known| Arc::ptr_eq(known, &catalogue)) {
            match plant(&rooms, &catalogue).await {
                Ok(()) => planted = Some(Arc::clone(&catalogue)),
                Err(error) => tracing::error!(%error, "mirrors not planned"),
            }
        }
        for plan in &catalogue.flows.mirrors {
            if let Err(error) = look(&rooms, &catalogue, plan, &busy, &stop).await {
                tracing::error!(mirror = %plan.id, %error, "mirror not taken");
            }
        }
        for chain in &catalogue.flows.chains {
            if let Err(error) = link(&rooms, chain).await {
                tracing::error!(chain = %chain.id, %error, "chain not linked");
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = rooms.clock.sleep(LOOK) => {}
        }
    }
}

async fn plant(rooms: &Rooms, catalogue: &Catalogue) -> Result<(), JournalError> {
    for plan in &catalogue.flows.mirrors {
        rooms.mirrors.plant(plan.id.clone(), rooms.clock.now()).await?;
    }
    for chain in &catalogue.flows.chains {
        rooms.mirrors.plant(chain.set(), rooms.clock.now()).await?;
    }
    Ok(())
}

/// Links one chain, if it is due and nobody else does.
async fn link(rooms: &Rooms, chain: &ChainPlan) -> Result<(), JournalError> {
    let now = rooms.clock.now();
    match rooms.mirrors.take(chain.set(), now, later(now, LEASE)).await? {
        Some(held) => chain_links::turn(rooms, chain, held).await,
        None => Ok(()),
    }
}

async fn look(
    rooms: &Arc<Rooms>,
    catalogue: &Arc<Catalogue>,
    plan: &MirrorPlan,
    busy: &Arc<Mutex<HashSet<String>>>,
    stop: &CancellationToken,
) -> Result<(), JournalError> {
    let Some(system) = catalogue.systems.get(&plan.system) else {
        return Ok(());
    };
    let is_busy = |busy: &Mutex<HashSet<String>>| {
        let busy = busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.contains(&plan.system)
    };
    if is_busy(busy) {
        return Ok(());
    }
    let now = rooms.clock.now();
    let Some(held) = rooms.mirrors.take(plan.id.clone(), now, later(now, LEASE)).await? else {
        return Ok(());
    };
    busy.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(plan.system.clone());
    let (rooms, system, plan) = (Arc::clone(rooms), Arc::clone(system), plan.clone());
    let (busy, stop) = (Arc::clone(busy), stop.clone());
    let tasks = rooms.tasks.clone();
    tasks.spawn(async move {
        // Every step is durable: a run that is cut short at shutdown goes on from its checkpoint.
        tokio::select! {
            () = stop.cancelled() => {}
            ended = pull::turn(&rooms, &plan, &system, held) => {
                if let Err(error) = ended {
                    tracing::error!(mirror = %plan.id, %error, "run of a mirror broke off");
                }
            }
        }
        busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&plan.system);
    });
    Ok(())
}
