//! Local times and working time, in seconds since 1970: what the service clock counts in.
//!
//! A working day is a day from Monday to Friday that is no holiday, and counts with all its 24 hours of Jakarta time.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::frame::clock;

/// Seconds of a day.
pub const DAY: i64 = 86_400;
const WIB: i64 = 7 * 3600;

/// Which days count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Every day counts, weekends and holidays too.
    pub every_day: bool,
    /// Dates that do not count.
    pub holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Working seconds between two instants; 0 when `to` is not later.
    pub fn between(&self, from: i64, to: i64) -> i64 {
        if to <= from {
            return 0;
        }
        if self.every_day {
            return to - from;
        }
        let (first, last) = (local_day(from), local_day(to));
        (first..=last)
            .filter(|day| self.counts(*day))
            .map(|day| (start_of(day) + DAY).min(to) - start_of(day).max(from))
            .sum()
    }

    /// The instant at which `seconds` of working time have passed since `from`.
    pub fn after(&self, from: i64, seconds: i64) -> i64 {
        if self.every_day || seconds <= 0 {
            return from + seconds.max(0);
        }
        let mut left = seconds;
        let mut at = from;
        // Bounded: a calendar with no working day in ten years is a mistake, not a deadline.
        for _ in 0..3660 + seconds / DAY * 2 {
            let day = local_day(at);
            let end = start_of(day) + DAY;
            if self.counts(day) {
                if at + left <= end {
                    return at + left;
                }
                left -= end - at;
            }
            at = end;
        }
        at
    }

    fn counts(&self, day: i64) -> bool {
        // Day 0 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        weekday < 5 && (self.holidays.is_empty() || !self.holidays.contains(&date_of(day)))
    }
}

fn local_day(at: i64) -> i64 {
    (at + WIB).div_euclid(DAY)
}

fn start_of(day: i64) -> i64 {
    day * DAY - WIB
}

fn date_of(day: i64) -> Date {
    let noon = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(day * DAY + DAY / 2);
    jiff::tz::Offset::UTC.to_datetime(noon).date()
}

/// Reads `YYYY-MM-DD HH:MM:SS` as Jakarta time; anything else is `None`.
pub fn parse_time(text: &str) -> Option<i64> {
    let form = text.len() == 19 && text.as_bytes()[10] == b' ' && text.is_ascii();
    let at: DateTime = if form { text.parse().ok()? } else { return None };
    let seconds = jiff::tz::Offset::UTC.to_timestamp(at).ok()?.as_second();
    Some(seconds - WIB)
}

/// Whether a text is a date as OSS writes dates.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && text.parse::<Date>().is_ok()
}

/// `YYYY-MM-DD HH:MM:SS` in Jakarta.
pub fn time(at: i64) -> String {
    clock::jakarta(instant(at), "%Y-%m-%d %H:%M:%S")
}

/// `YYYY-MM-DD` in Jakarta.
pub fn date(at: i64) -> String {
    clock::jakarta(instant(at), "%Y-%m-%d")
}

/// A time stamp from seconds.
pub fn instant(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::{Calendar, DAY, date, parse_time, time};

    #[test]
    fn weekends_and_holidays_do_not_count() {
        let at = |text| parse_time(text).unwrap();
        let mut calendar = Calendar::default();
        // 2026-02-06 is a Friday.
        let friday = at("2026-02-06 12:00:00");
        assert_eq!(calendar.between(friday, at("2026-02-09 12:00:00")), DAY);
        assert_eq!(time(calendar.after(friday, DAY)), "2026-02-09 12:00:00");
        calendar.holidays.insert("2026-02-09".parse().unwrap());
        assert_eq!(calendar.between(friday, at("2026-02-09 12:00:00")), DAY / 2);
        assert_eq!(time(calendar.after(friday, DAY)), "2026-02-10 12:00:00");
        calendar.every_day = true;
        assert_eq!(date(calendar.after(friday, 2 * DAY)), "2026-02-08");
        assert_eq!(calendar.between(friday, friday - 5), 0);
    }

    #[test]
    fn after_undoes_between() {
        let calendar = Calendar::default();
        let from = parse_time("2026-01-01 08:30:00").unwrap();
        for step in 0..60 {
            let seconds = step * 37_000 + 1;
            assert_eq!(calendar.between(from, calendar.after(from, seconds)), seconds);
        }
    }

    #[test]
    fn only_the_form_of_the_guide_is_a_time() {
        for wrong in [
            "2026-02-09T12:00:00",
            "2026-02-09 12:00:00Z",
            "2026-02-09 12:00",
            "09-02-2026 12:00:00",
            "2026-02-30 12:00:00",
            "2026-02-09 24:10:00",
        ] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }
}
