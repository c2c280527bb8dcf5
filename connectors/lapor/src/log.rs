//! One entry of a report's log or follow-up list: names of institutions and statuses in several spellings, a field
//! `data` that is JSON inside a string, and a text with HTML and placeholders (reference §2.6).

use crate::texts::{self, expand};
use crate::times::{Moment, Zone};
use serde_json::Value;

/// What an entry says.
#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    /// When, by the system's clock.
    pub(crate) at: Option<Moment>,
    /// Institution that acts.
    pub(crate) from: Option<String>,
    /// Institution addressed.
    pub(crate) to: Option<String>,
    /// Status before, as the system wrote it.
    pub(crate) status_old: Option<String>,
    /// Status after, as the system wrote it.
    pub(crate) status_new: Option<String>,
    content: String,
    institution: Option<String>,
}

impl LogEntry {
    /// Reads an entry, tolerating absent and unreadable parts.
    pub(crate) fn read(entry: &Value, zone: Zone) -> Self {
        let data = entry.get("data").map(inner).unwrap_or_default();
        let status = |field: &str| name(entry.get(field)).or_else(|| name(data.get(field)));
        let time = ["date", "created_at"]
            .iter()
            .find_map(|field| entry.get(*field)?.as_str());
        let content = ["content", "template_content"]
            .iter()
            .filter_map(|field| entry.get(*field)?.as_str())
            .find(|text| !text.trim().is_empty());
        Self {
            at: time.and_then(|time| zone.moment(time)),
            from: name(entry.get("institution_from_id")).or_else(|| name(entry.get("institution_from_name"))),
            to: ["institution_to", "institution_to_id", "institution_to_name"]
                .iter()
                .find_map(|field| name(entry.get(*field))),
            institution: name(entry.get("institution")),
            status_old: status("status_old"),
            status_new: status("status_new"),
            content: content.unwrap_or_default().to_owned(),
        }
    }

    /// The entry's text: placeholders expanded once, HTML taken out.
    pub(crate) fn text(&self) -> Option<String> {
        let (from, to, own) = (self.from.as_deref(), self.to.as_deref(), self.institution.as_deref());
        let values = [
            ("institution_from", from.or(own)),
            ("institution_from_link", from.or(own)),
            ("institution_to", to),
            ("institution_to_link", to),
            ("institution", own.or(from)),
            ("status_old", self.status_old.as_deref()),
            ("status_new", self.status_new.as_deref()),
        ];
        let text = texts::plain(&expand(&self.content, &values));
        (!text.is_empty()).then_some(text)
    }
}

/// A name, given as `{name}` or plainly.
fn name(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let text = value.get("name").unwrap_or(value).as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// JSON inside a string, perhaps encoded twice; an object is taken as it is, anything unreadable is nothing.
fn inner(value: &Value) -> Value {
    let decoded = |text: &str| serde_json::from_str(text).unwrap_or_default();
    match value {
        Value::String(text) => match decoded(text) {
            Value::String(again) => decoded(&again),
            once => once,
        },
        Value::Object(_) => value.clone(),
        _ => Value::Null,
    }
}
