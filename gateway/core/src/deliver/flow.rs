//! Bodies under way through the pass-through: counted, digested, bounded in size and silence. The last byte of a reply, or
//! its loss, closes the record of the exchange. Used by `passage` alone.

use super::system::System;
use super::transport::{Flow, FlowError};
use crate::authorize::Grant;
use crate::evidence::{Record, fault_word};
use crate::identity::Consumer;
use crate::ids::ExchangeId;
use crate::observe::{Finished, Tried};
use crate::pipeline::Rooms;
use crate::record;
use crate::time::Clock;
use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Landed, Origin, Text};
use http_body::{Body, Frame, SizeHint};
use jiff::Timestamp;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as Task, Poll};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

/// Hex digest of a request body, once it has been sent whole.
#[derive(Clone, Default)]
pub(super) struct Tally(Arc<OnceLock<String>>);

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request body on its way out.
pub(super) struct Sent {
    inner: Flow,
    left: u64,
    digest: Option<Context>,
    tally: Tally,
}

impl Sent {
    pub(super) fn new(inner: Flow, limit: u64, tally: Tally) -> Self {
        Self {
            inner,
            left: limit,
            digest: Some(Context::new(&SHA256)),
            tally,
        }
    }

    fn end(&mut self) {
        if let Some(digest) = self.digest.take() {
            _ = self.tally.0.set(hex::encode(digest.finish()));
        }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Result<Frame<Bytes>, FlowError>>> {
        let polled = self.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    let Some(left) = self.left.checked_sub(data.len() as u64) else {
                        return Poll::Ready(Some(Err("the body is larger than allowed".into())));
                    };
                    self.left = left;
                    if let Some(digest) = &mut self.digest {
                        digest.update(data);
                    }
                }
                if self.inner.is_end_stream() {
                    self.end();
                }
            }
            Poll::Ready(None) => self.end(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A reply body on its way to the caller. Ends the record exactly once: whole, broken, or dropped.
pub(super) struct Replied {
    inner: Flow,
    digest: Context,
    account: Option<Answered>,
    _slot: OwnedSemaphorePermit,
    clock: Arc<dyn Clock>,
    silence: Duration,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Replied {
    pub(super) fn new(inner: Flow, account: Answered, slot: OwnedSemaphorePermit, silence: Duration) -> Self {
        let clock = Arc::clone(&account.account.rooms.clock);
        let mut replied = Self {
            inner,
            digest: Context::new(&SHA256),
            account: Some(account),
            _slot: slot,
            clock,
            silence,
            waiting: None,
        };
        if replied.inner.is_end_stream() {
            replied.close(None);
        }
        replied
    }

    fn close(&mut self, broken: Option<&'static str>) {
        if let Some(account) = self.account.take() {
            account.close(hex::encode(self.digest.clone().finish()), broken);
        }
    }
}

impl Body for Replied {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Result<Frame<Bytes>, FlowError>>> {
        let this = &mut *self;
        let polled = this.inner.as_mut().poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.waiting = None;
                if let Some(data) = frame.data_ref() {
                    this.digest.update(data);
                }
                if this.inner.is_end_stream() {
                    this.close(None);
                }
            }
            Poll::Ready(None) => this.close(None),
            Poll::Ready(Some(Err(_))) => this.close(Some("broken")),
            Poll::Pending => {
                let (clock, silence) = (Arc::clone(&this.clock), this.silence);
                let waiting = this
                    .waiting
                    .get_or_insert_with(|| Box::pin(async move { clock.sleep(silence).await }));
                if waiting.as_mut().poll(cx).is_ready() {
                    this.close(Some("timeout"));
                    return Poll::Ready(Some(Err("the system fell silent within its reply".into())));
                }
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Replied {
    fn drop(&mut self) {
        self.close(Some("abandoned"));
    }
}

/// The open record of one passage.
pub(super) struct Account {
    rooms: Arc<Rooms>,
    system: Arc<System>,
    operation: String,
    consumer: Arc<Consumer>,
    grant: Arc<Grant>,
    exchange: ExchangeId,
    started: Timestamp,
    begun: Instant,
}

impl Account {
    pub(super) fn open(
        rooms: &Arc<Rooms>,
        system: &Arc<System>,
        operation: String,
        consumer: &Arc<Consumer>,
        grant: &Arc<Grant>,
        exchange: ExchangeId,
    ) -> Self {
        Self {
            rooms: Arc::clone(rooms),
            system: Arc::clone(system),
            operation,
            consumer: Arc::clone(consumer),
            grant: Arc::clone(grant),
            exchange,
            started: rooms.clock.now(),
            begun: Instant::now(),
        }
    }

    /// Nothing came back.
    pub(super) fn fault(&self, fault: Fault) -> super::passage::Stopped {
        self.write(fault_word(&fault), None, Some(fault.origin), fault.landed, Some(&fault));
        super::passage::Stopped::Faulted(fault)
    }

    /// The head of a reply is there.
    pub(super) fn answered(self, status: u16, writes: bool, tally: Option<Tally>) -> Answered {
        Answered {
            account: self,
            status,
            writes,
            tally,
        }
    }

    fn write(
        &self,
        result: &'static str,
        native: Option<(String, String)>,
        origin: Option<Origin>,
        landed: Landed,
        fault: Option<&Fault>,
    ) {
        let rooms = &self.rooms;
        let at = rooms.clock.now();
        rooms.observer.tried(&Tried {
            exchange: self.exchange,
            operation: &self.operation,
            system: &self.system.id,
            attempt: 1,
            result,
            landed: match landed {
                Landed::Yes => "yes",
                Landed::No => "no",
                Landed::Unknown => "unknown",
            },
            state: "read",
            system_time: self.begun.elapsed(),
            at,
            failed: fault.map(|fault| record::failed(rooms, &self.system.id, fault, at)),
            trace: None,
        });
        rooms.observer.finished(&Finished {
            exchange: self.exchange,
            operation: &self.operation,
            consumer: &self.consumer.id,
            result,
            refused: false,
            replayed: false,
        });
        record::note(
            rooms,
            &Record {
                exchange: self.exchange,
                consumer: &self.consumer.id,
                operation: &self.operation,
                system: &self.system.id,
                purpose: &self.grant.purpose,
                started: self.started,
                ended: at,
                state: None,
                result,
                attempt: 1,
                input: None,
                reply: None,
                native,
                origin,
                landed: Some(landed),
                about: None,
            },
        );
    }
}

/// The record of a passage whose reply is under way.
pub(super) struct Answered {
    account: Account,
    status: u16,
    /// Whether the method may change something there.
    writes: bool,
    tally: Option<Tally>,
}

impl Answered {
    fn close(self, reply: String, broken: Option<&'static str>) {
        let result = match (broken, self.status) {
            (Some(how), _) => how,
            (None, ..400) => "ok",
            (None, 404) => "not_found",
            (None, 400..500) => "rejected",
            (None, _) => "unavailable",
        };
        // A request that was answered before its end, or changed in size, has no digest of its whole.
        let request = match &self.tally {
            None => EMPTY.to_owned(),
            Some(tally) => tally.0.get().cloned().unwrap_or_default(),
        };
        let (origin, landed) = match result {
            "ok" => (None, Landed::Yes),
            "not_found" | "rejected" => (Some(Origin::System), Landed::No),
            "abandoned" => (Some(Origin::Consumer), Landed::Unknown),
            _ => (Some(Origin::System), Landed::Unknown),
        };
        let landed = if self.writes { landed } else { Landed::No };
        // The reply itself went through; only that the system failed is judged.
        let fault = match result {
            "timeout" => Some(FaultKind::Timeout),
            "unavailable" => Some(FaultKind::Unavailable),
            _ => None,
        };
        let fault = fault.map(|kind| {
            Fault::new(
                kind,
                Text::new("Sistem tujuan terganggu.", "The target system is failing."),
            )
        });
        self.account
            .write(result, Some((request, reply)), origin, landed, fault.as_ref());
    }
}
