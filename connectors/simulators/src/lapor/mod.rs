//! SP4N-LAPOR!, played: the third-generation API (direct or behind the national connector) and the old XML push.
//!
//! Everything the real service keeps unknown — header names, ids, encodings, where the id of a new report stands — is
//! an option here, so that a connector can be shown to cope with each.

mod addstream;
mod auth;
mod command;
mod create;
mod detail;
mod followups;
mod list;
mod masters;
mod options;
mod refer;
mod render;
mod report;
mod upload;

pub use options::{AttachmentList, IdPlace, LaporOptions, Masters, Named, ScriptStep, Status};
pub use report::{Entry, Report, StoredFile};

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::frame::{Answer, Endpoint, Fault, Request, Role, Running, SimClock, System, splp};

const UPLOAD: Endpoint = Endpoint::new("upload", Role::Create);
const CREATE: Endpoint = Endpoint::new("create", Role::Create);
const DETAIL: Endpoint = Endpoint::new("detail", Role::Read);
const FOLLOWUPS: Endpoint = Endpoint::new("followups", Role::List);
const FOLLOWUP_ADD: Endpoint = Endpoint::new("followup_add", Role::Write);
const REJECT: Endpoint = Endpoint::new("reject", Role::Write);
const LIST: Endpoint = Endpoint::new("list", Role::List);
const INSTITUTIONS: Endpoint = Endpoint::new("institutions", Role::List);
const TEMPLATES: Endpoint = Endpoint::new("templates", Role::List);
const CATEGORIES: Endpoint = Endpoint::new("categories", Role::List);
const CLASSIFICATIONS: Endpoint = Endpoint::new("classifications", Role::List);
const LOCATIONS: Endpoint = Endpoint::new("locations", Role::List);
const FILE: Endpoint = Endpoint::new("file", Role::Read);
const ADDSTREAM: Endpoint = Endpoint::new("addstream", Role::Create);

const ENDPOINTS: [Endpoint; 14] = [
    UPLOAD,
    CREATE,
    DETAIL,
    FOLLOWUPS,
    FOLLOWUP_ADD,
    REJECT,
    LIST,
    INSTITUTIONS,
    TEMPLATES,
    CATEGORIES,
    CLASSIFICATIONS,
    LOCATIONS,
    FILE,
    ADDSTREAM,
];

/// Starts LAPOR!.
pub async fn start(options: LaporOptions) -> io::Result<Running<Lapor>> {
    let common = options.common.clone();
    let prefix = options.prefix.clone();
    crate::frame::start(&common, &prefix, |clock, base| Lapor::new(options, clock, base)).await
}

/// The played system and its state.
pub struct Lapor {
    /// How it was set up; may be changed while it runs.
    pub options: LaporOptions,
    clock: Arc<SimClock>,
    base: String,
    reports: BTreeMap<u64, Report>,
    files: BTreeMap<u64, StoredFile>,
    creates: BTreeMap<String, u32>,
    by_reference: BTreeMap<String, Vec<u64>>,
    counts: Counts,
    /// The script as last followed, and when its next step is due.
    script: Vec<ScriptStep>,
    next_step: Option<Timestamp>,
}

#[derive(Default)]
struct Counts {
    next_report: u64,
    next_file: u64,
    next_entry: u64,
    creates: u64,
    uploads: u64,
    followups: u64,
    followups_repeated: u64,
    handed_on: u64,
    refused: u64,
    pushed: u64,
}

impl Lapor {
    fn new(options: LaporOptions, clock: Arc<SimClock>, base: String) -> Self {
        Self {
            options,
            clock,
            base,
            reports: BTreeMap::new(),
            files: BTreeMap::new(),
            creates: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            counts: Counts::default(),
            script: Vec::new(),
            next_step: None,
        }
    }

    /// Every stored report, by id.
    pub fn reports(&self) -> &BTreeMap<u64, Report> {
        &self.reports
    }

    /// Every stored file, by id.
    pub fn files(&self) -> &BTreeMap<u64, StoredFile> {
        &self.files
    }

    /// How often each content reference (`[Ref …]`) was created; more than one is a double.
    pub fn creates_by_reference(&self) -> &BTreeMap<String, u32> {
        &self.creates
    }

    /// References that were created more than once.
    pub fn doubles(&self) -> Vec<&str> {
        self.creates
            .iter()
            .filter(|(_, count)| **count > 1)
            .map(|(reference, _)| reference.as_str())
            .collect()
    }

    /// The reports of a reference, oldest first, the deleted ones among them.
    pub fn find(&self, reference: &str) -> Vec<&Report> {
        let ids = self.by_reference.get(reference).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.reports.get(id)).collect()
    }

    fn not_found(&self) -> Answer {
        envelope(404, "Data tidak ditemukan")
    }
}

