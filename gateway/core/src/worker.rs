//! The delivery worker: leases due exchanges and takes each through rooms 12–14. Many may run, on any number of nodes.
//! It leases no more than it can work on, leaves out systems whose breaker is open, and never stops by itself.

use crate::accept::{Accepted, LEASE};
use crate::exchange::{Leased, Next, Settlement};
use crate::pipeline::{Rooms, advance};
use crate::time::between;
use connector_sdk::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
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
    let shares = Arc::new(Shares::default());
    while !stop.is_cancelled() {
        // Before the look, so that nothing which happens meanwhile is missed.
        let woken = rooms.journal.wait(policy.look_every);
        let free = slots.available_permits();
        let leased = if free == 0 {
            0
        } else {
            lease(&rooms, &slots, &shares, &policy, free).await
        };
        if leased == 0 || slots.available_permits() == 0 {
            tokio::select! {
                () = stop.cancelled() => break,
                () = idle(&rooms, &slots, &policy, shares.full(), woken) => {}
                () = shares.freed.notified() => {}
            }
        }
    }
}

async fn lease(
    rooms: &Arc<Rooms>,
    slots: &Arc<Semaphore>,
    shares: &Arc<Shares>,
    policy: &WorkerPolicy,
    free: usize,
) -> usize {
    let now = rooms.clock.now();
    let half = (policy.at_once / 2).max(1);
    let mut skip: Vec<_> = spared(rooms).into_iter().map(|(system, _)| system).collect();
    skip.extend(shares.full());
    let limit = free.min(shares.room(&skip, half)).max(1);
    let leased = match rooms.journal.lease(rooms.lease_request(now), now, limit, skip).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(%error, "worker cannot lease");
            return 0;
        }
    };
    let count = leased.len();
    for one in leased {
        let rooms = Arc::clone(rooms);
        let tracker = rooms.tasks.clone();
        let place = shares.enter(&rooms, &one.exchange.system, half);
        // Taken here and not in the task, so that the next look counts it.
        let slot = place
            .go
            .is_some()
            .then(|| Arc::clone(slots).try_acquire_owned().ok())
            .flatten();
        let slots = Arc::clone(slots);
        tracker.spawn(async move {
            let Some(_go) = place.wait().await else {
                return give_back(&rooms, &one).await;
            };
            let _slot = match slot {
                Some(slot) => Some(slot),
                None => slots.acquire_owned().await.ok(),
            };
            advance(rooms, Accepted::from_lease(one), None, false).await;
        });
    }
    count
}

/// What each system has under way in this worker, so that one slow system never takes all of its slots. A configured
/// system gets half of them; no more is leased than it may still take. A subscriber gets as many as its bulkhead has: what
/// was leased beyond that waits here, without a slot, and nothing more is leased for it meanwhile.
#[derive(Default)]
struct Shares {
    under_way: Mutex<HashMap<String, Share>>,
    /// A system that had its full share has room again.
    freed: Notify,
}

struct Share {
    count: usize,
    at_once: usize,
    /// More may be leased than it takes at once.
    subscriber: bool,
    slots: Arc<Semaphore>,
    /// Left alone until there is room again (for a subscriber: half of what it takes).
    full: bool,
}

/// One exchange of a system, running or waiting.
struct Place {
    shares: Arc<Shares>,
    system: String,
    slots: Arc<Semaphore>,
    go: Option<OwnedSemaphorePermit>,
}

impl Shares {
    fn enter(self: &Arc<Self>, rooms: &Rooms, system: &str, half: usize) -> Place {
        let mut under_way = self.lock();
        let share = under_way.entry(system.to_owned()).or_insert_with(|| {
            let subscriber = rooms.events.by_system(system).and_then(|live| live.system.clone());
            let at_once = subscriber.as_ref().map_or(half, |s| s.pacing.at_once().min(half));
            Share {
                count: 0,
                at_once,
                subscriber: subscriber.is_some(),
                slots: Arc::new(Semaphore::new(at_once)),
                full: false,
            }
        });
        share.count += 1;
        share.full |= share.count >= share.at_once;
        let slots = Arc::clone(&share.slots);
        Place {
            shares: Arc::clone(self),
            system: system.to_owned(),
            go: Arc::clone(&slots).try_acquire_owned().ok(),
            slots,
        }
    }

