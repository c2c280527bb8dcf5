//! A small world behind an operator port on loopback: one silent system with two writes, a memory journal, a clock that
//! stands still at noon.

use crate::operator::{Operator, OperatorState, Readiness, TokenHash, serve};
use crate::telemetry::Meters;
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::{
    Answer, AuthKind, BoxFuture, Call, Connector, Descriptor, Effect, Fault, FaultKind, Landed, NativeBody,
    NativeLimits, NativeReply, NativeRequest, Operation, OperationSpec, Paging, RelativePath, Replay, Text,
};
use gateway_core::catalogue::Published;
use gateway_core::deliver::breaker::{Breaker, BreakerPolicy};
use gateway_core::deliver::pacing::Pacing;
use gateway_core::deliver::{Policy, Profile, System, Transport, WireError, WireKind, WireRequest};
use gateway_core::events::{Events, PushPolicy};
use gateway_core::evidence::batch::SigningKey;
use gateway_core::exchange::{Attempt, LeaseRequest, NewExchange, Next, Settlement, State, TryKind};
use gateway_core::identity::Identities;
use gateway_core::ids::{ExchangeId, Ids};
use gateway_core::journal::{Journal, MemoryJournal};
use gateway_core::record::Scribe;
use gateway_core::seal::Sealer;
use gateway_core::time::{Clock, later};
use gateway_core::{Catalogue, Rooms};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) const TOKEN: &str = "token-operator-uji";
/// Of another person.
pub(super) const SECOND: &str = "token-operator-kedua";
/// Stands in every body; must never be shown unless it is opened.
pub(super) const MARK: &str = "isi-yang-tidak-boleh-terlihat";
/// May be repeated.
pub(super) const SAFE: &str = "pengaduan.kirim";
/// May not.
pub(super) const UNSAFE: &str = "pengaduan.sekali";

pub(super) struct Noon;

impl Noon {
    pub(super) fn time() -> Timestamp {
        "2026-02-03T12:00:00+07:00".parse().unwrap()
    }
}

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Self::time()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

struct Writes(OperationSpec);

impl Writes {
    fn new(id: &'static str, replay: Replay) -> Self {
        Self(OperationSpec {
            id: id.into(),
            summary: Text::new("Uji.", "Trial."),
            request_schema: "urn:simpul:skema:uji:1".into(),
            reply_schema: "urn:simpul:skema:uji:1".into(),
            effect: Effect::Write { replay },
            answer: Answer::Immediate,
            reference: Vec::new(),
            ordering: Vec::new(),
            deadline_ms: 1000,
            paging: Paging::None,
            follow: None,
        })
    }
}

impl Operation for Writes {
    fn spec(&self) -> &OperationSpec {
        &self.0
    }
    fn request(&self, _: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let body = json!({"teks": input["isi"]});
        Ok(NativeRequest::post(
            "tulis",
            RelativePath::of("kerja"),
            NativeBody::Json(body),
        ))
    }
    fn reply(&self, _: &Call<'_>, _: &Value, _: &NativeReply) -> Result<Value, Fault> {
        Ok(json!({"isi": "diterima"}))
    }
}

struct Silent {
    descriptor: Descriptor,
    operations: [Writes; 2],
}

impl Connector for Silent {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        let found = self.operations.iter().find(|operation| operation.0.id == id);
        found.map(|operation| operation as &dyn Operation)
    }
}

/// Nothing is delivered here; the worker does not run.
struct NoWire;

impl Transport for NoWire {
    fn send(&self, _: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        Box::pin(async {
            Err(WireError {
                phase: gateway_core::deliver::Phase::BeforeSend,
                kind: WireKind::Connect,
                detail: "uji".into(),
            })
        })
    }
}

#[derive(Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn exchange(&self) -> ExchangeId {
        ExchangeId(uuid::Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn span(&self) -> String {
        "0000000000000001".to_owned()
    }
}

fn published() -> HashMap<String, Arc<Published>> {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:simpul:skema:uji:1", "title": "Uji", "description": "Uji.",
        "x-en": {"title": "Trial", "description": "Trial."},
        "type": "object",
        "properties": {"isi": {"type": "string", "x-data-pribadi": "umum"}},
        "required": ["isi"], "unevaluatedProperties": false
    });
    let registry = schemas::Registry::embedded().unwrap().with(vec![schema]).unwrap();
    let shared = registry.shared("urn:simpul:skema:uji:1").unwrap();
    let one = |(id, replay)| {
        let published = Published {
            id: String::from(id),
            method: http::Method::POST,
            path: "/v1/uji".into(),
            system: "lapor".into(),
            request: Arc::clone(&shared),
            reply: Arc::clone(&shared),
            max_body: 10_000,
            key_required: false,
            spec: Writes::new(id, replay).0,
        };
        (published.id.clone(), Arc::new(published))
    };
    [(SAFE, Replay::Native), (UNSAFE, Replay::Unsafe)].map(one).into()
}

