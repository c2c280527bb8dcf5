//! Configuration of one system as its connector reads it: typed access that collects every complaint at once.

use crate::Secret;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Something wrong in a system's settings: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingComplaint {
    /// Key path below the system's `settings`, such as `kategori.lampu_jalan`.
    pub key: String,
    /// What to write, in one sentence.
    pub advice: String,
}

/// The settings table of one system, and beside it the secrets that its pushes are verified with. Connectors deserialise
/// the table into a struct with `deny_unknown_fields`; secrets never stand in the table.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    table: Map<String, Value>,
    secrets: BTreeMap<String, Secret>,
}

impl Settings {
    /// From a configuration table.
    pub fn new(table: Map<String, Value>) -> Self {
        Self {
            table,
            secrets: BTreeMap::new(),
        }
    }

    /// With a secret under a name, read by the gateway from where secrets are kept.
    #[must_use]
    pub fn with_secret(mut self, name: impl Into<String>, value: Secret) -> Self {
        self.secrets.insert(name.into(), value);
        self
    }

    /// A secret of this system by name. Connectors use it only to verify what is pushed to them; credentials towards the
    /// system are the door's and never come here.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets.get(name).cloned()
    }

    /// Names of the secrets that are there.
    pub fn secret_names(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// Reads the whole table into `T`; unknown and missing keys come back as complaints.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<SettingComplaint>> {
        serde_json::from_value(Value::Object(self.table.clone())).map_err(|error| {
            vec![SettingComplaint {
                key: String::new(),
                advice: error.to_string(),
            }]
        })
    }

    /// The raw table.
    pub fn table(&self) -> &Map<String, Value> {
        &self.table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_by_name_and_never_shown() {
        let settings = Settings::new(Map::new()).with_secret("kata_sandi", Secret::new("kunci-uji"));
        assert_eq!(settings.secret("kata_sandi").map(|s| s.expose().len()), Some(9));
        assert!(settings.secret("lain").is_none());
        assert_eq!(settings.secret_names().collect::<Vec<_>>(), ["kata_sandi"]);
        assert!(!format!("{settings:?}").contains("kunci-uji"));
    }
}
