//! Canonical bytes of a JSON value, for fingerprints and digests.
//!
//! Keys in byte order, no white space, numbers and escapes as `serde_json` writes them. Equal [`Value`]s give equal
//! bytes whatever the order of keys in the text they came from. Two things to know: `1` and `1.0` are different
//! values and give different bytes, and text is not normalised (NFC and NFD forms differ). The order rests on
//! `serde_json`'s sorted map, so its feature `preserve_order` must stay off; a test guards that.

use serde_json::Value;

/// Most documents fit in without growing.
const ROOM: usize = 2048;

/// The canonical bytes of `value`.
#[must_use]
pub fn to_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ROOM);
    // Writing a value made of strings, numbers, lists and objects into memory cannot fail.
    let _ = serde_json::to_writer(&mut bytes, value);
    bytes
}

#[cfg(test)]
mod tests {
    use super::to_bytes;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_nothing_is_added() {
        let value = json!({"b": [1, 1.5, "x\n"], "a": {"d": null, "c": true}});
        assert_eq!(to_bytes(&value), br#"{"a":{"c":true,"d":null},"b":[1,1.5,"x\n"]}"#);
    }
}