fn system() -> System {
    let breaker = BreakerPolicy {
        failures: 1,
        pause: Duration::from_secs(60),
        longest_pause: Duration::from_secs(60),
    };
    System {
        native: None,
        id: "lapor".into(),
        connector: Arc::new(Silent {
            operations: [Writes::new(SAFE, Replay::Native), Writes::new(UNSAFE, Replay::Unsafe)],
            descriptor: Descriptor {
                id: "bisu".into(),
                title: Text::new("Bisu", "Mute"),
                owner: "Kota Uji".into(),
                native_version: "1".into(),
                documentation: "https://dokumen.invalid".into(),
                auth: Vec::new(),
                limits: NativeLimits::default(),
                operations: Vec::new(),
                hooks: Vec::new(),
                mirrors: Vec::new(),
                errors: Vec::new(),
                settings: Vec::new(),
            },
        }),
        endpoint: "https://lapor.invalid:8443/jalur-rahasia".into(),
        reach: gateway_core::deliver::Reach::System,
        headers: http::HeaderMap::default(),
        profile: Profile::Splp,
        auth: AuthKind::Headers(vec![
            ("x-kunci".into(), connector_sdk::Secret::new("kunci-yang-rahasia")),
            // Ends an hour after noon.
            (
                "authorization".into(),
                connector_sdk::Secret::new(
                    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NzAwOTg0MDAsInRhaHVuIjoyMDI2fQ.tanda",
                ),
            ),
        ]),
        policy: Policy {
            deadline: None,
            read_retries: 2,
            attempts: 10,
            backoff: Duration::from_secs(5),
            longest_backoff: Duration::from_secs(600),
            schedule: None,
            lookup_after: Duration::from_secs(60),
            lookups: 5,
            breaker: breaker.clone(),
            max_request: 1024,
            max_reply: 2048,
        },
        breaker: Breaker::new(breaker),
        pacing: Pacing::new(None, 4, None).unwrap(),
        tokens: gateway_core::deliver::TokenCache::default(),
        links: Vec::new(),
    }
}

pub(super) struct Port {
    pub(super) address: SocketAddr,
    /// Another node on the same journal.
    pub(super) second: SocketAddr,
    pub(super) journal: Arc<MemoryJournal>,
    pub(super) rooms: Arc<Rooms>,
    pub(super) readiness: Arc<Readiness>,
    pub(super) system: Arc<System>,
    pub(super) meters: Arc<Meters>,
    pub(super) operators: Arc<ArcSwap<Vec<Operator>>>,
    pub(super) stop: CancellationToken,
    pub(super) served: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn port(operators: Vec<Operator>) -> Port {
    let journal = Arc::new(MemoryJournal::new());
    let system = Arc::new(system());
    let catalogue = Catalogue {
        operations: published(),
        consumers: HashMap::new(),
        identities: Identities::default(),
        issuers: Vec::new(),
        systems: HashMap::from([("lapor".to_owned(), Arc::clone(&system))]),
        relays: Vec::new(),
        flows: Default::default(),
        emits: Vec::new(),
        inbound: HashMap::default(),
        codes: Arc::new(schemas::CodeLists::default()),
    };
    let readiness = Arc::new(Readiness::default());
    let meters = Arc::new(Meters::new());
    let (scribe, _) = Scribe::new(Arc::clone(&journal) as Arc<dyn Journal>, Arc::new(Noon));
    let rooms = Arc::new(Rooms {
        catalogue: Arc::new(ArcSwap::from_pointee(catalogue)),
        journal: Arc::clone(&journal) as Arc<dyn Journal>,
        transport: Arc::new(NoWire),
        clock: Arc::new(Noon),
        ids: Arc::new(Counting::default()),
        observer: Arc::clone(&meters) as _,
        scribe,
        sealer: Arc::new(Sealer::new(&[1; 32]).unwrap()),
        files: Arc::new(gateway_core::files::MemoryFiles::default()),
        restrictions: Arc::default(),
        lists: Arc::default(),
        mirrors: Arc::clone(&journal) as Arc<dyn gateway_core::mirror::MirrorStore>,
        events: Arc::new(
            Events::new(
                &schemas::Registry::embedded().unwrap(),
                PushPolicy::default(),
                Arc::new(Closed),
            )
            .unwrap(),
        ),
        tasks: TaskTracker::new(),
        node: "uji-1".into(),
    });
    let operators = Arc::new(ArcSwap::from_pointee(operators));
    let node = || {
        OperatorState::new(
            Arc::clone(&rooms),
            Arc::clone(&meters),
            Arc::clone(&readiness),
            Arc::clone(&operators),
            (Arc::new(SigningKey::from_seed(&[7; 32]).unwrap()), [9; 32]),
            Arc::new(ArcSwap::from_pointee(crate::operator::Desk {
                schemas: schemas::Registry::embedded().unwrap(),
                egress: crate::outbound::Egress::new([]),
                in_force: crate::registry::InForce::default(),
                oidc: None,
            })),
            Arc::default(),
        )
    };
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(listener, node(), stop.clone()));
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let second = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, node(), stop.clone()));
    Port {
        address,
        second,
        journal,
        rooms,
        readiness,
        system,
        meters,
        operators,
        stop,
        served,
    }
}

