//! The electronic signature service that runs inside an agency, versions 1 and 2: forms and PDF, or JSON and base64; HTTP
//! Basic; errors under any status; a document that can be fetched once; checks that are 200 whatever they find.
//!
//! A "signature" here is a comment at the end of the PDF; changing what stands before it breaks it.

mod second;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, SimClock, System, multipart, sha256};

const SIGN: Endpoint = Endpoint::new("sign", Role::Create);
const FETCH: Endpoint = Endpoint::new("fetch", Role::Read);
const VERIFY: Endpoint = Endpoint::new("verify", Role::Read);
const STATUS: Endpoint = Endpoint::new("status", Role::Read);
const SIGN_2: Endpoint = Endpoint::new("sign_2", Role::Create);
const VERIFY_2: Endpoint = Endpoint::new("verify_2", Role::Read);
const STATUS_2: Endpoint = Endpoint::new("status_2", Role::Read);

const ENDPOINTS: [Endpoint; 7] = [SIGN, FETCH, VERIFY, STATUS, SIGN_2, VERIFY_2, STATUS_2];

/// Mark before a signature.
const MARK: &[u8] = b"\n%TTE ";

/// How the service is set up.
#[derive(Debug, Clone)]
pub struct BsreOptions {
    /// Address and clock.
    pub common: Common,
    /// Basic user and password.
    pub user: (String, String),
    /// Signers: identity number and passphrase.
    pub signers: BTreeMap<String, String>,
    /// Known, but with an expired certificate.
    pub expired: BTreeSet<String>,
    /// Version 1 answers JSON with the id instead of the PDF.
    pub answers_id: bool,
    /// Errors come with status 200.
    pub errors_under_200: bool,
    /// Errors come as one sentence.
    pub sentences: bool,
    /// Version 2 takes a one-time code, which is spent with the signature, in place of the passphrase.
    pub one_time: bool,
}

impl Default for BsreOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            user: ("esign".to_owned(), "sandi-simulasi".to_owned()),
            signers: BTreeMap::from([("3671010101900000".to_owned(), "sandi-penanda-tangan".to_owned())]),
            expired: BTreeSet::from(["3671010101910000".to_owned()]),
            answers_id: false,
            errors_under_200: false,
            sentences: false,
            one_time: false,
        }
    }
}

/// Starts the service.
pub async fn start(options: BsreOptions) -> io::Result<Running<Bsre>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |clock, _| Bsre::new(options, clock)).await
}

/// The played service and its state.
pub struct Bsre {
    /// How it was set up; may be changed while it runs.
    pub options: BsreOptions,
    clock: Arc<SimClock>,
    documents: BTreeMap<String, Bytes>,
    fetched: BTreeSet<String>,
    /// Signatures by digest of the unsigned document.
    signatures: BTreeMap<String, u64>,
    wrong: BTreeMap<String, u64>,
    spent: BTreeSet<String>,
    signed: u64,
}

impl Bsre {
    fn new(options: BsreOptions, clock: Arc<SimClock>) -> Self {
        Self {
            options,
            clock,
            documents: BTreeMap::new(),
            fetched: BTreeSet::new(),
            signatures: BTreeMap::new(),
            wrong: BTreeMap::new(),
            spent: BTreeSet::new(),
            signed: 0,
        }
    }

    fn error(&self, status: u16, code: u32, text: &str) -> Answer {
        let status = if self.options.errors_under_200 { 200 } else { status };
        if self.options.sentences {
            return Answer::json(
                status,
                &json!({"error": format!("Proses signing gagal : {text} {code}")}),
            );
        }
        Answer::json(status, &json!({"status_code": code, "error": text}))
    }

