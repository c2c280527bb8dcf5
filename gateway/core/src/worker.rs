//! The delivery worker: leases due exchanges and takes each through rooms 12–14. Many may run, on any number of nodes.
//! It leases no more than it can work on, leaves out systems whose breaker is open, and never stops by itself.

use crate::accept::Accepted;
use crate::pipeline::{Rooms, advance};
use crate::time::between;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// How a worker behaves.
#[derive(Debug, Clone)]
pub struct WorkerPolicy {
    /// Exchanges worked on at once.
    pub at_once: usize,
    /// Longest wait between two looks into the journal.
    pub look_every: Duration,
}

/// Leases and delivers until `stop`; then leases nothing more. Work under way goes on in `rooms.tasks`.
pub async fn run(rooms: Arc<Rooms>, policy: WorkerPolicy, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(policy.at_once.max(1)));
    while !stop.is_cancelled() {
        let free = slots.available_permits();
        let leased = if free == 0 {
            0
        } else {
            lease(&rooms, &slots, free).await
        };
        if leased == 0 || slots.available_permits() == 0 {
            tokio::select! {
                () = stop.cancelled() => break,
                () = idle(&rooms, &slots, &policy) => {}
            }
        }
    }
}

async fn lease(rooms: &Arc<Rooms>, slots: &Arc<Semaphore>, limit: usize) -> usize {
    let now = rooms.clock.now();
    let skip = spared(rooms);
    let leased = match rooms.journal.lease(rooms.lease_request(now), now, limit, skip).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(%error, "worker cannot lease");
            return 0;
        }
    };
    let count = leased.len();
    for one in leased {
        let (rooms, slots) = (Arc::clone(rooms), Arc::clone(slots));
        let tracker = rooms.tasks.clone();
        tracker.spawn(async move {
            let _slot = slots.acquire().await;
            advance(rooms, Accepted::from_lease(one), false).await;
        });
    }
    count
}

/// Systems that are known to be down or closed: their exchanges wait in the journal and use up no attempts.
fn spared(rooms: &Rooms) -> Vec<String> {
    let now = rooms.clock.now();
    let catalogue = rooms.catalogue.load();
    let down = catalogue
        .systems
        .values()
        .filter(|system| system.breaker.open_for(now).is_some() || system.pacing.closed_for(now).is_some());
    down.map(|system| system.id.clone()).collect()
}

async fn idle(rooms: &Rooms, slots: &Semaphore, policy: &WorkerPolicy) {
    if slots.available_permits() == 0 {
        // Nothing can be leased before a slot is free.
        drop(slots.acquire().await);
        return;
    }
    let due = rooms.journal.next_due().await.ok().flatten();
    let wait = due.map_or(policy.look_every, |due| {
        between(rooms.clock.now(), due).min(policy.look_every)
    });
    // Due work that could not be leased (its system is spared) must not turn this into a busy loop.
    rooms.journal.wait(wait.max(Duration::from_millis(20))).await;
}
