//! Parts of an answer that are made while it is sent. A part that cannot be made breaks the answer off, so that nobody
//! takes a piece for the whole; a reader that goes away stops whoever makes them.

use bytes::Bytes;
use gateway_core::deliver::FlowError;
use http_body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// See the module.
pub(super) struct Parts(pub(super) mpsc::Receiver<Result<Bytes, FlowError>>);

impl Body for Parts {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, FlowError>>> {
        self.0.poll_recv(cx).map(|part| part.map(|part| part.map(Frame::data)))
    }
}
