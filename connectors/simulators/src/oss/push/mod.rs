//! OSS as the client: pushes documents to the city, signs them, tries again, and keeps every acknowledgement.
//!
//! Works beside the played system, never under its lock: a receiver may call OSS while it takes a push in.

mod ack;
mod client;
mod many;
mod records;

pub use ack::Outcome;
pub use many::{Job, Plan};
pub use records::{Ack, Records, Tally};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::city::document::{Setting, data_nib};
use super::city::{City, Company, others};
use super::options::PushRule;
use super::quirks::Quirks;
use super::token::{TokenForm, TokenPlace};
use crate::frame::SimClock;
use client::Client;

pub use super::city::document::Revision;

/// What is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Method {
    /// `receiveNIB`
    #[serde(rename = "receiveNIB")]
    Nib,
    /// `receiveNIBSTPW`
    #[serde(rename = "receiveNIBSTPW")]
    Stpw,
    /// `receiveFileDS`
    #[serde(rename = "receiveFileDS")]
    File,
    /// `receiveNIBKKPR`, for ministries
    #[serde(rename = "receiveNIBKKPR")]
    Kkpr,
    /// `receiveNIBPSE`, for ministries
    #[serde(rename = "receiveNIBPSE")]
    Pse,
}

impl Method {
    /// As in the guide.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nib => "receiveNIB",
            Self::Stpw => "receiveNIBSTPW",
            Self::File => "receiveFileDS",
            Self::Kkpr => "receiveNIBKKPR",
            Self::Pse => "receiveNIBPSE",
        }
    }

    fn root(self) -> &'static str {
        match self {
            Self::Nib | Self::Kkpr => "dataNIB",
            Self::Stpw => "dataNIBSTPW",
            Self::File => "receiveFileDS",
            Self::Pse => "dataNIBPSE",
        }
    }
}

/// One push, ready to go.
#[derive(Debug, Clone)]
pub struct Push {
    /// Method.
    pub method: Method,
    /// NIB the token is about.
    pub nib: String,
    /// Tax number the old token is about.
    pub npwp: String,
    /// Which document: NIB or application, type, date, revision. The same text is the same document.
    pub document: String,
    /// Token form, when not the configured one.
    pub token: Option<TokenForm>,
    /// Half of the body is missing; the token is good.
    pub broken: bool,
    /// Body.
    pub body: Bytes,
}

impl Push {
    fn sent_body(&self) -> Bytes {
        let end = if self.broken {
            self.body.len() / 2
        } else {
            self.body.len()
        };
        self.body.slice(..end)
    }
}

/// The pushing side of OSS.
pub struct Pusher {
    rule: Mutex<PushRule>,
    quirks: Mutex<Quirks>,
    city: Arc<City>,
    clock: Arc<SimClock>,
    files: String,
    user_key: String,
    client: Client,
    records: Mutex<Records>,
    jobs: Mutex<Vec<Arc<Job>>>,
}

impl Pusher {
    pub(super) fn new(city: Arc<City>, clock: Arc<SimClock>, files: String, options: &super::OssOptions) -> Self {
        Self {
            rule: Mutex::new(options.push.clone()),
            quirks: Mutex::new(options.quirks.clone()),
            city,
            clock,
            files,
            user_key: options.user_key.clone(),
            client: Client::default(),
            records: Mutex::new(Records::default()),
            jobs: Mutex::new(Vec::new()),
        }
    }

    /// How pushes travel; may be changed at any time.
    pub fn rule(&self) -> MutexGuard<'_, PushRule> {
        self.rule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oddities of the documents; may be changed at any time.
    pub fn quirks(&self) -> MutexGuard<'_, Quirks> {
        self.quirks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every acknowledgement and what they add up to.
    pub fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs started, oldest first.
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The push of a generated company's document; `None` when there is no such company or it is no franchise.
    pub fn prepare(&self, method: Method, index: u32, revision: Revision) -> Option<Push> {
        let company = self.city.company(index)?;
        let quirks = self.quirks().clone();
        let setting = Setting {
            quirks: &quirks,
            files: &self.files,
        };
        let document = match method {
            Method::Nib => data_nib(&company, revision, &setting),
            Method::Stpw if company.franchise() => others::data_stpw(&company, revision, &setting),
            Method::Kkpr => others::data_kkpr(&company, revision, &setting),
            Method::Pse => others::data_pse(&company, revision, &setting),
            Method::Stpw | Method::File => return None,
        };
        Some(Push {
            document: describe(method, &company, revision),
            ..self.wrap(method, &company.nib, &company.npwp, &document)
        })
    }

