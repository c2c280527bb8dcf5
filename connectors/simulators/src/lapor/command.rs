//! LAPOR!'s own commands under `/__sim/`: what its officers do, and how the tenant is set up.

use serde_json::{Map, Value, json};

use super::options::{AttachmentList, IdPlace};
use super::{Lapor, Report};

impl Lapor {
    pub(super) fn run_command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("GET", ["reports"]) => Some(Ok(self.reports.values().map(Report::to_json).collect())),
            ("POST", ["reports"]) => Some(self.add_national(body)),
            ("GET", ["reports", id]) => Some(self.show(id)),
            ("POST", ["reports", id, "status"]) => Some(self.command_status(id, body)),
            ("POST", ["reports", id, "followup"]) => Some(self.command_followup(id, body)),
            ("POST", ["reports", id, "flags"]) => Some(self.command_flags(id, body)),
            ("POST", ["reports", id, "delete"]) => Some(self.command_delete(id)),
            ("POST", ["options"]) => Some(self.command_options(body)),
            ("POST", ["masters", name]) => Some(self.command_master(name, body)),
            _ => None,
        }
    }

    /// A report that citizens sent to the nation directly; returns its id.
    pub fn add_report(&mut self, fields: Map<String, Value>, disposition_id: u64) -> u64 {
        self.store(fields, disposition_id, Vec::new(), "national")
    }

    /// Gives a report another status by name, known or not; false when there is no such report.
    pub fn set_status(&mut self, id: u64, status: &str, note: &str) -> bool {
        let status = self.status_named(status);
        self.change_status(id, status, note, self.clock.now())
    }

    /// Deletes a report: from now on it answers 404.
    pub fn delete(&mut self, id: u64) -> bool {
        self.reports.get_mut(&id).map(|report| report.deleted = true).is_some()
    }

    /// An institution writes a follow-up on a report; false when there is no such report.
    pub fn write_followup(&mut self, id: u64, from: u64, content: &str) -> bool {
        let mut entry = self.entry(self.clock.now(), content);
        entry.from = Some(from);
        entry.template_code = Some("reply".to_owned());
        self.reports
            .get_mut(&id)
            .map(|report| report.entries.push(entry))
            .is_some()
    }

    fn known(&self, id: &str) -> Result<u64, String> {
        let id = id.parse().map_err(|_| format!("{id} is not a report id"))?;
        self.reports
            .contains_key(&id)
            .then_some(id)
            .ok_or_else(|| format!("no report {id}"))
    }

    fn show(&self, id: &str) -> Result<Value, String> {
        let id = self.known(id)?;
        Ok(self.reports.get(&id).map(Report::to_json).unwrap_or_default())
    }

    fn add_national(&mut self, body: &Value) -> Result<Value, String> {
        let fields = body.as_object().ok_or("an object of report fields is needed")?.clone();
        let disposition = body["disposition_id"]
            .as_u64()
            .ok_or("disposition_id: a number is needed")?;
        Ok(json!({"id": self.add_report(fields, disposition)}))
    }

    fn command_status(&mut self, id: &str, body: &Value) -> Result<Value, String> {
        let id = self.known(id)?;
        let status = body["status"].as_str().ok_or("status: a name is needed")?;
        self.set_status(id, status, body["note"].as_str().unwrap_or_default());
        self.show(&id.to_string())
    }

    fn command_followup(&mut self, id: &str, body: &Value) -> Result<Value, String> {
        let id = self.known(id)?;
        let content = body["content"].as_str().ok_or("content: a text is needed")?;
        let from = body["institution_from_id"].as_u64().unwrap_or(0);
        self.write_followup(id, from, content);
        self.show(&id.to_string())
    }

    /// Verification may raise, or lower, anonymity and secrecy.
    fn command_flags(&mut self, id: &str, body: &Value) -> Result<Value, String> {
        let id = self.known(id)?;
        let flags = body.as_object().ok_or("an object of flags is needed")?;
        if let Some(report) = self.reports.get_mut(&id) {
            for name in ["is_anonymous", "is_secret"] {
                if let Some(value) = flags.get(name).filter(|value| value.is_boolean()) {
                    report.fields.insert(name.to_owned(), value.clone());
                }
            }
        }
        self.show(&id.to_string())
    }

    fn command_delete(&mut self, id: &str) -> Result<Value, String> {
        let id = self.known(id)?;
        self.delete(id);
        Ok(json!({"deleted": id}))
    }

    fn command_options(&mut self, body: &Value) -> Result<Value, String> {
        let read = |error: serde_json::Error| error.to_string();
        if let Some(place) = body.get("id_place") {
            self.options.id_place = serde_json::from_value::<IdPlace>(place.clone()).map_err(read)?;
        }
        if let Some(flag) = body.get("id_as_string") {
            self.options.id_as_string = serde_json::from_value(flag.clone()).map_err(read)?;
        }
        if let Some(list) = body.get("attachment_list") {
            self.options.attachment_list = serde_json::from_value::<AttachmentList>(list.clone()).map_err(read)?;
        }
        if let Some(seconds) = body.get("list_lag_seconds") {
            self.options.list_lag_seconds = serde_json::from_value(seconds.clone()).map_err(read)?;
        }
        if let Some(script) = body.get("script") {
            self.options.script = serde_json::from_value(script.clone()).map_err(read)?;
        }
        let options = &self.options;
        Ok(json!({
            "id_place": options.id_place, "id_as_string": options.id_as_string,
            "attachment_list": options.attachment_list,
            "list_lag_seconds": options.list_lag_seconds, "script": options.script,
        }))
    }

    fn command_master(&mut self, name: &str, body: &Value) -> Result<Value, String> {
        let masters = &mut self.options.masters;
        let list = match name {
            "institutions" => &mut masters.institutions,
            "categories" => &mut masters.categories,
            "classifications" => &mut masters.classifications,
            "locations" => &mut masters.locations,
            _ => return Err(format!("no master list {name}")),
        };
        *list = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
        Ok(json!({"rows": list.len()}))
    }
}
