//! The JSON gate: bytes to value in one pass, refusing whatever two parsers could read differently.
//!
//! Duplicate keys, broken UTF-8, lone surrogates, numbers a double cannot carry, trailing data, excessive depth or
//! size are errors with a pointer, an offset and a sentence. The edge and the hooks call it on every body that is
//! read at all. It never repeats a value, keeps no state, and holds at most one copy of the document.
//!
//! It is written by hand because it has to see the text of numbers, which `serde_json` hands over as doubles.

mod error;
mod number;
mod reader;

pub use error::GateError;

use serde_json::Value;

/// How much a document may hold. The size in bytes is capped earlier, where the body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Arrays and objects inside each other.
    pub depth: usize,
    /// Members of all objects together.
    pub members: usize,
    /// Values of all kinds together.
    pub values: usize,
    /// Bytes of one key.
    pub key_bytes: usize,
    /// Bytes of one string value.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            members: 50_000,
            values: 200_000,
            key_bytes: 256,
            string_bytes: 1024 * 1024,
        }
    }
}

/// The recursion stays within the stack whatever the configuration says.
const DEEPEST: usize = 128;

/// Reads one JSON document.
///
/// # Errors
/// A [`GateError`] naming the first thing that is wrong.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, GateError> {
    let text = std::str::from_utf8(bytes).map_err(|error| GateError::new(error::INVALID_UTF8, error.valid_up_to()))?;
    let mut limits = limits.clone();
    limits.depth = limits.depth.min(DEEPEST);
    reader::Reader::new(text, &limits).document()
}
