//! Something wrong in a manifest: where, what, and what to write instead. Never holds a value of a sample.

use connector_sdk::Text;
use serde::Serialize;

/// One flaw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// Line from 1, when known.
    pub line: Option<u64>,
    /// Key path, such as `operasi.0.jawab.3.to`.
    pub key: String,
    /// What is wrong.
    pub what: Text,
    /// What to write.
    pub advice: Text,
}

impl Flaw {
    /// At a key; the line is found later.
    pub(crate) fn new(
        key: impl Into<String>,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self {
            line: None,
            key: key.into(),
            what: Text::owned(what.0, what.1),
            advice: Text::owned(advice.0, advice.1),
        }
    }
}
