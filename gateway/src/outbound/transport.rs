//! [`HttpTransport`]: the core's [`Transport`] over HTTP/1.1. One per data-plane thread. Sends each request once; only a
//! safe method on a kept connection that turns out dead is sent again, once, on a new one.

use super::address::{Origins, Target};
use super::connection::{Connection, before};
use super::dial::dial;
use super::egress::{Egress, Rules};
use super::passing::Kept;
use super::pool::Pool;
use crate::payload::Payload;
use crate::telemetry::Certificates;
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::{BoxFuture, NativeReply};
use gateway_core::deliver::{FlowReply, FlowRequest, Phase, Reach, Transport, WireError, WireKind, WireRequest};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, HOST, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What connections to systems may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundLimits {
    /// Longest time for name, connection and TLS together; a shorter deadline of the request wins.
    pub connect: Duration,
    /// A kept connection is closed after this long without use.
    pub idle: Duration,
    /// A connection is not used again when it is older, so that a changed address is followed.
    pub age: Duration,
    /// Requests at once to one host, per thread.
    pub per_host: usize,
    /// Kept connections per host, per thread.
    pub idle_per_host: usize,
}

impl Default for OutboundLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            age: Duration::from_secs(300),
            per_host: 256,
            idle_per_host: 64,
        }
    }
}

/// Headers that describe the message's frame or the connection: ours, whatever was asked for.
fn is_framing(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host"
            | "content-length"
            | "transfer-encoding"
            | "connection"
            | "upgrade"
            | "te"
            | "trailer"
            | "expect"
            | "proxy-authorization"
            | "keep-alive"
            | "proxy-connection"
    )
}

/// HTTP/1.1 towards the systems.
pub struct HttpTransport {
    egress: Arc<ArcSwap<Rules>>,
    tls: Arc<ClientConfig>,
    pool: Arc<Pool>,
    origins: Origins,
    limits: OutboundLimits,
    certificates: Arc<Certificates>,
}

impl HttpTransport {
    /// `egress` is shared with whoever reloads configuration; `tls` comes from [`super::tls::client`].
    pub fn new(egress: Arc<ArcSwap<Rules>>, tls: Arc<ClientConfig>, limits: OutboundLimits) -> Self {
        Self {
            egress,
            tls,
            pool: Arc::new(Pool::new(limits.clone())),
            origins: Origins::default(),
            limits,
            certificates: Arc::default(),
        }
    }

    /// Tells of the certificates that systems show.
    #[must_use]
    pub fn telling(mut self, certificates: Arc<Certificates>) -> Self {
        self.certificates = certificates;
        self
    }

    async fn run(&self, wire: WireRequest) -> Result<NativeReply, WireError> {
        let begun = Instant::now();
        let by = begun + wire.timeout;
        let target = self.origins.target(&wire.url).map_err(|error| WireError {
            phase: Phase::BeforeSend,
            kind: WireKind::Connect,
            detail: format!("endpoint: {error}"),
        })?;
        let peer = &target.peer;
        let rules = self.egress.load_full();
        let egress = rules.of(wire.reach);
        if wire.reach == Reach::Receiver && !peer.tls && !egress.names(&peer.host, peer.port) {
            return Err(before(WireKind::Egress, peer, "a receiver without TLS is not allowed"));
        }
        let room = self.pool.room(peer);
        let Ok(Ok(_permit)) = timeout_at(by, room.acquire_owned()).await else {
            return Err(before(WireKind::Timeout, peer, "no free connection in time"));
        };
        let safe = wire.method.is_safe();
        let kept = self.pool.take(peer, egress, !safe).await;
        let repeat = kept.is_some() && safe;
        let (max_reply, again) = (wire.max_reply, repeat.then(|| clone(&wire)));
        let connection = match kept {
            Some(connection) => connection,
            None => self.connect(&target, egress, begun, by).await?,
        };
        match (self.once(&target, connection, wire, max_reply, by).await, again) {
            (Err(failed), Some(wire)) if failed.unanswered => {
                let connection = self.connect(&target, egress, Instant::now(), by).await?;
                self.once(&target, connection, wire, max_reply, by).await
            }
            (result, _) => result,
        }
        .map_err(|failed| failed.error)
    }

