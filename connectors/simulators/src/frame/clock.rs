//! The simulator's own time: a start, a speed, and steps forward on command.
//!
//! Runs on the runtime's clock, so a paused test clock pauses the simulator too. Written times are Jakarta time
//! (UTC+7) without a zone, as the national systems write them.

use std::sync::{Mutex, PoisonError};

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that starts where it is told and can be hurried.
pub struct SimClock {
    start: Timestamp,
    speed: f64,
    since: Instant,
    extra: Mutex<SignedDuration>,
}

impl SimClock {
    /// A clock that shows `start` now and runs `speed` times as fast as the runtime's clock (0: stands still).
    pub fn new(start: Timestamp, speed: f64) -> Self {
        Self {
            start,
            speed,
            since: Instant::now(),
            extra: Mutex::new(SignedDuration::ZERO),
        }
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        let passed = self.since.elapsed().as_secs_f64() * self.speed;
        let passed = SignedDuration::from_millis((passed * 1000.0) as i64);
        let extra = *self.extra.lock().unwrap_or_else(PoisonError::into_inner);
        self.start.checked_add(passed + extra).unwrap_or(self.start)
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        *self.extra.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

/// Tuesday, 3 February 2026, 08:00 in Jakarta: the invented day on which every simulator starts by default.
pub fn default_start() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_770_080_400)
}

/// A time in Jakarta by a `strftime` pattern.
pub fn jakarta(at: Timestamp, pattern: &str) -> String {
    at.to_zoned_datetime(TimeZone::fixed(offset(7)))
        .strftime(pattern)
        .to_string()
}

/// A time in UTC by a `strftime` pattern.
pub fn utc(at: Timestamp, pattern: &str) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime(pattern).to_string()
}