    /// The push of a body given by a test, root key included or not.
    pub fn prepare_given(&self, method: Method, body: &Value) -> Push {
        let inner = body.get(method.root()).unwrap_or(body);
        let text = |name: &str| inner[name].as_str().unwrap_or_default().to_owned();
        let (nib, npwp) = (text("nib"), text("npwp_perseroan"));
        let kind = [text("tipe_dokumen"), text("tipe_dokumen ")].concat();
        let document = format!(
            "{} {nib}{} {kind}@{}",
            method.name(),
            text("id_izin"),
            text("tgl_perubahan_nib")
        );
        Push {
            document,
            ..self.wrap(method, &nib, &npwp, inner)
        }
    }

    /// The push that says a signed file is there.
    pub fn prepare_file(&self, id_izin: &str, nib: &str, url: &str) -> Push {
        let body = json!({"id_izin": id_izin, "nib": nib, "file_izin": url});
        Push {
            document: format!("receiveFileDS {id_izin}"),
            ..self.wrap(Method::File, nib, "", &body)
        }
    }

    fn wrap(&self, method: Method, nib: &str, npwp: &str, document: &Value) -> Push {
        let root = method.root();
        let misspelled = self.quirks().misspelled_push;
        let turn = nib.bytes().map(usize::from).sum::<usize>() % 3;
        let root = match (misspelled, turn) {
            (false, _) => root.to_owned(),
            (true, 0) => root.to_ascii_lowercase(),
            (true, 1) => root.to_ascii_uppercase(),
            (true, _) => format!("{root} "),
        };
        Push {
            method,
            nib: nib.to_owned(),
            npwp: npwp.to_owned(),
            document: String::new(),
            token: None,
            broken: false,
            body: Bytes::from(json!({ root: document }).to_string()),
        }
    }

    /// Pushes until the answer is "stored" or the tries are used up; the acknowledgement of the last try.
    pub async fn push(&self, push: &Push) -> Ack {
        let (retries, pause, retry_refused) = {
            let rule = self.rule();
            (rule.retries, rule.retry_pause_ms, rule.retry_refused)
        };
        let mut attempt = 1;
        loop {
            let ack = self.push_once(push, attempt).await;
            let done = ack.outcome == Outcome::Stored || (ack.outcome == Outcome::NotStored && !retry_refused);
            if done || attempt > retries {
                return ack;
            }
            attempt += 1;
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn push_once(&self, push: &Push, attempt: u32) -> Ack {
        let at = self.clock.now();
        let (url, headers, timeout) = self.address(push, at);
        let began = Instant::now();
        let answer = match url {
            Some(url) => self.client.post(&url, &headers, push.sent_body(), timeout).await,
            None => Err("no target is configured".to_owned()),
        };
        let took = began.elapsed();
        let (http, read) = match answer {
            Ok((status, body)) => (status, ack::read(push.method, status, &body)),
            Err(error) => (0, ack::Read::none(error)),
        };
        let ack = Ack {
            number: 0,
            method: push.method,
            document: push.document.clone(),
            attempt,
            sent: at,
            took_us: u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
            http,
            outcome: read.outcome,
            documented: read.documented,
            note: read.note,
            forged: self.forged(push),
        };
        self.records().add(ack)
    }

    fn forged(&self, push: &Push) -> bool {
        let form = push.token.unwrap_or_else(|| self.rule().token.form);
        push.broken || matches!(form, TokenForm::Forged | TokenForm::Absent)
    }

    fn address(&self, push: &Push, at: jiff::Timestamp) -> (Option<String>, Vec<(&'static str, String)>, Duration) {
        let rule = self.rule();
        let mut signing = rule.token.clone();
        signing.form = push.token.unwrap_or(signing.form);
        let name = push.method.name();
        let path = rule.paths.get(name).cloned().unwrap_or_else(|| format!("/{name}"));
        let mut url = rule
            .target
            .as_ref()
            .map(|target| format!("{}{path}", target.trim_end_matches('/')));
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if let Some(token) = signing.token(&push.nib, &push.npwp, at) {
            match signing.place {
                TokenPlace::Token => headers.push(("token", token)),
                TokenPlace::OssApiKey => headers.push(("oss-api-key", token)),
                TokenPlace::Bearer => headers.push(("authorization", format!("Bearer {token}"))),
                TokenPlace::Query => {
                    if let Some(url) = &mut url {
                        url.push_str(if url.contains('?') { "&token=" } else { "?token=" });
                        url.push_str(&crate::frame::form::escape(&token));
                    }
                }
            }
        }
        if signing.sample_headers {
            headers.push(("user_key", self.user_key.clone()));
            headers.push(("authorization", "Basic Y29udG9oOmNvbnRvaA==".to_owned()));
        }
        (url, headers, Duration::from_millis(rule.timeout_ms))
    }
}

/// The name of a generated document.
pub fn describe(method: Method, company: &Company, revision: Revision) -> String {
    let (kind, number) = (revision.tipe_dokumen, revision.number);
    let changed = revision.changed(company);
    format!("{} {} {kind}@{changed}#{number}", method.name(), company.nib)
}
