//! Room 8: how much. One limiter per consumer × operation, held in the grant, so that nothing is looked up and nothing
//! has to be swept. Answers carry where the caller stands (`RateLimit` headers at the edge). Where several nodes share a journal they
//! take each other's calls off ([`nodes`]), so that a quota is the city's and not a node's.

pub mod nodes;

use crate::authorize::{Grant, Permitted};
use crate::identity::Consumer;
use crate::outcome::Refusal;
use governor::clock::{Clock, DefaultClock, Reference};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const MINUTE: u64 = 60_000_000_000;

/// Calls per minute of one grant: one number, the moment at which all calls let through so far are paid for (GCRA).
pub struct Limiter {
    per_minute: NonZeroU32,
    /// Nanoseconds that pay for one call.
    price: u64,
    /// Nanoseconds that the moment may lie ahead: what pays for a burst.
    ahead: u64,
    clock: DefaultClock,
    start: <DefaultClock as Clock>::Instant,
    /// Nanoseconds after `start`.
    paid: AtomicU64,
    /// Calls let through that other nodes were not told of.
    untold: AtomicU64,
}

impl Limiter {
    /// `per_minute` calls a minute; `burst` of them may come at once.
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let clock = DefaultClock::default();
        let price = (MINUTE / u64::from(per_minute.get())).max(1);
        Self {
            per_minute,
            price,
            ahead: price.saturating_mul(u64::from(burst.get())),
            start: clock.now(),
            clock,
            paid: AtomicU64::new(0),
            untold: AtomicU64::new(0),
        }
    }

    /// Calls per minute.
    pub fn per_minute(&self) -> u32 {
        self.per_minute.get()
    }

    fn now(&self) -> u64 {
        self.clock.now().duration_since(self.start).as_u64()
    }

    /// Takes one call: how many may still come at once, or how long to wait.
    fn take(&self) -> Result<u32, Duration> {
        let now = self.now();
        let mut paid = self.paid.load(Ordering::Relaxed);
        loop {
            let next = paid.max(now) + self.price;
            if let Some(wait) = (next - now).checked_sub(self.ahead).filter(|wait| *wait > 0) {
                return Err(Duration::from_nanos(wait));
            }
            match self
                .paid
                .compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => {
                    self.untold.fetch_add(1, Ordering::Relaxed);
                    let left = (self.ahead - (next - now)) / self.price;
                    return Ok(u32::try_from(left).unwrap_or(u32::MAX));
                }
                Err(newer) => paid = newer,
            }
        }
    }

    /// Calls let through since this was last asked.
    fn untold(&self) -> u64 {
        self.untold.swap(0, Ordering::Relaxed)
    }

    /// Takes off calls that other nodes let through. Nobody is made to wait longer than a minute for what is past.
    fn debit(&self, calls: u64) {
        let now = self.now();
        let most = now.saturating_add(self.ahead).saturating_add(MINUTE);
        let cost = self.price.saturating_mul(calls);
        let mut paid = self.paid.load(Ordering::Relaxed);
        loop {
            let next = paid.max(now).saturating_add(cost).min(most).max(paid);
            match self
                .paid
                .compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(newer) => paid = newer,
            }
        }
    }
}

/// Where the caller stands after this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Calls per minute.
    pub limit: u32,
    /// Calls that may still come at once.
    pub remaining: u32,
}

/// Proof that the call is within quota.
#[derive(Clone)]
pub struct Admitted {
    permitted: Permitted,
    standing: Standing,
}

impl Admitted {
    /// The caller.
    pub fn consumer(&self) -> &Arc<Consumer> {
        self.permitted.consumer()
    }

    /// The grant.
    pub fn grant(&self) -> &Arc<Grant> {
        self.permitted.grant()
    }

    /// Where the caller stands.
    pub fn standing(&self) -> Standing {
        self.standing
    }
}

/// Takes one call from the grant's quota.
pub fn limit(permitted: Permitted) -> Result<Admitted, Refusal> {
    let limiter = &permitted.grant().limiter;
    let limit = limiter.per_minute();
    match limiter.take() {
        Ok(remaining) => {
            let standing = Standing { limit, remaining };
            Ok(Admitted { permitted, standing })
        }
        Err(wait) => Err(Refusal::OverQuota {
            limit,
            after: wait.max(Duration::from_millis(1)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Limiter;
    use std::num::NonZeroU32;
    use std::time::Duration;

    fn limiter(per_minute: u32, burst: u32) -> Limiter {
        Limiter::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap())
    }

    #[test]
    fn a_burst_and_then_a_wait() {
        let limiter = limiter(2, 3);
        assert_eq!([limiter.take(), limiter.take(), limiter.take()], [Ok(2), Ok(1), Ok(0)]);
        let wait = limiter.take().unwrap_err();
        assert!(
            wait > Duration::from_secs(25) && wait <= Duration::from_secs(30),
            "{wait:?}"
        );
        assert_eq!((limiter.untold(), limiter.untold()), (3, 0));
    }

    #[test]
    fn calls_elsewhere_count_and_are_forgiven_within_a_minute() {
        let limiter = limiter(60, 10);
        limiter.debit(4);
        assert_eq!(limiter.take(), Ok(5));
        assert_eq!(limiter.untold(), 1, "what others let through is theirs to tell");
        limiter.debit(8);
        let wait = limiter.take().unwrap_err();
        assert!(
            wait > Duration::from_secs(2) && wait <= Duration::from_secs(4),
            "{wait:?}"
        );
        limiter.debit(u64::MAX);
        let wait = limiter.take().unwrap_err();
        assert!(
            wait > Duration::from_secs(59) && wait <= Duration::from_secs(61),
            "{wait:?}"
        );
    }
}
