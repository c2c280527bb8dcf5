//! Files of consumers: uploaded once or come in from a system, named by id in canonical messages, loaded by the door just
//! before they leave, fetched by their owner. Kept sealed with a key of their own, large ones piece by piece. A file that
//! belongs to another consumer does not exist. The kind is judged by the content, never by the name. Stores implement
//! [`Files`] beside the journal.

mod kind;
mod load;
mod read;
mod take;

pub(crate) use load::{Loaded, Reach, loaded};
pub(crate) use read::Sum;
pub use read::{FileFlow, NotRead, Opened};
pub use take::{NotTaken, Receipt, Taking, take};
pub(crate) use take::{keep, kept, owned};

use crate::ids::ExchangeId;
use crate::journal::JournalError;
use bytes::Bytes;
use connector_sdk::{BoxFuture, Text};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Right that uploading needs.
pub const UPLOAD: &str = "lampiran.unggah";
/// Right that fetching one's files needs.
pub const FETCH: &str = "lampiran.unduh";
/// Bytes of a piece before sealing. A file that is no larger is kept whole in its head.
pub const PIECE: usize = 512 * 1024;

/// A file as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Id.
    pub id: ExchangeId,
    /// Consumer it belongs to.
    pub owner: String,
    /// Name, sealed: people put their names there.
    pub name: Bytes,
    /// Media type, by content.
    pub media_type: String,
    /// Bytes before sealing.
    pub size: u64,
    /// SHA-256 before sealing, hex.
    pub sha256: String,
    /// Wrapped key.
    pub seal: Bytes,
    /// Content, sealed; empty when it is kept in pieces.
    pub body: Bytes,
    /// How many pieces; 0 when the content stands here.
    pub pieces: u32,
    /// Right that reading needs beside [`FETCH`].
    pub needs: Option<String>,
    /// When it came.
    pub at: Timestamp,
}

/// Durable files.
pub trait Files: Send + Sync {
    /// Stores a file; durable when it returns. Its pieces have been stored before.
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>>;
    /// Stores one sealed piece of a file that does not exist yet; durable when it returns.
    fn put_piece(
        &self,
        id: ExchangeId,
        number: u32,
        body: Bytes,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>>;
    /// One file, without its pieces.
    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>>;
    /// One piece.
    fn piece(&self, id: ExchangeId, number: u32) -> BoxFuture<'_, Result<Option<Bytes>, JournalError>>;
    /// From here on reading the file needs this right as well.
    fn guard(&self, id: ExchangeId, right: String) -> BoxFuture<'_, Result<(), JournalError>>;
    /// Removes the pieces of a file that never came to exist; one that exists stays.
    fn discard(&self, id: ExchangeId) -> BoxFuture<'_, Result<(), JournalError>>;
    /// Removes files that came before a time, at most `limit`. Returns how many.
    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>>;
    /// Removes pieces that came before a time and belong to no file, at most `limit`. Returns how many.
    fn sweep(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>>;
}

#[derive(Default)]
struct Kept {
    files: HashMap<ExchangeId, StoredFile>,
    pieces: HashMap<(ExchangeId, u32), (Bytes, Timestamp)>,
}

/// Files in memory, for tests. Never used by the gateway itself.
#[derive(Default)]
pub struct MemoryFiles(Mutex<Kept>);

impl MemoryFiles {
    fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Kept) -> T) -> BoxFuture<'_, Result<T, JournalError>> {
        let done = work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(std::future::ready(Ok(done)))
    }
}

impl Files for MemoryFiles {
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>> {
        self.with(|kept| drop(kept.files.insert(file.id, file)))
    }

    fn put_piece(
        &self,
        id: ExchangeId,
        number: u32,
        body: Bytes,
        at: Timestamp,
    ) -> BoxFuture<'_, Result<(), JournalError>> {
        self.with(|kept| drop(kept.pieces.insert((id, number), (body, at))))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        self.with(|kept| kept.files.get(&id).cloned())
    }

    fn piece(&self, id: ExchangeId, number: u32) -> BoxFuture<'_, Result<Option<Bytes>, JournalError>> {
        self.with(|kept| kept.pieces.get(&(id, number)).map(|(body, _)| body.clone()))
    }

    fn guard(&self, id: ExchangeId, right: String) -> BoxFuture<'_, Result<(), JournalError>> {
        self.with(|kept| {
            if let Some(file) = kept.files.get_mut(&id) {
                file.needs = Some(right);
            }
        })
    }

    fn discard(&self, id: ExchangeId) -> BoxFuture<'_, Result<(), JournalError>> {
        self.with(|kept| {
            if !kept.files.contains_key(&id) {
                kept.pieces.retain(|(of, _), _| *of != id);
            }
        })
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        self.with(|kept| {
            let old = kept.files.values().filter(|file| file.at < before);
            let old: Vec<_> = old.map(|file| file.id).take(limit).collect();
            kept.files.retain(|id, _| !old.contains(id));
            kept.pieces.retain(|(of, _), _| !old.contains(of));
            old.len() as u64
        })
    }

    fn sweep(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        self.with(|kept| {
            let Kept { files, pieces } = kept;
            let old = pieces
                .iter()
                .filter(|((of, _), (_, at))| *at < before && !files.contains_key(of));
            let old: Vec<_> = old.map(|(key, _)| *key).take(limit).collect();
            pieces.retain(|key, _| !old.contains(key));
            old.len() as u64
        })
    }
}

const MISSING: Text = Text::new(
    "Berkas ini tidak ada. Unggah dulu, lalu sebut id yang diberikan.",
    "There is no such file. Upload it first and name the id you are given.",
);
const TOO_LARGE: Text = Text::new(
    "Berkas ini lebih besar dari yang diterima sistem tujuan. Tidak ada yang dikirim.",
    "This file is larger than the target system takes. Nothing was sent.",
);
const NOT_CLEANED: Text = Text::new(
    "Identitas di dalam berkas ini tidak dapat dihapus. Untuk pelapor anonim kirim foto JPG atau PNG.",
    "The identity inside this file cannot be removed. For an anonymous reporter send a JPG or PNG photo.",
);
const UNREADABLE: Text = Text::new(
    "Lampiran sedang tidak dapat dibaca. Tidak ada yang dikirim.",
    "An attachment cannot be read at the moment. Nothing was sent.",
);
