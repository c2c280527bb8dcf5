//! Counts what really left. [`Watched`] wraps the stream under the HTTP client; its [`Ledger`] says how many bytes were
//! taken and can be sealed, after which not one more is taken, whatever thread the connection runs on. That makes
//! "not a byte of the request left" a fact instead of a guess.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[derive(Debug, Default)]
struct Page {
    written: u64,
    sealed: bool,
}

/// Shared between a stream and whoever asks what it sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Arc<Mutex<Page>>);

impl Ledger {
    /// Bytes taken so far.
    pub(super) fn written(&self) -> u64 {
        self.open().written
    }

    /// Ends writing for good and says how many bytes were taken.
    pub(super) fn seal(&self) -> u64 {
        let mut page = self.open();
        page.sealed = true;
        page.written
    }

    fn open(&self) -> MutexGuard<'_, Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, write: impl FnOnce() -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let mut page = self.open();
        if page.sealed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let taken = write();
        if let Poll::Ready(Ok(bytes)) = &taken {
            page.written = page.written.saturating_add(u64::try_from(*bytes).unwrap_or(u64::MAX));
        }
        taken
    }
}

/// A stream that keeps a ledger.
pub(super) struct Watched<S> {
    inner: S,
    ledger: Ledger,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S, ledger: Ledger) -> Self {
        Self { inner, ledger }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Self { inner, ledger } = &mut *self;
        ledger.write(|| Pin::new(inner).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { inner, ledger } = &mut *self;
        ledger.write(|| Pin::new(inner).poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn counts_and_after_the_seal_takes_nothing() {
        let (near, mut far) = tokio::io::duplex(64);
        let ledger = Ledger::default();
        let mut near = Watched::new(near, ledger.clone());
        near.write_all(b"abc").await.expect("open");
        assert_eq!(ledger.written(), 3);
        assert_eq!(ledger.seal(), 3);
        assert!(near.write_all(b"def").await.is_err());
        drop(near);
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.expect("readable");
        assert_eq!(got, b"abc");
    }
}
