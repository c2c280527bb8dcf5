//! Reads an acknowledgement: what it says, and whether it has the form the guide documents.

use serde::Serialize;
use serde_json::Value;

use super::Method;

/// What the city said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Status 1.
    Stored,
    /// Status 2.
    NotStored,
    /// Something that says neither.
    Unreadable,
    /// Nothing: refused, cut off, too late.
    NoAnswer,
}

pub(super) struct Read {
    pub(super) outcome: Outcome,
    pub(super) documented: bool,
    pub(super) note: String,
}

impl Read {
    pub(super) fn none(error: String) -> Self {
        Self {
            outcome: Outcome::NoAnswer,
            documented: false,
            note: error,
        }
    }
}

/// The documented form is HTTP 200 and `{"respon…":{"status":"1"|"2","keterangan":≤255}}`. Integers, booleans and
/// SiCantik's capitals are understood, since OSS understands them, but are not documented.
pub(super) fn read(method: Method, http: u16, body: &[u8]) -> Read {
    let envelope = format!("respon{}", method.name());
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let inner = parsed
        .get(&envelope)
        .or_else(|| parsed.as_object().filter(|map| map.len() == 1)?.values().next());
    let inner = inner.filter(|inner| inner.is_object()).unwrap_or(&parsed);
    let status = inner.get("status").or_else(|| inner.get("STATUS"));
    let outcome = match status {
        Some(Value::String(text)) if text == "1" => Outcome::Stored,
        Some(Value::String(text)) if text == "2" => Outcome::NotStored,
        Some(Value::Number(number)) if number.as_u64() == Some(1) => Outcome::Stored,
        Some(Value::Number(number)) if number.as_u64() == Some(2) => Outcome::NotStored,
        Some(Value::Bool(stored)) if *stored => Outcome::Stored,
        Some(Value::Bool(_)) => Outcome::NotStored,
        _ => Outcome::Unreadable,
    };
    let words = inner.get("keterangan").and_then(Value::as_str);
    let short = words.is_some_and(|words| words.chars().count() <= 255);
    let alone = parsed
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.contains_key(&envelope));
    let text = matches!(status, Some(Value::String(_)));
    let note = match words {
        Some(words) => words.chars().take(255).collect(),
        None => String::from_utf8_lossy(body).chars().take(120).collect(),
    };
    Read {
        outcome: if http == 200 || outcome == Outcome::NotStored {
            outcome
        } else {
            Outcome::Unreadable
        },
        documented: http == 200 && alone && text && short && outcome != Outcome::Unreadable,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, Outcome, read};

    #[test]
    fn forms_of_acknowledgement() {
        let case = |http, body: &str| {
            let read = read(Method::Nib, http, body.as_bytes());
            (read.outcome, read.documented)
        };
        let good = r#"{"responreceiveNIB":{"status":"1","keterangan":"Tersimpan"}}"#;
        assert_eq!(case(200, good), (Outcome::Stored, true));
        assert_eq!(case(500, good), (Outcome::Unreadable, false));
        let refused = r#"{"responreceiveNIB":{"status":"2","keterangan":"Token salah"}}"#;
        assert_eq!(case(200, refused), (Outcome::NotStored, true));
        let number = r#"{"responreceiveNIB":{"status":1,"keterangan":"ok"}}"#;
        assert_eq!(case(200, number), (Outcome::Stored, false));
        let capitals = r#"{"STATUS":2,"KETERANGAN":[{"kd_izin":"1"}]}"#;
        assert_eq!(case(200, capitals), (Outcome::NotStored, false));
        let wrong_envelope = r#"{"responreceiveFileDS":{"status":"1","keterangan":"ok"}}"#;
        assert_eq!(case(200, wrong_envelope), (Outcome::Stored, false));
        assert_eq!(case(200, "<html>"), (Outcome::Unreadable, false));
    }
}
