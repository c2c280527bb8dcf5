//! Times and sizes as people write them: `"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"14d"`; `4096`, `"64 KiB"`, `"10 MiB"`.

use std::time::Duration;

/// A time span; `None` when it is not of the form above.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 3600 * 1000,
        "d" => 24 * 3600 * 1000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

/// A number of bytes; `None` when it is not of the form above.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

/// Minutes from midnight of a time such as `"07:30"`; `"24:00"` is the end of the day.
pub(crate) fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<u16>().ok()).flatten();
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let in_day = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
    in_day.then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes() {
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("14 d"), Some(Duration::from_secs(14 * 24 * 3600)));
        assert_eq!(bytes("10 MiB"), Some(10 * 1024 * 1024));
        assert_eq!(bytes("4096"), Some(4096));
        for wrong in ["", "s", "5", "5 menit", "-5s", "99999999999999999999d"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert_eq!(bytes("10 MB"), None);
    }

    #[test]
    fn minutes_of_the_day() {
        assert_eq!(minute_of_day("07:30"), Some(450));
        assert_eq!(minute_of_day("24:00"), Some(1440));
        for wrong in ["7:30", "24:01", "07.30", "07:60"] {
            assert_eq!(minute_of_day(wrong), None, "{wrong}");
        }
    }
}
