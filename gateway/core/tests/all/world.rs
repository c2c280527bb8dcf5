//! A small world: four operations of one fake system, a scripted wire, a paused clock.

use bytes::Bytes;
use connector_sdk::*;
use gateway_core::authorize::Grant;
use gateway_core::catalogue::{Catalogue, Published};
use gateway_core::deliver::breaker::{Breaker, BreakerPolicy};
use gateway_core::deliver::pacing::Pacing;
use gateway_core::deliver::{
    FlowError, FlowReply, FlowRequest, Policy, Profile, System, TokenCache, Transport, WireError, WireRequest,
};
use gateway_core::events::{Egress, Emit, Events, PushPolicy};
use gateway_core::evidence::sha256;
use gateway_core::exchange::State;
use gateway_core::files::MemoryFiles;
use gateway_core::flows::Flows;
use gateway_core::identity::{Consumer, Identities, KeyHash};
use gateway_core::ids::{ExchangeId, Ids};
use gateway_core::journal::{Filter, Journal, MemoryJournal};
use gateway_core::observe::{Finished, Observer, Tried};
use gateway_core::pipeline::{Call as PipelineCall, run};
use gateway_core::quota::Limiter;
use gateway_core::record::Scribe;
use gateway_core::relay::Relay;
use gateway_core::source::Condition;
use gateway_core::time::Clock;
use gateway_core::timekeeper;
use gateway_core::validate::Body;
use gateway_core::worker::{self, WorkerPolicy};
use gateway_core::{Outcome, Refusal, Rooms};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub const NATIVE: &str = "uji.native";
pub const BY_REFERENCE: &str = "uji.rujukan";
pub const UNSAFE: &str = "uji.unsafe";
pub const READ: &str = "uji.baca";
pub const RELAYED: &str = "uji.lanjutan";

/// What the wire does with one request.
#[derive(Clone)]
pub enum Wire {
    Reply(u16, Value),
    Fail(WireError),
    /// Answers after a while, long after the attempt's deadline perhaps.
    Slow(Duration, u16, Value),
}

type Script = Arc<Mutex<VecDeque<Wire>>>;
/// What the wire answers when its script is empty: method, URL, body.
type Responder = Box<dyn Fn(&str, &str, &str) -> Wire + Send>;

pub struct ScriptedWire {
    script: Script,
    responder: Arc<Mutex<Option<Responder>>>,
    pub sent: Arc<Mutex<Vec<String>>>,
}

impl Transport for ScriptedWire {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        self.sent
            .lock()
            .unwrap()
            .push(format!("{} {} {body}", request.method, request.url));
        let scripted = self.script.lock().unwrap().pop_front();
        let next = scripted.unwrap_or_else(|| match &*self.responder.lock().unwrap() {
            Some(respond) => respond(request.method.as_str(), &request.url, &body),
            None => Wire::Reply(200, json!({"ok": true})),
        });
        Box::pin(async move {
            let reply = |status, body: Value| NativeReply {
                status,
                headers: HeaderMap::new(),
                body: Bytes::from(body.to_string()),
            };
            match next {
                Wire::Reply(status, body) => Ok(reply(status, body)),
                Wire::Fail(error) => Err(error),
                Wire::Slow(wait, status, body) => {
                    tokio::time::sleep_until(tokio::time::Instant::now() + wait).await;
                    Ok(reply(status, body))
                }
            }
        })
    }

    fn stream(&self, request: FlowRequest) -> BoxFuture<'_, Result<FlowReply, WireError>> {
        Box::pin(self.whole(request))
    }
}

