//! The wire behind the door. The edge implements [`Transport`] with an HTTP client; tests with a function.

use bytes::{Bytes, BytesMut};
use connector_sdk::{BoxFuture, NativeReply};
use http::{HeaderMap, Method};
use std::fmt;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;

/// By whose word an address may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Configuration names the system and its address.
    System,
    /// A consumer registered the address of a receiver.
    Receiver,
}

/// A request ready for the wire. `Debug` shows method and size only.
pub struct WireRequest {
    /// By whose word.
    pub reach: Reach,
    /// Method.
    pub method: Method,
    /// Absolute URL: the system's endpoint with path and query.
    pub url: String,
    /// All headers, credentials included.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Largest reply body accepted.
    pub max_reply: u64,
    /// Longest the whole try may take.
    pub timeout: Duration,
}

impl fmt::Debug for WireRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireRequest({}, {} bytes)", self.method, self.body.len())
    }
}

/// What breaks a body under way; for the operator, never content.
pub type FlowError = Box<dyn std::error::Error + Send + Sync>;

/// A body under way.
pub type Flow = Pin<Box<dyn http_body::Body<Data = Bytes, Error = FlowError> + Send>>;

/// A request whose body is sent on as it comes. `Debug` shows the method only.
pub struct FlowRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL: the system's endpoint with path and query.
    pub url: String,
    /// All headers, credentials included.
    pub headers: HeaderMap,
    /// Body; `None` when there is none.
    pub body: Option<Flow>,
    /// Its announced length.
    pub length: Option<u64>,
    /// Longest wait for the head of the reply.
    pub timeout: Duration,
}

impl FlowRequest {
    /// The same without its body.
    pub(super) fn without_body(&self) -> Self {
        Self {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: None,
            length: None,
            timeout: self.timeout,
        }
    }
}

impl fmt::Debug for FlowRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlowRequest({})", self.method)
    }
}

/// A reply whose body is still coming. `Debug` shows the status only.
pub struct FlowReply {
    /// Native status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Flow,
}

impl fmt::Debug for FlowReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlowReply({})", self.status)
    }
}

/// A reply whole, within a size and until a moment.
pub(super) async fn gathered(reply: FlowReply, limit: u64, until: Instant) -> Result<NativeReply, WireError> {
    let broken = |kind, detail: String| WireError {
        phase: Phase::AfterSend,
        kind,
        detail,
    };
    let mut body = reply.body;
    let reading = async {
        let mut whole = BytesMut::new();
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            let frame = frame.map_err(|error| broken(WireKind::Closed, error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            if (whole.len() + data.len()) as u64 > limit {
                return Err(broken(WireKind::TooLarge, "reply".into()));
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    };
    let whole = tokio::time::timeout_at(until, reading).await;
    let body = whole.map_err(|_| broken(WireKind::Timeout, "reply".into()))??;
    Ok(NativeReply {
        status: reply.status,
        headers: reply.headers,
        body,
    })
}

/// Whether anything can have reached the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not a byte of the request left.
    BeforeSend,
    /// The request, or a part of it, may have arrived.
    AfterSend,
}

/// What went wrong on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireKind {
    /// The name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// TLS refused.
    Tls,
    /// The address is not allowed.
    Egress,
    /// Out of time.
    Timeout,
    /// The other side hung up.
    Closed,
    /// The reply is larger than allowed.
    TooLarge,
}

/// A failed try on the wire.
#[derive(Debug, Clone)]
pub struct WireError {
    /// When.
    pub phase: Phase,
    /// What.
    pub kind: WireKind,
    /// For the operator: host and cause, never content.
    pub detail: String,
}

/// Sends one request once.
pub trait Transport: Send + Sync {
    /// One request, one complete reply within the caps.
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>>;

    /// One request and the head of its reply; both bodies pass through. A wire that cannot says so before it sends.
    fn stream(&self, _request: FlowRequest) -> BoxFuture<'_, Result<FlowReply, WireError>> {
        Box::pin(std::future::ready(Err(WireError {
            phase: Phase::BeforeSend,
            kind: WireKind::Connect,
            detail: "this wire does not stream".into(),
        })))
    }
}
