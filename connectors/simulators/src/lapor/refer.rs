//! "Not our authority": the report goes to another institution, whose id stands in the field called `reason`.

use serde_json::{Value, json};

use super::{Lapor, envelope, success};
use crate::frame::{Answer, Request};

impl Lapor {
    pub(super) fn hand_on(&mut self, request: &Request) -> Answer {
        let Some(id) = self.report_in(&request.path, "/reject").map(|report| report.id) else {
            return self.not_found();
        };
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return envelope(400, "Syntax error");
        };
        let mut complaints = Vec::new();
        for flag in ["is_request", "not_authority"] {
            // 0 and 1 here, not false and true.
            if !matches!(body[flag].as_u64(), Some(0 | 1)) {
                complaints.push(format!("{flag}: must be 0 or 1"));
            }
        }
        let reason = body["reason"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .or_else(|| body["reason"].as_u64());
        let target = reason.filter(|id| self.options.masters.institutions.iter().any(|row| row.id == *id));
        if body["reason_description"]
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
        {
            complaints.push("reason_description: is required".to_owned());
        }
        let Some(target) = target.filter(|_| complaints.is_empty()) else {
            if target.is_none() {
                complaints.push("reason: must be the id of an institution".to_owned());
            }
            let body = json!({"status": false, "message": "The given data was invalid.", "errors": complaints});
            return Answer::json(422, &body);
        };
        let note = body["reason_description"].as_str().unwrap_or_default();
        let content =
            format!("<p>{note}</p><p>Diteruskan dari {{{{institution_from}}}} ke {{{{ institution_to }}}}</p>");
        let mut entry = self.entry(self.clock.now(), &content);
        if let Some(report) = self.reports.get_mut(&id) {
            entry.from = Some(report.disposition_id);
            entry.to = Some(target);
            report.disposition_id = target;
            report.entries.push(entry);
        }
        self.counts.handed_on += 1;
        success(&json!({}))
    }
}