    /// The document with one more signature, or the service's refusal.
    fn sign(&mut self, nik: &str, passphrase: &str, document: &Bytes) -> Result<Bytes, Answer> {
        let known = self
            .options
            .signers
            .get(nik)
            .filter(|_| !self.options.expired.contains(nik));
        let Some(known) = known else {
            return Err(self.error(400, 2011, "User tidak terdaftar"));
        };
        if known != passphrase || self.spent.contains(passphrase) {
            *self.wrong.entry(nik.to_owned()).or_default() += 1;
            return Err(self.error(400, 2031, "Passphrase anda salah"));
        }
        if !document.starts_with(b"%PDF-") || document.windows(8).any(|window| window == b"/Encrypt") {
            let body = json!({"timestamp": "2026-02-16T07:03:11Z", "status": 500, "error": "Internal Server Error", "path": "/api/sign/pdf"});
            return Err(Answer::json(500, &body));
        }
        let digest = sha256::hex(document);
        *self.signatures.entry(digest.clone()).or_default() += 1;
        self.signed += 1;
        if self.options.one_time {
            self.spent.insert(passphrase.to_owned());
        }
        Ok([document.as_ref(), MARK, digest.as_bytes(), b"\n"].concat().into())
    }

    /// What the service says about a document; the status is 200 in every case.
    fn check(&self, document: &Bytes) -> Value {
        let at = document.windows(MARK.len()).rposition(|window| window == MARK);
        let Some(at) = at else {
            return json!({"nama_dokumen": "dokumen.pdf", "jumlah_signature": 0, "notes": null, "details": [], "summary": null});
        };
        let body = document.slice(..at);
        let stated = String::from_utf8_lossy(&document[at + MARK.len()..]).trim().to_owned();
        let whole = sha256::hex(&body) == stated;
        let signed_in = crate::frame::clock::jakarta(self.clock.now(), "%Y-%m-%d %H:%M:%S");
        json!({
            "nama_dokumen": "dokumen.pdf", "jumlah_signature": 1,
            "notes": if whole { "Dokumen asli" } else { "Konten dokumen berubah" },
            "details": [{
                "signature_field": "sig_1", "info_tsa": {"name": "TSA Contoh", "tsa_cert_validity": "2024 to 2029"},
                "info_signer": {"issuer_dn": "CN=OSD Contoh,C=ID", "signer_name": "Budi Contoh",
                    "signer_cert_validity": "2025 to 2027", "signer_dn": "CN=Budi Contoh,C=ID", "cert_user_certified": true},
                "signature_document": {"signed_using_tsa": true, "reason": "", "document_integrity": whole,
                    "signature_value": "00", "signed_in": signed_in, "location": "Tangerang", "hash_value": "00"},
            }],
            "summary": if whole { "DOCUMENT VALID !!!" } else { "DOCUMENT NOT VALID !!!" },
        })
    }

    fn user_status(&self, nik: &str) -> Answer {
        let (code, status, message) = if self.options.expired.contains(nik) {
            (1112, "EXPIRED", "Sertifikat kedaluwarsa")
        } else if self.options.signers.contains_key(nik) {
            (1111, "ISSUE", "User terdaftar")
        } else {
            (1110, "NOT_REGISTERED", "User belum terdaftar")
        };
        Answer::json(200, &json!({"status_code": code, "status": status, "message": message}))
    }

    fn sign_form(&mut self, request: &Request) -> Answer {
        let Ok(parts) = multipart::parse(request.header("content-type"), &request.body) else {
            return Answer::json(400, &json!({"error": "Required request part 'file' is not present"}));
        };
        let text = |name: &str| parts.iter().find(|part| part.name == name).map(multipart::Part::text);
        let Some(file) = parts.iter().find(|part| part.name == "file") else {
            return Answer::json(400, &json!({"error": "Required request part 'file' is not present"}));
        };
        let visible = text("tampilan").as_deref() == Some("visible");
        if visible && text("image").as_deref() == Some("false") && text("linkQR").is_none() {
            return Answer::json(400, &json!({"error": "linkQR wajib"}));
        }
        let (nik, passphrase) = (text("nik").unwrap_or_default(), text("passphrase").unwrap_or_default());
        match self.sign(&nik, &passphrase, &file.body) {
            Err(refusal) => refusal,
            Ok(document) => {
                let id = format!("dok-{:06}", self.signed);
                self.documents.insert(id.clone(), document.clone());
                if self.options.answers_id {
                    return Answer::json(200, &json!({"status": "success", "id_dokumen": id}));
                }
                // What came with the answer was fetched with it.
                self.fetched.insert(id.clone());
                Answer::bytes(200, "application/pdf", document).with("id_dokumen", id)
            }
        }
    }

