//! What surrounds one run of an operation: facts handed to the translation, and the only way out.

use crate::{Fault, FaultKind, NativeReply, NativeRequest, Text};
use bytes::Bytes;
use serde_json::Value;
use std::future::Future;
use std::pin::Pin;

/// A boxed future, so that the contract stays object safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Reference data kept in step with a system (institutions, categories, templates).
pub trait Lists: Send + Sync {
    /// The native value of a canonical code, if the list has one.
    fn native(&self, list: &str, code: &str) -> Option<String>;
    /// The canonical code of a native value, if the list has one.
    fn canonical(&self, list: &str, native: &str) -> Option<String>;
}

/// No synchronised lists.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLists;

impl Lists for NoLists {
    fn native(&self, _list: &str, _code: &str) -> Option<String> {
        None
    }
    fn canonical(&self, _list: &str, _native: &str) -> Option<String> {
        None
    }
}

/// Facts of the running exchange. Time is handed in: a connector reads no clock.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Id of the exchange (UUIDv7 text).
    pub exchange: &'a str,
    /// Reference that stays the same over all attempts of this exchange: use it as the native idempotency key.
    pub reference: &'a str,
    /// Number of this attempt, from 1.
    pub attempt: u32,
    /// When the attempt began.
    pub now: jiff::Timestamp,
    /// Synchronised reference data of this system.
    pub lists: &'a dyn Lists,
}

/// The door: the only way out. Behind it stand deadline, retry, breaker, bulkhead, pacing, credentials, size caps and
/// recording.
pub trait Outbound: Send + Sync {
    /// Sends one request. A reply that the system's screen recognises as a fault comes back as `Err`.
    fn send<'a>(&'a self, request: NativeRequest) -> BoxFuture<'a, Result<NativeReply, Fault>>;

    /// What an earlier attempt of this exchange stored under `name`.
    fn recall(&self, name: &str) -> Option<Value>;

    /// Stores a value durably before going on, so that a later attempt does not take the step again (an uploaded
    /// file's id, a number the system issued). Returns once it is safe.
    fn checkpoint<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), Fault>>;

    /// Keeps a file that the system answered with, durably, as a file of the caller; returns once it is safe. The kind is
    /// judged by the content.
    fn keep<'a>(&'a self, _name: &'a str, _content: Bytes) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        Box::pin(std::future::ready(Err(no_files())))
    }

    /// Fetches what a short-lived link of the system leads to and keeps it like [`Outbound::keep`]. The link must lead to
    /// an address that the configuration of the system allows; no credentials go with it.
    fn fetch<'a>(&'a self, _name: &'a str, _link: &'a str) -> BoxFuture<'a, Result<KeptFile, Fault>> {
        Box::pin(std::future::ready(Err(no_files())))
    }
}

/// A file that was kept; the form of schema `lampiran`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Id.
    pub id: String,
    /// Name as kept, ending by content.
    pub name: String,
    /// Media type, by content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

impl KeptFile {
    /// In the form of schema `lampiran`.
    pub fn canonical(&self) -> Value {
        serde_json::json!({
            "id": self.id, "nama_berkas": self.name, "tipe_media": self.media_type, "ukuran": self.size,
            "sha256": self.sha256,
        })
    }
}

fn no_files() -> Fault {
    let text = Text::new("Berkas tidak dapat disimpan di sini.", "No file can be kept here.");
    Fault::new(FaultKind::Internal, text).internal("this door keeps no files")
}
