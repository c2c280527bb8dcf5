//! Taking a file in, piece by piece: judged, digested and sealed while it passes, never whole in memory. Pieces are durable
//! before the file is; a file exists once its head is stored. Pieces of a file that broke off are discarded.

use super::kind::{Sniffer, clean_name};
use super::{PIECE, StoredFile, UNREADABLE};
use crate::ids::ExchangeId;
use crate::pipeline::Rooms;
use crate::seal::{DataKey, SealError};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use connector_sdk::{Fault, FaultKind, KeptFile, Origin};
use serde::Serialize;
use std::sync::Arc;

/// What the uploader is told; the form of schema `lampiran`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Id.
    pub id: String,
    /// Name as kept.
    #[serde(rename = "nama_berkas")]
    pub name: String,
    /// Media type, by content.
    #[serde(rename = "tipe_media")]
    pub media_type: String,
    /// Bytes.
    #[serde(rename = "ukuran")]
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// It is empty.
    Empty,
    /// Neither JPEG, PNG, PDF, DOC nor DOCX.
    Kind,
    /// It cannot be stored now.
    CannotStore,
}

/// A file that is coming in.
pub struct Taking {
    rooms: Arc<Rooms>,
    owner: String,
    id: ExchangeId,
    key: DataKey,
    sniffer: Sniffer,
    digest: Context,
    waiting: BytesMut,
    pieces: u32,
    size: u64,
    finished: bool,
}

impl Taking {
    /// Begins a file of a consumer. The caller has checked the right and the quota, and bounds the size.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn begin(rooms: &Arc<Rooms>, owner: &str) -> Result<Self, NotTaken> {
        Ok(Self {
            owner: owner.to_owned(),
            id: rooms.ids.exchange(),
            key: rooms.sealer.fresh().map_err(|error| not_sealed(&error))?,
            rooms: Arc::clone(rooms),
            sniffer: Sniffer::default(),
            digest: Context::new(&SHA256),
            waiting: BytesMut::new(),
            pieces: 0,
            size: 0,
            finished: false,
        })
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes; returns once what has to be durable is.
    ///
    /// # Errors
    /// When the content is of no known kind for sure, or cannot be stored.
    pub async fn push(&mut self, data: &[u8]) -> Result<(), NotTaken> {
        self.sniffer.look(data);
        if self.sniffer.is_hopeless() {
            return Err(NotTaken::Kind);
        }
        self.digest.update(data);
        self.size += data.len() as u64;
        let mut data = data;
        while !data.is_empty() {
            // The last piece is never empty, so a full one leaves only when more has come.
            if self.waiting.len() == PIECE {
                let piece = self.waiting.split().freeze();
                self.store(&piece, false).await?;
            }
            let (now, later) = data.split_at(data.len().min(PIECE - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            data = later;
        }
        Ok(())
    }

    /// All has come: the file exists when this returns.
    ///
    /// # Errors
    /// See [`NotTaken`]; nothing is left behind.
    pub async fn finish(mut self, name: &str) -> Result<Receipt, NotTaken> {
        if self.size == 0 {
            return Err(NotTaken::Empty);
        }
        let kind = self.sniffer.kind().ok_or(NotTaken::Kind)?;
        let rest = self.waiting.split().freeze();
        let body = if self.pieces == 0 {
            self.key.seal(&rest, self.id).map_err(|error| not_sealed(&error))?
        } else {
            self.store(&rest, true).await?;
            Bytes::new()
        };
        let name = clean_name(name, kind.ending);
        let sealed_name = self.key.seal(name.as_bytes(), self.id);
        let file = StoredFile {
            id: self.id,
            owner: self.owner.clone(),
            name: sealed_name.map_err(|error| not_sealed(&error))?,
            media_type: kind.media_type.to_owned(),
            size: self.size,
            sha256: hex::encode(self.digest.clone().finish()),
            seal: self.key.wrapped(),
            body,
            pieces: self.pieces,
            needs: None,
            at: self.rooms.clock.now(),
        };
        let receipt = Receipt {
            id: self.id.to_string(),
            name,
            media_type: file.media_type.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
        };
        self.rooms.files.put(file).await.map_err(|error| not_stored(&error))?;
        self.finished = true;
        Ok(receipt)
    }

    async fn store(&mut self, piece: &[u8], last: bool) -> Result<(), NotTaken> {
        let sealed = self.key.seal_piece(piece, self.id, self.pieces, last);
        let sealed = sealed.map_err(|error| not_sealed(&error))?;
        let (files, at) = (&self.rooms.files, self.rooms.clock.now());
        let stored = files.put_piece(self.id, self.pieces, sealed, at).await;
        stored.map_err(|error| not_stored(&error))?;
        self.pieces += 1;
        Ok(())
    }
}

impl Drop for Taking {
    /// Broken off: what was stored goes at once. A process that dies here leaves it to the sweep.
    fn drop(&mut self) {
        if self.finished || self.pieces == 0 || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let (files, id) = (Arc::clone(&self.rooms.files), self.id);
        self.rooms.tasks.spawn(async move {
            if let Err(error) = files.discard(id).await {
                tracing::warn!(%error, "pieces of a broken upload stay until the sweep");
            }
        });
    }
}

/// Takes a file that is whole in memory.
///
/// # Errors
/// See [`NotTaken`].
pub async fn take(rooms: &Arc<Rooms>, owner: &str, name: &str, content: &[u8]) -> Result<Receipt, NotTaken> {
    let mut taking = Taking::begin(rooms, owner)?;
    taking.push(content).await?;
    taking.finish(name).await
}

/// Keeps a file that a system answered with, as a file of whoever asked.
pub(crate) async fn keep(
    rooms: &Arc<Rooms>,
    owner: Option<&str>,
    name: &str,
    content: Bytes,
) -> Result<KeptFile, Fault> {
    kept(take(rooms, owned(owner)?, name, &content).await)
}

/// Who owns what is about to be kept.
pub(crate) fn owned(owner: Option<&str>) -> Result<&str, Fault> {
    owner.ok_or_else(|| unreadable("nobody owns the file"))
}

/// The same words for what was kept and what was not.
pub(crate) fn kept(taken: Result<Receipt, NotTaken>) -> Result<KeptFile, Fault> {
    match taken {
        Ok(receipt) => Ok(KeptFile {
            id: receipt.id,
            name: receipt.name,
            media_type: receipt.media_type,
            size: receipt.size,
            sha256: receipt.sha256,
        }),
        Err(NotTaken::Empty | NotTaken::Kind) => Err(Fault::drift("a file that is empty or of no known kind")),
        Err(NotTaken::CannotStore) => Err(unreadable("the file was not stored")),
    }
}

fn not_sealed(error: &SealError) -> NotTaken {
    tracing::error!(%error, "file not sealed");
    NotTaken::CannotStore
}

fn not_stored(error: &crate::journal::JournalError) -> NotTaken {
    tracing::error!(%error, "file not stored");
    NotTaken::CannotStore
}

/// A file that cannot be had, through nobody's fault but ours.
pub(super) fn unreadable(why: &str) -> Fault {
    Fault::new(FaultKind::Unavailable, UNREADABLE)
        .origin(Origin::Gateway)
        .internal(why)
}
