//! One published thing a consumer can ask for: its specification (data) and its translation (two pure functions).

use crate::{BoxFuture, Call, Fault, NativeReply, NativeRequest, Outbound, Str, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a write may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// The system recognises our reference: repeating is harmless.
    Native,
    /// Repeating is safe only after a look-up by reference shows that it did not land.
    ByReference,
    /// Never repeated by itself; an unknown outcome waits for a person.
    Unsafe,
}

/// What an operation does to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing.
    Read,
    /// Changes something.
    Write {
        /// How it may be repeated.
        replay: Replay,
    },
}

impl Effect {
    /// Whether the operation changes anything.
    pub fn writes(self) -> bool {
        matches!(self, Self::Write { .. })
    }
}

/// When the result is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// In the reply.
    Immediate,
    /// The reply is a ticket; the result is polled.
    Ticket,
    /// The system calls back.
    Callback,
}

/// How a reading operation is paged towards the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// One answer holds everything.
    None,
    /// Page numbers from 1.
    Number,
    /// An opaque cursor.
    Cursor,
}

/// A record that keeps changing in the system after a write: how the gateway follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The reading operation that tells where the record stands.
    pub read: Str,
    /// JSON pointer in the write's canonical reply to the input of that reading operation's `id`.
    pub id: Str,
    /// JSON pointer in the reading's reply that says where the record stands.
    pub state: Str,
    /// Values of `state` that are final.
    pub until: Vec<Str>,
    /// Seconds between looks.
    pub every_s: u32,
    /// Seconds to keep looking after a final value, since some systems reopen.
    pub grace_s: u32,
}

/// The published shape of an operation. Routing, refusals, docs, console and conformance trials all read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationSpec {
    /// Canonical id, for example `pengaduan.kirim`.
    pub id: Str,
    /// One sentence.
    pub summary: Text,
    /// Schema id of the canonical input.
    pub request_schema: Str,
    /// Schema id of the canonical reply.
    pub reply_schema: Str,
    /// Effect on the system.
    pub effect: Effect,
    /// When the result is known.
    pub answer: Answer,
    /// JSON pointers into the input whose values together name the business object: one effect per reference, over
    /// all attempts, keys and restarts. Empty: the exchange id is the reference.
    pub reference: Vec<Str>,
    /// JSON pointers into the input whose values together name the lane: first in, first out. Empty: no order.
    pub ordering: Vec<Str>,
    /// Milliseconds one attempt may take, all steps together, unless configuration says otherwise.
    pub deadline_ms: u32,
    /// Paging towards the system.
    pub paging: Paging,
    /// How to follow the record after the write.
    pub follow: Option<Follow>,
}

/// What a look-up found out about a write of unknown outcome.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// It landed; the canonical reply of the write, as if it had answered.
    Landed(Value),
    /// It certainly did not land: sending again is safe.
    NotLanded,
    /// The look-up cannot tell (not configured, too early, several candidates): wait for a person.
    Unclear(Str),
}

/// The look-up by which a write of unknown outcome is reconciled. Only reads. The gateway calls [`Lookup::run`].
pub trait Lookup: Send + Sync {
    /// The reading request, or `None` when configuration does not allow a look-up.
    fn request(&self, call: &Call<'_>, input: &Value) -> Option<NativeRequest>;
    /// What the reply means.
    fn found(&self, call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault>;

    /// The whole look-up. Override only when the answer may lie on a later page than the first; a look-up that cannot
    /// see everything must end [`Found::Unclear`], never [`Found::NotLanded`].
    fn run<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Found, Fault>> {
        Box::pin(async move {
            let Some(request) = self.request(call, input) else {
                return Ok(Found::Unclear("no look-up is configured".into()));
            };
            let reply = out.send(request).await?;
            self.found(call, input, &reply)
        })
    }
}

/// One operation of a connector.
pub trait Operation: Send + Sync {
    /// Its specification.
    fn spec(&self) -> &OperationSpec;

    /// Whether the caller must say a secret beside the body (a signer's passphrase). It is held in memory for this one
    /// try, put in by the door where the request says [`crate::Content::CallerSecret`] or [`crate::Fill::CallerSecret`],
    /// and never stored: such a write is never answered asynchronously and never repeated by itself.
    fn takes_secret(&self) -> bool {
        false
    }

    /// Canonical to native. Pure. `Err` is a fault of kind `Invalid` with pointers, or `Misconfigured`.
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault>;

    /// Native to canonical. Pure. `reply` has passed the connector's screen.
    fn reply(&self, call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault>;

    /// The whole run. Override only for systems that need several steps.
    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let request = self.request(call, input)?;
            let reply = out.send(request).await?;
            self.reply(call, input, &reply)
        })
    }

    /// How an unknown outcome is reconciled. Required for `Replay::ByReference`.
    fn lookup(&self) -> Option<&dyn Lookup> {
        None
    }
}
