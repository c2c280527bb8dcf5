//! Openings for the fuzz targets (`fuzz/`): how rooms 3 to 5 judge a head and a path. Nothing of the product calls this.

use super::{stack, target};
use http::request::Parts;
use serde_json::{Map, Value};

/// Whether a head would be let in.
#[must_use]
pub fn head(parts: &Parts) -> bool {
    stack::is_plain(parts)
}

/// Whether a path is in normal form.
#[must_use]
pub fn is_normal(path: &str) -> bool {
    target::is_normal(path)
}

/// A decoded path or query part.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    target::decode(text)
}

/// Query parameters.
#[must_use]
pub fn form(text: &str) -> Option<Map<String, Value>> {
    target::form(text)
}
