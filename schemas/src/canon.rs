//! Canonical bytes of a JSON value, for fingerprints and digests.
//!
//! Keys in byte order, no white space, numbers and escapes as `serde_json` writes them. Equal [`Value`]s give equal
//! bytes whatever the order of keys in the text they came from. Two things to know: `1` and `1.0` are different
//! values and give different bytes, and text is not normalised (NFC and NFD forms differ). The order rests on
//! `serde_json`'s sorted map, so its feature `preserve_order` must stay off; a test guards that.

use crate::scan::is_plain;
use serde_json::Value;

/// Most documents fit in without growing.
const ROOM: usize = 2048;

/// The canonical bytes of `value`.
#[must_use]
pub fn to_bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ROOM);
    write(&mut bytes, value);
    bytes
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        // Writing into memory cannot fail.
        Value::Number(number) => _ = serde_json::to_writer(out, number),
        Value::String(text) => string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                write(out, value);
            }
            out.push(b'}');
        }
    }
}

/// Writes `text` as a JSON string. Nearly all text needs no escapes.
pub fn string(out: &mut Vec<u8>, text: &str) {
    if !is_plain(text.as_bytes()) {
        _ = serde_json::to_writer(out, text);
        return;
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::to_bytes;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn keys_are_sorted_and_nothing_is_added() {
        let value = json!({"b": [1, 1.5, "x\n"], "a": {"d": null, "c": true}});
        assert_eq!(to_bytes(&value), br#"{"a":{"c":true,"d":null},"b":[1,1.5,"x\n"]}"#);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\x00-\\x7f]{0,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_the_serializer(value in any_value()) {
            prop_assert_eq!(to_bytes(&value), serde_json::to_vec(&value).unwrap());
        }
    }
}
