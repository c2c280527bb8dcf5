//! A new report: every field checked, every complaint at once, the id answered where the tenant's version puts it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::options::{AttachmentList, IdPlace, Named};
use super::report::{Report, reference};
use super::{Lapor, envelope};
use crate::frame::{Answer, Fault, Request};

/// Complaints by field, as the service's framework lists them.
type Complaints = BTreeMap<&'static str, Vec<String>>;

impl Lapor {
    pub(super) fn create(&mut self, request: &Request, twists: &[Fault]) -> Answer {
        if request.media_type() != "application/json" {
            return envelope(415, "Unsupported Media Type");
        }
        let fields = match serde_json::from_slice(&request.body) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return envelope(400, "Isi permintaan harus berupa objek JSON"),
            Err(_) => return envelope(400, "Syntax error"),
        };
        let (complaints, attachments) = self.check(&fields);
        if !complaints.is_empty() {
            let body = json!({"status": false, "message": "The given data was invalid.", "errors": complaints});
            return Answer::json(422, &body);
        }
        let disposition = fields.get("disposition_id").and_then(Value::as_u64).unwrap_or(0);
        let id = self.store(fields, disposition, attachments, "g3");
        self.created(id, twists)
    }

    /// Stores a report, counts it under its reference, gives it its first log line.
    pub(super) fn store(
        &mut self,
        fields: Map<String, Value>,
        disposition_id: u64,
        attachments: Vec<u64>,
        origin: &'static str,
    ) -> u64 {
        self.counts.next_report += 1;
        let id = 7_700_000 + self.counts.next_report;
        let now = self.clock.now();
        let content = fields.get("content").and_then(Value::as_str).unwrap_or_default();
        let reference = reference(content);
        if let Some(reference) = &reference {
            self.by_reference.entry(reference.clone()).or_default().push(id);
        }
        if origin != "national" {
            self.counts.creates += 1;
            if let Some(reference) = &reference {
                *self.creates.entry(reference.clone()).or_default() += 1;
            }
        }
        let status = self.options.statuses.first().cloned().unwrap_or_else(|| super::Status {
            code: String::new(),
            name: String::new(),
        });
        let mut report = Report {
            id,
            fields,
            reference,
            disposition_id,
            status,
            created_at: now,
            entries: Vec::new(),
            attachments,
            deleted: false,
            origin,
            script_done: 0,
        };
        let mut entry = self.entry(now, "Laporan didisposisikan ke <b>{{institution_to}}</b>");
        entry.to = Some(disposition_id);
        entry.template_code = Some("disposition".to_owned());
        report.entries.push(entry);
        self.reports.insert(id, report);
        // The script may have something to do before what it waits for now.
        self.next_step = Some(now);
        id
    }

    fn created(&self, id: u64, twists: &[Fault]) -> Answer {
        if twists.contains(&Fault::CreatedWithoutId) {
            return Answer::json(200, &json!({"status": true, "message": "Success", "results": {}}));
        }
        let id = match self.options.id_as_string {
            true => json!(id.to_string()),
            false => json!(id),
        };
        let body = match self.options.id_place {
            IdPlace::TopLevel => json!({ "complaint_id": id }),
            IdPlace::Data => json!({"data": {"complaint_id": id}}),
            IdPlace::Results => json!({"status": true, "message": "Success", "results": {"complaint": {"id": id}}}),
            IdPlace::DataResults => json!({"data": {"results": {"complaint": {"id": id}}}}),
        };
        Answer::json(200, &body)
    }

    fn check(&self, fields: &Map<String, Value>) -> (Complaints, Vec<u64>) {
        let mut check = Check {
            fields,
            complaints: Complaints::new(),
        };
        let masters = &self.options.masters;
        check.text("title", 255, true);
        check.text("content", 10_000, true);
        check.text("tags_raw", 1_000, false);
        check.text("info_disposition", 1_000, false);
        check.one_of("channel", |id| masters.channels.contains(&id));
        check.one_of("classification_id", |id| has(&masters.classifications, id));
        check.one_of("disposition_id", |id| has(&masters.institutions, id));
        check.one_of("category_id", |id| has(&masters.categories, id));
        check.one_of("location_id", |id| has(&masters.locations, id));
        for flag in ["is_new_user_slider", "is_anonymous", "is_secret"] {
            check.flag(flag, true);
        }
        for flag in ["is_inbox", "is_disposisi_slider", "is_approval", "is_priority"] {
            check.flag(flag, false);
        }
        for nothing in ["priority_program_id", "community_id", "copy_externals"] {
            if fields.get(nothing).is_some_and(|value| !value.is_null()) {
                check.complain(nothing, "must be null");
            }
        }
        match fields.get("is_new_user_slider") {
            Some(Value::Bool(true)) => {
                for field in ["emailUser", "nameUser", "phoneUser"] {
                    check.text(field, 255, true);
                }
            }
            _ => check.one_of("user_id", |id| {
                self.options.users.is_empty() || self.options.users.contains(&id)
            }),
        }
        check.date("date_of_incident", &self.options.date_format);
        check.info_attachments();
        let attachments = match attachment_ids(fields.get("attachments"), self.options.attachment_list) {
            Ok(ids) => ids,
            Err(complaint) => {
                check.complain("attachments", &complaint);
                Vec::new()
            }
        };
        if attachments.iter().any(|id| !self.files.contains_key(id)) {
            check.complain("attachments", "The selected attachments is invalid.");
        }
        (check.complaints, attachments)
    }
}