impl System for Lapor {
    fn name(&self) -> &'static str {
        "lapor"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        if request.path == self.options.push_path {
            return (request.method == "POST").then_some(ADDSTREAM);
        }
        let path = request.path.strip_prefix(self.options.prefix.as_str())?;
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let masters = &self.options.masters;
        match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["complaints", "complaint", "file"]) => Some(UPLOAD),
            ("POST", ["complaints", "complaint" | "complaint-lmw"]) => Some(CREATE),
            ("POST", ["complaints", "followup", "add"]) => Some(FOLLOWUP_ADD),
            ("POST", ["complaints", "process", _, "reject"]) => Some(REJECT),
            ("GET", ["complaints", _, "complaint"]) => Some(DETAIL),
            ("GET", ["complaints", _, "followups"]) => Some(FOLLOWUPS),
            ("GET", ["files", _]) => Some(FILE),
            ("GET", _) if path == self.options.list_path => Some(LIST),
            ("GET", _) if path == masters.institutions_path => Some(INSTITUTIONS),
            ("GET", _) if path == masters.templates_path => Some(TEMPLATES),
            ("GET", _) if path == masters.categories_path => Some(CATEGORIES),
            ("GET", _) if path == masters.classifications_path => Some(CLASSIFICATIONS),
            ("GET", _) if path == masters.locations_path => Some(LOCATIONS),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let Some(endpoint) = endpoint else {
            return match self.options.splp {
                true => splp::json_fault(900_906),
                false => self.not_found(),
            };
        };
        let open = endpoint == ADDSTREAM || endpoint == FILE;
        if let Err(refusal) = if open { Ok(()) } else { self.check_credentials(request) } {
            self.counts.refused += 1;
            return refusal;
        }
        self.run_scripts();
        let answer = match endpoint.name {
            "upload" => self.upload(request, twists),
            "create" => self.create(request, twists),
            "detail" => self.detail(request),
            "followups" => self.followups(request, twists),
            "followup_add" => self.add_followup(request),
            "reject" => self.hand_on(request),
            "list" => self.list(request, twists),
            "file" => self.file(request),
            "addstream" => self.addstream(request, twists),
            master => self.master(master, request, twists),
        };
        if answer.status >= 400 {
            self.counts.refused += 1;
        }
        answer
    }

    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer {
        let in_xml = request.path == self.options.push_path;
        match fault {
            Fault::OkWithErrorBody if in_xml => Answer::xml(200, "<error>Token salah</error>"),
            Fault::OkWithErrorBody => Answer::json(
                200,
                &json!({"results": null, "message": "Terjadi kesalahan pada server", "status": false}),
            ),
            Fault::TokenExpired { code } => splp::json_fault(*code),
            Fault::Throttled {
                code: 0, retry_after, ..
            } => retry_after_header(envelope(429, "Too Many Attempts."), *retry_after),
            Fault::Throttled {
                code,
                retry_after,
                next_access,
            } => {
                let next = next_access.map(|ahead| self.clock.now() + SignedDuration::from_secs(ahead as i64));
                splp::throttled(*code, next, *retry_after)
            }
            Fault::Unavailable { retry_after } => {
                retry_after_header(envelope(503, "Layanan sedang dalam pemeliharaan"), *retry_after)
            }
            Fault::EndpointSuspended => splp::json_fault(303_001),
            Fault::BackendTimeout { .. } => splp::json_fault(101_504),
            Fault::GatewayFault { code } => splp::json_fault(*code),
            Fault::XmlFault { code } => splp::xml_fault(*code),
            Fault::HtmlErrorPage { status } => Answer::html(*status, html_page(*status)),
            Fault::OutOfHours => envelope(503, "Layanan integrasi tersedia pukul 06.00 sampai 22.00 WIB"),
            _ => envelope(500, "Server Error"),
        }
    }

    fn state(&self) -> Value {
        json!({
            "reports": self.reports.values().map(Report::to_json).collect::<Vec<_>>(),
            "files": self.files.values().map(StoredFile::to_json).collect::<Vec<_>>(),
        })
    }

    fn effects(&self) -> Value {
        json!({
            "creates": self.counts.creates, "uploads": self.counts.uploads, "followups": self.counts.followups,
            "followups_repeated": self.counts.followups_repeated, "handed_on": self.counts.handed_on,
            "pushed": self.counts.pushed, "refused": self.counts.refused,
            "creates_by_reference": self.creates, "doubles": self.doubles(),
        })
    }

    fn reset(&mut self) {
        self.reports.clear();
        self.files.clear();
        self.creates.clear();
        self.by_reference.clear();
        self.counts = Counts::default();
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        self.run_command(method, path, body)
    }
}

/// The service's own envelope for a refusal.
fn envelope(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"results": null, "message": message, "status": false}))
}

/// The service's own envelope for a success.
fn success(results: &Value) -> Answer {
    Answer::json(200, &json!({"status": true, "message": "Success", "results": results}))
}

fn retry_after_header(answer: Answer, seconds: Option<u64>) -> Answer {
    match seconds {
        Some(seconds) => answer.with("retry-after", seconds.to_string()),
        None => answer,
    }
}

fn html_page(status: u16) -> String {
    format!("<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>\n")
}
