//! Working days: Monday to Friday without the official holidays. The holidays of each year are configuration, since they
//! are decreed anew; a year without a table counts weekends only and is reported. Pure.

use jiff::civil::{Date, DateTime, Weekday, time};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use std::collections::{BTreeMap, BTreeSet};

/// Official holidays by year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, BTreeSet<Date>>,
}

/// Hours from UTC in the city; it has no daylight saving.
const CITY: i8 = 7;

impl connector_sdk::Workdays for Calendar {
    fn works(&self, day: Date) -> bool {
        Calendar::works(self, day)
    }
}

impl Calendar {
    /// From the tables of each year. A year may be known and have no entry.
    pub fn new(years: impl IntoIterator<Item = (i16, Vec<Date>)>) -> Self {
        let years = years.into_iter().map(|(year, days)| (year, days.into_iter().collect()));
        Self { years: years.collect() }
    }

    /// Whether the holidays of a year are known.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether offices work on this day.
    pub fn works(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let holiday = self.years.get(&day.year()).is_some_and(|days| days.contains(&day));
        !weekend && !holiday
    }

    /// The end of the `days`-th working day after the day of `from`, in the city's time.
    pub fn deadline(&self, from: Timestamp, days: u16) -> Timestamp {
        let mut day = ZonedDateTime::new(from, TimeZone::fixed(offset(CITY))).date();
        let mut left = days;
        while left > 0 {
            let Ok(next) = day.checked_add(1.day()) else {
                return Timestamp::MAX;
            };
            day = next;
            left -= u16::from(self.works(day));
        }
        let end = DateTime::from_parts(day, time(23, 59, 59, 0));
        offset(CITY).to_timestamp(end).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn calendar() -> Calendar {
        Calendar::new([(2026, vec![date(2026, 2, 17), date(2026, 3, 19), date(2026, 3, 20)])])
    }

    fn deadline(from: &str, days: u16) -> String {
        let deadline = calendar().deadline(from.parse().unwrap(), days);
        let local = ZonedDateTime::new(deadline, TimeZone::fixed(offset(7)));
        local.strftime("%F %H:%M").to_string()
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        assert_eq!(deadline("2026-02-12T09:00:00+07:00", 1), "2026-02-13 23:59");
        assert_eq!(deadline("2026-02-13T09:00:00+07:00", 3), "2026-02-19 23:59");
        assert_eq!(deadline("2026-02-14T09:00:00+07:00", 5), "2026-02-23 23:59");
        assert_eq!(deadline("2026-03-18T09:00:00+07:00", 1), "2026-03-23 23:59");
    }

    #[test]
    fn the_citys_day_counts_not_utc() {
        // 23.30 UTC on Thursday is Friday morning in the city.
        assert_eq!(deadline("2026-02-12T23:30:00Z", 1), "2026-02-16 23:59");
    }

    #[test]
    fn a_year_without_a_table_is_known_to_be_unknown() {
        assert!(calendar().knows(2026) && !calendar().knows(2027));
        assert!(calendar().works(date(2027, 1, 1)), "only weekends count then");
    }

    #[test]
    fn no_days_end_today() {
        assert_eq!(deadline("2026-02-14T09:00:00+07:00", 0), "2026-02-14 23:59");
    }
}
