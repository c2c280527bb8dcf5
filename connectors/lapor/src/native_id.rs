//! An id of the national system: text end to end, written as a number only where the system wants one.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An id from configuration, given as a number or as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NativeId(String);

impl NativeId {
    /// From text that a list or the system gave.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// As the native JSON value: a number when the text is exactly one (no leading zero), otherwise text.
    pub(crate) fn json(&self) -> Value {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => Value::from(number),
            _ => Value::from(self.0.clone()),
        }
    }
}

impl<'de> Deserialize<'de> for NativeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Number(number) => number.to_string(),
            Form::Text(text) => text,
        };
        if text.trim().is_empty() {
            return Err(serde::de::Error::custom("an id must not be empty"));
        }
        Ok(Self(text))
    }
}

/// The text of an id in a native reply, number or string; nothing when it is absent, empty or of another type.
pub(crate) fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_stay_numbers_and_leading_zeros_stay() {
        assert_eq!(NativeId::new("200002").json(), json!(200_002));
        assert_eq!(NativeId::new("007").json(), json!("007"));
        assert_eq!(NativeId::new("K-1").json(), json!("K-1"));
    }

    #[test]
    fn an_empty_id_is_refused_by_configuration_and_ignored_in_replies() {
        assert!(serde_json::from_value::<NativeId>(json!(" ")).is_err());
        assert_eq!(id_text(&json!("")), None);
        assert_eq!(id_text(&json!(7_700_123)), Some("7700123".to_owned()));
        assert_eq!(id_text(&json!({"id": 1})), None);
    }
}
