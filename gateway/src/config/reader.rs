//! Reads one TOML table key by key and collects every complaint at once: unknown keys, missing keys, wrong types, secrets
//! written out. Used by `raw` only. It also notes which keys exist, so that a test can hold the reference file to them.

use super::complaint::{Complaint, Place, Placed};
use super::secrets::SecretRef;
use super::units;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a run over all files found.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) complaints: RefCell<Vec<Complaint>>,
    /// Key paths without positions that were asked for.
    pub(crate) asked: RefCell<BTreeSet<String>>,
}

/// One file: its name and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name, as the operator knows it.
    pub name: Arc<str>,
    /// Content.
    pub text: String,
}

/// A file with the offsets at which its lines begin, found once: thousands of keys ask for theirs.
pub(crate) struct Lined<'a> {
    source: &'a Source,
    starts: Vec<usize>,
}

impl<'a> Lined<'a> {
    pub(crate) fn of(source: &'a Source) -> Self {
        let breaks = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            source,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The place of a byte offset.
    fn place(&self, offset: usize, key: String) -> Place {
        Place {
            file: Arc::clone(&self.source.name),
            line: Some(self.line(offset)),
            key,
        }
    }
}

/// A connector's settings with the lines of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The table as JSON.
    pub table: Map<String, Value>,
    /// Line of every key path.
    pub lines: BTreeMap<String, usize>,
}

/// One table being read.
pub(crate) struct Table<'a> {
    values: &'a DeTable<'a>,
    place: Place,
    shape: String,
    source: &'a Lined<'a>,
    log: &'a Log,
    known: RefCell<BTreeSet<String>>,
}

type Spot<'a> = (&'a DeValue<'a>, Place);

impl<'a> Table<'a> {
    /// The whole of a file.
    pub(crate) fn root(values: &'a DeTable<'a>, source: &'a Lined<'a>, log: &'a Log) -> Self {
        Self::at(values, source.place(0, String::new()), String::new(), source, log)
    }

    fn at(values: &'a DeTable<'a>, place: Place, shape: String, source: &'a Lined<'a>, log: &'a Log) -> Self {
        Self {
            values,
            place,
            shape,
            source,
            log,
            known: RefCell::default(),
        }
    }

