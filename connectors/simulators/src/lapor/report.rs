//! What LAPOR! keeps: reports with their internal log, and files.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::options::Status;

/// A stored report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Id, also the public tracking number.
    pub id: u64,
    /// Every field as it arrived, known or not.
    pub fields: Map<String, Value>,
    /// `[Ref …]` found in the content.
    pub reference: Option<String>,
    /// Institution that has it now.
    pub disposition_id: u64,
    /// Status now.
    pub status: Status,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Internal log, oldest first.
    pub entries: Vec<Entry>,
    /// Ids of uploaded files.
    pub attachments: Vec<u64>,
    /// Deleted reports answer 404.
    pub deleted: bool,
    /// How it came: `g3`, `g1` or `national`.
    pub origin: &'static str,
    /// Steps of the script already taken.
    pub script_done: usize,
}

/// One line of a report's internal log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Id, unique in the service.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// Text with HTML and placeholders.
    pub content: String,
    /// Template, when one was used.
    pub template_code: Option<String>,
    /// From whom.
    pub from: Option<u64>,
    /// To whom.
    pub to: Option<u64>,
    /// Status before and after, when it changed.
    pub change: Option<(Status, Status)>,
    /// Ids of files.
    pub attachments: Vec<u64>,
    /// Whether a client sent it as a follow-up.
    pub followup: bool,
    /// Fields of the follow-up as they arrived.
    pub fields: Vec<(String, String)>,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Id.
    pub id: u64,
    /// Name as sent.
    pub name: String,
    /// Media type as sent.
    pub media_type: String,
    /// Content.
    pub body: Bytes,
}

impl Report {
    /// A field as text; empty when absent.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field as a flag; absent is false.
    pub fn flag(&self, field: &str) -> bool {
        self.fields.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "id": self.id, "origin": self.origin, "reference": self.reference, "fields": self.fields,
            "status": self.status, "disposition_id": self.disposition_id, "deleted": self.deleted,
            "created_at": self.created_at.to_string(), "attachments": self.attachments,
            "entries": self.entries.iter().map(Entry::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id, "at": self.at.to_string(), "content": self.content, "template_code": self.template_code,
            "from": self.from, "to": self.to, "followup": self.followup, "attachments": self.attachments,
            "status_old": self.change.as_ref().map(|(old, _)| old), "fields": self.fields,
            "status_new": self.change.as_ref().map(|(_, new)| new),
        })
    }
}

impl StoredFile {
    /// The part of the name after the last full stop, lower case.
    pub fn extension(&self) -> String {
        self.name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_ascii_lowercase())
            .unwrap_or_default()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id, "name": self.name, "media_type": self.media_type, "size": self.body.len()})
    }
}

/// The `[Ref …]` of a text.
pub(super) fn reference(content: &str) -> Option<String> {
    let (_, after) = content.split_once("[Ref ")?;
    let (reference, _) = after.split_once(']')?;
    Some(reference.trim().to_owned())
}
