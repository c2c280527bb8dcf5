//! Native times carry no zone. Indonesia has no daylight saving, so a fixed offset from the settings is enough; nothing
//! here reads a clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Timestamp, Unit};

/// Fixed offset of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone(Offset);

impl Zone {
    /// From configuration: an Indonesian zone name, UTC, or the offset of one of them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let hours = match text {
            "Asia/Jakarta" | "Asia/Pontianak" | "WIB" | "+07:00" => 7,
            "Asia/Makassar" | "WITA" | "+08:00" => 8,
            "Asia/Jayapura" | "WIT" | "+09:00" => 9,
            "UTC" | "Z" | "+00:00" => 0,
            _ => {
                let advice = "use Asia/Jakarta, Asia/Makassar, Asia/Jayapura, UTC or the offset of one of them";
                return Err(advice.to_owned());
            }
        };
        Ok(Self(Offset::constant(hours)))
    }

    /// Local date and time of a moment.
    pub(crate) fn local(self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }

    /// The moment a local time means.
    pub(crate) fn moment(self, local: DateTime) -> Option<Timestamp> {
        self.0.to_timestamp(local).ok()
    }

    /// A native time stamp as RFC 3339 with the offset.
    pub(crate) fn rfc3339(self, native: &str) -> Option<String> {
        let local = DateTime::strptime("%Y-%m-%d %H:%M:%S", native.trim()).ok()?;
        let at = self.moment(local)?;
        Some(at.display_with_offset(self.0).to_string())
    }

    /// A canonical time as OSS writes it: `YYYY-MM-DD HH:MM:SS`, 19 characters although the guide declares 18.
    pub(crate) fn native(self, canonical: &str) -> Option<String> {
        let at: Timestamp = canonical.parse().ok()?;
        let whole = at.round(Unit::Second).unwrap_or(at);
        Some(self.local(whole).strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    /// The local date of a date or of an instant: OSS returns a UTC instant for a local date in one place.
    pub(crate) fn date(self, native: &str) -> Option<Date> {
        let text = native.trim();
        if text.contains('T') {
            return text.parse::<Timestamp>().ok().map(|at| self.local(at).date());
        }
        let head = text.get(..10)?;
        let rest_is_a_time = matches!(text.as_bytes().get(10), None | Some(b' '));
        Date::strptime("%Y-%m-%d", head).ok().filter(|_| rest_is_a_time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates_keep_their_local_meaning() {
        let wib = Zone::parse("Asia/Jakarta").expect("known");
        assert_eq!(
            wib.rfc3339("2024-06-12 09:30:00").as_deref(),
            Some("2024-06-12T09:30:00+07:00")
        );
        assert_eq!(
            wib.native("2024-06-12T02:30:00Z").as_deref(),
            Some("2024-06-12 09:30:00")
        );
        let dates = ["2022-09-03", "2022-09-02T17:00:00.000Z", "2022-09-03 10:00:00"];
        for text in dates {
            assert_eq!(
                wib.date(text).map(|d| d.to_string()).as_deref(),
                Some("2022-09-03"),
                "{text}"
            );
        }
        for text in ["", "03-09-2022", "2022-02-30", "2022-09-03x"] {
            assert_eq!(wib.date(text), None, "{text}");
        }
        assert!(Zone::parse("Mars").is_err());
    }
}
