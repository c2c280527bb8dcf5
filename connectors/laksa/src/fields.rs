//! Fields of canonical and native documents, and complaints about them.

use connector_sdk::{Complaint, Fault, Text};
use serde_json::Value;

/// A text that is not empty.
pub(crate) fn text<'a>(document: &'a Value, field: &str) -> Option<&'a str> {
    document
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// An id, number or text, as text.
pub(crate) fn id(document: &Value, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| match document.get(*field)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    })
}

/// A required text, or a complaint at its pointer.
pub(crate) fn required<'a>(document: &'a Value, field: &str, wrong: &mut Vec<Complaint>) -> &'a str {
    text(document, field).unwrap_or_else(|| {
        let text = Text::new("Wajib diisi untuk LAKSA.", "Required by LAKSA.");
        wrong.push(Complaint {
            pointer: format!("/{field}"),
            text,
        });
        ""
    })
}

/// A fault when there is any complaint.
pub(crate) fn judge(wrong: Vec<Complaint>) -> Result<(), Fault> {
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Fault::invalid(wrong))
    }
}

/// A protection: only a plain `false` lifts it.
pub(crate) fn protected(document: &Value, flag: &str) -> bool {
    !matches!(document.get(flag), Some(Value::Bool(false)))
}
