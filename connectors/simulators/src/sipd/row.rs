//! A JSON object written as text, so that amounts keep their digits; and texts with the noise that SIPD's have.

use std::fmt::{Display, Write};

use serde_json::Value;

/// An object in the making.
pub(crate) struct Row(String);

impl Row {
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    /// A member whose JSON is given.
    #[must_use]
    pub(crate) fn raw(mut self, name: &str, json: impl Display) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        // Writing to a string cannot fail.
        let _ = write!(self.0, "\"{name}\":{json}");
        self
    }

    /// A text.
    #[must_use]
    pub(crate) fn text(self, name: &str, text: &str) -> Self {
        let json = Value::from(text);
        self.raw(name, json)
    }

    /// A number, or the same as text.
    #[must_use]
    pub(crate) fn number(self, name: &str, number: impl Display, as_text: bool) -> Self {
        if as_text {
            return self.raw(name, format_args!("\"{number}\""));
        }
        self.raw(name, number)
    }

    pub(crate) fn done(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A list of rows.
pub(crate) fn list(rows: &[String]) -> String {
    format!("[{}]", rows.join(","))
}

/// A name as SIPD shows it: an entity for `&`, and UTF-8 read as Windows-1252 behind it.
pub(crate) fn noisy(name: &str, noise: bool) -> String {
    if noise {
        format!("{} &amp; 10 mÂ²", name.replace('&', "&amp;"))
    } else {
        format!("{name} & 10 m²")
    }
}
