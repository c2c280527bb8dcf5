//! Keeps to a system's own limits: calls per minute, calls at once, hours of service.

use connector_sdk::ServiceHours;
use governor::clock::{Clock, DefaultClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use jiff::{Timestamp, tz::TimeZone};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Pacing of one system, shared by all threads.
pub struct Pacing {
    rate: Option<RateLimiter<NotKeyed, InMemoryState, DefaultClock>>,
    /// Calls at once: the bulkhead.
    pub bulkhead: Arc<Semaphore>,
    /// Size of the bulkhead.
    at_once: usize,
    hours: Option<(ServiceHours, TimeZone)>,
}

impl Pacing {
    /// `per_minute` and `concurrent` calls; a zone that is not known is refused.
    pub fn new(
        per_minute: Option<NonZeroU32>,
        concurrent: usize,
        hours: Option<ServiceHours>,
    ) -> Result<Self, jiff::Error> {
        let hours = hours
            .map(|h| Ok::<_, jiff::Error>((TimeZone::get(&h.zone)?, h)))
            .transpose()?
            .map(|(z, h)| (h, z));
        let rate = per_minute.map(|n| {
            let burst = NonZeroU32::new(n.get() / 60).unwrap_or(NonZeroU32::MIN);
            RateLimiter::direct(Quota::per_minute(n).allow_burst(burst))
        });
        Ok(Self {
            rate,
            bulkhead: Arc::new(Semaphore::new(concurrent.max(1))),
            at_once: concurrent.max(1),
            hours,
        })
    }

    /// Calls at once, for whoever would rather wait elsewhere than in the bulkhead.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// How long until a call fits the rate; zero when it does now (and is counted).
    pub fn wait(&self) -> Duration {
        let Some(rate) = &self.rate else { return Duration::ZERO };
        match rate.check() {
            Ok(()) => Duration::ZERO,
            Err(until) => until
                .wait_time_from(DefaultClock::default().now())
                .max(Duration::from_millis(1)),
        }
    }

    /// How long until the system opens; `None` while it is open.
    pub fn closed_for(&self, now: Timestamp) -> Option<Duration> {
        let (hours, zone) = self.hours.as_ref()?;
        let local = jiff::ZonedDateTime::new(now, zone.clone());
        let second = u64::try_from(i64::from(local.hour()) * 3600 + i64::from(local.minute()) * 60).unwrap_or(0)
            + u64::try_from(local.second()).unwrap_or(0);
        let (from, to) = (u64::from(hours.from_minute) * 60, u64::from(hours.to_minute) * 60);
        let open = if from <= to {
            (from..to).contains(&second)
        } else {
            second >= from || second < to
        };
        let day = 24 * 3600;
        (!open).then(|| Duration::from_secs((from + day - second) % day).max(Duration::from_secs(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_across_midnight() {
        let hours = ServiceHours {
            zone: "Asia/Jakarta".into(),
            from_minute: 22 * 60,
            to_minute: 5 * 60,
        };
        let pacing = Pacing::new(None, 1, Some(hours)).expect("known zone");
        let noon = "2026-02-03T12:00:00+07:00".parse().expect("time");
        let night = "2026-02-03T23:30:00+07:00".parse().expect("time");
        let morning = "2026-02-03T04:59:59+07:00".parse().expect("time");
        assert_eq!(pacing.closed_for(noon), Some(Duration::from_secs(10 * 3600)));
        assert_eq!(pacing.closed_for(night), None);
        assert_eq!(pacing.closed_for(morning), None);
    }
}
