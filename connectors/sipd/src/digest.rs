//! The fingerprint of canonical content, by which a pushed plan is recognised when it is read back.

use aws_lc_rs::digest;
use serde_json::Value;

/// Hex SHA-256 of the JSON text; object keys are sorted by the parser's map.
pub(crate) fn of(value: &Value) -> String {
    hex::encode(digest::digest(&digest::SHA256, value.to_string().as_bytes()))
}
