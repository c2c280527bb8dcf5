//! LAKSA's own commands under `/__sim/`: citizens file, agencies answer.

use serde_json::{Value, json};

use super::generator::{Complaint, Generator};
use super::tickets::{OpdAnswer, Ticket};
use super::{BodyForm, Envelope, Laksa};

impl Laksa {
    pub(super) fn run_command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("GET", ["tickets"]) => Some(Ok(self.tickets.values().map(Ticket::to_json).collect())),
            ("GET", ["tickets", number]) => Some(self.show(number)),
            ("POST", ["tickets"]) => Some(self.command_file(body)),
            ("POST", ["tickets", number, "answer"]) => Some(self.command_answer(number, body)),
            ("POST", ["generate"]) => Some(self.command_generate(body)),
            ("POST", ["options"]) => Some(self.command_options(body)),
            _ => None,
        }
    }

    /// A citizen's complaint is filed in the app, with its files; it is not sent anywhere by itself.
    pub fn file_complaint(&mut self, complaint: &Complaint) {
        self.file_ticket(&complaint.canonical);
        for file in &complaint.files {
            self.files
                .insert(file.id.clone(), (file.media_type.clone(), file.body.clone()));
        }
    }

    /// An agency answers a ticket; returns the answer's number.
    pub fn answer(&mut self, ticket: &str, opd: &str, text: &str, status: &str) -> u64 {
        let id = self.answers.last().map_or(1, |answer| answer.id + 1);
        self.answers.push(OpdAnswer {
            id,
            ticket: ticket.to_owned(),
            opd: opd.to_owned(),
            text: text.to_owned(),
            status: status.to_owned(),
            at: self.clock.now(),
        });
        id
    }

    fn file_ticket(&mut self, complaint: &Value) -> Option<String> {
        let number = complaint["tiket"].as_str()?;
        self.tickets
            .insert(number.to_owned(), Ticket::new(number, complaint.clone(), "aplikasi"));
        Some(number.to_owned())
    }

    fn show(&self, number: &str) -> Result<Value, String> {
        self.tickets
            .get(number)
            .map(Ticket::to_json)
            .ok_or_else(|| format!("no ticket {number}"))
    }

    fn command_file(&mut self, body: &Value) -> Result<Value, String> {
        let several = body.as_array().map_or(std::slice::from_ref(body), Vec::as_slice);
        let numbers: Option<Vec<String>> = several.iter().map(|complaint| self.file_ticket(complaint)).collect();
        numbers
            .map(|numbers| json!({ "filed": numbers }))
            .ok_or_else(|| "tiket: a text is needed".to_owned())
    }

    fn command_answer(&mut self, number: &str, body: &Value) -> Result<Value, String> {
        self.show(number)?;
        let text = body["isi"].as_str().ok_or("isi: a text is needed")?;
        let opd = body["kode_opd"].as_str().unwrap_or("DINAS-CONTOH");
        let id = self.answer(number, opd, text, body["status"].as_str().unwrap_or("proses"));
        Ok(json!({ "id": id }))
    }

    /// Files `count` invented complaints and answers them, for another process to send on.
    fn command_generate(&mut self, body: &Value) -> Result<Value, String> {
        let count = body["count"].as_u64().ok_or("count: a number is needed")?;
        let mut complaints = Vec::new();
        for complaint in Generator::new(body["seed"].as_u64().unwrap_or(1)).take(count as usize) {
            self.file_complaint(&complaint);
            complaints.push(complaint.canonical);
        }
        Ok(json!({ "complaints": complaints }))
    }

    fn command_options(&mut self, body: &Value) -> Result<Value, String> {
        let read = |error: serde_json::Error| error.to_string();
        if let Some(envelope) = body.get("envelope") {
            self.options.envelope = serde_json::from_value::<Envelope>(envelope.clone()).map_err(read)?;
        }
        if let Some(form) = body.get("body_form") {
            self.options.body_form = serde_json::from_value::<BodyForm>(form.clone()).map_err(read)?;
        }
        if let Some(flag) = body.get("http_errors") {
            self.options.http_errors = serde_json::from_value(flag.clone()).map_err(read)?;
        }
        let options = &self.options;
        Ok(json!({
            "envelope": options.envelope, "body_form": options.body_form, "http_errors": options.http_errors,
        }))
    }
}
