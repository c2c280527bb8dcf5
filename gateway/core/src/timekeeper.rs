//! The timekeeper: leases due timers and hands each to its kind. Many may run, on any number of nodes; a timer is held
//! by one at a time. It never stops by itself, and one timer that fails never stops the others: its lease runs out and
//! it comes again.

use crate::accept::LEASE;
use crate::catalogue::Catalogue;
use crate::exchange::LeaseRequest;
use crate::journal::{JournalError, LeasedTimer};
use crate::pipeline::Rooms;
use crate::time::later;
use crate::{deadlines, fallback, follow, likeness, link, lists, reconcile, schedule};
use futures_util::future::join_all;
use jiff::ZonedDateTime;
use jiff::tz::{TimeZone, offset};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How the timekeeper behaves.
#[derive(Debug, Clone)]
pub struct TimekeeperPolicy {
    /// Time between two looks.
    pub look_every: Duration,
    /// Timers taken at once of each kind.
    pub at_once: usize,
}

impl Default for TimekeeperPolicy {
    fn default() -> Self {
        Self {
            look_every: Duration::from_millis(500),
            at_once: 64,
        }
    }
}

/// Works until `stop`.
pub async fn run(rooms: Arc<Rooms>, policy: TimekeeperPolicy, stop: CancellationToken) {
    let mut planted: Option<Arc<Catalogue>> = None;
    while !stop.is_cancelled() {
        let catalogue = rooms.catalogue.load_full();
        if !planted.as_ref().is_some_and(|known| Arc::ptr_eq(known, &catalogue)) {
            match plant(&rooms).await {
                Ok(()) => planted = Some(catalogue),
                Err(error) => tracing::error!(%error, "schedules not planned"),
            }
        }
        if let Err(error) = lists::refresh(&rooms).await {
            tracing::error!(%error, "lists not refreshed");
        }
        let worked = round(&rooms, &policy).await;
        if !worked {
            tokio::select! {
                () = stop.cancelled() => break,
                () = rooms.clock.sleep(policy.look_every) => {}
            }
        }
    }
}

async fn plant(rooms: &Rooms) -> Result<(), JournalError> {
    let flows = &rooms.catalogue.load_full().flows;
    let year = ZonedDateTime::new(rooms.clock.now(), TimeZone::fixed(offset(7))).year();
    if flows.follows.iter().any(|plan| !plan.deadlines.is_empty()) && !flows.calendar.knows(year) {
        tracing::warn!(
            year,
            "no holidays are configured for this year; deadlines count weekends only"
        );
        rooms.observer.noted("calendar_without_year", "libur");
    }
    schedule::plant(rooms).await?;
    reconcile::plant(rooms).await?;
    lists::plant(rooms).await
}

/// One look at every kind; whether any was at its limit, so that there may be more.
async fn round(rooms: &Arc<Rooms>, policy: &TimekeeperPolicy) -> bool {
    let mut more = false;
    for kind in [
        follow::FOLLOW,
        deadlines::DEADLINE,
        schedule::SCHEDULE,
        link::WAITING,
        link::LINK,
        likeness::LIKE,
        fallback::KEPT,
        reconcile::DIFFERENCE,
    ] {
        let leased = lease(rooms, kind, policy.at_once, LEASE).await;
        more |= leased.len() >= policy.at_once;
        // Together, so that the journal can commit them together.
        let fired = leased.into_iter().map(|timer| async move {
            let id = timer.timer.id.clone();
            if let Err(error) = fire(rooms, kind, timer).await {
                tracing::error!(kind, timer = %id, %error, "timer comes again");
            }
        });
        join_all(fired).await;
    }
    // A pull takes as long as the system does: a task of its own, held long.
    for timer in lease(rooms, lists::LIST, 1, lists::LONGEST_PULL).await {
        let held = Arc::clone(rooms);
        rooms.tasks.spawn(async move {
            if let Err(error) = lists::fire(&held, timer).await {
                tracing::error!(%error, "pull of a list comes again");
            }
        });
    }
    for timer in lease(rooms, reconcile::RUN, 1, reconcile::LONGEST_STEP).await {
        let held = Arc::clone(rooms);
        rooms.tasks.spawn(async move {
            if let Err(error) = reconcile::fire(&held, timer).await {
                tracing::error!(%error, "comparison comes again");
            }
        });
    }
    more
}

async fn fire(rooms: &Rooms, kind: &str, timer: LeasedTimer) -> Result<(), JournalError> {
    match kind {
        follow::FOLLOW => follow::fire(rooms, timer).await,
        deadlines::DEADLINE => deadlines::fire(rooms, timer).await,
        schedule::SCHEDULE => schedule::fire(rooms, timer).await,
        link::WAITING => link::retry(rooms, timer).await,
        // A link, a likeness, an answer or a difference whose keeping has ended.
        _ => {
            let (kind, id) = (timer.timer.kind, timer.timer.id);
            rooms.journal.drop_timer(kind, id, Some(timer.fence)).await
        }
    }
}

async fn lease(rooms: &Rooms, kind: &str, limit: usize, longest: Duration) -> Vec<LeasedTimer> {
    let now = rooms.clock.now();
    let request = LeaseRequest {
        owner: rooms.node.clone(),
        until: later(now, longest),
    };
    match rooms.journal.lease_timers(kind.to_owned(), request, now, limit).await {
        Ok(leased) => leased,
        Err(error) => {
            tracing::error!(kind, %error, "timers not leased");
            Vec::new()
        }
    }
}
