//! Values as texts that sort like the values, the same in every store: exact decimals, never binary floating point.
//!
//! A missing value is `0`, any other begins with `1`. Control characters are taken out of texts, since the unit
//! separator joins the parts of an index over several fields.

use super::plan::FieldKind;
use crate::evidence::sha256;
use serde_json::Value;

/// Between the parts of an index over several fields; below every character of a value.
pub(super) const BETWEEN: char = '\u{1f}';
/// Digits before the point.
const WHOLE: usize = 30;
/// Longest text that is kept as it is.
const LONGEST: usize = 400;

/// A value of a record.
pub(super) fn of_value(kind: FieldKind, value: Option<&Value>) -> String {
    let text = match value {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(yes)) => Some(yes.to_string()),
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => None,
    };
    text.and_then(|text| of_text(kind, &text)).unwrap_or_else(missing)
}

/// A value as a caller writes it; `None` when it is none of this kind.
pub(super) fn of_text(kind: FieldKind, text: &str) -> Option<String> {
    match kind {
        FieldKind::Text => Some(format!("1{}", plain(text))),
        FieldKind::Number => decimal(text).map(|number| format!("1{number}")),
    }
}

/// Where no value is.
pub(super) fn missing() -> String {
    "0".to_owned()
}

/// The first text above every text that begins with this one and goes on with a part separator, or equals it.
pub(super) fn above(text: &str) -> String {
    format!("{text}\u{20}")
}

/// The first text above exactly this one.
pub(super) fn just_above(text: &str) -> String {
    format!("{text}\u{1}")
}

fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    if kept.len() <= LONGEST {
        return kept;
    }
    let mut end = LONGEST;
    while !kept.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{}", &kept[..end], hex::encode(sha256(kept.as_bytes())))
}

/// A decimal without exponent, as a text that sorts by value.
fn decimal(text: &str) -> Option<String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let sound = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !sound(whole) || !sound(part) || (part.is_empty() && digits.contains('.')) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let part = part.trim_end_matches('0');
    if whole.len() > WHOLE {
        return None;
    }
    let mut sorted = format!("{whole:0>WHOLE$}");
    if !part.is_empty() {
        sorted.push('.');
        sorted.push_str(part);
    }
    if !negative || (whole.is_empty() && part.is_empty()) {
        return Some(format!("p{sorted}"));
    }
    // Larger amounts come first below zero: nines' complement, with an end above every digit and the point.
    let turned: String = sorted
        .chars()
        .map(|c| c.to_digit(10).and_then(|d| char::from_digit(9 - d, 10)).unwrap_or(c))
        .collect();
    Some(format!("n{turned}~"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_sort_by_value_to_the_last_decimal() {
        let rising = [
            "-687174554632.7099",
            "-687174554632.7098",
            "-10",
            "-9.5",
            "-9",
            "-0.01",
            "0",
            "0.0001",
            "0.001",
            "1",
            "9.99",
            "10",
            "687174554632.7098",
            "687174554632.7099",
            "123456789012345678901234567890",
        ];
        let texts: Vec<String> = rising.iter().map(|n| decimal(n).expect(n)).collect();
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(decimal("1.50"), decimal("01.5"));
        assert_eq!(decimal("-0.00"), decimal("0"));
        for bad in ["", "-", "1e5", "1.", ".5", "1,5", "NaN", "--1"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_missing_value_comes_before_every_other() {
        let of = |value| of_value(FieldKind::Number, Some(&value));
        assert!(of(json!(null)) < of(json!("-99999")));
        assert_eq!(of(json!("tidak ada")), missing());
        assert!(of_value(FieldKind::Text, None) < of_value(FieldKind::Text, Some(&json!(""))));
    }

    #[test]
    fn bounds_hold_exactly_what_they_should() {
        let one = of_text(FieldKind::Text, "a").expect("a text");
        assert!(one < just_above(&one) && just_above(&one) < of_text(FieldKind::Text, "a b").expect("a text"));
        let joined = format!("{one}{BETWEEN}1x");
        assert!(joined > one && joined < above(&one));
        assert!(above(&one) < of_text(FieldKind::Text, "a!").expect("a text"));
        let long = "x".repeat(5_000);
        let kept = of_text(FieldKind::Text, &long).expect("a text");
        assert!(kept.len() < 600 && kept != of_text(FieldKind::Text, &format!("{long}y")).expect("a text"));
    }
}