struct Check<'a> {
    fields: &'a Map<String, Value>,
    complaints: Complaints,
}

impl Check<'_> {
    fn complain(&mut self, field: &'static str, complaint: &str) {
        self.complaints.entry(field).or_default().push(complaint.to_owned());
    }

    fn text(&mut self, field: &'static str, most: usize, required: bool) {
        match self.fields.get(field) {
            None | Some(Value::Null) if !required => {}
            Some(Value::String(text)) if required && text.trim().is_empty() => {
                self.complain(field, "may not be empty");
            }
            Some(Value::String(text)) if text.chars().count() <= most => {}
            Some(Value::String(_)) => self.complain(field, &format!("may not be greater than {most} characters")),
            Some(_) => self.complain(field, "must be a string"),
            None => self.complain(field, "is required"),
        }
    }

    fn flag(&mut self, field: &'static str, required: bool) {
        match self.fields.get(field) {
            Some(Value::Bool(_)) => {}
            None if !required => {}
            None => self.complain(field, "is required"),
            Some(_) => self.complain(field, "must be true or false"),
        }
    }

    fn one_of(&mut self, field: &'static str, known: impl Fn(u64) -> bool) {
        match self.fields.get(field) {
            Some(Value::Number(number)) => match number.as_u64() {
                Some(id) if known(id) => {}
                _ => self.complain(field, "the selected value is invalid"),
            },
            Some(_) => self.complain(field, "must be an integer"),
            None => self.complain(field, "is required"),
        }
    }

    fn date(&mut self, field: &'static str, format: &str) {
        match self.fields.get(field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if jiff::civil::Date::strptime(format, text).is_ok() => {}
            Some(_) => self.complain(field, &format!("does not match the format {format}")),
        }
    }

    fn info_attachments(&mut self) {
        match self.fields.get("info_attachments") {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(_) => self.complain("info_attachments", "must be a string"),
        }
    }
}

fn has(rows: &[Named], id: u64) -> bool {
    rows.iter().any(|row| row.id == id)
}

/// The ids of `"[1,2]"`, `"[1,2]."` or `false`, as far as the tenant accepts the form.
fn attachment_ids(value: Option<&Value>, accepted: AttachmentList) -> Result<Vec<u64>, String> {
    let wrong = || "must be a list of file ids in a string".to_owned();
    match value {
        None => Err("is required".to_owned()),
        Some(Value::Bool(false)) if accepted != AttachmentList::Plain => Ok(Vec::new()),
        Some(Value::String(text)) => {
            let (list, full_stop) = match text.strip_suffix('.') {
                Some(list) => (list, true),
                None => (text.as_str(), false),
            };
            match (accepted, full_stop) {
                (AttachmentList::Plain, true) | (AttachmentList::FullStop, false) => return Err(wrong()),
                _ => {}
            }
            serde_json::from_str(list).map_err(|_| wrong())
        }
        Some(_) => Err(wrong()),
    }
}
