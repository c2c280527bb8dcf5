//! Receivers, scripted, and the gateway that tells them.

use crate::world::{NATIVE, World, world};
use base64::Engine;
use bytes::Bytes;
use connector_sdk::{BoxFuture, NativeReply, Secret};
use gateway_core::Rooms;
use gateway_core::deliver::{Phase, Transport, WireError, WireKind, WireRequest};
use gateway_core::events::{DELIVERY, Events, PushPolicy, dispatch, manage};
use gateway_core::exchange::Stored;
use gateway_core::journal::{Filter, Journal};
use gateway_core::worker::{self, WorkerPolicy};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How a receiver answers.
#[derive(Clone)]
pub(super) enum Act {
    Status(u16),
    RetryAfter(u16, u64),
    Refuse,
    Slow(Duration),
}

/// One arrival.
#[derive(Clone)]
pub(super) struct Hit {
    pub(super) host: String,
    pub(super) at: Timestamp,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Hit {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }
}

/// All receivers: per host what it does next, then what it does always.
#[derive(Default)]
pub(super) struct Receivers {
    pub(super) next: Mutex<HashMap<String, VecDeque<Act>>>,
    pub(super) always: Mutex<HashMap<String, Act>>,
    pub(super) hits: Mutex<Vec<Hit>>,
}

pub(super) struct ReceiverWire {
    pub(super) receivers: Arc<Receivers>,
    pub(super) systems: Arc<dyn Transport>,
    pub(super) rooms: Arc<Rooms>,
}

impl Transport for ReceiverWire {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        let url: http::Uri = request.url.parse().expect("url");
        let host = url.host().expect("host").to_owned();
        if host == "uji.invalid" {
            return self.systems.send(request);
        }
        let receivers = &self.receivers;
        receivers.hits.lock().unwrap().push(Hit {
            host: host.clone(),
            at: self.rooms.clock.now(),
            headers: request.headers.clone(),
            body: request.body,
        });
        let scripted = receivers
            .next
            .lock()
            .unwrap()
            .get_mut(&host)
            .and_then(VecDeque::pop_front);
        let act = scripted.or_else(|| receivers.always.lock().unwrap().get(&host).cloned());
        Box::pin(async move {
            let (status, after) = match act.unwrap_or(Act::Status(204)) {
                Act::Status(status) => (status, None),
                Act::RetryAfter(status, seconds) => (status, Some(seconds)),
                Act::Slow(wait) => {
                    tokio::time::sleep_until(tokio::time::Instant::now() + wait).await;
                    (200, None)
                }
                Act::Refuse => {
                    return Err(WireError {
                        phase: Phase::BeforeSend,
                        kind: WireKind::Connect,
                        detail: "uji".into(),
                    });
                }
            };
            let mut headers = HeaderMap::new();
            if let Some(after) = after {
                headers.insert("retry-after", after.into());
            }
            Ok(NativeReply {
                status,
                headers,
                body: Bytes::new(),
            })
        })
    }
}

pub(super) struct Stage {
    pub(super) world: World,
    pub(super) rooms: Arc<Rooms>,
    pub(super) receivers: Arc<Receivers>,
    pub(super) stop: CancellationToken,
}

/// The same world seen by another node or with other parts.
pub(super) fn rooms_like(rooms: &Rooms, node: &str, events: Arc<Events>, transport: Arc<dyn Transport>) -> Arc<Rooms> {
    Arc::new(Rooms {
        catalogue: Arc::clone(&rooms.catalogue),
        journal: Arc::clone(&rooms.journal),
        transport,
        clock: Arc::clone(&rooms.clock),
        ids: Arc::clone(&rooms.ids),
        observer: Arc::clone(&rooms.observer),
        events,
        restrictions: Arc::default(),
        lists: Arc::clone(&rooms.lists),
        mirrors: Arc::clone(&rooms.mirrors),
        files: Arc::clone(&rooms.files),
        scribe: rooms.scribe.clone(),
        sealer: Arc::clone(&rooms.sealer),
        tasks: rooms.tasks.clone(),
        node: node.into(),
    })
}

pub(super) fn stage_with(policy: PushPolicy) -> Stage {
    let world = world();
    let receivers = Arc::new(Receivers::default());
    let transport = Arc::new(ReceiverWire {
        receivers: Arc::clone(&receivers),
        systems: Arc::clone(&world.rooms.transport),
        rooms: Arc::clone(&world.rooms),
    });
    let rooms = rooms_like(&world.rooms, "uji-1", events(&world, policy), transport);
    Stage {
        world,
        rooms,
        receivers,
        stop: CancellationToken::new(),
    }
}

