//! Time is handed in. Production reads the system clock at the edge; tests pause it.

use connector_sdk::BoxFuture;
use jiff::Timestamp;
use std::time::Duration;

/// Wall time and waiting.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Timestamp;
    /// Waits; under a paused tokio clock this returns at once when nothing else runs.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// `at + after`, saturating at the end of time.
pub fn later(at: Timestamp, after: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(after)
        .ok()
        .and_then(|d| at.checked_add(d).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Time from `from` to `to`, zero when it lies backwards (clocks jump).
pub fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}
