//! Follow-ups: read in pages, added by form. Adding is not idempotent: the same text twice is two follow-ups.

use serde_json::{Value, json};

use super::report::Entry;
use super::{Lapor, envelope, render, success};
use crate::frame::{Answer, Fault, Request, multipart};

impl Lapor {
    pub(super) fn followups(&self, request: &Request, twists: &[Fault]) -> Answer {
        let Some(report) = self.report_in(&request.path, "/followups") else {
            return self.not_found();
        };
        let page = request.page("page");
        let size = request
            .param("page_size")
            .and_then(|text| text.parse().ok())
            .unwrap_or(self.options.page_size);
        let (rows, more) = crate::frame::page(&report.entries, page, size, twists);
        let rows: Vec<Value> = rows.iter().map(|entry| self.followup_row(entry)).collect();
        let next = more.then(|| self.next_page_url(&request.path, &request.query, page + 1));
        success(&json!({"data": rows, "current_page": page, "next_page_url": next}))
    }

    fn followup_row(&self, entry: &Entry) -> Value {
        json!({
            "id": entry.id, "created_at": render::created_at(entry.at),
            "institution_from_name": entry.from.map(|id| self.institution(id)),
            "institution_to_name": entry.to.map(|id| self.institution(id)),
            "template_code": entry.template_code,
            "template_content": entry.template_code.as_deref().map(super::detail::template_text),
            "content": entry.content, "data": render::data(entry),
            "attachments": self.attachment_map(&entry.attachments),
        })
    }

    pub(super) fn add_followup(&mut self, request: &Request) -> Answer {
        let parts = match multipart::parse(request.header("content-type"), &request.body) {
            Ok(parts) => parts,
            Err(complaint) => return envelope(400, &complaint),
        };
        let (files, fields): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.file_name.is_some());
        let fields: Vec<(String, String)> = fields.iter().map(|part| (part.name.clone(), part.text())).collect();
        let field = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let number = |name: &str| field(name).and_then(|text| text.parse::<u64>().ok());

        let mut complaints = Vec::new();
        for name in [
            "complaint_id",
            "user_id",
            "institution_from_id",
            "institution_to_id",
            "rating",
        ] {
            if number(name).is_none() {
                complaints.push(format!("{name}: must be an integer"));
            }
        }
        if !matches!(field("is_secret"), Some("0" | "1")) {
            complaints.push("is_secret: must be 0 or 1".to_owned());
        }
        let content = field("content").unwrap_or_default().to_owned();
        if content.trim().is_empty() || content.chars().count() > 1000 {
            complaints.push("content: 1 to 1000 characters".to_owned());
        }
        let template = field("template_code").unwrap_or_default().to_owned();
        if !self.options.masters.templates.contains(&template) {
            complaints.push("template_code: the selected value is invalid".to_owned());
        }
        for name in ["institution_from_id", "institution_to_id"] {
            let known = |id| self.options.masters.institutions.iter().any(|row| row.id == id);
            if number(name).is_some_and(|id| !known(id)) {
                complaints.push(format!("{name}: the selected value is invalid"));
            }
        }
        for (index, file) in files.iter().enumerate() {
            if file.name != format!("attachment[{index}]") {
                complaints.push(format!("{}: expected attachment[{index}]", file.name));
            }
        }
        if !complaints.is_empty() {
            let body = json!({"status": false, "message": "The given data was invalid.", "errors": complaints});
            return Answer::json(422, &body);
        }
        let id = number("complaint_id").unwrap_or(0);
        if self.reports.get(&id).is_none_or(|report| report.deleted) {
            return self.not_found();
        }
        let (from, to) = (number("institution_from_id"), number("institution_to_id"));
        let attachments = match files.is_empty() {
            true => Vec::new(),
            false => match self.store_files(files) {
                Ok(ids) => ids,
                Err(complaint) => return envelope(422, &complaint),
            },
        };
        let mut entry = self.entry(self.clock.now(), &content);
        entry.template_code = Some(template);
        entry.from = from;
        entry.to = to;
        entry.attachments = attachments;
        entry.followup = true;
        entry.fields = fields;
        self.counts.followups += 1;
        if let Some(report) = self.reports.get_mut(&id) {
            let same = report
                .entries
                .iter()
                .any(|old| old.followup && old.content == entry.content);
            self.counts.followups_repeated += u64::from(same);
            report.entries.push(entry);
        }
        success(&json!({}))
    }
}
