//! The door: the only way out to a system. `send` runs its layers in this order, outermost first; each says why it
//! stands there. Plain functions, not a boxed stack: the order is the code.

use super::auth::{self, Signing};
use super::breaker::Gate;
use super::in_body;
use super::system::{Profile, System};
use super::tracked;
use super::transport::{self, FlowRequest, Phase, WireError, WireKind, WireRequest};
use super::{link, wire};
use crate::evidence::sha256;
use crate::files;
use crate::ids::ExchangeId;
use crate::observe::EGRESS_REFUSED;
use crate::pipeline::Rooms;
use crate::spans::Scope;
use bytes::Bytes;
use connector_sdk::{
    BoxFuture, Fault, FaultKind, KeptFile, Landed, NativeBody, NativeReply, NativeRequest, Origin, Outbound, Secret,
    Text, profile,
};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A journalled exchange held by a lease, for checkpoints.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Exchange.
    pub id: ExchangeId,
    /// Fencing token.
    pub fence: i64,
}

/// What the door noted about the try.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    /// Last step sent.
    pub step: Option<&'static str>,
    /// Last native status.
    pub status: Option<u16>,
    /// Hex digests of the last native request and reply bodies.
    pub digests: Option<(String, String)>,
    /// Time spent waiting for the system.
    pub system_time: Duration,
    /// Body of the request that failed, for whoever inspects a dead letter.
    pub(super) failed: Option<Value>,
    /// Files that were kept in this try.
    pub(super) kept: Vec<ExchangeId>,
    /// A writing step has left.
    wrote: bool,
    /// The try was given up; nothing more may leave.
    abandoned: bool,
}

/// One door per try.
pub struct Door {
    pub(super) rooms: Arc<Rooms>,
    pub(super) system: Arc<System>,
    pub(super) held: Option<Held>,
    /// Whose files exist for this try.
    pub(super) owner: Option<String>,
    pub(super) trace: Option<String>,
    /// What the waiting caller said beside the body.
    pub(super) secret: Option<Secret>,
    pub(super) until: Instant,
    pub(super) checkpoints: Mutex<Map<String, Value>>,
    pub(super) noted: Mutex<Noted>,
}

impl Door {
    /// Gives the try up. `true` when a writing step may have reached the system: then it may still answer.
    pub fn abandon(&self) -> bool {
        let mut noted = self.note();
        noted.abandoned = true;
        noted.wrote
    }

    /// What was noted so far.
    pub fn noted(&self) -> Noted {
        self.note().clone()
    }

