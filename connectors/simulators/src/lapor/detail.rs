//! One report with its internal log.

use serde_json::{Map, Value, json};

use super::report::{Entry, Report};
use super::{Lapor, render, success};
use crate::frame::{Answer, Request};

impl Lapor {
    pub(super) fn detail(&self, request: &Request) -> Answer {
        let Some(report) = self.report_in(&request.path, "/complaint") else {
            return self.not_found();
        };
        // Newest first here, oldest first in data_logs.
        let status_logs: Vec<Value> = report
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.change.is_some())
            .map(|entry| json!({"note": entry.content, "timestamp": render::created_at(entry.at)}))
            .collect();
        let data_logs: Vec<Value> = (1..)
            .zip(&report.entries)
            .map(|(line, entry)| self.log_line(line, entry))
            .collect();
        let mut data = render::list_row(self, report);
        data["status_logs"] = Value::Array(status_logs);
        success(&json!({"data": data, "data_logs": data_logs}))
    }

    /// The live report whose id stands before `suffix` at the end of a path.
    pub(super) fn report_in(&self, path: &str, suffix: &str) -> Option<&Report> {
        let id = path.strip_suffix(suffix)?.rsplit('/').next()?.parse().ok()?;
        self.reports.get(&id).filter(|report| !report.deleted)
    }

    fn log_line(&self, line: u64, entry: &Entry) -> Value {
        let mut row = Map::new();
        row.insert("id".to_owned(), json!(entry.id));
        row.insert("date".to_owned(), json!(render::mixed_date(entry.at, line)));
        row.insert("content".to_owned(), json!(entry.content));
        row.insert(
            "template_content".to_owned(),
            json!(entry.template_code.as_deref().map(template_text)),
        );
        if let Some(from) = entry.from {
            row.insert(
                "institution_from_id".to_owned(),
                json!({"name": self.institution(from)}),
            );
        }
        if let Some(to) = entry.to {
            let name = self.institution(to);
            // The same thing under one of four names.
            let (key, value) = match entry.id % 4 {
                0 => ("institution_to_id", json!({ "name": name })),
                1 => ("institution_to", json!({"id": to, "name": name})),
                2 => ("institution", json!({ "name": name })),
                _ => ("institution", json!(name)),
            };
            row.insert(key.to_owned(), value);
        }
        if let Some((old, new)) = &entry.change {
            row.insert("status_old".to_owned(), json!({"name": old.name}));
            row.insert("status_new".to_owned(), json!({"name": new.name}));
        }
        row.insert("data".to_owned(), json!(render::data(entry)));
        row.insert("attachments".to_owned(), self.attachment_map(&entry.attachments));
        Value::Object(row)
    }
}

/// The text a template code stands for.
pub(super) fn template_text(code: &str) -> String {
    match code {
        "disposition" => "<p>Laporan diteruskan dari {{institution_from}} ke {{ institution_to_link }}</p>".to_owned(),
        _ => "<p>Yth. Pelapor, {{ institution }} menjawab:</p>".to_owned(),
    }
}
