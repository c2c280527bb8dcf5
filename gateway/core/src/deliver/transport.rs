//! The wire behind the door. The edge implements [`Transport`] with an HTTP client; tests with a function.

use bytes::Bytes;
use connector_sdk::{BoxFuture, NativeReply};
use http::{HeaderMap, Method};
use std::fmt;
use std::time::Duration;

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
}