impl ScriptedWire {
    async fn whole(&self, flow: FlowRequest) -> Result<FlowReply, WireError> {
        let mut body = Vec::new();
        if let Some(mut flow) = flow.body {
            while let Some(frame) = std::future::poll_fn(|cx| flow.as_mut().poll_frame(cx)).await {
                let frame = frame.map_err(|error| WireError {
                    phase: gateway_core::deliver::Phase::AfterSend,
                    kind: gateway_core::deliver::WireKind::Closed,
                    detail: error.to_string(),
                })?;
                body.extend_from_slice(&frame.into_data().unwrap_or_default());
            }
        }
        assert!(flow.length.is_none_or(|length| length == body.len() as u64));
        let reply = self
            .send(WireRequest {
                reach: gateway_core::deliver::Reach::System,
                method: flow.method,
                url: flow.url,
                headers: flow.headers,
                body: body.into(),
                max_reply: u64::MAX,
                timeout: flow.timeout,
            })
            .await?;
        Ok(FlowReply {
            status: reply.status,
            headers: reply.headers,
            body: Box::pin(Once(Some(reply.body))),
        })
    }
}

/// A body of one part.
struct Once(Option<Bytes>);

impl http_body::Body for Once {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, FlowError>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}

/// A list whose pages the wire answers as they are.
pub struct FakeMirror(MirrorSpec);

impl Mirror for FakeMirror {
    fn spec(&self) -> &MirrorSpec {
        &self.0
    }
    fn request(&self, _call: &Call<'_>, pull: &Pull) -> Result<NativeRequest, Fault> {
        let page = pull.cursor.as_deref().unwrap_or("1");
        let request = NativeRequest::get("daftar", RelativePath::of("daftar"));
        let request = pull.scope.iter().fold(request, |r, (name, value)| r.query(name, value));
        Ok(request.query("halaman", page))
    }
    fn page(&self, _call: &Call<'_>, _pull: &Pull, reply: &NativeReply) -> Result<Page, Fault> {
        let body = reply.json()?;
        Ok(Page {
            records: body["butir"].as_array().cloned().unwrap_or_default(),
            next: body["lanjut"].as_str().map(str::to_owned),
            total: body["total"].as_u64(),
        })
    }
    fn open<'a>(&'a self, call: &Call<'a>, pull: &'a Pull, reply: &'a NativeReply) -> Result<Reading<'a>, Fault> {
        let broken = reply.json()?["rusak"].as_bool() == Some(true);
        let mut reading = Reading::from(self.page(call, pull, reply)?);
        let masked = |record: Result<Record, Fault>| {
            record.map(|mut record| {
                if record.value["isi"].as_str().is_some_and(looks_masked) {
                    record.masked.push("/isi".into());
                }
                record
            })
        };
        let end = broken.then(|| Err(Fault::drift("the list breaks off")));
        reading.records = Box::new(reading.records.map(masked).chain(end));
        Ok(reading)
    }
}

struct Fake {
    mirrors: Vec<FakeMirror>,
    descriptor: Descriptor,
    operations: Vec<FakeOperation>,
}

impl Connector for Fake {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }
    fn operation(&self, id: &str) -> Option<&dyn Operation> {
        self.operations
            .iter()
            .find(|o| o.spec.id == id)
            .map(|o| o as &dyn Operation)
    }
    fn mirror(&self, id: &str) -> Option<&dyn Mirror> {
        self.mirrors.iter().find(|m| id == m.0.id).map(|m| m as &dyn Mirror)
    }
    fn clock(&self) -> Option<&dyn ServiceClock> {
        Some(&crate::deadlines::HundredSeconds)
    }
}

struct FakeOperation {
    spec: OperationSpec,
}

