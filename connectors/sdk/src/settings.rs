//! Configuration of one system as its connector reads it: typed access that collects every complaint at once.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Something wrong in a system's settings: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingComplaint {
    /// Key path below the system's `settings`, such as `kategori.lampu_jalan`.
    pub key: String,
    /// What to write, in one sentence.
    pub advice: String,
}

/// The settings table of one system. Connectors deserialise it into a struct with `deny_unknown_fields`.
#[derive(Debug, Clone, Default)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// From a configuration table.
    pub fn new(table: Map<String, Value>) -> Self {
        Self(table)
    }

    /// Reads the whole table into `T`; unknown and missing keys come back as complaints.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<SettingComplaint>> {
        serde_json::from_value(Value::Object(self.0.clone())).map_err(|error| {
            vec![SettingComplaint {
                key: String::new(),
                advice: error.to_string(),
            }]
        })
    }

    /// The raw table.
    pub fn table(&self) -> &Map<String, Value> {
        &self.0
    }
}
