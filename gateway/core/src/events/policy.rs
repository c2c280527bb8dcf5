//! How pushes behave unless a subscription says otherwise.

use crate::deliver::{BreakerPolicy, Policy};
use std::time::Duration;

/// Behaviour of all pushes.
#[derive(Debug, Clone, PartialEq)]
pub struct PushPolicy {
    /// Pauses between attempts; after the last one fails the delivery is a dead letter.
    pub schedule: Vec<Duration>,
    /// Time for one attempt.
    pub timeout: Duration,
    /// Attempts at once per subscription and node.
    pub at_once: usize,
    /// Deliveries of one subscription that may be open at once; further events wait in the journal's list.
    pub window: u64,
    /// Spares a receiver that fails again and again; its longest pause is the pause between probes.
    pub breaker: BreakerPolicy,
    /// A receiver that failed this long without a success is paused: no new deliveries but probes.
    pub pause_after: Duration,
    /// Between two probes of a paused receiver that has no open delivery left.
    pub probe_every: Duration,
    /// How long a replaced secret still signs.
    pub overlap: Duration,
    /// Longest between two looks of a dispatcher; also how soon every node knows of a changed subscription.
    pub look_every: Duration,
    /// Subscriptions per consumer at most.
    pub per_consumer: usize,
}

impl Default for PushPolicy {
    /// The schedule of Standard Webhooks 1.0.
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let pauses = [
            5,
            5 * MINUTE,
            30 * MINUTE,
            2 * HOUR,
            5 * HOUR,
            10 * HOUR,
            14 * HOUR,
            20 * HOUR,
            24 * HOUR,
        ];
        Self {
            schedule: pauses.map(Duration::from_secs).to_vec(),
            timeout: Duration::from_secs(20),
            at_once: 4,
            window: 1_000,
            breaker: BreakerPolicy {
                failures: 5,
                pause: Duration::from_secs(5),
                longest_pause: Duration::from_secs(5 * MINUTE),
            },
            pause_after: Duration::from_secs(24 * HOUR),
            probe_every: Duration::from_secs(5 * MINUTE),
            overlap: Duration::from_secs(24 * HOUR),
            look_every: Duration::from_millis(500),
            per_consumer: 50,
        }
    }
}

impl PushPolicy {
    /// For trying things out: everything that takes days in production takes minutes.
    pub fn sandbox() -> Self {
        Self {
            schedule: [1, 5, 15, 30, 60].map(Duration::from_secs).to_vec(),
            breaker: BreakerPolicy {
                failures: 5,
                pause: Duration::from_secs(1),
                longest_pause: Duration::from_secs(10),
            },
            pause_after: Duration::from_secs(120),
            probe_every: Duration::from_secs(10),
            overlap: Duration::from_secs(600),
            ..Self::default()
        }
    }

    /// The policy of one subscription's system.
    pub(super) fn of_system(&self, own_schedule: Option<&[u32]>) -> Policy {
        let schedule = own_schedule.map_or_else(
            || self.schedule.clone(),
            |own| own.iter().map(|s| Duration::from_secs(u64::from(*s))).collect(),
        );
        Policy {
            deadline: Some(self.timeout),
            read_retries: 0,
            attempts: u32::try_from(schedule.len()).unwrap_or(u32::MAX).saturating_add(1),
            backoff: Duration::from_secs(1),
            longest_backoff: self.breaker.longest_pause,
            schedule: Some(schedule),
            lookup_after: self.timeout,
            lookups: 0,
            breaker: self.breaker.clone(),
            max_request: 64 * 1024,
            max_reply: 64 * 1024,
        }
    }
}
