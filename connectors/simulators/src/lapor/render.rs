//! How the service writes what it keeps: dates in several forms, JSON inside strings, maps with numbered keys.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::report::{Entry, Report};
use super::{Lapor, Status};
use crate::frame::clock;

/// The one form that follow-ups and status logs use; no zone.
pub(super) fn created_at(at: Timestamp) -> String {
    clock::jakarta(at, "%d-%m-%Y %H:%M:%S")
}

/// The form of the internal log, which differs from line to line.
pub(super) fn mixed_date(at: Timestamp, line: u64) -> String {
    match line % 3 {
        0 => clock::jakarta(at, "%Y-%m-%d %H:%M:%S"),
        1 => created_at(at),
        _ => clock::jakarta(at, "%d/%m/%Y %H:%M"),
    }
}

/// `data`: JSON inside a string; without a status change it is empty, an empty list, or not JSON at all.
pub(super) fn data(entry: &Entry) -> String {
    match (&entry.change, entry.id % 4) {
        (Some((old, new)), _) => {
            json!({"status_old": {"name": old.name}, "status_new": {"name": new.name}}).to_string()
        }
        (None, 0) => "[]".to_owned(),
        (None, 1) => "{tidak sah".to_owned(),
        (None, _) => String::new(),
    }
}

impl Lapor {
    pub(super) fn institution(&self, id: u64) -> String {
        let rows = &self.options.masters.institutions;
        rows.iter()
            .find(|row| row.id == id)
            .map_or_else(|| format!("Instansi {id}"), |row| row.name.clone())
    }

    /// An empty list, or a map with numbered keys and `docs`.
    pub(super) fn attachment_map(&self, ids: &[u64]) -> Value {
        if ids.is_empty() {
            return json!([]);
        }
        let mut map = Map::new();
        let mut docs = Vec::new();
        for (index, file) in ids.iter().filter_map(|id| self.files.get(id)).enumerate() {
            let row = json!({"path": self.file_url(file.id), "file_name": file.name, "extension": file.extension()});
            match file.extension().as_str() {
                "doc" | "docx" => docs.push(row),
                _ => {
                    map.insert(index.to_string(), row);
                }
            }
        }
        map.insert("docs".to_owned(), Value::Array(docs));
        Value::Object(map)
    }

    pub(super) fn entry(&mut self, at: Timestamp, content: &str) -> Entry {
        self.counts.next_entry += 1;
        Entry {
            id: self.counts.next_entry,
            at,
            content: content.to_owned(),
            template_code: None,
            from: None,
            to: None,
            change: None,
            attachments: Vec::new(),
            followup: false,
            fields: Vec::new(),
        }
    }

    /// Gives a report another status, with its log line.
    pub(super) fn change_status(&mut self, id: u64, new: Status, note: &str, at: Timestamp) -> bool {
        let text = match note.is_empty() {
            true => "<p>Status berubah dari {{ status_old }} menjadi {{status_new}}</p>".to_owned(),
            false => format!("<p>{note}</p><p>Status berubah dari {{{{ status_old }}}} menjadi {{{{status_new}}}}</p>"),
        };
        let mut entry = self.entry(at, &text);
        let Some(report) = self.reports.get_mut(&id) else {
            return false;
        };
        entry.from = Some(report.disposition_id);
        entry.change = Some((report.status.clone(), new.clone()));
        report.status = new;
        report.entries.push(entry);
        true
    }

    /// The status of that name; a name the service does not list gets an odd code.
    pub(super) fn status_named(&self, name: &str) -> Status {
        let known = self.options.statuses.iter().find(|status| status.name == name);
        known.cloned().unwrap_or_else(|| Status {
            code: "99".to_owned(),
            name: name.to_owned(),
        })
    }

    /// Takes every step of the script whose time has come. Looks at the reports only when one can be due.
    pub(super) fn run_scripts(&mut self) {
        let now = self.clock.now();
        if self.options.script != self.script {
            self.script.clone_from(&self.options.script);
            self.next_step = Some(now);
        }
        if self.next_step.is_none_or(|next| next > now) {
            return;
        }
        let mut due = Vec::new();
        self.next_step = None;
        for report in self.reports.values_mut() {
            while let Some(step) = self.script.get(report.script_done) {
                let at = report.created_at + SignedDuration::from_secs(step.after_seconds);
                if at > now {
                    self.next_step = Some(self.next_step.map_or(at, |next| next.min(at)));
                    break;
                }
                report.script_done += 1;
                due.push((report.id, at, step.clone()));
            }
        }
        for (id, at, step) in due {
            let status = self.status_named(&step.status);
            self.change_status(id, status, &step.note, at);
        }
    }

    /// The URL of the next page of the same list.
    pub(super) fn next_page_url(&self, path: &str, query: &str, page: usize) -> String {
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("page="))
            .collect();
        let kept = kept.iter().map(|pair| format!("&{pair}")).collect::<String>();
        let path = path.strip_prefix(self.options.prefix.as_str()).unwrap_or(path);
        format!("{}{path}?page={page}{kept}", self.base)
    }
}

/// A row of the report list.
pub(super) fn list_row(lapor: &Lapor, report: &Report) -> Value {
    let hidden = report.flag("is_anonymous");
    let name = if hidden { "Anonim" } else { report.text("nameUser") };
    json!({
        "id": report.id, "tracking_id": report.id.to_string(), "title": report.text("title"),
        "content": report.text("content"), "status_code": report.status.code, "status_name": report.status.name,
        "disposition_id": report.disposition_id, "disposition_name": lapor.institution(report.disposition_id),
        "classification_id": report.fields.get("classification_id"), "category_id": report.fields.get("category_id"),
        "location_id": report.fields.get("location_id"), "channel": report.fields.get("channel"),
        "date_of_incident": report.fields.get("date_of_incident"), "user_name": name,
        "is_anonymous": hidden, "is_secret": report.flag("is_secret"), "created_at": created_at(report.created_at),
        "attachments": lapor.attachment_map(&report.attachments),
    })
}
