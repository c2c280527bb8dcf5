//! The JSON gate. What it lets in, any other parser reads as the same value, and its canonical bytes are let in again, unchanged.

use super::{Target, nothing};
use schemas::canon;
use schemas::gate::{Limits, parse};
use serde_json::Value;

pub(super) const GATE: Target = Target {
    name: "json",
    words: &[
        "{\"a\":",
        "[[",
        "]]",
        "\"a\":1,\"a\":2",
        "\\u0000",
        "e+400",
        "\u{feff}",
        "\\ud83d\\udc41",
    ],
    seeds: nothing,
    run,
};

fn run(input: &[u8]) -> String {
    let value = match parse(input, &Limits::default()) {
        Ok(value) => value,
        Err(error) => {
            assert!(error.offset <= input.len(), "a place outside the text");
            return format!("{} {}", error.code, error.pointer.len());
        }
    };
    let other: Value = serde_json::from_slice(input).expect("another parser reads it, too");
    assert_eq!(value, other, "two parsers, two values");
    let bytes = canon::to_bytes(&value);
    let again = parse(&bytes, &Limits::default()).expect("canonical bytes are let in");
    assert_eq!(canon::to_bytes(&again), bytes, "canonical bytes stay");
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("ok {kind} {}", bytes.len().ilog2())
}
