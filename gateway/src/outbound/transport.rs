//! [`HttpTransport`]: the core's [`Transport`] over HTTP/1.1. One per data-plane thread. Sends each request once; only a
//! safe method on a kept connection that turns out dead is sent again, once, on a new one.

use super::address::Target;
use super::connection::{Connection, before};
use super::dial::dial;
use super::egress::{Egress, Rules};
use super::pool::Pool;
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::{BoxFuture, NativeReply};
use gateway_core::deliver::{Phase, Reach, Transport, WireError, WireKind, WireRequest};
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderName, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT,
};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
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
const FRAMING: [HeaderName; 9] = [
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    UPGRADE,
    TE,
    TRAILER,
    EXPECT,
    PROXY_AUTHORIZATION,
];
/// The same, without a name in the library.
const FRAMING_OTHER: [&str; 2] = ["keep-alive", "proxy-connection"];

/// HTTP/1.1 towards the systems.
pub struct HttpTransport {
    egress: Arc<ArcSwap<Rules>>,
    tls: Arc<ClientConfig>,
    pool: Arc<Pool>,
    limits: OutboundLimits,
}

impl HttpTransport {
    /// `egress` is shared with whoever reloads configuration; `tls` comes from [`super::tls::client`].
    pub fn new(egress: Arc<ArcSwap<Rules>>, tls: Arc<ClientConfig>, limits: OutboundLimits) -> Self {
        Self {
            egress,
            tls,
            pool: Arc::new(Pool::new(limits.clone())),
            limits,
        }
    }

    async fn run(&self, wire: WireRequest) -> Result<NativeReply, WireError> {
        let begun = Instant::now();
        let by = begun + wire.timeout;
        let target = Target::parse(&wire.url).map_err(|error| WireError {
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
        let Ok(Ok(_permit)) = timeout_at(by, room.acquire()).await else {
            return Err(before(WireKind::Timeout, peer, "no free connection in time"));
        };
        let kept = self.pool.take(peer, egress).await;
        let repeat = kept.is_some() && wire.method.is_safe();
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
        dial(target, egress, &self.tls, by.min(begun + self.limits.connect)).await
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

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.pool.idle()
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
        Box::pin(self.run(request))
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
fn message(target: &Target, wire: WireRequest) -> Request<Full<Bytes>> {
    let length = wire.body.len();
    let mut request = Request::new(Full::new(wire.body));
    let headers = request.headers_mut();
    *headers = wire.headers;
    for name in &FRAMING {
        headers.remove(name);
    }
    for name in FRAMING_OTHER {
        headers.remove(name);
    }
    headers.insert(HOST, target.host.clone());
    let carries = [Method::POST, Method::PUT, Method::PATCH].contains(&wire.method);
    if length > 0 || carries {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers
        .entry(USER_AGENT)
        .or_insert(HeaderValue::from_static(concat!("simpul/", env!("CARGO_PKG_VERSION"))));
    *request.method_mut() = wire.method;
    *request.uri_mut() = http::Uri::from(target.path.clone());
    request
}
