//! A complaint about configuration: where it is, what is wrong, what to write instead. Made by the reader, the check and
//! the build; shown by `simpul check`. Never holds the value of a secret.

use connector_sdk::Text;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Where something stands in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// File, as the operator named it.
    pub file: Arc<str>,
    /// Line from 1, when known.
    pub line: Option<usize>,
    /// Key path, such as `sistem[0].auth.jenis`.
    pub key: String,
}

impl Place {
    /// The same place, one key further in.
    #[must_use]
    pub fn below(&self, key: &str) -> Self {
        let key = match self.key.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        Self { key, ..self.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, " {}", self.key)?;
        }
        Ok(())
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it was written, or should have been.
    pub place: Place,
}

impl<T> Deref for Placed<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: Text,
    /// What to write.
    pub advice: Text,
}

impl Complaint {
    /// `what` and `advice` as pairs of Indonesian and English.
    pub fn new(
        place: &Place,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self {
            place: place.clone(),
            what: Text::owned(what.0, what.1),
            advice: Text::owned(advice.0, advice.1),
        }
    }
}

/// In order of files, lines and keys, each once.
pub(crate) fn in_order(mut complaints: Vec<Complaint>) -> Vec<Complaint> {
    complaints.sort_by(|a, b| (&a.place, &a.what.id).cmp(&(&b.place, &b.what.id)));
    complaints.dedup();
    complaints
}