    async fn connect(
        &self,
        target: &Target,
        egress: &Egress,
        begun: Instant,
        by: Instant,
    ) -> Result<Connection, WireError> {
        let by = by.min(begun + self.limits.connect);
        let tls = egress.tls(&target.peer.host, target.peer.port).unwrap_or(&self.tls);
        dial(target, egress, (tls, &self.certificates), by).await
    }

    async fn once(
        &self,
        target: &Target,
        mut connection: Connection,
        wire: WireRequest,
        max_reply: u64,
        by: Instant,
    ) -> Result<NativeReply, super::connection::Failed> {
        let request = message(target, wire);
        let reply = connection.send(&target.peer, request, max_reply, by).await?;
        self.pool.give(&target.peer, connection);
        Ok(reply)
    }

    async fn flow(&self, flow: FlowRequest) -> Result<FlowReply, WireError> {
        let begun = Instant::now();
        let by = begun + flow.timeout;
        let target = self.origins.target(&flow.url).map_err(|error| WireError {
            phase: Phase::BeforeSend,
            kind: WireKind::Connect,
            detail: format!("endpoint: {error}"),
        })?;
        let peer = &target.peer;
        let Ok(Ok(permit)) = timeout_at(by, self.pool.room(peer).acquire_owned()).await else {
            return Err(before(WireKind::Timeout, peer, "no free connection in time"));
        };
        let rules = self.egress.load_full();
        let egress = &rules.systems;
        let repeatable = flow.body.is_none() && flow.method.is_safe();
        let kept = self.pool.take(peer, egress, !repeatable).await;
        // Only what carries nothing and changes nothing can be sent again after a kept connection turned out dead.
        let again = (kept.is_some() && repeatable).then(|| FlowRequest {
            method: flow.method.clone(),
            url: String::new(),
            headers: flow.headers.clone(),
            body: None,
            length: None,
            timeout: flow.timeout,
        });
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connect(&target, egress, begun, by).await?,
        };
        let response = match (connection.begin(peer, passing(&target, flow), by).await, again) {
            (Err(failed), Some(again)) if failed.unanswered => {
                connection = self.connect(&target, egress, Instant::now(), by).await?;
                connection.begin(peer, passing(&target, again), by).await
            }
            (result, _) => result,
        }
        .map_err(|failed| failed.error)?;
        let (head, body) = response.into_parts();
        Ok(FlowReply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: Box::pin(Kept::new(body, connection, &self.pool, target.peer, permit)),
        })
    }

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.pool.idle()
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        Box::pin(self.run(request))
    }

    fn stream(&self, request: FlowRequest) -> BoxFuture<'_, Result<FlowReply, WireError>> {
        Box::pin(self.flow(request))
    }
}

fn clone(wire: &WireRequest) -> WireRequest {
    WireRequest {
        reach: wire.reach,
        method: wire.method.clone(),
        url: String::new(),
        headers: wire.headers.clone(),
        body: wire.body.clone(),
        max_reply: wire.max_reply,
        timeout: wire.timeout,
    }
}

/// The message as it goes on the wire: path, our framing, everything else as the door made it.
fn message(target: &Target, wire: WireRequest) -> Request<Payload> {
    let length = wire.body.len();
    let mut request = framed(target, wire.method, wire.headers, wire.body.into());
    let carries = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if length > 0 || carries {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    request
}

/// The same with a body that passes through: its announced length, or chunks.
fn passing(target: &Target, flow: FlowRequest) -> Request<Payload> {
    let body = flow.body.map_or_else(|| Payload::from(Bytes::new()), Payload::Flow);
    let mut request = framed(target, flow.method, flow.headers, body);
    if let (Payload::Flow(_), Some(length)) = (request.body(), flow.length) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    request
}

fn framed(target: &Target, method: Method, given: HeaderMap, body: Payload) -> Request<Payload> {
    let mut request = Request::new(body);
    let headers = request.headers_mut();
    *headers = given;
    let framing: Vec<HeaderName> = headers.keys().filter(|name| is_framing(name)).cloned().collect();
    for name in &framing {
        headers.remove(name);
    }
    headers.insert(HOST, target.host.clone());
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!("simpul/", env!("CARGO_PKG_VERSION"))));
    *request.method_mut() = method;
    *request.uri_mut() = http::Uri::from(target.path.clone());
    request
}
