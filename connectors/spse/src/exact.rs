//! JSON read without losing a digit: every number becomes the text it was written as, since money has decimals on one
//! row and none on the next, ids pass 2^53, and an employee number may come as a number of 18 digits.

use serde_json::Value;

/// One JSON value, numbers as texts; nothing when it is not JSON.
pub(crate) fn parse(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(&quoted(text)).ok()
}

fn quoted(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let number = matches!(byte, b'-' | b'0'..=b'9');
        let end = match byte {
            b'"' => string_end(body, at),
            _ if number => number_end(body, at),
            _ => at + 1,
        };
        if number {
            out.push(b'"');
        }
        out.extend_from_slice(body.get(at..end).unwrap_or_default());
        if number {
            out.push(b'"');
        }
        at = end;
    }
    out
}

/// Position after the string that begins at `at`; the end of the text when it does not close.
pub(crate) fn string_end(body: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    body.len()
}

fn number_end(body: &[u8], at: usize) -> usize {
    let part = |b: &&u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    at + body.get(at..).unwrap_or_default().iter().take_while(part).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_digit_is_lost() {
        let text = br#"{"nip":198001012005011001,"n":[4478512300.75,-10385459000,1.0],"s":"7 \" 8","x":null}"#;
        let expected = json!({"nip": "198001012005011001", "n": ["4478512300.75", "-10385459000", "1.0"],
            "s": "7 \" 8", "x": null});
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn what_is_not_json_is_nothing() {
        for text in ["", "{", "[1 2]", "{\"a\":\"x", "\"\\"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
