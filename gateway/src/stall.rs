//! A connection whose peer does not take what we write is cut: answers that nobody reads hold memory and descriptors. Used
//! by the listener, under TLS and HTTP. Reading is bounded by the head's and the body's time elsewhere; what passes is told
//! to the connection's watch.

use crate::connections::Watch;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Bytes a second below which a peer counts as stalled, once it makes us wait.
const SLOWEST: u64 = 1024;

/// A stream that gives up on a peer which takes less than [`SLOWEST`] over a whole window.
pub(crate) struct Unstalled<S> {
    inner: S,
    window: Duration,
    /// Runs while we wait for the peer.
    waiting: Option<Pin<Box<Sleep>>>,
    taken: u64,
    watch: Arc<Watch>,
}

impl<S> Unstalled<S> {
    pub(crate) fn new(inner: S, window: Duration, watch: Arc<Watch>) -> Self {
        Self {
            inner,
            window,
            waiting: None,
            taken: 0,
            watch,
        }
    }

    /// What a write came to, with the clock of the window kept beside it.
    fn judged<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        bytes: impl Fn(&T) -> u64,
    ) -> Poll<io::Result<T>> {
        match &written {
            Poll::Ready(Ok(done)) => {
                self.watch.written();
                self.taken = self.taken.saturating_add(bytes(done));
                // A fast peer never starts the clock; one that has caught up is judged anew.
                if self.taken >= SLOWEST.saturating_mul(self.window.as_secs().max(1)) {
                    self.waiting = None;
                }
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let window = self.window;
                let taken = &mut self.taken;
                let waiting = self.waiting.get_or_insert_with(|| {
                    *taken = 0;
                    Box::pin(tokio::time::sleep(window))
                });
                ready!(waiting.as_mut().poll(cx));
                if *taken < SLOWEST.saturating_mul(window.as_secs().max(1)) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                *taken = 0;
                waiting.as_mut().reset(Instant::now() + window);
                // Registers the new end of the window.
                _ = waiting.as_mut().poll(cx);
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Unstalled<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.watch.read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Unstalled<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judged(cx, written, |n| *n as u64)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judged(cx, written, |n| *n as u64)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.judged(cx, flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let down = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.judged(cx, down, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const WINDOW: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_cut() {
        let (near, _far) = tokio::io::duplex(64);
        let mut near = Unstalled::new(near, WINDOW, Arc::default());
        let begun = Instant::now();
        let error = near.write_all(&[0; 4096]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= WINDOW && begun.elapsed() < WINDOW * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_cut_and_a_slow_but_steady_peer_is_not() {
        for (every, survives) in [(Duration::from_secs(1), false), (Duration::from_millis(20), true)] {
            let (near, mut far) = tokio::io::duplex(64);
            let reading = tokio::spawn(async move {
                let mut buffer = [0; 64];
                while let Ok(1..) = far.read(&mut buffer).await {
                    tokio::time::sleep(every).await;
                }
            });
            let mut near = Unstalled::new(near, WINDOW, Arc::default());
            let written = near.write_all(&[0; 96 * 1024]).await;
            assert_eq!(written.is_ok(), survives, "a read each {every:?}");
            reading.abort();
        }
    }
}