    /// Where the table begins.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Whether a key is written.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    pub(crate) fn complain(
        &self,
        place: &Place,
        what: (impl Into<String>, impl Into<String>),
        advice: (impl Into<String>, impl Into<String>),
    ) {
        self.log
            .complaints
            .borrow_mut()
            .push(Complaint::new(place, what, advice));
    }

    fn shape_of(&self, key: &str) -> String {
        if self.shape.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.shape)
        }
    }

    fn get(&self, key: &str) -> Option<Spot<'a>> {
        self.known.borrow_mut().insert(key.to_owned());
        self.log.asked.borrow_mut().insert(self.shape_of(key));
        let (name, value) = self.values.get_key_value(key)?;
        Some((
            value.get_ref(),
            self.source.place(name.span().start, self.place.below(key).key),
        ))
    }

    fn read<T>(
        &self,
        key: &str,
        wanted: (&str, &str),
        take: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let (value, place) = self.get(key)?;
        match take(value) {
            Some(value) => Some(Placed { value, place }),
            None => {
                self.complain(
                    &place,
                    (
                        format!("`{key}` bukan {}", wanted.0),
                        format!("`{key}` is not {}", wanted.1),
                    ),
                    (format!("tulis {}", wanted.0), format!("write {}", wanted.1)),
                );
                None
            }
        }
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, key: &str) -> Option<Placed<String>> {
        self.read(key, ("teks yang tidak kosong", "text that is not empty"), |v| {
            v.as_str().filter(|t| !t.trim().is_empty()).map(str::to_owned)
        })
    }

    /// A text that must be given. When it is not, the complaint is made here and the value is empty: the check passes
    /// over empty values.
    pub(crate) fn needed(&self, key: &str) -> Placed<String> {
        let given = self.text(key);
        if given.is_none() && !self.has(key) {
            self.missing(key);
        }
        given.unwrap_or_else(|| Placed {
            value: String::new(),
            place: self.place.below(key),
        })
    }

    fn missing(&self, key: &str) {
        self.complain(
            &self.place.below(key),
            (format!("`{key}` wajib ada"), format!("`{key}` must be given")),
            (format!("tambahkan `{key}`"), format!("add `{key}`")),
        );
    }

    /// One of some words; the first is what is taken when none is given.
    pub(crate) fn word<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Option<Placed<T>> {
        let all = words.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>();
        let (id, en) = (
            format!("salah satu dari {}", all.join(", ")),
            format!("one of {}", all.join(", ")),
        );
        self.read(key, (&id, &en), |v| {
            let given = v.as_str()?;
            words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value)
        })
    }

    /// A whole number from `least` on.
    pub(crate) fn number(&self, key: &str, least: u64) -> Option<Placed<u64>> {
        let (id, en) = (
            format!("bilangan bulat mulai dari {least}"),
            format!("a whole number from {least} on"),
        );
        self.read(key, (&id, &en), |v| {
            let number = v
                .as_integer()
                .filter(|n| n.radix() == 10)?
                .as_str()
                .parse::<u64>()
                .ok()?;
            (number >= least && number <= u64::from(u32::MAX)).then_some(number)
        })
    }

    /// True or false.
    pub(crate) fn flag(&self, key: &str) -> Option<Placed<bool>> {
        self.read(key, ("true atau false", "true or false"), DeValue::as_bool)
    }

    /// A time span above zero.
    pub(crate) fn duration(&self, key: &str) -> Option<Placed<Duration>> {
        let wanted = (
            "rentang waktu seperti \"250ms\", \"30s\", \"5m\", \"2h\"",
            "a time span such as \"250ms\", \"30s\", \"5m\", \"2h\"",
        );
        self.read(key, wanted, |v| units::duration(v.as_str()?).filter(|d| !d.is_zero()))
    }

    /// A number of bytes above zero.
    pub(crate) fn bytes(&self, key: &str) -> Option<Placed<u64>> {
        let wanted = (
            "ukuran seperti 4096, \"64 KiB\", \"10 MiB\"",
            "a size such as 4096, \"64 KiB\", \"10 MiB\"",
        );
        self.read(key, wanted, |v| {
            let given = v
                .as_str()
                .map(str::to_owned)
                .or_else(|| v.as_integer().map(ToString::to_string))?;
            units::bytes(&given).filter(|n| *n > 0)
        })
    }

    /// A date or a moment, kept as written.
    pub(crate) fn moment(&self, key: &str) -> Option<Placed<String>> {
        self.read(
            key,
            ("tanggal seperti 2026-01-31", "a date such as 2026-01-31"),
            |v| match v {
                DeValue::Datetime(at) => Some(at.to_string()),
                other => other.as_str().map(str::to_owned),
            },
        )
    }

    /// One text or a list of texts.
    pub(crate) fn texts(&self, key: &str) -> Vec<Placed<String>> {
        let list = self.read(key, ("teks atau daftar teks", "text or a list of texts"), |v| match v {
            DeValue::String(one) => Some(vec![one.to_string()]),
            DeValue::Array(many) => many
                .iter()
                .map(|one| one.get_ref().as_str().map(str::to_owned))
                .collect(),
            _ => None,
        });
        let Some(Placed { value, place }) = list else {
            return Vec::new();
        };
        value
            .into_iter()
            .map(|value| Placed {
                value,
                place: place.clone(),
            })
            .collect()
    }

    /// A table with keys of the operator's own, all texts.
    pub(crate) fn pairs(&self, key: &str) -> Vec<(String, Placed<String>)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        let names: Vec<String> = table.values.keys().map(|name| name.get_ref().to_string()).collect();
        let pairs = names.into_iter().filter_map(|name| {
            let value = table.read(&name, ("teks", "text"), |v| v.as_str().map(str::to_owned));
            self.log.asked.borrow_mut().remove(&table.shape_of(&name));
            Some((name, value?))
        });
        pairs.collect()
    }

    /// A table with keys of the operator's own, each a text or a list of texts.
    pub(crate) fn lists(&self, key: &str) -> Vec<(String, Vec<Placed<String>>)> {
        self.own_keys(key, |table, name| Some(table.texts(name)))
    }

    /// A table with keys of the operator's own, each the name of a secret.
    pub(crate) fn secrets(&self, key: &str) -> Vec<(String, Placed<SecretRef>)> {
        self.own_keys(key, Self::secret)
    }

    fn own_keys<T>(&self, key: &str, read: impl Fn(&Self, &str) -> Option<T>) -> Vec<(String, T)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        let names: Vec<String> = table.values.keys().map(|name| name.get_ref().to_string()).collect();
        let all = names.into_iter().filter_map(|name| {
            let value = read(&table, &name);
            self.log.asked.borrow_mut().remove(&table.shape_of(&name));
            Some((name, value?))
        });
        all.collect()
    }

    /// A table with keys of the operator's own, of any values.
    pub(crate) fn values(&self, key: &str) -> Vec<(String, Placed<Value>)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        let names: Vec<String> = table.values.keys().map(|name| name.get_ref().to_string()).collect();
        let values = names.into_iter().filter_map(|name| {
            let value = table.read(&name, ("nilai", "a value"), |v| {
                Some(table.json(v, "", &mut BTreeMap::new()))
            });
            self.log.asked.borrow_mut().remove(&table.shape_of(&name));
            Some((name, value?))
        });
        values.collect()
    }

    /// A table within, read by its own reader.
    pub(crate) fn one<T>(&self, key: &str, read: fn(Table<'_>) -> T) -> Option<T> {
        self.table(key).map(read)
    }

    /// A list of tables, each read by its own reader.
    pub(crate) fn many<T>(&self, key: &str, read: fn(Table<'_>) -> T) -> Vec<T> {
        self.tables(key).into_iter().map(read).collect()
    }

    /// A table within.
    pub(crate) fn table(&self, key: &str) -> Option<Table<'a>> {
        let found = self.read(key, ("tabel", "a table"), DeValue::as_table)?;
        Some(Self::at(
            found.value,
            found.place,
            self.shape_of(key),
            self.source,
            self.log,
        ))
    }

    /// A list of tables (`[[key]]`).
    pub(crate) fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let list = self.read(key, ("daftar tabel", "a list of tables"), |v| {
            let many = v.as_array()?;
            many.iter()
                .map(|one| Some((one.get_ref().as_table()?, one.span().start)))
                .collect::<Option<Vec<_>>>()
        });
        let Some(Placed { value, place }) = list else {
            return Vec::new();
        };
        let tables = value.into_iter().enumerate().map(|(index, (table, offset))| {
            let place = self.source.place(offset, format!("{}[{index}]", place.key));
            Self::at(table, place, self.shape_of(key), self.source, self.log)
        });
        tables.collect()
    }

    /// A table passed on as it is.
    pub(crate) fn tree(&self, key: &str) -> Tree {
        let mut tree = Tree::default();
        if let Some(table) = self.table(key) {
            tree.table = self.json_table(table.values, "", &mut tree.lines);
        }
        tree
    }

    fn json_table(&self, table: &DeTable<'_>, path: &str, lines: &mut BTreeMap<String, usize>) -> Map<String, Value> {
        let entry = |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            let key = name.get_ref().to_string();
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            lines.extend(
                self.source
                    .place(name.span().start, String::new())
                    .line
                    .map(|line| (path.clone(), line)),
            );
            (key, self.json(value.get_ref(), &path, lines))
        };
        table.iter().map(entry).collect()
    }

    fn json(&self, value: &DeValue<'_>, path: &str, lines: &mut BTreeMap<String, usize>) -> Value {
        match value {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
            }
            DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
            DeValue::Boolean(flag) => Value::from(*flag),
            DeValue::Datetime(at) => Value::from(at.to_string()),
            DeValue::Array(many) => many.iter().map(|one| self.json(one.get_ref(), path, lines)).collect(),
            DeValue::Table(table) => Value::Object(self.json_table(table, path, lines)),
        }
    }

    /// The name of a secret that may be left out.
    pub(crate) fn optional_secret(&self, key: &str) -> Option<Placed<SecretRef>> {
        self.get(key)?;
        self.secret(key)
    }

    /// The name of a secret. The secret itself is refused here, and not repeated.
    pub(crate) fn secret(&self, key: &str) -> Option<Placed<SecretRef>> {
        let Some((value, place)) = self.get(key) else {
            self.missing(key);
            return None;
        };
        let advice = (
            "tulis { env = \"NAMA_VARIABEL\" } atau { file = \"jalur/berkas\" }; nilainya disimpan di luar konfigurasi",
            "write { env = \"VARIABLE_NAME\" } or { file = \"path/to/file\" }; keep the value outside of configuration",
        );
        let Some(table) = value.as_table() else {
            self.complain(
                &place,
                (
                    "rahasia tertulis di berkas konfigurasi",
                    "a secret is written in the configuration file",
                ),
                advice,
            );
            return None;
        };
        let named = |key: &str| {
            table
                .get(key)
                .and_then(|v| v.get_ref().as_str())
                .filter(|t| !t.is_empty())
        };
        match (table.len(), named("env"), named("file")) {
            (1, Some(variable), None) => Some(Placed {
                value: SecretRef::Env(variable.to_owned()),
                place,
            }),
            (1, None, Some(path)) => Some(Placed {
                value: SecretRef::File(PathBuf::from(path)),
                place,
            }),
            _ => {
                self.complain(
                    &place,
                    (
                        "rujukan rahasia tidak dikenal",
                        "the reference to a secret is not understood",
                    ),
                    advice,
                );
                None
            }
        }
    }

    /// Refuses every key that nothing asked for.
    pub(crate) fn finish(self) {
        let known = self.known.borrow();
        for (name, _) in self
            .values
            .iter()
            .filter(|(name, _)| !known.contains(name.get_ref().as_ref()))
        {
            let place = self
                .source
                .place(name.span().start, self.place.below(name.get_ref()).key);
            let written = name.get_ref();
            let advice = match nearest(written, &known) {
                Some(near) => (
                    format!("mungkin maksudnya `{near}`"),
                    format!("perhaps `{near}` is meant"),
                ),
                None => {
                    let all = known.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                    (format!("yang dikenal di sini: {all}"), format!("known here: {all}"))
                }
            };
            self.complain(
                &place,
                (
                    format!("kunci `{written}` tidak dikenal"),
                    format!("key `{written}` is not known"),
                ),
                advice,
            );
        }
    }
}

/// The known key with the fewest edits, when it is close.
fn nearest<'k>(written: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let near = known.iter().map(|key| (edits(written, key), key.as_str())).min()?;
    (near.0 <= 2.max(written.len() / 4)).then_some(near.1)
}

fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_near_key_is_found() {
        let known = ["alamat", "konektor"].map(str::to_owned).into();
        assert_eq!(nearest("alamt", &known), Some("alamat"));
        assert_eq!(nearest("warna", &known), None);
    }
}
