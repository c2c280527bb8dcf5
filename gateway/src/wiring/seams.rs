//! Where a test program may take hold of a gateway: the steps of the journal, its size, the clock. No configuration
//! reaches these, and `simpul` sets one only in the trial gateway of `simpul selftest`.

use super::machine::SystemClock;
use connector_sdk::BoxFuture;
use gateway_core::time::Clock;
use gateway_store::sqlite::{Committed, FailPoint, Options};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Nothing by default.
#[derive(Clone, Default)]
pub struct Seams {
    /// Called at each named step of the journal's write path.
    pub fail: Option<FailPoint>,
    /// Most pages of the journal's file, so that it is full early.
    pub max_pages: Option<u32>,
    /// Seconds that the clock is ahead of this machine's; may change while the gateway runs.
    pub ahead: Option<Arc<AtomicI64>>,
}

impl fmt::Debug for Seams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seams")
            .field("max_pages", &self.max_pages)
            .field("ahead", &self.ahead)
            .finish_non_exhaustive()
    }
}

impl Seams {
    pub(super) fn options(&self, committed: Committed) -> Options {
        Options {
            fail: self.fail.clone(),
            committed: Some(committed),
            max_pages: self.max_pages,
            ..Options::default()
        }
    }

    pub(super) fn database(
        &self,
        database: &gateway_store::postgres::Options,
        committed: Committed,
    ) -> gateway_store::postgres::Options {
        gateway_store::postgres::Options {
            fail: self.fail.clone(),
            committed: Some(committed),
            ..database.clone()
        }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        match &self.ahead {
            Some(ahead) => Arc::new(Ahead(Arc::clone(ahead))),
            None => Arc::new(SystemClock),
        }
    }
}

/// A clock that is wrong.
struct Ahead(Arc<AtomicI64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.0.load(Ordering::Relaxed));
        let now = SystemClock.now();
        now.checked_add(ahead).unwrap_or(now)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}