    fn fetch(&mut self, id: &str) -> Answer {
        let document = self.documents.get(id).cloned();
        match document {
            Some(document) if self.fetched.insert(id.to_owned()) => Answer::bytes(200, "application/pdf", document),
            Some(_) => Answer::text(404, "text/plain", "Dokumen telah didownload sebelumnya"),
            None => Answer::text(404, "text/plain", "Dokumen tidak ditemukan"),
        }
    }
}

impl System for Bsre {
    fn name(&self) -> &'static str {
        "bsre"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/sign/pdf") => Some(SIGN),
            ("POST", "/api/sign/verify") => Some(VERIFY),
            ("POST", "/api/v2/sign/pdf") => Some(SIGN_2),
            ("POST", "/api/v2/verify/pdf") => Some(VERIFY_2),
            ("POST", "/api/v2/user/check/status") => Some(STATUS_2),
            ("GET", path) if path.starts_with("/api/sign/download/") => Some(FETCH),
            ("GET", path) if path.starts_with("/api/user/status/") => Some(STATUS),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let (user, password) = &self.options.user;
        let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        if request.header("authorization") != Some(expected.as_str()) {
            return Answer::text(401, "text/plain", "").with("www-authenticate", "Basic realm=\"esign\"");
        }
        let last = request.path.rsplit('/').next().unwrap_or_default().to_owned();
        let answer = match endpoint.map(|endpoint| endpoint.name) {
            Some("sign") => self.sign_form(request),
            Some("fetch") => self.fetch(&last),
            Some("verify") => match multipart::parse(request.header("content-type"), &request.body) {
                Ok(parts) => match parts.iter().find(|part| part.name == "signed_file") {
                    Some(part) => Answer::json(200, &self.check(&part.body)),
                    None => Answer::json(400, &json!({"error": "signed_file wajib"})),
                },
                Err(_) => Answer::json(400, &json!({"error": "signed_file wajib"})),
            },
            Some("status") => self.user_status(&last),
            Some("sign_2") => self.sign_document(request),
            Some("verify_2") => self.check_document(request),
            Some("status_2") => {
                let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                self.user_status(body["nik"].as_str().unwrap_or_default())
            }
            _ => Answer::json(404, &json!({"error": "Not Found"})),
        };
        if twists.contains(&Fault::CreatedWithoutId) && answer.status == 200 {
            return Answer::json(200, &json!({"status": "success"}));
        }
        answer
    }

    fn fault_answer(&self, fault: &Fault, _request: &Request) -> Answer {
        match fault {
            Fault::OkWithErrorBody => Answer::json(200, &json!({"error": "Terjadi kesalahan"})),
            Fault::TokenExpired { .. } => Answer::text(401, "text/plain", ""),
            Fault::Throttled { retry_after, .. } => {
                let answer = Answer::json(429, &json!({"error": "Too Many Requests"}));
                match retry_after {
                    Some(seconds) => answer.with("retry-after", seconds.to_string()),
                    None => answer,
                }
            }
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body><h1>Error</h1></body></html>\n"),
            Fault::Unavailable { .. } | Fault::OutOfHours => {
                Answer::json(503, &json!({"error": "Service Unavailable"}))
            }
            _ => Answer::json(502, &json!({"error": "Bad Gateway"})),
        }
    }

    fn state(&self) -> Value {
        json!({"documents": self.documents.keys().collect::<Vec<_>>(), "fetched": self.fetched})
    }

    fn effects(&self) -> Value {
        let twice = self.signatures.values().filter(|count| **count > 1).count();
        json!({
            "signed": self.signed, "signed_twice": twice, "wrong_passphrases": self.wrong.values().sum::<u64>(),
            "most_wrong_for_one": self.wrong.values().max().copied().unwrap_or(0),
        })
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone(), Arc::clone(&self.clock));
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        match (method, path) {
            ("POST", ["options"]) => {
                let flag = |name: &str, now: bool| body[name].as_bool().unwrap_or(now);
                self.options.answers_id = flag("answers_id", self.options.answers_id);
                self.options.errors_under_200 = flag("errors_under_200", self.options.errors_under_200);
                self.options.sentences = flag("sentences", self.options.sentences);
                Some(Ok(json!({"answers_id": self.options.answers_id})))
            }
            _ => None,
        }
    }
}