/// Two persons, the first with an older token that still opens.
pub(super) fn open() -> Port {
    port(vec![
        Operator::new("Petugas Satu", TokenHash::of("token-lama")),
        Operator::new("Petugas Satu", TokenHash::of(TOKEN)),
        Operator::new("Petugas Dua", TokenHash::of(SECOND)),
    ])
}

impl Port {
    pub(super) async fn raw(&self, request: &str) -> String {
        self.raw_at(self.address, request).await
    }

    pub(super) async fn raw_at(&self, address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        // A file may be no text.
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(super) async fn call(&self, path: &str, token: Option<&str>) -> (u16, String, String) {
        let token = token
            .map(|t| format!("authorization: Bearer {t}\r\n"))
            .unwrap_or_default();
        let answer = self
            .raw(&format!(
                "GET {path} HTTP/1.1\r\nhost: uji\r\nconnection: close\r\n{token}\r\n"
            ))
            .await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    pub(super) async fn json(&self, path: &str) -> (u16, Value) {
        let (status, _, body) = self.call(path, Some(TOKEN)).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    /// `POST` of JSON by a person.
    pub(super) async fn post(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        let answer = self
            .raw(&format!(
                "POST /admin/v1{path} HTTP/1.1\r\nhost: uji\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ))
            .await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }

    /// Accepts an exchange, tries it once and settles it.
    pub(super) async fn exchange(&self, n: u128, next: impl FnOnce(Timestamp) -> Next, reference: &str) -> ExchangeId {
        self.exchange_of(SAFE, n, next, reference).await
    }

    /// The same, of an operation.
    pub(super) async fn exchange_of(
        &self,
        operation: &str,
        n: u128,
        next: impl FnOnce(Timestamp) -> Next,
        reference: &str,
    ) -> ExchangeId {
        let id = ExchangeId(uuid::Uuid::from_u128((0x0190_0000_0000_7000_8000 << 48) | n));
        let at = Noon::time();
        let accepted = jiff::SignedDuration::from_secs(90);
        let key = self.rooms.sealer.fresh().unwrap();
        let body = key.seal(format!("{{\"isi\":\"{MARK}\"}}").as_bytes(), id).unwrap();
        let new = NewExchange {
            id,
            consumer: "dinas-uji".into(),
            operation: operation.into(),
            system: "lapor".into(),
            purpose: "Penanganan pengaduan".into(),
            key: None,
            fingerprint: [7; 32],
            reference: Some(reference.into()),
            lane: None,
            input: body,
            seal: Some(key.wrapped()),
            trace: None,
            at: at.checked_sub(accepted).unwrap(),
            due: at,
            cause: None,
            lease: Some(LeaseRequest {
                owner: "uji".into(),
                until: later(at, Duration::from_secs(60)),
            }),
        };
        let fence = match self.journal.accept(new).await.unwrap() {
            gateway_core::journal::Acceptance::New(_, Some(fence)) => fence,
            other => panic!("{other:?}"),
        };
        let nik = format!("{}{}", "367101", "0101900000");
        let fault = Fault::new(FaultKind::Timeout, Text::new("Terlambat.", "Late."))
            .landed(Landed::Unknown)
            .native_code("E-17")
            .internal(format!("host gave {nik}"));
        let settlement = Settlement {
            id,
            fence,
            before: State::Accepted,
            attempt: Some(Attempt {
                number: 1,
                kind: TryKind::Deliver,
                started: at,
                ended: at,
                system_ms: 20,
                step: Some("buat".into()),
                status: Some(504),
                digests: None,
                fault: Some(fault),
                by: None,
            }),
            next: next(at),
            at,
            relays: Vec::new(),
            events: Vec::new(),
            timers: Vec::new(),
            evidence: Some(Bytes::from_static(b"{}")),
        };
        self.journal.settle(settlement).await.unwrap();
        id
    }
}

pub(super) fn dead(_: Timestamp) -> Next {
    Next::Dead { reason: "habis".into() }
}

pub(super) fn again(at: Timestamp) -> Next {
    Next::Schedule {
        due: later(at, Duration::from_secs(30)),
    }
}

pub(super) fn parked(_: Timestamp) -> Next {
    Next::Parked {
        reason: "sistem tidak dapat memastikan".into(),
    }
}

/// No receiver may be called here.
struct Closed;

impl gateway_core::events::Egress for Closed {
    fn judge<'a>(&'a self, _url: &'a str) -> BoxFuture<'a, Result<(), Text>> {
        Box::pin(async { Err(Text::new("tertutup", "closed")) })
    }
}
