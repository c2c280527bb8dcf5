//! The delivery worker: leases due exchanges and takes each through rooms 12–14. Many may run, on any number of nodes.
//! It leases no more than it can work on, leaves out systems whose breaker is open, and never stops by itself.

use crate::accept::Accepted;
use crate::pipeline::{Rooms, advance};
use crate::time::between;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
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

/// Exchanges under way per system, so that one slow system never takes all of a worker's slots.
type UnderWay = Arc<Mutex<HashMap<String, usize>>>;

/// Leases and delivers until `stop`; then leases nothing more. Work under way goes on in `rooms.tasks`.
pub async fn run(rooms: Arc<Rooms>, policy: WorkerPolicy, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(policy.at_once.max(1)));
    let under_way = UnderWay::default();
    while !stop.is_cancelled() {
        let free = slots.available_permits();
        let leased = if free == 0 {
            0
        } else {
            lease(&rooms, &slots, &under_way, &policy, free).await
        };
        if leased == 0 || slots.available_permits() == 0 {
            tokio::select! {
                () = stop.cancelled() => break,
                () = idle(&rooms, &slots, &policy) => {}
            }
        }
    }
}

async fn lease(
    rooms: &Arc<Rooms>,
    slots: &Arc<Semaphore>,
    under_way: &UnderWay,
    policy: &WorkerPolicy,
    free: usize,
) -> usize {
    let now = rooms.clock.now();
    let share = (policy.at_once / 2).max(1);
    let (skip, limit) = spared(rooms, under_way, share, free);
    let leased = match rooms.journal.lease(rooms.lease_request(now), now, limit, skip).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(%error, "worker cannot lease");
            return 0;
        }
    };
    let count = leased.len();
    for one in leased {
        let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
            break;
        };
        let counted = Counted::new(under_way, &one.exchange.system);
        let tracker = rooms.tasks.clone();
        let rooms = Arc::clone(rooms);
        tracker.spawn(async move {
            let _held = (slot, counted);
            advance(rooms, Accepted::from_lease(one), false).await;
        });
    }
    count
}

/// Systems to leave out (down, closed, or holding their share of slots already) and how many to lease: no more than
/// the fullest system that is left may still take, so that no share is exceeded.
fn spared(rooms: &Rooms, under_way: &UnderWay, share: usize, free: usize) -> (Vec<String>, usize) {
    let now = rooms.clock.now();
    let catalogue = rooms.catalogue.load();
    let counts = under_way.lock().unwrap_or_else(PoisonError::into_inner);
    let full = |id: &str| counts.get(id).is_some_and(|n| *n >= share);
    let down = |id: &str| {
        let system = catalogue.systems.get(id);
        system.is_some_and(|s| s.breaker.open_for(now).is_some() || s.pacing.closed_for(now).is_some())
    };
    let known = catalogue.systems.keys().chain(counts.keys());
    let mut skip: Vec<String> = known.filter(|id| full(id) || down(id)).cloned().collect();
    skip.sort_unstable();
    skip.dedup();
    let room = counts
        .iter()
        .filter(|(id, _)| !skip.contains(id))
        .map(|(_, n)| share.saturating_sub(*n))
        .min();
    (skip, free.min(room.unwrap_or(share)).max(1))
}

/// Counts an exchange of a system while it is under way.
struct Counted {
    under_way: UnderWay,
    system: String,
}

impl Counted {
    fn new(under_way: &UnderWay, system: &str) -> Self {
        let mut counts = under_way.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(system.to_owned()).or_default() += 1;
        Self {
            under_way: Arc::clone(under_way),
            system: system.to_owned(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = counts.get_mut(&self.system) {
            *n -= 1;
            if *n == 0 {
                counts.remove(&self.system);
            }
        }
    }
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