pub(super) fn events(world: &World, policy: PushPolicy) -> Arc<Events> {
    let registry = schemas::Registry::embedded().unwrap();
    Arc::new(Events::new(&registry, policy, world.rooms.events.egress()).unwrap())
}

pub(super) fn stage() -> Stage {
    stage_with(PushPolicy::default())
}

/// Days pass: look seldom, so that the trial ends soon.
pub(super) fn patient() -> PushPolicy {
    PushPolicy {
        look_every: Duration::from_secs(60),
        ..PushPolicy::default()
    }
}

impl Stage {
    pub(super) fn run(&self) {
        self.run_as(&self.rooms);
    }

    pub(super) fn run_as(&self, rooms: &Arc<Rooms>) {
        let policy = WorkerPolicy {
            at_once: 32,
            look_every: rooms.events.policy().look_every,
        };
        let (a, b) = (Arc::clone(rooms), Arc::clone(rooms));
        rooms.tasks.spawn(worker::run(a, policy, self.stop.clone()));
        rooms.tasks.spawn(dispatch::run(b, self.stop.clone()));
    }

    pub(super) async fn subscribe(&self, host: &str, kinds: &[&str], more: Value) -> (String, Secret) {
        let mut wish = json!({"nama": host, "jenis": kinds, "moda": "dorong", "url": format!("https://{host}/x?a=b")});
        for (name, value) in more.as_object().into_iter().flatten() {
            wish[name] = value.clone();
        }
        let (live, secret) = manage::create(&self.rooms, &self.world.consumer, &wish)
            .await
            .expect("made");
        (live.subscription.id.clone(), secret.expect("secret"))
    }

    pub(super) fn next(&self, host: &str, acts: impl IntoIterator<Item = Act>) {
        let mut next = self.receivers.next.lock().unwrap();
        next.entry(host.to_owned()).or_default().extend(acts);
    }

    pub(super) fn always(&self, host: &str, act: Act) {
        self.receivers.always.lock().unwrap().insert(host.to_owned(), act);
    }

    pub(super) fn hits(&self, host: &str) -> Vec<Hit> {
        let hits = self.receivers.hits.lock().unwrap();
        hits.iter().filter(|hit| hit.host == host).cloned().collect()
    }

    /// Something happens: an operation of the fake system is done.
    pub(super) async fn happen(&self, number: &str) {
        self.world.call(NATIVE, json!({"nomor": number, "jalur": number})).await;
    }

    pub(super) async fn pass(&self, seconds: u64) {
        self.rooms.clock.sleep(Duration::from_secs(seconds)).await;
    }

    pub(super) async fn wait_for(&self, what: &str, holds: impl Fn() -> bool) {
        for _ in 0..2_000 {
            if holds() {
                return;
            }
            self.rooms.clock.sleep(Duration::from_millis(500)).await;
        }
        panic!("never: {what}");
    }

    pub(super) async fn deliveries(&self) -> Vec<Stored> {
        let filter = Filter {
            operation: Some(DELIVERY.into()),
            limit: 10_000,
            ..Filter::default()
        };
        self.world.journal.list(filter).await.unwrap()
    }

    pub(super) fn standing(&self, id: &str) -> &'static str {
        self.rooms.events.standing(id).0.word()
    }

    pub(super) async fn told(&self, kind: &str) -> usize {
        self.world.journal.events(0, vec![kind.into()], 99).await.unwrap().len()
    }
}

/// Checks a signature as a receiver would, without the code under test.
pub(super) fn verifies(hit: &Hit, secret: &Secret) -> bool {
    let key = base64::engine::general_purpose::STANDARD
        .decode(secret.expose().strip_prefix("whsec_").expect("prefix"))
        .expect("base64");
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    let mut signed = format!("{}.{}.", hit.header("webhook-id"), hit.header("webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&hit.body);
    hit.header("webhook-signature").split(' ').any(|part| {
        let tag = part.strip_prefix("v1,").expect("version");
        let tag = base64::engine::general_purpose::STANDARD.decode(tag).expect("base64");
        aws_lc_rs::hmac::verify(&key, &signed, &tag).is_ok()
    })
}
