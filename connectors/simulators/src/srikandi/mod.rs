//! SRIKANDI, played after an inferred contract: letters with checkers and two numbers, dispositions with a read race,
//! filing, reference lists with a version mark, a change feed, an object store with links that expire.
//!
//! Nothing of the real partner interface is public; this module and whoever speaks to it agree on a contract that
//! settings can replace, also here ([`Dialect`]).

mod command;
mod dialect;
mod letters;
mod push;
mod store;

pub use dialect::Dialect;
pub use push::{CallBack, Signing};

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::frame::{Answer, Common, Endpoint, Fault, Request, Role, Running, SimClock, System, splp};

const TOKEN: Endpoint = Endpoint::new("token", Role::Read);
const REGISTER_IN: Endpoint = Endpoint::new("register_in", Role::Create);
const REGISTER_OUT: Endpoint = Endpoint::new("register_out", Role::Create);
const LIST_IN: Endpoint = Endpoint::new("list_in", Role::List);
const LOOK: Endpoint = Endpoint::new("look", Role::Read);
const STEP: Endpoint = Endpoint::new("step", Role::Write);
const LINK: Endpoint = Endpoint::new("link", Role::Read);
const STORE: Endpoint = Endpoint::new("store", Role::Read);
const DISPOSE: Endpoint = Endpoint::new("dispose", Role::Create);
const DISPOSITIONS: Endpoint = Endpoint::new("dispositions", Role::List);
const WITHDRAW: Endpoint = Endpoint::new("withdraw", Role::Write);
const CLOSE: Endpoint = Endpoint::new("close", Role::Write);
const FILE: Endpoint = Endpoint::new("file", Role::Create);
const FILING: Endpoint = Endpoint::new("filing", Role::Write);
const MASTER: Endpoint = Endpoint::new("master", Role::List);
const CHANGES: Endpoint = Endpoint::new("changes", Role::List);

const ENDPOINTS: [Endpoint; 16] = [
    TOKEN,
    REGISTER_IN,
    REGISTER_OUT,
    LIST_IN,
    LOOK,
    STEP,
    LINK,
    STORE,
    DISPOSE,
    DISPOSITIONS,
    WITHDRAW,
    CLOSE,
    FILE,
    FILING,
    MASTER,
    CHANGES,
];

/// How SRIKANDI is set up.
#[derive(Debug, Clone)]
pub struct SrikandiOptions {
    /// Address and clock.
    pub common: Common,
    /// Client id and secret of the sign-in.
    pub client: (String, String),
    /// A token that always holds, beside those handed out.
    pub token: String,
    /// Code that the institution header must bear.
    pub institution: String,
    /// Largest file.
    pub largest: usize,
    /// Seconds for which a link holds.
    pub link_seconds: i64,
    /// The highest class the institution may see: 0 (most open) to 3.
    pub highest_class: usize,
    /// Whether a repeated key gives the first answer.
    pub honours_keys: bool,
    /// Whether the number drawn at registration differs from the signed one.
    pub renumbers: bool,
    /// A letter's history is told newest first, each row twice, the wait for the signer without its time.
    pub untidy_history: bool,
    /// Whether files are kept, or their digests alone.
    pub keeps_files: bool,
    /// How call-backs are signed.
    pub signing: Signing,
    /// The contract's words.
    pub dialect: Dialect,
}

impl Default for SrikandiOptions {
    fn default() -> Self {
        Self {
            common: Common::default(),
            client: ("simpul".to_owned(), "rahasia-simulasi".to_owned()),
            token: "token-simulasi-srikandi".to_owned(),
            institution: "3671".to_owned(),
            largest: 25 * 1024 * 1024,
            link_seconds: 60,
            highest_class: 2,
            honours_keys: true,
            renumbers: true,
            untidy_history: false,
            keeps_files: true,
            signing: Signing::default(),
            dialect: Dialect::default(),
        }
    }
}

/// Starts SRIKANDI.
pub async fn start(options: SrikandiOptions) -> io::Result<Running<Srikandi>> {
    let common = options.common.clone();
    crate::frame::start(&common, "", |clock, base| Srikandi::new(options, clock, base)).await
}

/// The played system and its state.
pub struct Srikandi {
    /// How it was set up; may be changed while it runs.
    pub options: SrikandiOptions,
    clock: Arc<SimClock>,
    base: String,
    letters: BTreeMap<String, letters::Letter>,
    dispositions: BTreeMap<String, letters::Disposition>,
    files: BTreeMap<String, (String, u64)>,
    stored: BTreeMap<String, store::Stored>,
    by_reference: BTreeMap<String, String>,
    first_answers: BTreeMap<String, Answer>,
    changes: Vec<Value>,
    tokens: u64,
    counts: BTreeMap<&'static str, u64>,
    master_version: u64,
}

