//! Room 8: how much. One limiter per consumer × operation, held in the grant, so that nothing is looked up and nothing
//! has to be swept. Answers carry where the caller stands (`RateLimit` headers at the edge).

use crate::authorize::{Grant, Permitted};
use crate::identity::Consumer;
use crate::outcome::Refusal;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Calls per minute of one grant.
pub struct Limiter {
    per_minute: NonZeroU32,
    inner: RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>,
}

impl Limiter {
    /// `per_minute` calls a minute; `burst` of them may come at once.
    pub fn new(per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        let quota = Quota::per_minute(per_minute).allow_burst(burst);
        Self {
            per_minute,
            inner: RateLimiter::direct(quota).with_middleware(),
        }
    }

    /// Calls per minute.
    pub fn per_minute(&self) -> u32 {
        self.per_minute.get()
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
    match limiter.inner.check() {
        Ok(state) => {
            let standing = Standing {
                limit,
                remaining: state.remaining_burst_capacity(),
            };
            Ok(Admitted { permitted, standing })
        }
        Err(wait) => {
            let after = wait
                .wait_time_from(DefaultClock::default().now())
                .max(Duration::from_millis(1));
            Err(Refusal::OverQuota { limit, after })
        }
    }
}
