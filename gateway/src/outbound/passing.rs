//! A reply that passes through: holds its connection until the last byte, then gives it back. Dropped before that, the
//! connection goes with it, since the rest of the reply would stand in the next one's way.

use super::address::Peer;
use super::connection::Connection;
use super::pool::Pool;
use bytes::Bytes;
use gateway_core::deliver::FlowError;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::OwnedSemaphorePermit;

/// The body and what it holds.
pub(super) struct Kept {
    body: Incoming,
    held: Option<(Connection, OwnedSemaphorePermit)>,
    pool: Arc<Pool>,
    peer: Peer,
}

impl Kept {
    pub(super) fn new(
        body: Incoming,
        connection: Connection,
        pool: &Arc<Pool>,
        peer: Peer,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let mut kept = Self {
            body,
            held: Some((connection, permit)),
            pool: Arc::clone(pool),
            peer,
        };
        if kept.body.is_end_stream() {
            kept.give();
        }
        kept
    }

    fn give(&mut self) {
        if let Some((connection, _permit)) = self.held.take() {
            self.pool.give(&self.peer, connection);
        }
    }
}

impl Body for Kept {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, FlowError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(_))) if self.body.is_end_stream() => self.give(),
            Poll::Ready(None) => self.give(),
            Poll::Ready(Some(Err(_))) => drop(self.held.take()),
            Poll::Ready(Some(Ok(_))) | Poll::Pending => {}
        }
        polled.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
