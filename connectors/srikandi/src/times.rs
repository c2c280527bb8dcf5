//! Dates and times as configuration says the system writes them; dates inside letters in the forms people use.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Unit, ZonedDateTime};

/// How the system writes times.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) date: String,
    pub(crate) moment: String,
    pub(crate) zone: Offset,
}

impl Clock {
    /// With a fixed offset in minutes.
    pub(crate) fn new(date: &str, moment: &str, minutes: i32) -> Option<Self> {
        let zone = Offset::from_seconds(minutes.checked_mul(60)?).ok()?;
        let clock = Self {
            date: date.to_owned(),
            moment: moment.to_owned(),
            zone,
        };
        // A form that cannot be written is a mistake of configuration.
        clock.native_date("2026-02-03")?;
        clock.native_moment("2026-02-03T01:00:00Z")?;
        Some(clock)
    }

    /// Canonical date to native.
    pub(crate) fn native_date(&self, canonical: &str) -> Option<String> {
        let date: Date = canonical.parse().ok()?;
        strtime::format(&self.date, date).ok()
    }

    /// Canonical moment to native.
    pub(crate) fn native_moment(&self, canonical: &str) -> Option<String> {
        let at: Timestamp = canonical.parse().ok()?;
        strtime::format(&self.moment, &at.to_zoned_datetime(TimeZone::fixed(self.zone))).ok()
    }

    /// Native date to canonical.
    pub(crate) fn date(&self, native: &str) -> Option<String> {
        let native = native.trim();
        let read = Date::strptime(&self.date, native).ok().or_else(|| in_words(native));
        read.map(|date| date.to_string())
    }

    /// Native moment to canonical: the configured form, or RFC 3339 with its own offset.
    pub(crate) fn moment(&self, native: &str) -> Option<String> {
        let native = native.trim();
        let own = ZonedDateTime::strptime(&self.moment, native)
            .map(|at| at.timestamp())
            .or_else(|_| native.parse::<Timestamp>());
        let at = own.or_else(|_| {
            let plain = DateTime::strptime(&self.moment, native)?;
            self.zone.to_timestamp(plain)
        });
        at.ok().map(|at| written(at, self.zone))
    }
}

/// RFC 3339 with the city's offset.
pub(crate) fn written(at: Timestamp, zone: Offset) -> String {
    let whole = at.round(Unit::Second).unwrap_or(at);
    whole.display_with_offset(zone).to_string()
}

/// A date as letters write it: `15 Desember 2026`, `Tangerang, 12 Mei 2026`, `12/05/2026` (day first).
pub(crate) fn in_words(text: &str) -> Option<Date> {
    let text = text.rsplit(',').next()?.trim();
    let parts: Vec<&str> = text
        .split(['/', '-', ' ', '.'])
        .filter(|part| !part.is_empty())
        .collect();
    let [day, month, year] = parts.as_slice() else {
        return None;
    };
    if day.len() == 4 {
        return text.parse().ok();
    }
    let month = match month.parse() {
        Ok(number) => number,
        Err(_) => month_named(month)?,
    };
    Date::new(year.parse().ok().filter(|year| *year > 1900)?, month, day.parse().ok()?).ok()
}

fn month_named(name: &str) -> Option<i8> {
    let name = name.to_lowercase();
    Some(match name.get(..3)? {
        "jan" => 1,
        "feb" | "peb" => 2,
        "mar" => 3,
        "apr" => 4,
        "mei" | "may" => 5,
        "jun" => 6,
        "jul" => 7,
        "agu" | "agt" | "aug" => 8,
        "sep" => 9,
        "okt" | "oct" => 10,
        "nov" | "nop" => 11,
        "des" | "dec" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_letters_write_them() {
        for (text, date) in [
            ("15 Desember 2026", "2026-12-15"),
            ("Tangerang, 12 Mei 2026", "2026-05-12"),
            ("12/05/2026", "2026-05-12"),
            ("3 Pebruari 2026", "2026-02-03"),
            ("1 Nopember 2025", "2025-11-01"),
            ("17 Agt 2026", "2026-08-17"),
        ] {
            assert_eq!(in_words(text).map(|d| d.to_string()).as_deref(), Some(date), "{text}");
        }
        for text in ["kemarin", "31/02/2026", "12 Foo 2026", ""] {
            assert_eq!(in_words(text), None, "{text}");
        }
    }

    #[test]
    fn the_configured_forms_go_both_ways() {
        let clock = Clock::new("%d-%m-%Y", "%d-%m-%Y %H:%M", 420).expect("forms");
        assert_eq!(clock.native_date("2026-02-03").as_deref(), Some("03-02-2026"));
        assert_eq!(clock.date("03-02-2026").as_deref(), Some("2026-02-03"));
        let native = clock.native_moment("2026-02-13T09:15:00+07:00").expect("written");
        assert_eq!(native, "13-02-2026 09:15");
        assert_eq!(clock.moment(&native).as_deref(), Some("2026-02-13T09:15:00+07:00"));
        assert!(Clock::new("%d-%m-%Y", "%H:%M %@", 420).is_none());
    }
}