    fn note(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn through(&self, request: NativeRequest) -> Result<NativeReply, Fault> {
        // Total deadline: outermost, so that retries and waiting count against it.
        let left = self.until.saturating_duration_since(Instant::now());
        let Ok(result) = tokio::time::timeout(left, self.retrying(&request)).await else {
            return Err(timed_out(if request.writes && self.note().wrote {
                Landed::Unknown
            } else {
                Landed::No
            }));
        };
        result
    }

    async fn retrying(&self, request: &NativeRequest) -> Result<NativeReply, Fault> {
        // Retry: above the breaker, so that each repeat asks it anew. Only steps that change nothing.
        let mut tries = 0;
        loop {
            let error = match self.once(request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let may = !request.writes && error.is_transient() && error.kind != FaultKind::OutOfHours;
            if !may || tries >= self.system.policy.read_retries || error.retry_after.is_some() {
                return Err(error);
            }
            tries += 1;
            let pause = Duration::from_millis(100 << tries.min(6)).mul_f64(self.rooms.ids.fraction());
            self.rooms.clock.sleep(pause).await;
        }
    }

    async fn once(&self, request: &NativeRequest) -> Result<NativeReply, Fault> {
        // Hours, then breaker: a closed or dead system is not asked, and costs nobody a slot below.
        if let Some(wait) = self.system.pacing.closed_for(self.rooms.clock.now()) {
            return Err(not_now(FaultKind::OutOfHours, CLOSED, "hours", wait));
        }
        if let Gate::Open(wait) = self.system.breaker.ask(self.rooms.clock.now()) {
            return Err(not_now(FaultKind::Unavailable, SPARED, BREAKER_OPEN, wait));
        }
        // Bulkhead: below the breaker so that a dead system's slots free at once; bounds our share of a slow one.
        let Ok(_slot) = self.system.pacing.bulkhead.acquire().await else {
            return Err(Fault::new(FaultKind::Internal, SPARED).internal("bulkhead closed"));
        };
        // Pacing: under the bulkhead, so that those who wait here are few.
        loop {
            let wait = self.system.pacing.wait();
            if wait.is_zero() {
                break;
            }
            self.rooms.clock.sleep(wait).await;
        }
        let result = self.authenticated(request).await;
        if result.is_err() && request.writes {
            self.note().failed = body_of(request);
        }
        match &result {
            Err(f) if f.origin == Origin::System && matches!(f.kind, FaultKind::Unavailable | FaultKind::Timeout) => {
                if self.system.breaker.failed(self.rooms.clock.now()) {
                    tracing::warn!(system = %self.system.id, "breaker opened");
                }
            }
            _ => self.system.breaker.succeeded(),
        }
        result
    }

    async fn authenticated(&self, request: &NativeRequest) -> Result<NativeReply, Fault> {
        // Credentials: innermost but the wire, since a refreshed token asks for exactly one more try.
        let (first, generation) = self.sent(request).await;
        match (first, generation) {
            (Err(fault), Some(generation)) if fault.kind == FaultKind::CredentialExpired => {
                self.system.tokens.spent(generation).await;
                self.sent(request).await.0
            }
            (result, _) => result,
        }
    }

    async fn sent(&self, request: &NativeRequest) -> (Result<NativeReply, Fault>, Option<auth::Generation>) {
        // Files, size caps and encoding: before credentials, which may sign the bytes.
        let boundary = match request.body {
            NativeBody::Multipart(_) => format!("simpul-{}", self.rooms.ids.span()),
            _ => String::new(),
        };
        let reach = files::Reach {
            rooms: &self.rooms,
            owner: self.owner.as_deref(),
            most: self.system.policy.max_request,
            whole: auth::signs_body(&self.system.auth),
        };
        let mut loaded = match files::loaded(reach, request).await {
            Ok(loaded) => loaded,
            Err(fault) => return (Err(fault), None),
        };
        match in_body::filled(&self.system.auth, &loaded.request) {
            Ok(Cow::Borrowed(_)) => {}
            Ok(Cow::Owned(filled)) => loaded.request = Cow::Owned(filled),
            Err(fault) => return (Err(fault), None),
        }
        let mut encoded = match wire::encode(&self.system, &loaded, &boundary, self.secret.as_ref()) {
            Ok(encoded) => encoded,
            Err(fault) => return (Err(fault), None),
        };
        let signing = Signing {
            method: &request.method,
            target: &encoded.target,
            body: encoded.body.bytes(),
        };
        let applied = auth::apply(
            &self.system.auth,
            &self.system.tokens,
            &self.system.endpoint,
            &signing,
            &mut encoded.headers,
            &*self.rooms.transport,
            &*self.rooms.clock,
        )
        .await;
        let generation = match applied {
            Ok(generation) => generation,
            Err(fault) => return (Err(fault), None),
        };
        // Same trace, new span.
        let scope = self.trace.as_deref().and_then(Scope::read);
        let scope = scope.map(|above| (above, above.below(&*self.rooms.ids)));
        if let Some((_, own)) = &scope
            && let Ok(own) = http::HeaderValue::try_from(own.to_string())
        {
            encoded.headers.insert("traceparent", own);
        }
        let result = match scope.filter(|(above, _)| above.kept && self.rooms.observer.traces()) {
            Some((above, own)) => {
                let begun = self.rooms.clock.now();
                let result = self.wired(request, encoded).await;
                tracked::sent(&self.rooms, &self.system.id, request, (above, own), begun, &result);
                result
            }
            None => self.wired(request, encoded).await,
        };
        (result, generation)
    }

    async fn wired(&self, request: &NativeRequest, encoded: wire::Encoded) -> Result<NativeReply, Fault> {
        // Recording: around the wire alone, so that system time holds no waiting of ours.
        {
            let mut noted = self.note();
            if noted.abandoned {
                return Err(timed_out(Landed::No));
            }
            noted.step = Some(request.step);
            noted.status = None;
            noted.wrote |= request.writes;
        }
        let begun = Instant::now();
        let (result, digest) = self.exchanged(request, encoded, begun).await;
        let mut noted = self.note();
        noted.system_time += begun.elapsed();
        let reply = result.map_err(|error| wire_fault(request.writes, &error))?;
        noted.status = Some(reply.status);
        noted.digests = Some((digest, hex::encode(sha256(&reply.body))));
        drop(noted);
        if self.system.profile == Profile::Splp
            && let Some(fault) = profile::splp_fault(request.writes, &reply)
        {
            return Err(fault);
        }
        self.system.connector.screen(request, &reply)?;
        Ok(reply)
    }

    /// One request on the wire and its reply, with the digest of what was sent: empty where the system answered before all
    /// of it was.
    async fn exchanged(
        &self,
        request: &NativeRequest,
        encoded: wire::Encoded,
        begun: Instant,
    ) -> (Result<NativeReply, WireError>, String) {
        let timeout = self.until.saturating_duration_since(begun);
        let max_reply = self.system.policy.max_reply;
        let method = request.method.clone();
        match encoded.body {
            wire::Encoding::Whole(body, digest) => {
                let wire = WireRequest {
                    reach: self.system.reach,
                    method,
                    url: encoded.url,
                    headers: encoded.headers,
                    body,
                    max_reply,
                    timeout,
                };
                (self.rooms.transport.send(wire).await, digest)
            }
            wire::Encoding::Flow(flow, sum) => {
                let flow = FlowRequest {
                    method,
                    url: encoded.url,
                    headers: encoded.headers,
                    length: Some(flow.length()),
                    body: Some(Box::pin(flow)),
                    timeout,
                };
                let reply = match self.rooms.transport.stream(flow).await {
                    Ok(reply) => transport::gathered(reply, max_reply, self.until).await,
                    Err(error) => Err(error),
                };
                (reply, sum.get().cloned().unwrap_or_default())
            }
        }
    }
}

impl Outbound for Door {
    fn send(&self, request: NativeRequest) -> BoxFuture<'_, Result<NativeReply, Fault>> {
        Box::pin(self.through(request))
    }

    fn recall(&self, name: &str) -> Option<Value> {
        self.checkpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    fn checkpoint<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if let Some(Held { id, fence }) = self.held {
                self.rooms
                    .journal
                    .checkpoint(id, fence, name.to_owned(), value.clone())
                    .await
                    .map_err(|error| Fault::new(FaultKind::Internal, NOT_KEPT).internal(error.to_string()))?;
            }
            self.checkpoints
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(name.to_owned(), value);
            Ok(())
        })
    }

    fn keep<'a>(&'a self, name: &'a str, content: Bytes) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        Box::pin(async move {
            let kept = files::keep(&self.rooms, self.owner.as_deref(), name, content).await?;
            self.note().kept.extend(kept.id.parse::<ExchangeId>());
            Ok(kept)
        })
    }

    fn fetch<'a>(&'a self, name: &'a str, link: &'a str) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        Box::pin(async move {
            let owner = files::owned(self.owner.as_deref())?;
            let kept = link::follow(&self.rooms, &self.system, owner, (name, link), self.until).await?;
            self.note().kept.extend(kept.id.parse::<ExchangeId>());
            Ok(kept)
        })
    }
}

