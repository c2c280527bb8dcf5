//! Reads native objects by table: which native name becomes which canonical name, and of what kind. What cannot be read
//! is left out and named, so that a consumer knows that something is missing. Pure.

use crate::scalar;
use crate::zone::Zone;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Form of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Id,
    Code,
    Date,
    Time,
    Decimal,
    Count,
    Flag,
    Region,
    Link,
    Npwp,
    Nib,
    Kbli,
}

/// Native name, canonical name, kind.
pub(crate) type Field = (&'static str, &'static str, Kind);

/// Reads objects and remembers what it could not read.
pub(crate) struct Reader {
    zone: Zone,
    unread: BTreeSet<&'static str>,
}

impl Reader {
    pub(crate) fn new(zone: Zone) -> Self {
        Self {
            zone,
            unread: BTreeSet::new(),
        }
    }

    /// Every field of the table that has a value.
    pub(crate) fn object(&mut self, table: &[Field], native: &Value) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, canonical, kind) in table {
            if out.contains_key(*canonical) {
                continue;
            }
            if let Some(value) = native.get(*name).and_then(|value| self.scalar(name, *kind, value)) {
                out.insert((*canonical).to_owned(), value);
            }
        }
        out
    }

    /// One scalar; noted when it has a value that is not of this kind.
    pub(crate) fn scalar(&mut self, name: &'static str, kind: Kind, value: &Value) -> Option<Value> {
        if matches!(value, Value::Object(_) | Value::Array(_)) {
            if !is_empty(value) {
                self.note(name);
            }
            return None;
        }
        let text = scalar::text(value)?;
        if kind == Kind::Date && scalar::is_no_date(text) {
            return None;
        }
        let read = scalar::canonical(kind, text, self.zone);
        if read.is_none() {
            self.note(name);
        }
        read
    }

    /// Rows of a table, empty ones left out.
    pub(crate) fn rows(&mut self, table: &[Field], native: Option<&Value>) -> Vec<Value> {
        let rows = objects(native).map(|row| self.object(table, row));
        rows.filter(|row| !row.is_empty()).map(Value::Object).collect()
    }

    /// Says that a native field could not be read.
    pub(crate) fn note(&mut self, name: &'static str) {
        self.unread.insert(name);
    }

    /// Puts the names of what could not be read into the document.
    pub(crate) fn finish(self, out: &mut Map<String, Value>) {
        if !self.unread.is_empty() {
            out.insert("tidak_terbaca".to_owned(), json!(self.unread));
        }
    }
}

/// Objects of a list. A single object counts as a list of one (the guide's tables and examples differ); null and empty
/// members are passed over.
pub(crate) fn objects(native: Option<&Value>) -> impl Iterator<Item = &Value> {
    let items = match native {
        Some(Value::Array(items)) => items.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    items
        .iter()
        .filter(|item| item.as_object().is_some_and(|map| !map.is_empty()))
}

/// Adds a value unless it is an empty list or object.
pub(crate) fn put(out: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    let value = value.into();
    if !is_empty(&value) {
        out.insert(name.to_owned(), value);
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null => true,
        _ => false,
    }
}