type Done = Result<Answer, Answer>;

impl Srikandi {
    fn new(options: SrikandiOptions, clock: Arc<SimClock>, base: String) -> Self {
        Self {
            options,
            clock,
            base,
            letters: BTreeMap::new(),
            dispositions: BTreeMap::new(),
            files: BTreeMap::new(),
            stored: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            first_answers: BTreeMap::new(),
            changes: Vec::new(),
            tokens: 0,
            counts: BTreeMap::new(),
            master_version: 1,
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Every letter, by id.
    pub fn letters(&self) -> &BTreeMap<String, letters::Letter> {
        &self.letters
    }

    /// Every disposition, by id.
    pub fn dispositions(&self) -> &BTreeMap<String, letters::Disposition> {
        &self.dispositions
    }

    fn yes(status: u16, data: &Value) -> Answer {
        Answer::json(status, &json!({"success": true, "message": "Berhasil", "data": data}))
    }

    fn page_of(&self, rows: Vec<Value>, request: &Request, twists: &[Fault]) -> Answer {
        let per: usize = request
            .param("per_page")
            .and_then(|n| n.parse().ok())
            .unwrap_or(50)
            .max(1);
        let page = request.page("page");
        let total = rows.len();
        let (rows, total) = match twists {
            _ if twists.contains(&Fault::EmptyList) => (Vec::new(), 0),
            _ => (rows, total),
        };
        let shown: Vec<Value> = rows.into_iter().skip((page - 1) * per).take(per).collect();
        let meta = json!({"page": page, "per_page": per, "total": total});
        Answer::json(200, &json!({"success": true, "data": shown, "meta": meta}))
    }

    fn now(&self) -> String {
        crate::frame::clock::jakarta(self.clock.now(), "%Y-%m-%dT%H:%M:%S+07:00")
    }

    fn told(&mut self, kind: &str, id: &str, state: &str) {
        let at = self.now();
        self.changes
            .push(json!({"jenis": kind, "id": id, "status": state, "waktu": at}));
    }

    fn authentic(&self, request: &Request) -> bool {
        let bearer = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let issued = (1..=self.tokens).any(|n| bearer == Some(&*format!("token-terbit-{n}")));
        issued || bearer == Some(self.options.token.as_str())
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Answer {
    refuse_with(status, code, message, &json!({}))
}

fn refuse_with(status: u16, code: &str, message: &str, errors: &Value) -> Answer {
    let body =
        json!({"success": false, "code": code, "message": message, "errors": errors, "request_id": "req-simulasi"});
    Answer::json(status, &body)
}

impl System for Srikandi {
    fn name(&self) -> &'static str {
        "srikandi"
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn endpoint(&self, request: &Request) -> Option<Endpoint> {
        if request.path.starts_with("/toko/") {
            return Some(STORE);
        }
        let parts = self.options.dialect.path(&request.path)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["auth", "token"]) => Some(TOKEN),
            ("POST", ["naskah-masuk"]) => Some(REGISTER_IN),
            ("GET", ["naskah-masuk"]) => Some(LIST_IN),
            ("POST", ["naskah-keluar"]) => Some(REGISTER_OUT),
            ("GET", ["naskah-masuk" | "naskah-keluar", _]) => Some(LOOK),
            ("POST", ["naskah-keluar", _, "ajukan" | "verifikasi" | "tandatangan"]) => Some(STEP),
            ("GET", ["naskah", _, "file"]) => Some(LINK),
            ("POST", ["disposisi"]) => Some(DISPOSE),
            ("GET", ["disposisi"]) => Some(DISPOSITIONS),
            ("DELETE" | "POST", ["disposisi", _]) => Some(WITHDRAW),
            ("POST", ["disposisi", _, "selesai"]) => Some(CLOSE),
            ("POST", ["berkas"]) => Some(FILE),
            ("POST", ["berkas", _, "item" | "tutup"]) => Some(FILING),
            ("GET", ["master", _]) => Some(MASTER),
            ("GET", ["perubahan"]) => Some(CHANGES),
            _ => None,
        }
    }

    fn serve(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        if endpoint == Some(STORE) {
            return self.answer_of_store(request);
        }
        let request = self.options.dialect.inward(request);
        let answer = self.answer(endpoint, &request, twists);
        self.options.dialect.outward(answer)
    }

    fn fault_answer(&self, fault: &Fault, request: &Request) -> Answer {
        self.options.dialect.outward(Self::fault_said(fault, request))
    }

    fn state(&self) -> Value {
        json!({
            "letters": self.letters.values().map(letters::Letter::to_json).collect::<Vec<_>>(),
            "dispositions": self.dispositions.values().map(letters::Disposition::to_json).collect::<Vec<_>>(),
        })
    }

    fn effects(&self) -> Value {
        let mut effects = json!({
            "letters": self.letters.len(), "dispositions": self.dispositions.len(), "files": self.files.len(),
            "doubles": self.doubles(),
        });
        for (name, count) in &self.counts {
            effects[*name] = json!(count);
        }
        effects
    }

    fn reset(&mut self) {
        *self = Self::new(self.options.clone(), Arc::clone(&self.clock), self.base.clone());
    }

    fn command(&mut self, method: &str, path: &[&str], body: &Value) -> Option<Result<Value, String>> {
        self.run_command(method, path, body)
    }
}

impl Srikandi {
    /// What is answered, in the usual words.
    fn answer(&mut self, endpoint: Option<Endpoint>, request: &Request, twists: &[Fault]) -> Answer {
        let Some(endpoint) = endpoint else {
            return refuse(404, "TIDAK_DITEMUKAN", "Layanan tidak ditemukan");
        };
        if endpoint == TOKEN {
            return self.sign_in(request);
        }
        if !self.authentic(request) {
            return refuse(401, "TOKEN_TIDAK_SAH", "Token tidak sah");
        }
        if request.header("x-instansi-kode") != Some(self.options.institution.as_str()) {
            return refuse(403, "AKSES_DITOLAK", "Instansi tidak dikenal");
        }
        let key = request.header("idempotency-key");
        let key = key.map(|key| format!("{} {} {key}", request.method, request.path));
        let writes = matches!(endpoint.role, Role::Create | Role::Write);
        if writes && self.options.honours_keys {
            match key.as_ref().and_then(|key| self.first_answers.get(key)) {
                Some(first) => {
                    let first = first.clone();
                    self.count("repeated");
                    return first;
                }
                None if key.is_none() => return refuse(400, "VALIDASI_GAGAL", "Idempotency-Key wajib"),
                None => {}
            }
        }
        let parts = self.options.dialect.path(&request.path).unwrap_or_default();
        let id = parts.get(1).cloned().unwrap_or_default();
        let action = parts.get(2).cloned().unwrap_or_default();
        let done = match endpoint.name {
            "register_in" => self.register(request, true),
            "register_out" => self.register(request, false),
            "list_in" => Ok(self.list_incoming(request, twists)),
            "look" => self.look(&id),
            "step" => self.step(&id, &action, request),
            "link" => self.link(&id, request),
            "dispose" => self.dispose(request),
            "dispositions" => Ok(self.list_dispositions(request, twists)),
            "withdraw" => self.withdraw(&id),
            "close" => self.close(&id),
            "file" => self.open_file(request),
            "filing" => self.file_away(&id, &action, request),
            "master" => Ok(self.master(&id, request, twists)),
            _ => Ok(self.list_changes(request)),
        };
        let (answer, took) = match done {
            Ok(answer) => (answer, true),
            Err(refusal) => (refusal, false),
        };
        if let (true, true, Some(key)) = (took, writes, key) {
            self.first_answers.insert(key, answer.clone());
        }
        if twists.contains(&Fault::CreatedWithoutId) && took {
            return Self::yes(201, &json!({"status": "DITERIMA"}));
        }
        answer
    }

    fn fault_said(fault: &Fault, request: &Request) -> Answer {
        let late = |answer: Answer, seconds: Option<u64>| match seconds {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        };
        match fault {
            Fault::OkWithErrorBody => Answer {
                status: 200,
                ..refuse(200, "GAGAL", "Terjadi kesalahan")
            },
            Fault::TokenExpired { .. } => refuse(401, "TOKEN_KEDALUWARSA", "Token kedaluwarsa"),
            Fault::Throttled { retry_after, .. } => late(refuse(429, "TERLALU_SERING", "Terlalu sering"), *retry_after),
            Fault::Unavailable { retry_after } => late(refuse(503, "DIPELIHARA", "Sedang dipelihara"), *retry_after),
            Fault::EndpointSuspended => splp::json_fault(303_001),
            Fault::BackendTimeout { .. } => splp::json_fault(101_504),
            Fault::GatewayFault { code } => splp::json_fault(*code),
            Fault::XmlFault { code } => splp::xml_fault(*code),
            Fault::HtmlErrorPage { status } => Answer::html(*status, "<html><body><h1>Error</h1></body></html>\n"),
            Fault::OutOfHours => refuse(503, "DI_LUAR_JAM", "Di luar jam layanan"),
            _ if request.path.starts_with("/toko/") => store::denied(),
            _ => refuse(500, "GALAT_SERVER", "Kesalahan server"),
        }
    }
}
