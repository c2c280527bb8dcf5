//! A small world: four operations of one fake system, a scripted wire, a paused clock.

mod fake;

pub use fake::*;

use crate::deadlines::{HundredSeconds, Meanwhile};
use connector_sdk::*;
use gateway_core::authorize::Grant;
use gateway_core::catalogue::{Catalogue, Published};
use gateway_core::deliver::breaker::{Breaker, BreakerPolicy};
use gateway_core::deliver::pacing::Pacing;
use gateway_core::deliver::{Policy, Profile, System, TokenCache};
use gateway_core::events::{Events, PushPolicy};
use gateway_core::evidence::sha256;
use gateway_core::exchange::State;
use gateway_core::files::MemoryFiles;
use gateway_core::flows::Flows;
use gateway_core::identity::{Consumer, Identities, KeyHash};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Filter, Journal, MemoryJournal};
use gateway_core::observe::Observer;
use gateway_core::pipeline::{Call as PipelineCall, run};
use gateway_core::quota::Limiter;
use gateway_core::record::Scribe;
use gateway_core::relay::Relay;
use gateway_core::source::Condition;
use gateway_core::time::Clock;
use gateway_core::timekeeper;
use gateway_core::worker::{self, WorkerPolicy};
use gateway_core::{Outcome, Rooms};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub const NATIVE: &str = "uji.native";
pub const BY_REFERENCE: &str = "uji.rujukan";
pub const UNSAFE: &str = "uji.unsafe";
pub const READ: &str = "uji.baca";
pub const RELAYED: &str = "uji.lanjutan";

pub struct World {
    pub rooms: Arc<Rooms>,
    pub journal: Arc<MemoryJournal>,
    pub wire: Script,
    responder: Arc<Mutex<Option<Responder>>>,
    /// Done once, when next a service clock is read: after its record was read, before the outcome is stored.
    pub meanwhile: Meanwhile,
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
    let meanwhile = Meanwhile::default();
    let connector = Fake {
        clock: HundredSeconds {
            meanwhile: Arc::clone(&meanwhile),
        },
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
        restrictions: Arc::default(),
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
        meanwhile,
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