impl Operation for FakeOperation {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let path = RelativePath::of("kerja");
        let isi = input["isi"].as_str().unwrap_or_default();
        if let Some(id) = isi.strip_prefix("berkas:") {
            let part = Part {
                name: "berkas".into(),
                file_name: Some("berkas.bin".into()),
                media_type: Some("application/x-menurut-pengirim".into()),
                content: Content::File {
                    id: id.trim_start_matches("bersih:").into(),
                    strip_metadata: id.starts_with("bersih:"),
                },
            };
            return Ok(NativeRequest::post("unggah", path, NativeBody::Multipart(vec![part])));
        }
        if let Some(code) = isi.strip_prefix("kode:") {
            let native = call
                .lists
                .native("uji.daftar", code)
                .unwrap_or_else(|| "tidak ada".into());
            return Ok(NativeRequest::post(
                "tulis",
                path,
                NativeBody::Json(json!({"asli": native})),
            ));
        }
        Ok(match self.spec.effect {
            Effect::Read => {
                let page = input["isi"].as_str().unwrap_or_default();
                NativeRequest::get("baca", path)
                    .query("nomor", input["nomor"].as_str().unwrap_or_default())
                    .query("halaman", page)
            }
            Effect::Write { .. } => NativeRequest::post("tulis", path, NativeBody::Json(input.clone())),
        })
    }
    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json()?;
        match body.get("salah") {
            Some(_) => Ok(json!({"tidak": "sesuai"})),
            None => {
                // A reply may speak of another number than the one asked with.
                let number = body.get("sebagai").or(input.get("nomor")).cloned();
                Ok(json!({"nomor": number.unwrap_or(json!("A-1")), "hasil": body}))
            }
        }
    }
    fn lookup(&self) -> Option<&dyn Lookup> {
        (self.spec.effect
            == Effect::Write {
                replay: Replay::ByReference,
            })
        .then_some(self as &dyn Lookup)
    }
}

impl Lookup for FakeOperation {
    fn request(&self, _call: &Call<'_>, _input: &Value) -> Option<NativeRequest> {
        Some(NativeRequest::get("cari", RelativePath::of("cari")))
    }
    fn found(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        Ok(match reply.json()?.get("ada").and_then(Value::as_bool) {
            Some(true) => Found::Landed(json!({"nomor": "A-1", "hasil": "ditemukan"})),
            Some(false) => Found::NotLanded,
            None => Found::Unclear("tidak jelas".into()),
        })
    }
}

fn spec(id: &'static str, effect: Effect) -> OperationSpec {
    OperationSpec {
        id: id.into(),
        summary: Text::new("Uji.", "Trial."),
        request_schema: "urn:simpul:skema:uji:1".into(),
        reply_schema: "urn:simpul:skema:uji:1".into(),
        effect,
        answer: Answer::Immediate,
        reference: if effect.writes() { vec!["/nomor".into()] } else { vec![] },
        ordering: if effect.writes() { vec!["/jalur".into()] } else { vec![] },
        deadline_ms: 5_000,
        paging: Paging::None,
        follow: None,
    }
}

pub struct TestClock {
    base: jiff::Timestamp,
    origin: tokio::time::Instant,
}

impl Clock for TestClock {
    fn now(&self) -> jiff::Timestamp {
        gateway_core::time::later(self.base, self.origin.elapsed())
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(tokio::time::Instant::now() + duration))
    }
}