    fn full(&self) -> Vec<String> {
        let under_way = self.lock();
        let full = under_way.iter().filter(|(_, share)| share.full);
        full.map(|(system, _)| system.clone()).collect()
    }

    /// How much may be leased without exceeding the share of a configured system.
    fn room(&self, skip: &[String], half: usize) -> usize {
        let under_way = self.lock();
        let shares = under_way
            .iter()
            .filter(|(id, share)| !share.subscriber && !skip.contains(id));
        shares
            .map(|(_, share)| share.at_once.saturating_sub(share.count))
            .min()
            .unwrap_or(half)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Share>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Its turn; `None` when that takes longer than the lease allows.
    async fn wait(mut self) -> Option<(Self, OwnedSemaphorePermit)> {
        let go = match self.go.take() {
            Some(go) => go,
            None => {
                let turn = Arc::clone(&self.slots).acquire_owned();
                tokio::time::timeout(LEASE / 3, turn).await.ok()?.ok()?
            }
        };
        Some((self, go))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.shares.lock();
        let Some(share) = under_way.get_mut(&self.system) else {
            return;
        };
        share.count -= 1;
        let enough = if share.subscriber {
            share.at_once / 2
        } else {
            share.at_once.saturating_sub(1)
        };
        if share.full && share.count <= enough {
            share.full = false;
            self.shares.freed.notify_one();
        }
        if share.count == 0 {
            under_way.remove(&self.system);
        }
    }
}

/// Untried and not counted.
async fn give_back(rooms: &Rooms, leased: &Leased) {
    let at = rooms.clock.now();
    let released = rooms.journal.settle(Settlement {
        id: leased.exchange.id,
        fence: leased.fence,
        before: leased.before,
        attempt: None,
        next: Next::Release {
            due: leased.exchange.due,
        },
        at,
        relays: Vec::new(),
        events: Vec::new(),
        timers: Vec::new(),
        evidence: None,
    });
    if let Err(error) = released.await {
        tracing::warn!(exchange = %leased.exchange.id, %error, "lease not given back");
    }
}

/// Systems that are known to be down or closed, with how long: their exchanges wait in the journal and use up no
/// attempts.
fn spared(rooms: &Rooms) -> Vec<(String, Duration)> {
    let now = rooms.clock.now();
    let catalogue = rooms.catalogue.load();
    let mut spared = rooms.events.spared(now);
    spared.extend(catalogue.systems.values().filter_map(|system| {
        let wait = system.breaker.open_for(now).max(system.pacing.closed_for(now));
        wait.map(|wait| (system.id.clone(), wait))
    }));
    spared
}

/// Until something may be leased: at once when an exchange is accepted, when the next one falls due, or when a system that is
/// left alone opens. What is due at such a system delays nobody else.
async fn idle(
    rooms: &Rooms,
    slots: &Semaphore,
    policy: &WorkerPolicy,
    mut skip: Vec<String>,
    woken: BoxFuture<'_, ()>,
) {
    if slots.available_permits() == 0 {
        // Nothing can be leased before a slot is free.
        drop(slots.acquire().await);
        return;
    }
    let spared = spared(rooms);
    let opens = spared.iter().map(|(_, wait)| *wait).min();
    skip.extend(spared.into_iter().map(|(system, _)| system));
    let now = rooms.clock.now();
    let due = rooms.journal.next_due(skip).await.ok().flatten();
    let due = due.map(|due| between(now, due));
    let wait = due.into_iter().chain(opens).min().unwrap_or(policy.look_every);
    // Due work that could not be leased must not turn this into a busy loop.
    let wait = wait.clamp(
        Duration::from_millis(20),
        policy.look_every.max(Duration::from_millis(20)),
    );
    let _ = tokio::time::timeout(wait, woken).await;
}
