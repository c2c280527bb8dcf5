//! One native scalar to its canonical form. Empty text, null and `"-"` all mean "no value". What cannot be read is said
//! to be unreadable, never repaired or guessed. Pure.

use crate::fields::Kind;
use crate::zone::Zone;
use serde_json::{Value, json};

/// Longest run of zeros that an exponent may stand for.
const LONGEST_EXPONENT: usize = 30;

/// The text of a scalar, if it holds a value. Numbers are texts already (see `exact`).
pub(crate) fn text(value: &Value) -> Option<&str> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        _ => return None,
    };
    let bare = text.trim();
    (!bare.is_empty() && bare != "-").then_some(text)
}

/// The canonical value, or nothing when the text is not of this kind.
pub(crate) fn canonical(kind: Kind, text: &str, zone: Zone) -> Option<Value> {
    let bare = text.trim();
    let short = |most: usize| (bare.chars().count() <= most).then(|| json!(bare));
    match kind {
        Kind::Text => (text.chars().count() <= 65_535).then(|| json!(text)),
        Kind::Id => short(128),
        Kind::Code => short(64),
        Kind::Date => zone.date(bare).map(|date| json!(date.to_string())),
        Kind::Time => zone.rfc3339(bare).map(Value::from),
        Kind::Decimal => decimal(bare).map(Value::from),
        Kind::Count => count(bare).map(Value::from),
        Kind::Flag => match bare {
            "Y" | "y" | "true" => Some(json!(true)),
            "N" | "n" | "false" => Some(json!(false)),
            _ => None,
        },
        Kind::Region => region(bare).map(Value::from),
        Kind::Link => {
            let web = bare.starts_with("https://") || bare.starts_with("http://");
            (web && bare.len() <= 2048).then(|| json!(bare))
        }
        Kind::Npwp => {
            let digits: String = bare.chars().filter(|c| !matches!(c, '.' | '-' | ' ')).collect();
            (is_digits(&digits, 15) || is_digits(&digits, 16)).then(|| json!(digits))
        }
        Kind::Nib => is_digits(bare, 13).then(|| json!(bare)),
        Kind::Kbli => is_digits(bare, 5).then(|| json!(bare)),
    }
}

/// Whether this is exactly so many digits.
pub(crate) fn is_digits(text: &str, size: usize) -> bool {
    text.len() == size && text.bytes().all(|b| b.is_ascii_digit())
}

/// A date that stands for "none" in exports of older data.
pub(crate) fn is_no_date(text: &str) -> bool {
    text.trim().starts_with("0000-00-00")
}

/// An exact decimal without exponent, as written otherwise.
pub(crate) fn decimal(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || digits.ends_with('.') {
        return None;
    }
    if exponent == 0 {
        return (whole.len() <= 30 && fraction.len() <= 10).then(|| text.to_owned());
    }
    let shift = usize::try_from(exponent.unsigned_abs())
        .ok()
        .filter(|s| *s <= LONGEST_EXPONENT)?;
    let (whole, fraction) = if exponent > 0 {
        let padded = format!("{fraction}{}", "0".repeat(shift.saturating_sub(fraction.len())));
        (format!("{whole}{}", &padded[..shift]), padded[shift..].to_owned())
    } else {
        let padded = format!("{}{whole}", "0".repeat((shift + 1).saturating_sub(whole.len())));
        let cut = padded.len() - shift;
        (padded[..cut].to_owned(), format!("{}{fraction}", &padded[cut..]))
    };
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if whole.len() > 30 || fraction.len() > 10 {
        return None;
    }
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// A decimal as a JSON number, when a number holds it exactly.
pub(crate) fn number(text: &str) -> Option<Value> {
    let text = decimal(text.trim())?;
    if let Ok(whole) = text.parse::<i64>() {
        return Some(json!(whole));
    }
    let digits = text
        .trim_start_matches(['-', '0', '.'])
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let number: f64 = text.parse().ok()?;
    (digits <= 15).then(|| json!(number))
}

fn count(text: &str) -> Option<u32> {
    let whole = text.split_once('.').map_or(text, |(whole, fraction)| {
        if fraction.bytes().all(|b| b == b'0') {
            whole
        } else {
            text
        }
    });
    whole.parse().ok()
}

/// Ten digits of the home ministry, zero-filled when coarser, as the canonical dotted code.
pub(crate) fn region(text: &str) -> Option<String> {
    if !is_digits(text, 10) {
        return None;
    }
    let (province, city, district, village) = (&text[..2], &text[2..4], &text[4..6], &text[6..]);
    let empty = |part: &str| part.bytes().all(|b| b == b'0');
    Some(match (empty(city), empty(district), empty(village)) {
        (true, true, true) => province.to_owned(),
        (false, true, true) => format!("{province}.{city}"),
        (false, false, true) => format!("{province}.{city}.{district}"),
        (false, false, false) if village.starts_with(['1', '2']) => format!("{province}.{city}.{district}.{village}"),
        _ => return None,
    })
}

/// The canonical dotted code as ten digits.
pub(crate) fn native_region(code: &str) -> Option<String> {
    let digits: String = code.split('.').collect();
    let known = matches!(digits.len(), 2 | 4 | 6 | 10) && digits.bytes().all(|b| b.is_ascii_digit());
    known.then(|| format!("{digits:0<10}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_has_many_spellings() {
        for value in [
            json!(""),
            json!(" "),
            json!("-"),
            json!(" - "),
            Value::Null,
            json!({}),
            json!([]),
        ] {
            assert_eq!(text(&value), None, "{value}");
        }
        assert_eq!(text(&json!("0")), Some("0"));
    }

    #[test]
    fn decimals_stay_exact() {
        for (native, canonical) in [
            ("1250000000", Some("1250000000")),
            ("12345678901234567890.25", Some("12345678901234567890.25")),
            ("-0.50", Some("-0.50")),
            ("1.25E9", Some("1250000000")),
            ("125e-3", Some("0.125")),
            ("1.250.000", None),
            ("1,5", None),
            ("1e99", None),
            (".5", None),
            ("5.", None),
            ("", None),
        ] {
            assert_eq!(decimal(native).as_deref(), canonical, "{native}");
        }
    }

    #[test]
    fn numbers_hold_what_they_say_or_are_none() {
        assert_eq!(number("60.00"), Some(json!(60.0)));
        assert_eq!(number("9007199254740993"), Some(json!(9_007_199_254_740_993_i64)));
        assert_eq!(number("0.1234567890"), Some(json!(0.123_456_789)));
        assert_eq!(number("12345678901234.567"), None);
        assert_eq!(number("x"), None);
    }

    #[test]
    fn regions_go_both_ways() {
        for (native, canonical) in [
            ("3671051003", "36.71.05.1003"),
            ("3671050000", "36.71.05"),
            ("3671000000", "36.71"),
            ("3600000000", "36"),
            ("0000000000", "00"),
        ] {
            assert_eq!(region(native).as_deref(), Some(canonical));
            assert_eq!(native_region(canonical).as_deref(), Some(native));
        }
        for native in ["367105100", "3671053003", "3600051003", "36.71", "abcdefghij"] {
            assert_eq!(region(native), None, "{native}");
        }
    }
}
