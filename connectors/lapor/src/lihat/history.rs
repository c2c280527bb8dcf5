//! The log of a report: `data_logs[]` holds the changes, directly or as JSON inside the string `data`; `status_logs[]`
//! holds notes. Both come with times of their own, in mixed forms, in any order.

use crate::lihat::{raw_status, status_of};
use crate::log::LogEntry;
use crate::settings::Setup;
use crate::status::Status;
use crate::texts;
use crate::times::{Moment, rfc3339};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// A note of `status_logs[]`.
pub(super) struct Note {
    pub(super) text: String,
    pub(super) at: Option<Moment>,
}

/// A status change of `data_logs[]`.
pub(super) struct Change {
    pub(super) at: Option<Moment>,
    status: Status,
    raw: Option<String>,
    note: Option<String>,
}

/// Notes with their times, newest first; those without a readable time last.
pub(super) fn notes(setup: &Setup, data: &Value) -> Vec<Note> {
    let logs = data
        .get("status_logs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut notes: Vec<Note> = logs
        .iter()
        .filter_map(|log| {
            let text = without_placeholders(&texts::plain(log.get("note")?.as_str()?));
            let at = log
                .get("timestamp")
                .and_then(Value::as_str)
                .and_then(|time| setup.zone.moment(time));
            (!text.is_empty()).then_some(Note { text, at })
        })
        .collect();
    notes.sort_by_key(|note| Reverse(note.at));
    notes
}

/// A note carries no values for its placeholders: a line that needs one says nothing.
fn without_placeholders(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("{{"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Status changes, newest first. Entries that change no status (dispositions, remarks) are follow-ups, not history.
pub(super) fn changes(setup: &Setup, holder: &Value, notes: &[Note]) -> Vec<Change> {
    let logs = holder
        .get("data_logs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut changes: Vec<Change> = logs
        .iter()
        .map(|log| LogEntry::read(log, setup.zone))
        .filter_map(|entry| {
            let raw = entry.status_new.clone()?;
            let same_time = notes.iter().find(|note| note.at.is_some() && note.at == entry.at);
            // Several notes may share a second; then only the entry's own text is surely its own.
            let alone = notes.iter().filter(|note| note.at == entry.at).count() == 1;
            let note = same_time.filter(|_| alone).map(|note| note.text.clone());
            let note = note.or_else(|| entry.text());
            Some(Change {
                status: status_of(setup, Some(&raw)),
                raw: Some(raw),
                note,
                at: entry.at,
            })
        })
        .collect();
    // Some lines carry no seconds: within their minute they keep the place the system gave them.
    let mut latest: Option<Moment> = None;
    let mut keyed: Vec<(Option<Moment>, Change)> = Vec::with_capacity(changes.len());
    for change in changes.drain(..) {
        let key = match (change.at, latest) {
            (Some(at), Some(before)) if at.is_minute_of(&before) => Some(before),
            (at, _) => at,
        };
        latest = key.or(latest);
        keyed.push((key, change));
    }
    // Stable, so that entries of the same second keep the system's order, reversed to newest first.
    keyed.reverse();
    keyed.sort_by_key(|(at, _)| Reverse(*at));
    keyed.into_iter().map(|(_, change)| change).collect()
}

impl Change {
    /// As an item of `riwayat`.
    pub(super) fn canonical(&self) -> Value {
        json!({
            "status": self.status.word(),
            "status_asli": raw_status(self.raw.as_deref()),
            "catatan": self.note,
            "terjadi_pada": self.at.as_ref().map(rfc3339),
        })
    }
}
