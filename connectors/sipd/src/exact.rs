//! JSON of SIPD, read without losing a digit and in spite of the bare word `NaN`: every number becomes the text it was
//! written as (sums above 10¹¹ with four decimals do not survive a double), and `NaN` or `Infinity` outside strings the
//! text of that word, which no reader of amounts takes for one. One linear pass, then the ordinary parser.

use serde_json::Value;

/// Words that break strict parsers.
const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];

/// The document, or nothing when it is not JSON.
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(&quoted(body)).ok()
}

fn quoted(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        if byte == b'"' {
            let end = string_end(body, at + 1);
            out.extend_from_slice(&body[at..end]);
            at = end;
            continue;
        }
        let word = WORDS.iter().find(|word| body[at..].starts_with(word));
        let length = match word {
            Some(word) => word.len(),
            None if byte == b'-' || byte.is_ascii_digit() => number_length(&body[at..]),
            None => {
                out.push(byte);
                at += 1;
                continue;
            }
        };
        out.push(b'"');
        out.extend_from_slice(&body[at..at + length]);
        out.push(b'"');
        at += length;
    }
    out
}

/// Position after the quote that closes a string whose content begins at `from`, or the end.
fn string_end(body: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match body.get(at) {
            None => return body.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at = (at + 2).min(body.len()),
            Some(_) => at += 1,
        }
    }
}

fn number_length(rest: &[u8]) -> usize {
    let part = |b: &&u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    rest.iter().take_while(part).count()
}

/// A decimal as the canonical model writes it: no needless zero, no exponent, no minus zero. Nothing when the text is
/// no decimal, or longer than any sum of money.
pub(crate) fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || mantissa.ends_with('.') || exponent.abs() > 30 {
        return None;
    }
    let mut all = format!("{whole}{part}");
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    while point > i32::try_from(all.len()).ok()? {
        all.push('0');
    }
    while point < 1 {
        all.insert(0, '0');
        point += 1;
    }
    let (whole, part) = all.split_at(usize::try_from(point).ok()?);
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    if whole.len() > 30 || part.len() > 12 {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative && (whole != "0" || !part.is_empty()) {
        "-"
    } else {
        ""
    };
    Some(if part.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_digit_is_lost_and_nan_does_not_break_the_rest() {
        let text = br#"{"a":687174554632.7098,"b":[NaN,-Infinity,1e3],"c":"NaN 7 \" 8","d":null,"e":true}"#;
        let expected = json!({"a": "687174554632.7098", "b": ["NaN", "-Infinity", "1e3"], "c": "NaN 7 \" 8",
            "d": null, "e": true});
        assert_eq!(parse(text), Some(expected));
        for broken in ["", "{", "{\"a\":\"x", "{\"a\":1 2}", "<html>", "{\"a\":\"\\", "NaNa"] {
            assert_eq!(parse(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn decimals_have_one_spelling() {
        for (text, written) in [
            ("687174554632.7098", "687174554632.7098"),
            ("6.871745546327098e11", "687174554632.7098"),
            ("620000000.00", "620000000"),
            ("00012.50", "12.5"),
            ("-0.0", "0"),
            ("-0.5", "-0.5"),
            ("1e-4", "0.0001"),
            ("15E2", "1500"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(written), "{text}");
        }
        for text in ["", "NaN", "1.234.567", "1,5", "1.", ".5", "1e99", "--1", "1e", "12a"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
