//! What a system pushes to us: verified, named, acknowledged in its own form, translated later.

use crate::{Str, Text};
use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A declared push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookSpec {
    /// Name in the path `/masuk/{system}/{hook}`.
    pub id: Str,
    /// One sentence.
    pub summary: Text,
    /// Type of the event it becomes, for example `nib.diterima`.
    pub event: Str,
    /// Schema id of the event's data.
    pub schema: Str,
    /// JSON pointers in the event's data whose values together are its subject.
    pub subject: Vec<Str>,
    /// Largest body in bytes.
    pub max_body: u64,
}

/// A push as it arrived. `Debug` shows sizes only.
pub struct Inbound<'a> {
    /// Raw query string.
    pub query: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Exact body bytes, so that signatures can be checked over them.
    pub body: &'a Bytes,
    /// Address of the peer, if the listener knows it.
    pub peer: Option<std::net::IpAddr>,
    /// When it arrived.
    pub now: jiff::Timestamp,
}

impl fmt::Debug for Inbound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbound({} bytes)", self.body.len())
    }
}

/// Why a push was not accepted; `answer` is what the system is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// For the operator; never personal data.
    pub reason: Str,
    /// In the system's own form.
    pub answer: Acknowledgement,
}

/// What `Hook::verify` found out about the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How the sender proved itself, for the evidence.
    pub by: Str,
}

/// The answer in the system's own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub content_type: Str,
    /// Body.
    pub body: Bytes,
}

impl Acknowledgement {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json".into(),
            body: body.to_string().into(),
        }
    }
}

/// The canonical event of a push.
#[derive(Debug, Clone, PartialEq)]
pub struct Translated {
    /// Key whose events stay in order.
    pub ordering: String,
    /// Event data, valid under the hook's schema.
    pub data: Value,
}

/// One hook. There is no default for `verify`: a push that cannot prove its sender is not accepted.
pub trait Hook: Send + Sync {
    /// Its specification.
    fn spec(&self) -> &HookSpec;
    /// What can be judged before the body is read: the source, and that there is a proof at all. `inbound.body` is empty
    /// here. What passes is still verified.
    fn admit(&self, _inbound: &Inbound<'_>) -> Result<(), Refused> {
        Ok(())
    }
    /// Checks the sender, in constant time where secrets are compared, before the body is trusted.
    fn verify(&self, inbound: &Inbound<'_>) -> Result<Verified, Refused>;
    /// Id under which a retransmission is recognised; a *changed* push has another id.
    fn event_id(&self, inbound: &Inbound<'_>, verified: &Verified) -> Result<String, Refused>;
    /// Key whose pushes are translated in the order of their arrival; none: no order. Called after `verify`, and cheap.
    fn lane(&self, _inbound: &Inbound<'_>) -> Option<String> {
        None
    }
    /// The answer once the push is durable; `repeated` when it was durable before.
    fn acknowledge(&self, inbound: &Inbound<'_>, repeated: bool) -> Acknowledgement;
    /// The answer when the push was not taken for no fault of its sender's proof (not stored, too large, broken off), so
    /// that the system sends it again. `status` is what HTTP would say.
    fn not_taken(&self, status: u16) -> Acknowledgement {
        Acknowledgement {
            status,
            content_type: "application/json".into(),
            body: Bytes::new(),
        }
    }
    /// Native to canonical, later, from the stored bytes.
    fn translate(&self, body: &Bytes, query: &str) -> Result<Translated, crate::Fault>;
}
