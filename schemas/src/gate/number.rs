//! Numbers that survive: an integer that fits 64 bits, or a decimal of at most 15 significant digits in normal range.

use serde_json::Number;

/// A double carries any decimal of so many significant digits there and back.
const SIGNIFICANT: usize = 15;

/// Length of the number at the start of `bytes`, or `None` when it is not one by the JSON grammar.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    match bytes.get(at)? {
        b'0' => at += 1,
        b'1'..=b'9' => at += digits(&bytes[at..]),
        _ => return None,
    }
    if bytes.get(at) == Some(&b'.') {
        let run = digits(&bytes[at + 1..]);
        if run == 0 {
            return None;
        }
        at += 1 + run;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let run = digits(bytes.get(at..).unwrap_or_default());
        if run == 0 {
            return None;
        }
        at += run;
    }
    Some(at)
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The number, or `None` when it could not be carried exactly.
pub(super) fn exact(text: &str) -> Option<Number> {
    if text == "-0" {
        return Number::from_f64(-0.0);
    }
    if !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let small = text.parse::<i64>().map(Number::from);
        return small.or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    }
    let significant = significant_digits(text);
    if significant > SIGNIFICANT {
        return None;
    }
    let double: f64 = text.parse().ok()?;
    let carried = double.is_normal() || (double == 0.0 && significant == 0);
    if carried { Number::from_f64(double) } else { None }
}

/// Digits of the mantissa without leading and trailing zeros.
fn significant_digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let (mut count, mut zeros) = (0, 0);
    for byte in mantissa.bytes().filter(u8::is_ascii_digit) {
        if byte != b'0' {
            count += zeros + 1;
            zeros = 0;
        } else if count > 0 {
            zeros += 1;
        }
    }
    count
}
