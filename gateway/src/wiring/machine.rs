//! Time, ids and randomness of this machine. The only place where they enter the program; everything else takes them
//! through the core's traits.

use connector_sdk::BoxFuture;
use gateway_core::ids::{ExchangeId, Ids};
use gateway_core::time::Clock;
use jiff::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the clock that everything else is handed")]
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// UUIDv7 from the operating system's randomness; jitter and span ids from a fast generator per thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn exchange(&self) -> ExchangeId {
        #[expect(
            clippy::disallowed_methods,
            reason = "the source of ids that everything else is handed"
        )]
        ExchangeId(Uuid::now_v7())
    }

    fn fraction(&self) -> f64 {
        fastrand::f64()
    }

    fn span(&self) -> String {
        format!("{:016x}", fastrand::u64(1..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_spans_are_never_zero() {
        let (first, second) = (RandomIds.exchange(), RandomIds.exchange());
        assert!(first < second);
        assert!((0.0..1.0).contains(&RandomIds.fraction()));
        let span = RandomIds.span();
        assert!(span.len() == 16 && span.bytes().any(|b| b != b'0'), "{span}");
    }
}