/// What a connector put into a request, as JSON; files and texts are not kept.
pub(crate) fn body_of(request: &NativeRequest) -> Option<Value> {
    match &request.body {
        NativeBody::Json(value) | NativeBody::JsonFilled { value, .. } => Some(value.clone()),
        NativeBody::Form(pairs) => Some(Value::Object(
            pairs
                .iter()
                .map(|(n, v)| (n.clone(), Value::String(v.clone())))
                .collect(),
        )),
        NativeBody::Empty | NativeBody::Multipart(_) | NativeBody::Text { .. } => None,
    }
}

/// The door of a look-up: whatever it sends is treated as reading.
pub(super) struct ReadOnly<'a>(pub(super) &'a Door);

impl Outbound for ReadOnly<'_> {
    fn send(&self, request: NativeRequest) -> BoxFuture<'_, Result<NativeReply, Fault>> {
        self.0.send(request.reads_only())
    }

    fn recall(&self, name: &str) -> Option<Value> {
        self.0.recall(name)
    }

    fn checkpoint<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), Fault>> {
        self.0.checkpoint(name, value)
    }

    fn keep<'a>(&'a self, name: &'a str, content: Bytes) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        self.0.keep(name, content)
    }

    fn fetch<'a>(&'a self, name: &'a str, link: &'a str) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        self.0.fetch(name, link)
    }
}

