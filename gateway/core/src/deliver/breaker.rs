//! Spares a system that is down: after some failures in a row no call goes out for a while, then one probe does.
//! Never sticky: an open breaker always lets a probe through when its pause is over.

use jiff::Timestamp;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

/// When it opens and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it; 0 never opens it.
    pub failures: u32,
    /// First pause.
    pub pause: Duration,
    /// Longest pause; each failed probe doubles it up to here.
    pub longest_pause: Duration,
}

/// Shared by all threads; the closed path is one atomic load.
#[derive(Debug)]
pub struct Breaker {
    policy: BreakerPolicy,
    failures: AtomicU32,
    /// Milliseconds since the epoch at which the next probe may go; 0 means closed.
    open_until: AtomicI64,
}

/// What the breaker says to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Go.
    Closed,
    /// Go: this call is the probe.
    Probe,
    /// Do not go before the pause is over.
    Open(Duration),
}

impl Breaker {
    /// Closed.
    pub fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            failures: AtomicU32::new(0),
            open_until: AtomicI64::new(0),
        }
    }

    /// Asks before a call. While open, the first caller after the pause becomes the probe and pushes the pause on, so
    /// that only one goes at a time and a probe that never reports does not wedge the system.
    pub fn ask(&self, now: Timestamp) -> Gate {
        let until = self.open_until.load(Ordering::Acquire);
        if until == 0 {
            return Gate::Closed;
        }
        let now = now.as_millisecond();
        if now < until {
            return Gate::Open(Duration::from_millis(until.abs_diff(now)));
        }
        let next = now + millis(self.pause());
        match self
            .open_until
            .compare_exchange(until, next, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => Gate::Probe,
            Err(other) => Gate::Open(Duration::from_millis(u64::try_from(other - now).unwrap_or(0))),
        }
    }

    /// How long it stays open, without taking the probe; `None` when calls may go.
    pub fn open_for(&self, now: Timestamp) -> Option<Duration> {
        let until = self.open_until.load(Ordering::Acquire);
        let left = until - now.as_millisecond();
        u64::try_from(left)
            .ok()
            .filter(|left| until != 0 && *left > 0)
            .map(Duration::from_millis)
    }

    /// The system answered.
    pub fn succeeded(&self) {
        if self.failures.swap(0, Ordering::AcqRel) != 0 {
            self.open_until.store(0, Ordering::Release);
        }
    }

    /// The system did not answer, or said it cannot serve. `true` when this failure opened the breaker.
    pub fn failed(&self, now: Timestamp) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if self.policy.failures == 0 || failures < self.policy.failures {
            return false;
        }
        let was = self
            .open_until
            .swap(now.as_millisecond() + millis(self.pause()), Ordering::AcqRel);
        was == 0
    }

    fn pause(&self) -> Duration {
        let beyond = self
            .failures
            .load(Ordering::Acquire)
            .saturating_sub(self.policy.failures)
            .min(16);
        self.policy
            .pause
            .saturating_mul(1 << beyond)
            .min(self.policy.longest_pause)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        Breaker::new(BreakerPolicy {
            failures: 3,
            pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(60),
        })
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn opens_after_failures_in_a_row_and_probes_one_at_a_time() {
        let breaker = breaker();
        assert!(!breaker.failed(at(0)) && !breaker.failed(at(0)));
        assert!(breaker.failed(at(0)));
        assert_eq!(breaker.ask(at(4)), Gate::Open(Duration::from_secs(6)));
        assert_eq!(breaker.ask(at(10)), Gate::Probe);
        assert!(matches!(breaker.ask(at(10)), Gate::Open(_)), "one probe only");
        breaker.succeeded();
        assert_eq!(breaker.ask(at(10)), Gate::Closed);
    }

    #[test]
    fn a_lost_probe_does_not_wedge_it() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.ask(at(10)), Gate::Probe);
        assert_eq!(
            breaker.ask(at(20)),
            Gate::Probe,
            "the next pause is over; another may probe"
        );
    }

    #[test]
    fn failed_probes_lengthen_the_pause_up_to_the_longest() {
        let breaker = breaker();
        for _ in 0..12 {
            breaker.failed(at(0));
        }
        assert_eq!(breaker.open_for(at(0)), Some(Duration::from_secs(60)));
    }
}
