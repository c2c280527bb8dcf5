//! Changes inputs: bytes, runs of bytes, words that matter to a target, numbers at their edges, and whole nodes of JSON.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Largest input.
const LARGEST: usize = 256 * 1024;
/// Texts that parsers stumble over.
const EDGES: [&[u8]; 14] = [
    b"0",
    b"-1",
    b"-0",
    b"1e999",
    b"18446744073709551616",
    b"99999999999999999999.0001",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\ud800",
    b"\r\n\r\n",
    b"\0",
    b"null",
    b"%2e%2e%2f",
    b"0000-00-00T99:99:99Z",
];

/// A changed input. `others` give pieces; `words` are of the target.
#[must_use]
pub fn change(rng: &mut Rng, seed: &[u8], others: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    if rng.u8(..4) == 0
        && let Some(changed) = as_json(rng, seed)
    {
        return changed;
    }
    let mut out = seed.to_vec();
    for _ in 0..rng.usize(1..=6) {
        once(rng, &mut out, others, words);
    }
    out.truncate(LARGEST);
    out
}

fn once(rng: &mut Rng, out: &mut Vec<u8>, others: &[Vec<u8>], words: &[&str]) {
    let at = rng.usize(0..=out.len());
    let to = at + rng.usize(0..=(out.len() - at).min(64));
    match rng.u8(..10) {
        0 if at < out.len() => out[at] ^= 1 << rng.u8(..8),
        1 if at < out.len() => out[at] = rng.u8(..),
        2 => drop(out.drain(at..to)),
        3 => {
            let run = out[at..to].to_vec();
            out.splice(at..at, run);
        }
        4 => {
            // Nesting and repetition.
            let run = out[at..to.min(at + 8)].to_vec();
            let many = run.repeat(rng.usize(1..=512));
            out.splice(at..at, many);
        }
        5 => out.truncate(at),
        6 => {
            let edge = EDGES[rng.usize(..EDGES.len())];
            out.splice(at..to, edge.iter().copied());
        }
        7 if !words.is_empty() => {
            let word = words[rng.usize(..words.len())];
            out.splice(at..at, word.bytes());
        }
        8 if !others.is_empty() => {
            let other = &others[rng.usize(..others.len())];
            let from = rng.usize(0..=other.len());
            out.truncate(at);
            out.extend_from_slice(&other[from..]);
        }
        _ => {
            let random: Vec<u8> = (0..rng.usize(1..8)).map(|_| rng.u8(..)).collect();
            out.splice(at..at, random);
        }
    }
}

/// The same on the tree, when it is one: mappings break on shapes, not on bytes.
fn as_json(rng: &mut Rng, seed: &[u8]) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(seed).ok()?;
    for _ in 0..rng.usize(1..=3) {
        let mut left = rng.usize(..nodes(&value));
        replace(rng, &mut value, &mut left);
    }
    serde_json::to_vec(&value).ok()
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(map) => map.values().map(nodes).sum(),
        _ => 0,
    }
}

fn replace(rng: &mut Rng, value: &mut Value, left: &mut usize) -> bool {
    if *left == 0 {
        *value = other(rng, value);
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(rng, item, left)),
        Value::Object(map) => map.values_mut().any(|item| replace(rng, item, left)),
        _ => false,
    }
}

fn other(rng: &mut Rng, value: &Value) -> Value {
    match rng.u8(..12) {
        0 => Value::Null,
        1 => json!(""),
        2 => json!([]),
        3 => json!({}),
        4 => json!(rng.bool()),
        5 => json!(rng.i64(..)),
        6 => json!(-1.5),
        7 => json!("ékstrem 👁 \u{202e}\u{0}"),
        8 => json!("0".repeat(rng.usize(1..5000))),
        9 => Value::Array(vec![value.clone(), value.clone()]),
        10 => match value {
            Value::Object(map) => {
                let mut map: Map<String, Value> = map.clone();
                if let Some(key) = map.keys().nth(rng.usize(..map.len().max(1))).cloned() {
                    map.remove(&key);
                }
                Value::Object(map)
            }
            Value::Array(items) => items.first().cloned().unwrap_or_default(),
            // A number as text and a text as number: systems do both.
            Value::String(text) => text.parse::<i64>().map_or(json!([text]), |n| json!(n)),
            Value::Number(number) => json!(number.to_string()),
            other => other.clone(),
        },
        _ => json!({ "x": value }),
    }
}