/// Native code of calls that an open breaker held back.
pub(crate) const BREAKER_OPEN: &str = "breaker-open";

pub(super) const CLOSED: Text = Text::new(
    "Sistem tujuan sedang di luar jam layanan.",
    "The target system is outside its hours of service.",
);
pub(super) const SPARED: Text = Text::new(
    "Sistem tujuan sedang terganggu; panggilan ditahan sebentar.",
    "The target system is failing; calls are held back for a moment.",
);
const NOT_KEPT: Text = Text::new(
    "Gateway tidak dapat menyimpan langkah antara.",
    "The gateway could not store an intermediate step.",
);

pub(super) fn not_now(kind: FaultKind, text: Text, code: &str, wait: Duration) -> Fault {
    Fault::new(kind, text).native_code(code).retry_after(Some(wait))
}

/// The attempt ran out of time.
pub fn timed_out(landed: Landed) -> Fault {
    Fault::new(
        FaultKind::Timeout,
        Text::new(
            "Sistem tujuan tidak menjawab tepat waktu.",
            "The target system did not answer in time.",
        ),
    )
    .landed(landed)
}

pub(super) fn wire_fault(writes: bool, error: &WireError) -> Fault {
    let landed = match error.phase {
        Phase::AfterSend if writes => Landed::Unknown,
        Phase::BeforeSend | Phase::AfterSend => Landed::No,
    };
    let unreachable = Text::new(
        "Sistem tujuan tidak dapat dihubungi.",
        "The target system cannot be reached.",
    );
    let fault = match error.kind {
        // No connection in time is a matter of the way there, no answer in time one of the system.
        WireKind::Timeout if error.phase == Phase::BeforeSend => timed_out(landed).native_code("connect-timeout"),
        WireKind::Timeout => timed_out(landed),
        WireKind::Dns => Fault::new(FaultKind::Unavailable, unreachable).native_code("dns"),
        WireKind::Connect | WireKind::Closed => Fault::new(FaultKind::Unavailable, unreachable),
        WireKind::Tls => Fault::new(FaultKind::Unavailable, unreachable).native_code("tls"),
        WireKind::Egress => Fault::new(
            FaultKind::Misconfigured,
            Text::new(
                "Alamat sistem tujuan tidak diizinkan.",
                "The target system's address is not allowed.",
            ),
        )
        .native_code(EGRESS_REFUSED),
        WireKind::TooLarge => Fault::drift("reply larger than allowed"),
    };
    fault
        .landed(landed)
        .internal(format!("{:?} {:?}: {}", error.phase, error.kind, error.detail))
}
