//! Native times: several forms, mostly without a zone. Read here, written as RFC 3339 with the offset; never sorted
//! as text.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, Unit};

const DATE_TIMES: [&str; 9] = [
    "%d-%m-%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%d/%m/%Y %H:%M",
];
const DATES: [&str; 3] = ["%d-%m-%Y", "%Y-%m-%d", "%d/%m/%Y"];

/// Fixed offset of native times that carry none. Indonesia has no daylight saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(Offset);

impl Zone {
    /// From configuration: an Indonesian zone name or an offset such as `+07:00`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let hours = match text {
            "Asia/Jakarta" | "Asia/Pontianak" | "WIB" | "+07:00" => 7,
            "Asia/Makassar" | "WITA" | "+08:00" => 8,
            "Asia/Jayapura" | "WIT" | "+09:00" => 9,
            "UTC" | "Z" | "+00:00" => 0,
            _ => {
                return Err(
                    "use Asia/Jakarta, Asia/Makassar, Asia/Jayapura, UTC or the offset of one of them".to_owned(),
                );
            }
        };
        Ok(Self(Offset::constant(hours)))
    }

    /// The moment a native time means, in any form seen; nothing when it is in none of them.
    pub(crate) fn moment(self, text: &str) -> Option<Moment> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(self.stamp(moment));
        }
        let local = DATE_TIMES
            .iter()
            .find_map(|format| DateTime::strptime(format, text).ok())
            .or_else(|| {
                DATES
                    .iter()
                    .find_map(|format| Date::strptime(format, text).ok())
                    .map(DateTime::from)
            })?;
        Some(self.stamp(self.0.to_timestamp(local).ok()?))
    }

    fn stamp(self, at: Timestamp) -> Moment {
        Moment { at, offset: self.0 }
    }
}

/// A moment and the offset it is shown in. Ordered by the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    at: Timestamp,
    offset: Offset,
}

impl Moment {
    /// Whether this is at or after `other`, give or take a minute of clock difference between two systems.
    pub(crate) fn not_before(&self, other: &Self) -> bool {
        self.at.as_second() + 60 >= other.at.as_second()
    }

    /// Whether this is written without seconds and `other` lies in the minute it names.
    pub(crate) fn is_minute_of(&self, other: &Self) -> bool {
        let (minute, second) = (self.at.as_second(), other.at.as_second());
        minute % 60 == 0 && (minute..minute + 60).contains(&second)
    }
}

/// RFC 3339 with the offset, whole seconds.
pub(crate) fn rfc3339(moment: &Moment) -> String {
    let whole = moment.at.round(Unit::Second).unwrap_or(moment.at);
    whole.display_with_offset(moment.offset).to_string()
}

/// A calendar date in a configured form.
pub(crate) fn date(text: &str, format: &str) -> Option<String> {
    let date = Date::strptime("%Y-%m-%d", text).ok()?;
    Some(date.strftime(format).to_string())
}

/// Whether a date form names year, month and day once each and nothing else.
pub(crate) fn is_plain_date_format(format: &str) -> bool {
    let once = |part: &str| format.matches(part).count() == 1;
    once("%Y") && once("%m") && once("%d") && format.matches('%').count() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_mean_the_same_moment() {
        let zone = Zone::parse("Asia/Jakarta").expect("known");
        for text in [
            "05-02-2026 09:15:00",
            "2026-02-05 09:15:00",
            "2026-02-05T09:15:00",
            "2026-02-05T09:15:00.000000",
            "05/02/2026 09:15",
            "2026-02-05T09:15:00+07:00",
            "2026-02-05T02:15:00Z",
        ] {
            let moment = zone.moment(text).unwrap_or_else(|| panic!("{text} is read"));
            assert_eq!(rfc3339(&moment), "2026-02-05T09:15:00+07:00", "{text}");
        }
    }

    #[test]
    fn an_unreadable_time_is_nothing() {
        let zone = Zone::parse("WIB").expect("known");
        for text in ["", "kemarin", "31-02-2026 09:15:00", "5 Feb"] {
            assert!(zone.moment(text).is_none(), "{text}");
        }
    }

    #[test]
    fn dates_take_the_configured_form() {
        assert_eq!(date("2026-02-03", "%d/%m/%Y").as_deref(), Some("03/02/2026"));
        assert_eq!(date("2026-02-30", "%Y-%m-%d"), None);
    }
}
