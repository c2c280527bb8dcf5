//! LAKSA, the complaint feature of the city's app, played in the habits of the city's back end: HTTP Basic, form or
//! JSON bodies, one of two envelopes.
//!
//! No endpoint of the real LAKSA is public; the paths and fields here are the project's own proposal, and both field
//! languages (`tiket`/`ticket`, …) are read.

mod answers;
mod command;
pub mod generator;
mod photo;
mod read;
mod status;
mod tickets;

pub use generator::{Complaint, File, Generator};
pub use status::{Change, Flags};
pub use tickets::{OpdAnswer, ReceivedFollowup, Ticket};

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, SimClock, System, splp};

const STATUS: Endpoint = Endpoint::new("status", Role::Write);
const FOLLOWUP: Endpoint = Endpoint::new("followup", Role::Write);
const ADD: Endpoint = Endpoint::new("add", Role::Create);
const DETAIL: Endpoint = Endpoint::new("detail", Role::Read);
const LIST: Endpoint = Endpoint::new("list", Role::List);
const ANSWERS: Endpoint = Endpoint::new("answers", Role::List);
const FILE: Endpoint = Endpoint::new("file", Role::Read);

const ENDPOINTS: [Endpoint; 7] = [STATUS, FOLLOWUP, ADD, DETAIL, LIST, ANSWERS, FILE];

/// Which of the city's envelopes answers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `{"success":bool,"message":str,"data":[…]}`
    Data,
    /// `{"success":bool,"result":[…]}`
    Result,
}

/// Which bodies writes may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// Either.
    Any,
    /// `application/x-www-form-urlencoded` only.
    Form,
    /// JSON only.
    Json,
}

/// How LAKSA is set up.
#[derive(Debug, Clone)]
pub struct LaksaOptions {
    /// Address and clock.
    pub common: Common,
    /// Basic user.
    pub user: String,
    /// Basic password.
    pub password: String,
    /// Envelope of every answer.
    pub envelope: Envelope,
    /// Accepted bodies.
    pub body_form: BodyForm,
    /// Whether refusals carry an HTTP status of 400 and up, or 200 with `success: false`.
    pub http_errors: bool,
    /// Whether a status for a ticket not seen before makes the ticket (citizens file tickets in the app, unseen here).
    pub accept_unknown_tickets: bool,
    /// Rows of a page.
    pub page_size: usize,
}

impl Default for LaksaOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            user: "simpul".to_owned(),
            password: "sandi-simulasi".to_owned(),
            envelope: Envelope::Data,
            body_form: BodyForm::Any,
            http_errors: true,
            accept_unknown_tickets: true,
            page_size: 50,
        }
    }
}

/// Starts LAKSA.
pub async fn start(options: LaksaOptions) -> io::Result<Running<Laksa>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |clock, _| Laksa::new(options, clock)).await
}

/// The played system and its state.
pub struct Laksa {
    /// How it was set up; may be changed while it runs.
    pub options: LaksaOptions,
    clock: Arc<SimClock>,
    tickets: BTreeMap<String, Ticket>,
    answers: Vec<OpdAnswer>,
    files: BTreeMap<String, (String, Bytes)>,
    added: BTreeMap<String, u32>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    statuses: u64,
    repeated: u64,
    regressions: u64,
    reopened: u64,
    out_of_order: u64,
    followups: u64,
    followups_repeated: u64,
    added: u64,
    refused: u64,
}

