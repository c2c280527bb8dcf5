//! One native row to one canonical record, by the fields of its data set.

use crate::dataset::{DataSet, Kind};
use crate::values;
use connector_sdk::looks_masked;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Longest raw text that is kept, in bytes; the longest seen has 18 KB.
const LONGEST_RAW: usize = 65_536;

/// A record, and the pointers of what came masked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    pub(crate) value: Value,
    pub(crate) masked: Vec<String>,
}

/// What a row turned out to be.
#[derive(Debug)]
pub(crate) enum Turned {
    /// A record.
    Record(Made),
    /// A placeholder, or an exact copy of an earlier row.
    Nothing,
    /// No object, or nothing in it that names a record.
    Nameless,
}

/// Makes records of one reply; remembers their keys to tell copies from rows that share one.
pub(crate) struct Maker<'a> {
    set: &'a DataSet,
    key: &'a [String],
    offset: &'a str,
    seen: HashMap<u128, Vec<u128>>,
}

impl<'a> Maker<'a> {
    /// For one reply; `key` names a record there.
    pub(crate) fn new(set: &'a DataSet, key: &'a [String], offset: &'a str) -> Self {
        Self {
            set,
            key,
            offset,
            seen: HashMap::new(),
        }
    }

    /// Turns a row.
    pub(crate) fn turn(&mut self, row: &Value) -> Turned {
        let Some(row) = row.as_object() else {
            return Turned::Nameless;
        };
        let loose;
        let row = match self.set.kunci_longgar {
            true => {
                loose = loosened(row);
                &loose
            }
            false => row,
        };
        let mut made = self.fields(row);
        let absent = |name: &String| made.value.get(name).is_none();
        if self.set.lewati_tanpa.as_ref().is_some_and(absent) {
            return Turned::Nothing;
        }
        let parts: Vec<String> = self.key.iter().map(|name| shown(made.value.get(name))).collect();
        if parts.iter().all(String::is_empty) {
            return Turned::Nameless;
        }
        let mut key = parts.join("|");
        match self.count(&key, &made.value) {
            None => return Turned::Nothing,
            Some(1) => {}
            Some(number) => key = format!("{key}|#{number}"),
        }
        if let Some(record) = made.value.as_object_mut() {
            record.insert("kunci".into(), json!(key));
        }
        Turned::Record(made)
    }

    /// The how-manieth row with this key; `None` for an exact copy that is not to be counted.
    fn count(&mut self, key: &str, value: &Value) -> Option<usize> {
        let content = digest(&value.to_string());
        let same = self.seen.entry(digest(key)).or_default();
        if !self.set.kembar_dihitung && same.contains(&content) {
            return None;
        }
        same.push(content);
        Some(same.len())
    }

    fn fields(&self, row: &Map<String, Value>) -> Made {
        let mut record = Map::new();
        let (mut marks, mut masked, mut raw) = (Vec::new(), Vec::new(), Map::new());
        for field in &self.set.kolom {
            let Some(native) = field.asal.iter().find_map(|name| row.get(name)) else {
                continue;
            };
            if field.jenis == Kind::UangTampil
                && let Some(text) = native.as_str().and_then(values::rounded)
            {
                record.insert(format!("{}_dibulatkan", field.kanonik), json!(text));
                continue;
            }
            match values::read(field.jenis, native, self.offset) {
                Ok(None) => {}
                Err(values::Unreadable) => marks.push(format!("tidak_terbaca:{}", field.kanonik)),
                Ok(Some(value)) => {
                    if hidden(&value) {
                        masked.push(format!("/{}", field.kanonik));
                    } else if let Some(text) = tidied(field.jenis, native, &value) {
                        raw.insert(field.kanonik.clone(), json!(text));
                    }
                    if field.jenis == Kind::Nip
                        && let Some(digits) = value.as_str().and_then(values::employee)
                    {
                        record.insert(format!("{}_baku", field.kanonik), json!(digits));
                    }
                    record.entry(field.kanonik.as_str()).or_insert(value);
                }
            }
        }
        if exceeds(&record) {
            marks.push("nilai_melebihi_pagu".into());
        }
        if !marks.is_empty() {
            record.insert("tanda".into(), json!(marks));
        }
        if !raw.is_empty() {
            record.insert("teks_asli".into(), Value::Object(raw));
        }
        for (name, value) in &self.set.tetap {
            record.insert(name.clone(), json!(value));
        }
        Made {
            value: Value::Object(record),
            masked,
        }
    }
}

/// A contract above its ceiling is a typing error upstream as a rule: said, passed on, never refused.
fn exceeds(record: &Map<String, Value>) -> bool {
    let amount = |name: &str| record.get(name).and_then(Value::as_str);
    let (Some(value), Some(ceiling)) = (amount("nilai_kontrak"), amount("pagu")) else {
        return false;
    };
    let parts = |text: &str| {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        (whole.len(), whole.to_owned(), rest.to_owned())
    };
    ceiling != "0" && !value.starts_with('-') && !ceiling.starts_with('-') && parts(value) > parts(ceiling)
}

/// A text as received, where what is shown of it has been tidied. Longest kept: what the schema allows.
fn tidied<'n>(kind: Kind, native: &'n Value, shown: &Value) -> Option<&'n str> {
    let raw = native.as_str().filter(|_| matches!(kind, Kind::Teks | Kind::Html))?;
    (shown.as_str() != Some(raw) && raw.len() <= LONGEST_RAW).then_some(raw)
}

/// Whether a text, or a text inside, is shown masked.
fn hidden(value: &Value) -> bool {
    match value {
        Value::String(text) => looks_masked(text),
        Value::Array(all) => all.iter().any(hidden),
        Value::Object(all) => all.values().any(hidden),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn loosened(row: &Map<String, Value>) -> Map<String, Value> {
    let loose = |key: &str| key.to_lowercase().replace(|c: char| c.is_whitespace() || c == '_', "");
    row.iter().map(|(key, value)| (loose(key), value.clone())).collect()
}

fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// 128 bits of two differently begun hashes; enough to tell the rows of one reply apart.
fn digest(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        text.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}

#[cfg(test)]
mod tests;
