//! JSON of OSS, read without losing a digit: every number becomes the text it was written as (19 digits do not fit a
//! double, and the same field comes as number or as text), and white space inside keys is dropped (`"tipe_dokumen "`,
//! `"nm_ dokumen"`). One linear pass, then the ordinary parser.

use serde_json::{Map, Value};

/// The document, or nothing when it is not JSON.
pub(crate) fn parse(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(&quoted(body)).ok().map(tidy)
}

/// The same text with every number outside strings put into quotes.
fn quoted(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let end = match byte {
            b'"' => string_end(body, at + 1).map_or(body.len(), |end| end + 1),
            b'-' | b'0'..=b'9' => {
                let end = number_end(body, at);
                out.push(b'"');
                out.extend_from_slice(&body[at..end]);
                out.push(b'"');
                at = end;
                continue;
            }
            _ => at + 1,
        };
        out.extend_from_slice(&body[at..end]);
        at = end;
    }
    out
}

/// Position of the quote that closes a string whose content begins at `from`.
pub(crate) fn string_end(body: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match body.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Position after a number that begins at `from`.
pub(crate) fn number_end(body: &[u8], from: usize) -> usize {
    let part = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    let length = body[from..].iter().take_while(|b| part(b)).count();
    from + length
}

/// Keys without white space. Of two keys that become the same, the one written without white space counts.
fn tidy(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(tidy).collect(),
        Value::Object(map) => {
            let mut clean = Map::new();
            let mut spaced = Vec::new();
            for (key, child) in map {
                if key.contains(char::is_whitespace) {
                    spaced.push((key.split_whitespace().collect::<String>(), tidy(child)));
                } else {
                    clean.insert(key, tidy(child));
                }
            }
            for (key, child) in spaced {
                clean.entry(key).or_insert(child);
            }
            Value::Object(clean)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_digit_is_lost_and_strings_stay_as_they_are() {
        let text = br#"{"a":1234567890123456789.25,"b":[-1,0,1e3],"c":"7 \" 8","d":null,"e":true}"#;
        let expected =
            json!({"a": "1234567890123456789.25", "b": ["-1", "0", "1e3"], "c": "7 \" 8", "d": null, "e": true});
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn keys_lose_their_white_space_and_the_clean_one_counts() {
        let text = br#"{"tipe_dokumen ":"5","nm_ dokumen":"x","kode ":"1","kode":"2"}"#;
        assert_eq!(
            parse(text),
            Some(json!({"tipe_dokumen": "5", "nm_dokumen": "x", "kode": "2"}))
        );
    }

    #[test]
    fn what_is_not_json_is_nothing() {
        for text in ["", "{", "{\"a\":\"x", "{\"a\":1 2}", "<html>", "{\"a\":\"\\"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
