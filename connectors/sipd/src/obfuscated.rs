//! Lists that SIPD's planning half wraps twice: base64, reversed, base64, reversed. Encoding, not protection. Works on
//! bytes; UTF-8 is decoded last.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The list in a text, or nothing when the text is none.
pub(crate) fn open(text: &str) -> Option<Value> {
    let mut bytes = text.trim().as_bytes().to_vec();
    for _ in 0..2 {
        bytes = STANDARD.decode(&bytes).ok()?;
        bytes.reverse();
    }
    crate::exact::parse(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_examples_of_the_reference_open() {
        assert_eq!(open("PXNWWA=="), Some(json!([])));
        assert_eq!(open("PT13ZWlFbUk2RVRm"), Some(json!({"a": "1"})));
        assert_eq!(open("bukan base64"), None);
    }

    #[test]
    fn accents_survive() {
        let plain = r#"["Café ²"]"#.as_bytes();
        let mut bytes: Vec<u8> = plain.iter().rev().copied().collect();
        bytes = STANDARD.encode(bytes).into_bytes();
        bytes.reverse();
        assert_eq!(open(&STANDARD.encode(bytes)), Some(json!(["Café ²"])));
    }
}