impl Laksa {
    fn new(options: LaksaOptions, clock: Arc<SimClock>) -> Self {
        Self {
            options,
            clock,
            tickets: BTreeMap::new(),
            answers: Vec::new(),
            files: BTreeMap::new(),
            added: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// Every ticket, by number.
    pub fn tickets(&self) -> &BTreeMap<String, Ticket> {
        &self.tickets
    }

    /// LAPOR! reports that were made into more than one ticket.
    pub fn doubles(&self) -> Vec<&str> {
        self.added
            .iter()
            .filter(|(_, count)| **count > 1)
            .map(|(id, _)| id.as_str())
            .collect()
    }

    fn rows(&self, message: &str, rows: &[Value]) -> Answer {
        let body = match self.options.envelope {
            Envelope::Data => json!({"success": true, "message": message, "data": rows}),
            Envelope::Result => json!({"success": true, "result": rows}),
        };
        Answer::json(200, &body)
    }

    fn refuse(&self, status: u16, message: &str) -> Answer {
        let body = match self.options.envelope {
            Envelope::Data => json!({"success": false, "message": message, "data": []}),
            Envelope::Result => json!({"success": false, "result": [], "message": message}),
        };
        let status = if self.options.http_errors || status == 401 {
            status
        } else {
            200
        };
        Answer::json(status, &body)
    }

    fn authentic(&self, request: &Request) -> bool {
        let expected = STANDARD.encode(format!("{}:{}", self.options.user, self.options.password));
        request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Basic "))
            == Some(expected.as_str())
    }
}

impl System for Laksa {
    fn name(&self) -> &'static str {
        "laksa"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        let action = request.path.strip_prefix("/services/laksa/pengaduan/")?;
        match (request.method.as_str(), action) {
            ("POST", "status") => Some(STATUS),
            ("POST", "tindaklanjut") => Some(FOLLOWUP),
            ("POST", "tambah") => Some(ADD),
            ("GET", "detail") => Some(DETAIL),
            ("GET", "daftar") => Some(LIST),
            ("GET", "tanggapan") => Some(ANSWERS),
            ("GET", "lampiran") => Some(FILE),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let Some(endpoint) = endpoint else {
            return self.refuse(404, "Layanan tidak ditemukan");
        };
        if !self.authentic(request) {
            self.counts.refused += 1;
            return self
                .refuse(401, "Tidak berhak")
                .with("www-authenticate", "Basic realm=\"services\"");
        }
        let done = match endpoint.name {
            "status" => self.write_status(request),
            "followup" => self.write_followup(request),
            "add" => self.add(request, twists),
            "detail" => self.detail(request),
            "list" => Ok(self.list(request, twists)),
            "answers" => Ok(self.list_answers(request, twists)),
            _ => self.file(request),
        };
        done.unwrap_or_else(|(status, message)| {
            self.counts.refused += 1;
            self.refuse(status, &message)
        })
    }

    fn fault_answer(&self, fault: &Fault, _request: &Request) -> Answer {
        let late = |answer: Answer, seconds: Option<u64>| match seconds {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        };
        match fault {
            Fault::OkWithErrorBody => Answer {
                status: 200,
                ..self.refuse(200, "Terjadi kesalahan, silakan coba kembali")
            },
            Fault::TokenExpired { .. } => self.refuse(401, "Sesi berakhir"),
            Fault::Throttled { retry_after, .. } => late(plain(429, "Terlalu banyak permintaan"), *retry_after),
            Fault::Unavailable { retry_after } => late(plain(503, "Layanan sedang dipelihara"), *retry_after),
            Fault::EndpointSuspended => splp::json_fault(303_001),
            Fault::BackendTimeout { .. } => splp::json_fault(101_504),
            Fault::GatewayFault { code } => splp::json_fault(*code),
            Fault::XmlFault { code } => splp::xml_fault(*code),
            Fault::HtmlErrorPage { status } => {
                Answer::html(*status, "<html><body><h1>Server Error</h1></body></html>\n")
            }
            Fault::OutOfHours => plain(503, "Layanan tersedia pukul 06.00 sampai 22.00 WIB"),
            _ => plain(500, "Kesalahan server"),
        }
    }

    fn state(&self) -> Value {
        json!({
            "tickets": self.tickets.values().map(Ticket::to_json).collect::<Vec<_>>(),
            "answers": self.answers.iter().map(OpdAnswer::to_json).collect::<Vec<_>>(),
        })
    }

    fn effects(&self) -> Value {
        let counts = &self.counts;
        json!({
            "tickets": self.tickets.len(), "statuses": counts.statuses, "statuses_repeated": counts.repeated,
            "regressions": counts.regressions, "reopened": counts.reopened, "out_of_order": counts.out_of_order,
            "followups": counts.followups, "followups_repeated": counts.followups_repeated,
            "added": counts.added, "added_by_lapor_id": self.added, "doubles": self.doubles(),
            "refused": counts.refused,
        })
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone(), Arc::clone(&self.clock));
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        self.run_command(method, path, body)
    }
}

fn plain(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"success": false, "message": message}))
}
