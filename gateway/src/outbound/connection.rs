//! One open connection: sends a request on it and says how far that got. Dropping it ends its task at once, so a call
//! that is given up leaves nothing behind.

use super::address::Peer;
use super::watch::Ledger;
use crate::payload::Payload;
use connector_sdk::NativeReply;
use gateway_core::deliver::{Phase, WireError, WireKind};
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a kept connection may take to get ready again; it is discarded otherwise.
const READY: Duration = Duration::from_millis(250);

/// A failure of `BeforeSend`. The text names host and cause only.
pub(super) fn before(kind: WireKind, peer: &Peer, why: impl fmt::Display) -> WireError {
    failed(Phase::BeforeSend, kind, peer, why)
}

fn failed(phase: Phase, kind: WireKind, peer: &Peer, why: impl fmt::Display) -> WireError {
    WireError {
        phase,
        kind,
        detail: format!("{peer}: {why}"),
    }
}

/// Why a request on a connection failed.
pub(super) struct Failed {
    /// For the door.
    pub(super) error: WireError,
    /// The other side hung up before it said anything: on a kept connection that is the usual race.
    pub(super) unanswered: bool,
}

/// One connection, used by one request at a time.
pub(super) struct Connection {
    sender: SendRequest<Payload>,
    ledger: Ledger,
    task: JoinHandle<()>,
    address: IpAddr,
    opened: Instant,
    used: Instant,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.ledger.seal();
        self.task.abort();
    }
}

impl Connection {
    pub(super) fn new(sender: SendRequest<Payload>, ledger: Ledger, task: JoinHandle<()>, address: IpAddr) -> Self {
        let now = Instant::now();
        Self {
            sender,
            ledger,
            task,
            address,
            opened: now,
            used: now,
        }
    }

    /// The address it is connected to.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether the other side is known to have hung up.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// When it was opened and last used.
    pub(super) fn times(&self) -> (Instant, Instant) {
        (self.opened, self.used)
    }

    /// Marks it used now.
    pub(super) fn rest(&mut self) {
        self.used = Instant::now();
    }

    /// Whether a kept connection can take a request. With `look` the runtime looks at the socket first, so that a hang-up
    /// that has already arrived is seen before anything is written; what can be sent twice needs no look.
    pub(super) async fn wakes(&mut self, look: bool) -> bool {
        if look {
            tokio::task::yield_now().await;
        }
        !self.is_closed() && matches!(timeout(READY, self.sender.ready()).await, Ok(Ok(())))
    }

    /// Sends `request` and takes in the whole reply.
    pub(super) async fn send(
        &mut self,
        peer: &Peer,
        request: Request<Payload>,
        max_reply: u64,
        by: Instant,
    ) -> Result<NativeReply, Failed> {
        let response = self.begin(peer, request, by).await?;
        // A reply has begun, so the request was seen: from here on every failure is `AfterSend`.
        take_in(response, max_reply, by).await.map_err(|(kind, why)| Failed {
            unanswered: false,
            error: failed(Phase::AfterSend, kind, peer, why),
        })
    }

    /// Sends `request` and waits for the head of the reply.
    pub(super) async fn begin(
        &mut self,
        peer: &Peer,
        request: Request<Payload>,
        by: Instant,
    ) -> Result<Response<Incoming>, Failed> {
        let earlier = self.ledger.written();
        match timeout_at(by, self.sender.send_request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => {
                let what = if error.is_parse() || error.is_parse_too_large() {
                    "the reply is not HTTP"
                } else {
                    "hung up before answering"
                };
                Err(Failed {
                    unanswered: !(error.is_parse() || error.is_parse_too_large()),
                    error: self.failed(earlier, WireKind::Closed, peer, what),
                })
            }
            Err(_) => Err(Failed {
                unanswered: false,
                error: self.failed(earlier, WireKind::Timeout, peer, "no answer in time"),
            }),
        }
    }

    /// Ends the connection and says whether a byte of the request was taken.
    fn failed(&self, earlier: u64, kind: WireKind, peer: &Peer, why: &str) -> WireError {
        let phase = if self.ledger.seal() > earlier {
            Phase::AfterSend
        } else {
            Phase::BeforeSend
        };
        failed(phase, kind, peer, why)
    }
}

async fn take_in(
    response: Response<Incoming>,
    max_reply: u64,
    by: Instant,
) -> Result<NativeReply, (WireKind, &'static str)> {
    const LARGE: (WireKind, &str) = (WireKind::TooLarge, "the reply is larger than allowed");
    let (head, body) = response.into_parts();
    if body.size_hint().lower() > max_reply {
        return Err(LARGE);
    }
    let limit = usize::try_from(max_reply).unwrap_or(usize::MAX);
    let body = match timeout_at(by, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(LARGE),
        Ok(Err(_)) => return Err((WireKind::Closed, "hung up within the reply")),
        Err(_) => return Err((WireKind::Timeout, "no complete answer in time")),
    };
    Ok(NativeReply {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    })
}
