//! A native row through its field table to a canonical record. Unknown native fields change nothing; a field that is
//! there but cannot be read is left out and named in `tidak_terbaca`.

use crate::dataset::Field;
use crate::value::{self, Kind, Unreadable, Ways};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Facts known beside the row: fiscal year, ids it was asked under, the list it came from.
pub(crate) type Context = BTreeMap<String, String>;

/// Reads rows of one reply.
pub(crate) struct Reader<'a> {
    pub(crate) ways: Ways<'a>,
    pub(crate) context: &'a Context,
}

/// A record in the making.
#[derive(Default)]
pub(crate) struct Making {
    pub(crate) record: Map<String, Value>,
    unreadable: Vec<String>,
}

impl Making {
    /// Takes a value over, or notes that it could not be read.
    pub(crate) fn put(&mut self, name: &str, native: &str, read: value::Read) {
        match read {
            Ok(Some(value)) => {
                self.record.insert(name.to_owned(), value);
            }
            Ok(None) => {}
            Err(Unreadable) => self.unreadable.push(native.to_owned()),
        }
    }

    /// The finished record.
    pub(crate) fn done(mut self) -> Value {
        if !self.unreadable.is_empty() {
            self.unreadable.sort();
            self.unreadable.dedup();
            self.record.insert("tidak_terbaca".to_owned(), json!(self.unreadable));
        }
        Value::Object(self.record)
    }
}

impl Reader<'_> {
    /// Every field of the table.
    pub(crate) fn table(&self, fields: &[Field], row: &Value, making: &mut Making) {
        for field in fields {
            self.field(field, row, making);
        }
        strip_code(making);
    }

    fn field(&self, field: &Field, row: &Value, making: &mut Making) {
        match field.jenis {
            Kind::Months => making.put(&field.ke, "1", self.months(row, &NUMBERED)),
            Kind::Categories => {
                making.record.insert(field.ke.clone(), categories(row));
            }
            Kind::State => {
                let known = self.context.get("status").map(|state| Value::from(state.as_str()));
                making.put(&field.ke, "status", Ok(known));
            }
            kind => {
                let mut unreadable = None;
                for native in &field.asli {
                    match self.one(kind, native, row) {
                        Ok(Some(value)) => return making.put(&field.ke, native, Ok(Some(value))),
                        Ok(None) => {}
                        Err(Unreadable) => unreadable = Some(native),
                    }
                }
                if let Some(native) = unreadable {
                    return making.put(&field.ke, native, Err(Unreadable));
                }
                let beside = field
                    .asli
                    .iter()
                    .find_map(|native| self.context.get(native.trim_start_matches('@')));
                if let Some(beside) = beside {
                    let read = value::read(kind, &Value::from(beside.as_str()), self.ways);
                    making.put(&field.ke, &field.ke, read);
                }
            }
        }
    }

    /// One native field; `a+b` is a date and a time that stand apart.
    fn one(&self, kind: Kind, native: &str, row: &Value) -> value::Read {
        if native.starts_with('@') {
            return Ok(None);
        }
        let Some((first, second)) = native.split_once('+') else {
            return row
                .get(native)
                .map_or(Ok(None), |value| value::read(kind, value, self.ways));
        };
        let text = |name| {
            row.get(name)
                .and_then(Value::as_str)
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let Some(date) = text(first) else { return Ok(None) };
        let joined = format!("{date} {}", text(second).unwrap_or("00:00:00"));
        value::read(kind, &joined.into(), self.ways)
    }

    /// Twelve amounts; a month that is not there is 0, one that cannot be read spoils the list. None at all is nothing.
    pub(crate) fn months(&self, row: &Value, names: &[&str; 12]) -> value::Read {
        if names.iter().all(|name| row.get(*name).is_none_or(Value::is_null)) {
            return Ok(None);
        }
        let month = |name: &&str| {
            let read = row
                .get(*name)
                .map_or(Ok(None), |value| value::read(Kind::Amount, value, self.ways));
            read.map(|amount| amount.unwrap_or_else(|| "0".into()))
        };
        names
            .iter()
            .map(month)
            .collect::<Result<Vec<Value>, _>>()
            .map(|all| Some(all.into()))
    }
}

/// Months as numeric keys.
const NUMBERED: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
/// Months as words.
pub(crate) const NAMED: [&str; 12] = [
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
];

/// Flags of a row that say yes, without `is_`; locks are a field of their own.
fn categories(row: &Value) -> Value {
    let flagged = row.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let yes = matches!(value, Value::Bool(true)) || value.as_str() == Some("1");
        name.strip_prefix("is_").filter(|name| yes && *name != "locked")
    });
    flagged.map(Value::from).collect()
}

/// `5.1.02 Belanja` becomes `Belanja` when the code stands beside it.
fn strip_code(making: &mut Making) {
    let Some(code) = making
        .record
        .get("kode_akun")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return;
    };
    if let Some(Value::String(name)) = making.record.get_mut("nama_akun")
        && let Some(rest) = name.strip_prefix(&code)
    {
        let rest = rest.trim_start_matches([' ', '-', ':']).to_owned();
        if !rest.is_empty() {
            *name = rest;
        }
    }
}
