//! Reading a file: opened for who may, then piece by piece; and bodies that are made of pieces of files while they are sent.
//! Used by the door for what leaves and by the edge for what a consumer fetches.

use super::{Files, PIECE, StoredFile};
use crate::deliver::FlowError;
use crate::ids::ExchangeId;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use crate::relay::OURSELVES;
use crate::seal::{DataKey, SealError};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use connector_sdk::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as Task, Poll, ready};

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] JournalError),
    /// It does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A piece is missing: the file was erased meanwhile.
    #[error("a piece of the file is gone")]
    Gone,
}

/// A file that may be read.
pub struct Opened {
    files: Arc<dyn Files>,
    head: StoredFile,
    key: DataKey,
}

impl Opened {
    /// Opens a file of `owner`. Simpul itself reads what consumers named; everyone else has only their own: a file of
    /// another does not exist.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub async fn open(rooms: &Rooms, owner: Option<&str>, id: ExchangeId) -> Result<Option<Self>, NotRead> {
        let theirs = |file: &StoredFile| owner == Some(OURSELVES) || owner == Some(file.owner.as_str());
        let Some(head) = rooms.files.get(id).await?.filter(theirs) else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: rooms.sealer.unwrap(Some(&head.seal))?,
            files: Arc::clone(&rooms.files),
            head,
        }))
    }

    /// Its head: size, kind, digest.
    pub fn head(&self) -> &StoredFile {
        &self.head
    }

    /// Its name.
    ///
    /// # Errors
    /// When it does not open.
    pub fn name(&self) -> Result<String, NotRead> {
        let name = self.key.open(&self.head.name, self.head.id)?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// Whether it is kept in pieces; otherwise it is small.
    pub fn is_large(&self) -> bool {
        self.head.pieces > 0
    }

    /// All of it.
    ///
    /// # Errors
    /// When a part cannot be read.
    pub async fn whole(&self) -> Result<Bytes, NotRead> {
        if !self.is_large() {
            return self.piece(0).await;
        }
        let mut whole = BytesMut::with_capacity(usize::try_from(self.head.size).unwrap_or_default());
        for number in 0..self.head.pieces {
            whole.extend_from_slice(&self.piece(number).await?);
        }
        Ok(whole.freeze())
    }

    async fn piece(&self, number: u32) -> Result<Bytes, NotRead> {
        let head = &self.head;
        if head.pieces == 0 {
            return Ok(self.key.open(&head.body, head.id)?);
        }
        let sealed = self.files.piece(head.id, number).await?.ok_or(NotRead::Gone)?;
        Ok(self
            .key
            .open_piece(&sealed, head.id, number, number + 1 == head.pieces)?)
    }

    /// Pieces that hold the bytes of `range`, with what to take of each.
    fn cuts(&self, range: &Range<u64>) -> Vec<(u32, Range<usize>)> {
        let whole = usize::try_from(self.head.size).unwrap_or(usize::MAX);
        let piece = if self.is_large() { PIECE } else { whole.max(1) };
        let (start, end) = (
            usize::try_from(range.start).unwrap_or(usize::MAX),
            usize::try_from(range.end).unwrap_or(usize::MAX),
        );
        let numbers = (start / piece)..end.div_ceil(piece);
        numbers
            .map(|number| {
                let begin = number * piece;
                let cut = start.saturating_sub(begin)..(end - begin).min(piece);
                (u32::try_from(number).unwrap_or(u32::MAX), cut)
            })
            .collect()
    }
}

/// Something that a body is made of.
enum Segment {
    Plain(Bytes),
    /// Sent, but stands as nothing in the digest: a caller's secret.
    Unsaid(Bytes),
    Piece(Arc<Opened>, u32, Range<usize>),
}

impl Segment {
    /// Its bytes and whether they count for the digest, where they are known without reading.
    fn known(self) -> Option<(Bytes, bool)> {
        match self {
            Self::Plain(bytes) => Some((bytes, true)),
            Self::Unsaid(bytes) => Some((bytes, false)),
            Self::Piece(..) => None,
        }
    }
}

/// Hex digest of a body, once it has been sent whole.
#[derive(Clone, Default)]
pub(crate) struct Sum(Arc<OnceLock<String>>);

impl Sum {
    pub(crate) fn get(&self) -> Option<&String> {
        self.0.get()
    }
}

/// A body made while it is sent: one piece of one file at a time.
#[derive(Default)]
pub struct FileFlow {
    segments: VecDeque<Segment>,
    /// A piece on its way, and whether it counts for the digest.
    coming: Option<BoxFuture<'static, Result<Bytes, FlowError>>>,
    left: u64,
    digest: Option<(Context, Sum)>,
}

impl FileFlow {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes of a file; `range` lies within it.
    pub fn file(&mut self, file: &Arc<Opened>, range: &Range<u64>) {
        for (number, cut) in file.cuts(range) {
            self.left += cut.len() as u64;
            self.segments.push_back(Segment::Piece(Arc::clone(file), number, cut));
        }
    }

    /// Adds bytes.
    pub(crate) fn plain(&mut self, bytes: Bytes) {
        self.left += bytes.len() as u64;
        self.segments.push_back(Segment::Plain(bytes));
    }

    /// Adds what the digest must not hold.
    pub(crate) fn unsaid(&mut self, bytes: Bytes) {
        self.left += bytes.len() as u64;
        self.segments.push_back(Segment::Unsaid(bytes));
    }

    /// The digest of what is sent, for who asks when it has been.
    pub(crate) fn summed(&mut self) -> Sum {
        let sum = Sum::default();
        self.digest = Some((Context::new(&SHA256), sum.clone()));
        sum
    }

    /// What it is made of, where that is no file.
    pub(crate) fn in_memory(mut self) -> Bytes {
        let mut whole = BytesMut::with_capacity(usize::try_from(self.left).unwrap_or_default());
        while let Some((bytes, counts)) = self.segments.pop_front().and_then(Segment::known) {
            self.passed(&bytes, counts);
            whole.extend_from_slice(&bytes);
        }
        whole.freeze()
    }

    /// Bytes still to come.
    pub fn length(&self) -> u64 {
        self.left
    }

    fn passed(&mut self, bytes: &Bytes, counts: bool) {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if let Some((digest, _)) = &mut self.digest
            && counts
        {
            digest.update(bytes);
        }
        if self.is_end_stream()
            && let Some((digest, sum)) = self.digest.take()
        {
            _ = sum.0.set(hex::encode(digest.finish()));
        }
    }
}

impl Body for FileFlow {
    type Data = Bytes;
    type Error = FlowError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<Result<Frame<Bytes>, FlowError>>> {
        loop {
            if let Some(coming) = &mut self.coming {
                let piece = ready!(coming.as_mut().poll(cx));
                self.coming = None;
                if let Ok(piece) = &piece {
                    self.passed(piece, true);
                }
                return Poll::Ready(Some(piece.map(Frame::data)));
            }
            let (bytes, counts) = match self.segments.pop_front() {
                None => return Poll::Ready(None),
                Some(Segment::Plain(bytes)) => (bytes, true),
                Some(Segment::Unsaid(bytes)) => (bytes, false),
                Some(Segment::Piece(file, number, cut)) => {
                    self.coming = Some(Box::pin(async move {
                        let piece = file.piece(number).await?;
                        // A head that claims another size than its pieces have breaks the body off.
                        let cut = (cut.end <= piece.len()).then(|| piece.slice(cut));
                        cut.ok_or_else(|| NotRead::Gone.into())
                    }));
                    continue;
                }
            };
            self.passed(&bytes, counts);
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.segments.is_empty() && self.coming.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