#[derive(Default)]
struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn exchange(&self) -> ExchangeId {
        ExchangeId(uuid::Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn fraction(&self) -> f64 {
        0.5
    }
    fn span(&self) -> String {
        format!("{:016x}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[derive(Default)]
pub struct Seen(pub Mutex<Vec<String>>);

impl Observer for Seen {
    fn finished(&self, finished: &Finished<'_>) {
        self.0.lock().unwrap().push(format!("finished {}", finished.result));
    }
    fn tried(&self, tried: &Tried<'_>) {
        self.0
            .lock()
            .unwrap()
            .push(format!("tried {} {}", tried.result, tried.state));
    }
    fn noted(&self, what: &'static str, of: &str) {
        self.0.lock().unwrap().push(format!("noted {what} {of}"));
    }
}

pub struct TestBody(pub Option<Vec<u8>>);

impl Body for TestBody {
    fn read(&mut self, limit: u64) -> BoxFuture<'_, Result<Bytes, Refusal>> {
        Box::pin(async move {
            let bytes = self.0.take().ok_or(Refusal::BodyIncomplete)?;
            if bytes.len() as u64 > limit {
                Err(Refusal::BodyTooLarge { limit })
            } else {
                Ok(bytes.into())
            }
        })
    }
}

/// What a success of `NATIVE` tells; who may call it may hear of it.
fn emit(kind: &str, when: Option<(String, String)>) -> Emit {
    Emit {
        subject: vec!["/nomor".into()],
        when: when.into_iter().collect(),
        ..Emit::new(NATIVE, kind)
    }
}

/// Lets every address pass but one.
struct NoInside;

impl Egress for NoInside {
    fn judge<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<(), Text>> {
        Box::pin(async move {
            if url.contains("://dalam.") {
                Err(Text::new("Alamat dalam.", "An address inside."))
            } else {
                Ok(())
            }
        })
    }
}

pub struct World {
    pub rooms: Arc<Rooms>,
    pub journal: Arc<MemoryJournal>,
    pub wire: Script,
    responder: Arc<Mutex<Option<Responder>>>,
    pub sent: Arc<Mutex<Vec<String>>>,
    pub seen: Arc<Seen>,
    pub consumer: Arc<Consumer>,
    key: String,
    stop: CancellationToken,
}

/// The embedded schemas and the one of this world.
fn registry() -> schemas::Registry {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:simpul:skema:uji:1", "title": "Uji", "description": "Uji.",
        "x-en": {"title": "Trial", "description": "Trial."},
        "type": "object",
        "properties": {"nomor": {"type": "string"}, "jalur": {"type": "string"}, "hasil": {}, "isi": {"type": "string"}},
        "required": ["nomor"], "unevaluatedProperties": false
    });
    schemas::Registry::embedded().unwrap().with(vec![schema]).unwrap()
}

/// The schema of this world.
pub fn shared_schema() -> Arc<schemas::Schema> {
    registry().shared("urn:simpul:skema:uji:1").unwrap()
}

pub fn world() -> World {
    let relay = Relay {
        when: vec![Condition::equals("/hasil", "lanjut")],
        ..Relay::new(NATIVE, RELAYED, "uji")
    };
    world_with(vec![relay], Flows::default())
}

/// A world with its own relays and flows.
pub fn world_with(relays: Vec<Relay>, flows: Flows) -> World {
    let replays = [
        (NATIVE, Replay::Native),
        (BY_REFERENCE, Replay::ByReference),
        (UNSAFE, Replay::Unsafe),
    ];
    let mut specs: Vec<_> = replays
        .iter()
        .map(|(id, replay)| spec(id, Effect::Write { replay: *replay }))
        .collect();
    specs.push(spec(READ, Effect::Read));
    specs.push(OperationSpec {
        reference: vec![],
        ..spec(RELAYED, Effect::Write { replay: Replay::Native })
    });
    let mirror = MirrorSpec {
        id: "uji.daftar".into(),
        summary: Text::new("Daftar uji.", "A list for trials."),
        schema: "urn:simpul:skema:uji:1".into(),
        key: vec!["/id".into()],
        every_s: 3600,
        max_shrink_percent: 20,
        max_pages: 5,
    };
    let copied = MirrorSpec {
        id: "uji.salinan".into(),
        key: vec!["/nomor".into()],
        max_shrink_percent: 50,
        ..mirror.clone()
    };
    let connector = Fake {
        mirrors: vec![FakeMirror(mirror), FakeMirror(copied)],
        descriptor: Descriptor {
            id: "uji".into(),
            title: Text::new("Uji", "Trial"),
            owner: "Dinas Contoh".into(),
            native_version: "1".into(),
            documentation: "https://contoh.invalid".into(),
            auth: vec!["none".into()],
            limits: NativeLimits::default(),
            operations: specs.clone(),
            hooks: vec![],
            mirrors: vec![],
            errors: vec![],
            settings: vec![],
        },
        operations: specs.iter().cloned().map(|spec| FakeOperation { spec }).collect(),
    };
    let breaker = BreakerPolicy {
        failures: 5,
        pause: Duration::from_secs(10),
        longest_pause: Duration::from_secs(60),
    };
    let system = System {
        native: None,
        id: "uji".into(),
        connector: Arc::new(connector),
        endpoint: "http://uji.invalid".into(),
        reach: gateway_core::deliver::Reach::System,
        headers: HeaderMap::new(),
        profile: Profile::Direct,
        auth: AuthKind::None,
        policy: Policy {
            deadline: None,
            read_retries: 1,
            attempts: 4,
            backoff: Duration::from_secs(2),
            longest_backoff: Duration::from_secs(60),
            schedule: None,
            lookup_after: Duration::from_secs(30),
            lookups: 3,
            breaker: breaker.clone(),
            max_request: 1 << 20,
            max_reply: 1 << 20,
        },
        breaker: Breaker::new(breaker),
        pacing: Pacing::new(None, 64, None).unwrap(),
        tokens: TokenCache::default(),
        links: Vec::new(),
    };
    let registry = registry();
    let shared = registry.shared("urn:simpul:skema:uji:1").unwrap();
    let operations: HashMap<_, _> = specs
        .into_iter()
        .map(|spec| {
            let published = Published {
                id: spec.id.to_string(),
                method: if spec.effect.writes() {
                    http::Method::POST
                } else {
                    http::Method::GET
                },
                path: "/v1/uji".into(),
                system: "uji".into(),
                request: Arc::clone(&shared),
                reply: Arc::clone(&shared),
                max_body: 10_000,
                key_required: false,
                spec,
            };
            (published.id.clone(), Arc::new(published))
        })
        .collect();
    let key = format!("smp_uji_{}", "k".repeat(64));
    let grants = operations
        .keys()
        .filter(|id| *id != RELAYED)
        .map(|id| {
            // Reads have a small quota, for the trial of quotas.
            let (rate, burst) = if id == READ { (1, 3) } else { (600, 200) };
            let grant = Grant {
                purpose: "uji".into(),
                legal_basis: "Perwal Contoh 1/2026".into(),
                agreement: "PKS-UJI-1".into(),
                from: None,
                until: None,
                fields: None,
                limiter: Limiter::new(NonZeroU32::new(rate).unwrap(), NonZeroU32::new(burst).unwrap()),
            };
            (id.clone(), Arc::new(grant))
        })
        .collect();
    let consumer = Arc::new(Consumer {
        id: "opd-uji".into(),
        name: "OPD Uji".into(),
        certificates: Vec::new(),
        keys: vec![KeyHash {
            prefix: "uji".into(),
            hash: sha256(key.as_bytes()),
        }],
        grants,
    });
    let catalogue = Catalogue {
        operations,
        identities: Identities::new([&consumer]),
        issuers: Vec::new(),
        consumers: HashMap::from([("opd-uji".to_owned(), Arc::clone(&consumer))]),
        systems: HashMap::from([("uji".to_owned(), Arc::new(system))]),
        relays,
        flows,
        inbound: HashMap::new(),
        emits: vec![
            emit("uji.berubah", None),
            emit("uji.lanjut", Some(("/hasil".into(), "lanjut".into()))),
        ],
        codes: Arc::new(schemas::CodeLists::embedded().unwrap()),
    };
    let journal = Arc::new(MemoryJournal::new());
    let wire: Script = Arc::default();
    let responder: Arc<Mutex<Option<Responder>>> = Arc::default();
    let sent: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::new(Seen::default());
    let clock: Arc<dyn Clock> = Arc::new(TestClock {
        base: "2026-02-03T08:00:00+07:00".parse().unwrap(),
        origin: tokio::time::Instant::now(),
    });
    let (scribe, work) = Scribe::new(Arc::clone(&journal) as Arc<dyn Journal>, Arc::clone(&clock));
    let tasks = TaskTracker::new();
    tasks.spawn(work);
    let rooms = Rooms {
        catalogue: Arc::new(arc_swap::ArcSwap::from_pointee(catalogue)),
        journal: Arc::clone(&journal) as Arc<dyn Journal>,
        transport: Arc::new(ScriptedWire {
            script: Arc::clone(&wire),
            responder: Arc::clone(&responder),
            sent: Arc::clone(&sent),
        }),
        clock: Arc::clone(&clock),
        ids: Arc::new(TestIds::default()),
        observer: Arc::clone(&seen) as Arc<dyn Observer>,
        lists: Arc::default(),
        mirrors: Arc::clone(&journal) as Arc<dyn gateway_core::mirror::MirrorStore>,
        files: Arc::new(MemoryFiles::default()),
        events: Arc::new(Events::new(&registry, PushPolicy::default(), Arc::new(NoInside)).unwrap()),
        scribe,
        sealer: Arc::new(gateway_core::seal::Sealer::new(&[1; 32]).unwrap()),
        tasks,
        node: "uji-1".into(),
    };
    World {
        rooms: Arc::new(rooms),
        journal,
        wire,
        responder,
        sent,
        seen,
        consumer,
        key,
        stop: CancellationToken::new(),
    }
}

impl World {
    /// Scripts what the wire does next, in order.
    pub fn script(&self, wires: impl IntoIterator<Item = Wire>) {
        self.wire.lock().unwrap().extend(wires);
    }

    /// What the wire answers when nothing is scripted.
    pub fn respond(&self, respond: impl Fn(&str, &str, &str) -> Wire + Send + 'static) {
        *self.responder.lock().unwrap() = Some(Box::new(respond));
    }

    /// Starts a timekeeper that ends with the token.
    pub fn keep_time(&self) -> CancellationToken {
        let stop = CancellationToken::new();
        let policy = timekeeper::TimekeeperPolicy::default();
        self.rooms
            .tasks
            .spawn(timekeeper::run(Arc::clone(&self.rooms), policy, stop.clone()));
        stop
    }

    pub async fn pass(&self, seconds: u64) {
        self.rooms.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// How often something was noted.
    pub fn noted(&self, what: &str) -> usize {
        let line = format!("noted {what} ");
        self.seen
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|l| l.starts_with(&line))
            .count()
    }

    /// Exchanges of an operation, oldest first.
    pub async fn of(&self, operation: &str) -> Vec<gateway_core::exchange::Stored> {
        let mut all = self.all().await;
        all.retain(|e| e.operation == operation);
        all.reverse();
        all
    }

    /// The opened input of an exchange.
    pub fn input(&self, stored: &gateway_core::exchange::Stored) -> Value {
        let key = self.rooms.sealer.unwrap(stored.seal.as_ref()).unwrap();
        serde_json::from_slice(&key.open(&stored.input, stored.id).unwrap()).unwrap()
    }

    pub fn work(&self) {
        let policy = WorkerPolicy {
            at_once: 8,
            look_every: Duration::from_secs(1),
        };
        self.rooms
            .tasks
            .spawn(worker::run(Arc::clone(&self.rooms), policy, self.stop.clone()));
    }

    pub async fn call(&self, operation: &str, body: Value) -> Outcome {
        self.call_with(operation, body.to_string().into_bytes(), None, false)
            .await
    }

    pub async fn call_with(&self, operation: &str, body: Vec<u8>, key: Option<&str>, respond_async: bool) -> Outcome {
        let catalogue = self.rooms.catalogue.load_full();
        let mut body = TestBody(Some(body));
        let operation = Arc::clone(&catalogue.operations[operation]);
        let parameters = if operation.spec.effect.writes() {
            Map::new()
        } else {
            Map::from_iter([("nomor".to_owned(), json!("A-1"))])
        };
        let call = PipelineCall {
            exchange: self.rooms.ids.exchange(),
            operation,
            identified: catalogue.identities.by_key(&self.key).expect("known key"),
            parameters,
            key,
            respond_async,
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            secret: None,
            body: &mut body,
        };
        run(&self.rooms, call).await
    }

    pub async fn state(&self, id: ExchangeId) -> State {
        self.journal.get(id).await.unwrap().expect("stored").state
    }

    /// Waits (in paused time) until the exchange is closed.
    pub async fn settled(&self, id: ExchangeId) -> State {
        for _ in 0..10_000 {
            let state = self.state(id).await;
            if !state.is_open() {
                return state;
            }
            self.rooms.clock.sleep(Duration::from_secs(1)).await;
        }
        panic!("never settled");
    }

    pub async fn all(&self) -> Vec<gateway_core::exchange::Stored> {
        self.journal
            .list(Filter {
                limit: 100_000,
                ..Filter::default()
            })
            .await
            .unwrap()
    }

    pub fn writes_sent(&self) -> usize {
        self.sent
            .lock()
            .unwrap()
            .iter()
            .filter(|line| line.starts_with("POST"))
            .count()
    }
}
