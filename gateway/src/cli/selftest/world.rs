//! Simulators, the child that comes and goes, and callers that do not mind.

use super::super::client::{Client, Remote};
use super::super::say::Voice;
use super::account::{Account, Ledger, Told};
use super::child::Child;
use super::set::{self, Set};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use simulators::laksa::{self, Laksa, LaksaOptions};
use simulators::lapor::{self, Lapor, LaporOptions};
use simulators::{Common, Running};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long everything may take to settle after the last accident.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);
/// How long one caller waits for its answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// States in which the gateway itself still works on an exchange.
const OPEN: [&str; 4] = ["diterima", "dikirim", "menunggu_ulang", "hasil_belum_pasti"];

pub(super) struct World<'v> {
    pub(super) lapor: Running<Lapor>,
    pub(super) laksa: Running<Laksa>,
    set: Set,
    voice: &'v Voice,
    child: Option<Child>,
    url: watch::Sender<Option<String>>,
}

/// What callers share.
#[derive(Clone)]
pub(super) struct Callers {
    http: Http<HttpConnector, Full<Bytes>>,
    url: watch::Receiver<Option<String>>,
    key: String,
    ledger: Arc<Mutex<Ledger>>,
}

impl<'v> World<'v> {
    /// Starts the simulators and writes the set-up; no gateway yet.
    pub(super) async fn new(voice: &'v Voice, folder: &Path) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        let options = LaporOptions {
            common: Common::default(),
            ..LaporOptions::default()
        };
        let lapor = lapor::start(options).await.map_err(said)?;
        let options = LaksaOptions {
            common: Common::default(),
            ..LaksaOptions::default()
        };
        let laksa = laksa::start(options).await.map_err(said)?;
        Ok(Self {
            set: set::write(folder, &lapor, &laksa)?,
            lapor,
            laksa,
            voice,
            child: None,
            url: watch::Sender::new(None),
        })
    }

    /// Starts a gateway; `false` when it ended before it was up.
    pub(super) fn try_start(&mut self, fail: Option<&str>) -> bool {
        self.child = tokio::task::block_in_place(|| Child::start(&self.set.file, &self.set.secrets, fail)).ok();
        self.tell();
        self.child.is_some()
    }

    /// Starts a gateway that must come up.
    pub(super) fn start(&mut self) -> Result<(), String> {
        if self.try_start(None) {
            return Ok(());
        }
        let what = self
            .voice
            .pick("gateway percobaan tidak mulai", "the trial gateway does not start");
        Err(format!("{what}: {}", self.set.file.display()))
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            tokio::task::block_in_place(|| child.kill());
        }
        self.tell();
    }

    /// Waits until the gateway ended by itself.
    pub(super) async fn ended(&mut self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while let Some(child) = &mut self.child {
            if child.has_ended() {
                self.child = None;
            } else if Instant::now() >= deadline {
                return false;
            } else {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        self.tell();
        true
    }

    fn tell(&self) {
        self.url
            .send_replace(self.child.as_ref().map(|child| child.public.clone()));
    }

    pub(super) fn callers(&self) -> Callers {
        Callers {
            http: Http::builder(TokioExecutor::new()).build_http(),
            url: self.url.subscribe(),
            key: self.set.key.clone(),
            ledger: Arc::default(),
        }
    }

    async fn asked(&self, path: &str) -> Result<Vec<Value>, String> {
        let child = self.child.as_ref().ok_or("no gateway runs")?;
        let remote = Remote::at(&child.operator, &self.set.token_file);
        let client = Client::new(&remote, self.voice).map_err(|trouble| format!("{trouble:?}"))?;
        let mut answer = client.get(path).await.map_err(|trouble| format!("{trouble:?}"))?;
        Ok(answer["butir"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Waits until the gateway has nothing left to do.
    async fn settled(&self) -> Result<(), String> {
        let deadline = Instant::now() + SETTLED_WITHIN;
        loop {
            let queues = self.asked("/antrean").await?;
            let open = queues
                .iter()
                .filter(|row| row["keadaan"].as_str().is_some_and(|state| OPEN.contains(&state)));
            let open: u64 = open.filter_map(|row| row["jumlah"].as_u64()).sum();
            match open {
                0 => return Ok(()),
                open if Instant::now() >= deadline => return Err(format!("{open} > 0, {SETTLED_WITHIN:?}")),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Lets everything settle and counts.
    pub(super) async fn account(
        &mut self,
        what: (&'static str, &'static str),
        ended: usize,
        callers: &Callers,
    ) -> Result<Account, String> {
        self.settled().await?;
        let rows = self
            .asked("/pertukaran?keadaan=hasil_tidak_pasti,gagal&operasi=pengaduan.kirim&jumlah=200")
            .await?;
        let ticket = |row: &Value| Some(row["rujukan"].as_str()?.split_once(':')?.1.to_owned());
        let waiting: BTreeSet<String> = rows.iter().filter_map(ticket).collect();
        let creates = self.lapor.with(|lapor| lapor.creates_by_reference().clone());
        let heard = self.laksa.with(|laksa| laksa.tickets().keys().cloned().collect());
        let ledger = callers.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Account::of(what, ended, &ledger, &creates, &heard, &waiting))
    }
}

impl Callers {
    /// Submits one complaint. A stubborn caller repeats it under the same key until it is taken on; another gives up when
    /// the line breaks.
    async fn submit(&self, ticket: &str, stubborn: bool, later: bool) {
        let mut urls = self.url.clone();
        loop {
            let url = self.url.borrow().clone();
            let told = match url {
                Some(url) => self.told(&url, ticket, later).await,
                None => Told::NotThere,
            };
            self.ledger
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .note(ticket, told);
            let done = match told {
                Told::TakenOn => true,
                Told::NotThere => false,
                Told::Refused | Told::Nothing => !stubborn,
            };
            if done {
                return;
            }
            let _changed = tokio::time::timeout(Duration::from_millis(50), urls.changed()).await;
        }
    }

    async fn told(&self, url: &str, ticket: &str, later: bool) -> Told {
        let mut request = Request::post(format!("{url}/v1/pengaduan"))
            .header("x-api-key", &self.key)
            .header("idempotency-key", format!("kunci-{ticket}"))
            .header(header::CONTENT_TYPE, "application/json");
        if later {
            request = request.header("prefer", "respond-async");
        }
        let Ok(request) = request.body(Full::from(complaint(ticket).to_string())) else {
            return Told::Refused;
        };
        let answered = tokio::time::timeout(ANSWERED_WITHIN, async {
            let answer = self.http.request(request).await?;
            let (head, body) = answer.into_parts();
            // Half an answer is none.
            Ok::<_, hyper_util::client::legacy::Error>((head, body.collect().await.is_ok()))
        });
        match answered.await {
            Ok(Ok((head, true))) => match head.status.as_u16() {
                201 | 202 => Told::TakenOn,
                504 if head.headers.contains_key(header::LOCATION) => Told::TakenOn,
                _ => Told::Refused,
            },
            Ok(Err(error)) if error.is_connect() => Told::NotThere,
            Ok(Ok((_, false)) | Err(_)) | Err(_) => Told::Nothing,
        }
    }

    /// Submits several at once; every second caller is stubborn.
    pub(super) fn submit_all(&self, tickets: impl IntoIterator<Item = String>, later: bool) -> JoinSet<()> {
        let mut flying = JoinSet::new();
        for (number, ticket) in tickets.into_iter().enumerate() {
            let me = self.clone();
            flying.spawn(async move { me.submit(&ticket, number.is_multiple_of(2), later).await });
        }
        flying
    }

    /// One stubborn caller.
    pub(super) fn submit_one(&self, ticket: String, later: bool) -> JoinSet<()> {
        self.submit_all([ticket], later)
    }
}

fn complaint(ticket: &str) -> Value {
    json!({
        "tiket": ticket, "sumber": "laksa", "dikirim_pada": "2026-02-03T08:00:00+07:00", "klasifikasi": "pengaduan",
        "kategori": "lampu_jalan", "judul": "Lampu jalan padam",
        "isi": "Lampu penerangan jalan padam sejak tiga hari.", "anonim": true, "rahasia": false,
    })
}
