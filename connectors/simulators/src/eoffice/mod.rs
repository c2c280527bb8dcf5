//! An agency's e-office, played in the habits of the local ones: dispositions are pushed to it as pure JSON with the scan in
//! base64, an API key in a header. Form data is refused with "required" errors, as its change log tells.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, System, sha256};

const PUSH: Endpoint = Endpoint::new("push", Role::Create);
const HEALTH: Endpoint = Endpoint::new("health", Role::Read);

const ENDPOINTS: [Endpoint; 2] = [PUSH, HEALTH];

/// Fields that every pushed disposition bears.
const REQUIRED: [&str; 8] = [
    "source_app",
    "external_id",
    "nomor_agenda",
    "nomor_surat",
    "perihal",
    "asal_surat",
    "tanggal_surat",
    "scan_surat",
];

/// How the e-office is set up.
#[derive(Debug, Clone)]
pub struct EofficeOptions {
    /// Address and clock.
    pub common: Common,
    /// Value of `X-API-Key`.
    pub api_key: String,
    /// Whether a repeated `external_id` gives the first record; otherwise a second one is made.
    pub knows_again: bool,
    /// Whether answers bear the id of the record.
    pub says_id: bool,
}

impl Default for EofficeOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            api_key: "kunci-eoffice-simulasi".to_owned(),
            knows_again: true,
            says_id: true,
        }
    }
}

/// Starts the e-office.
pub async fn start(options: EofficeOptions) -> io::Result<Running<Eoffice>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |_, _| Eoffice::new(options)).await
}

/// A disposition as it was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Everything but the scan.
    pub fields: Value,
    /// The scan, decoded.
    pub scan: Bytes,
}

/// The played e-office and its state.
pub struct Eoffice {
    /// How it was set up; may be changed while it runs.
    pub options: EofficeOptions,
    taken: Vec<Taken>,
    by_reference: BTreeMap<(String, String), usize>,
    repeated: u64,
    refused: u64,
}

impl Eoffice {
    fn new(options: EofficeOptions) -> Self {
        Self {
            options,
            taken: Vec::new(),
            by_reference: BTreeMap::new(),
            repeated: 0,
            refused: 0,
        }
    }

    /// Every disposition, in the order of its arrival.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    fn push(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().trim();
        let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for name in REQUIRED.into_iter().filter(|name| text(name).is_empty()) {
            errors.insert(name, vec![format!("The {name} field is required.")]);
        }
        if !is_date(text("tanggal_surat")) {
            let told = errors.entry("tanggal_surat").or_default();
            told.push("The tanggal_surat does not match the format Y-m-d.".to_owned());
        }
        let scan = STANDARD.decode(text("scan_surat")).ok().map(Bytes::from);
        let Some(scan) = scan.filter(|_| errors.is_empty()) else {
            self.refused += 1;
            errors
                .entry("scan_surat")
                .or_insert_with(|| vec!["The scan_surat must be base64.".to_owned()]);
            let told = json!({"success": false, "message": "The given data was invalid.", "errors": errors});
            return Answer::json(422, &told);
        };
        let reference = (text("source_app").to_owned(), text("external_id").to_owned());
        let known = self.by_reference.get(&reference).copied();
        if let Some(at) = known.filter(|_| self.options.knows_again) {
            self.repeated += 1;
            return self.said(200, "Disposisi sudah ada", at, &reference.1);
        }
        let mut fields = body.clone();
        if let Some(fields) = fields.as_object_mut() {
            fields.remove("scan_surat");
        }
        let at = self.taken.len();
        self.taken.push(Taken { fields, scan });
        self.by_reference.insert(reference.clone(), at);
        self.said(201, "Disposisi diterima", at, &reference.1)
    }

    fn said(&self, status: u16, message: &str, at: usize, reference: &str) -> Answer {
        let data = match self.options.says_id {
            true => json!({"id": at + 1, "external_id": reference}),
            false => json!({}),
        };
        Answer::json(status, &json!({"success": true, "message": message, "data": data}))
    }
}

fn is_date(text: &str) -> bool {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}

impl System for Eoffice {
    fn name(&self) -> &'static str {
        "eoffice"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v1/disposisi/push") => Some(PUSH),
            ("GET", "/api/v1/health") => Some(HEALTH),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        if endpoint == Some(HEALTH) {
            return Answer::json(200, &json!({"status": "ok"}));
        }
        if request.header("x-api-key") != Some(self.options.api_key.as_str()) {
            return Answer::json(401, &json!({"success": false, "message": "Unauthorized"}));
        }
        if endpoint != Some(PUSH) {
            return Answer::json(404, &json!({"success": false, "message": "Not Found"}));
        }
        let answer = self.push(request);
        if twists.contains(&Fault::CreatedWithoutId) && answer.status < 300 {
            return Answer::json(answer.status, &json!({"success": true, "message": "ok"}));
        }
        answer
    }

    fn fault_answer(&self, fault: &Fault, _request: &Request) -> Answer {
        let said = |status: u16, message: &str| Answer::json(status, &json!({"success": false, "message": message}));
        match fault {
            Fault::OkWithErrorBody => said(200, "Server Error"),
            Fault::TokenExpired { .. } => said(401, "Unauthorized"),
            Fault::Throttled { retry_after, .. } => match retry_after {
                Some(seconds) => said(429, "Too Many Attempts.").with("retry-after", seconds.to_string()),
                None => said(429, "Too Many Attempts."),
            },
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body><h1>Error</h1></body></html>\n"),
            Fault::Unavailable { .. } | Fault::OutOfHours => said(503, "Service Unavailable"),
            _ => said(500, "Server Error"),
        }
    }

    fn state(&self) -> Value {
        let row = |taken: &Taken| {
            let mut row = taken.fields.clone();
            row["scan_sha256"] = json!(sha256::hex(&taken.scan));
            row
        };
        json!({"dispositions": self.taken.iter().map(row).collect::<Vec<_>>()})
    }

    fn effects(&self) -> Value {
        json!({
            "taken": self.taken.len(), "doubles": self.taken.len() - self.by_reference.len(), "repeated": self.repeated,
            "refused": self.refused,
        })
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone());
    }

    fn command(&mut self, _method: &str, _path: &[&str], _body: &Value) -> Option<Result<Value, String>> {
        None
    }
}
