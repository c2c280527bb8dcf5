//! Files of consumers: uploaded once, named by id in canonical messages, loaded by the door just before they leave. Kept
//! sealed with a key of their own. A file that belongs to another consumer does not exist. The kind is judged by the
//! content, never by the name. Stores implement [`Files`] beside the journal.

use crate::evidence::sha256;
use crate::ids::ExchangeId;
use crate::journal::JournalError;
use crate::metadata;
use crate::pipeline::Rooms;
use crate::relay::OURSELVES;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{
    BoxFuture, Complaint, Content, Fault, FaultKind, Fill, KeptFile, NativeBody, NativeRequest, Origin, Text,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Right that uploading needs.
pub const UPLOAD: &str = "lampiran.unggah";
/// Longest kept name, ending included.
const LONGEST_NAME: usize = 150;

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
    /// Content, sealed.
    pub body: Bytes,
    /// When it came.
    pub at: Timestamp,
}

/// Durable files.
pub trait Files: Send + Sync {
    /// Stores a file; durable when it returns.
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>>;
    /// One file.
    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>>;
    /// Removes files that came before a time, at most `limit`. Returns how many.
    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>>;
}

/// Files in memory, for tests. Never used by the gateway itself.
#[derive(Default)]
pub struct MemoryFiles(Mutex<HashMap<ExchangeId, StoredFile>>);

impl Files for MemoryFiles {
    fn put(&self, file: StoredFile) -> BoxFuture<'_, Result<(), JournalError>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file.id, file);
        Box::pin(std::future::ready(Ok(())))
    }

    fn get(&self, id: ExchangeId) -> BoxFuture<'_, Result<Option<StoredFile>, JournalError>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        Box::pin(std::future::ready(Ok(found)))
    }

    fn erase(&self, before: Timestamp, limit: usize) -> BoxFuture<'_, Result<u64, JournalError>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old: Vec<_> = files
            .values()
            .filter(|f| f.at < before)
            .map(|f| f.id)
            .take(limit)
            .collect();
        old.iter().for_each(|id| drop(files.remove(id)));
        Box::pin(std::future::ready(Ok(old.len() as u64)))
    }
}

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

/// Takes a file of a consumer. The caller has checked the right, the quota and the size.
///
/// # Errors
/// See [`NotTaken`].
pub async fn take(rooms: &Rooms, owner: &str, name: &str, content: &[u8]) -> Result<Receipt, NotTaken> {
    if content.is_empty() {
        return Err(NotTaken::Empty);
    }
    let kind = kind(content).ok_or(NotTaken::Kind)?;
    let id = rooms.ids.exchange();
    let name = clean_name(name, kind.ending);
    let sealed = rooms
        .sealer
        .fresh()
        .and_then(|key| Ok((key.wrapped(), key.seal(name.as_bytes(), id)?, key.seal(content, id)?)));
    let (seal, sealed_name, body) = sealed.map_err(|error| {
        tracing::error!(%error, "file not sealed");
        NotTaken::CannotStore
    })?;
    let file = StoredFile {
        id,
        owner: owner.to_owned(),
        name: sealed_name,
        media_type: kind.media_type.to_owned(),
        size: content.len() as u64,
        sha256: hex::encode(sha256(content)),
        seal,
        body,
        at: rooms.clock.now(),
    };
    let receipt = Receipt {
        id: id.to_string(),
        name,
        media_type: file.media_type.clone(),
        size: file.size,
        sha256: file.sha256.clone(),
    };
    match rooms.files.put(file).await {
        Ok(()) => Ok(receipt),
        Err(error) => {
            tracing::error!(%error, "file not stored");
            Err(NotTaken::CannotStore)
        }
    }
}

struct Kind {
    media_type: &'static str,
    ending: &'static str,
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

fn kind(content: &[u8]) -> Option<Kind> {
    let has = |what: &[u8]| content.windows(what.len()).any(|window| window == what);
    let of = |media_type, ending| Some(Kind { media_type, ending });
    match content {
        [0xff, 0xd8, 0xff, ..] => of("image/jpeg", "jpg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => of("image/png", "png"),
        [b'%', b'P', b'D', b'F', b'-', ..] => of("application/pdf", "pdf"),
        // The old office form holds many kinds; a text document names its stream, in UTF-16.
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] if has(b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0") => {
            of("application/msword", "doc")
        }
        [b'P', b'K', 3, 4, ..] if has(b"[Content_Types].xml") && has(b"word/document.xml") => of(DOCX, "docx"),
        _ => None,
    }
}

/// The last part of a path without what could hurt, ending by content.
fn clean_name(name: &str, ending: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, old)) if old.len() <= 5 => stem,
        _ => last,
    };
    let plain = |c: char| {
        if c.is_control() || "\"<>:|?*;\u{202e}\u{202d}\u{200f}\u{200e}".contains(c) {
            '_'
        } else {
            c
        }
    };
    let stem: String = stem
        .trim_matches([' ', '.'])
        .chars()
        .map(plain)
        .take(LONGEST_NAME - 6)
        .collect();
    let stem = if stem.is_empty() { "berkas" } else { &stem };
    format!("{stem}.{ending}")
}

/// A request with its files loaded; unchanged when it names none.
pub(crate) async fn loaded<'a>(
    rooms: &Rooms,
    owner: Option<&str>,
    request: &'a NativeRequest,
) -> Result<Cow<'a, NativeRequest>, Fault> {
    let mut parts = match &request.body {
        NativeBody::Multipart(parts) => parts.clone(),
        NativeBody::JsonFilled { value, fills } => {
            let body = with_files(rooms, owner, value, fills).await?;
            return Ok(Cow::Owned(NativeRequest {
                body,
                ..request.clone()
            }));
        }
        NativeBody::Empty | NativeBody::Json(_) | NativeBody::Form(_) | NativeBody::Text { .. } => {
            return Ok(Cow::Borrowed(request));
        }
    };
    for part in &mut parts {
        if let Content::File { id, strip_metadata } = &part.content {
            let (media_type, bytes) = load(rooms, owner, id, *strip_metadata).await?;
            part.media_type = Some(media_type);
            part.content = Content::Bytes(bytes);
        }
    }
    Ok(Cow::Owned(NativeRequest {
        body: NativeBody::Multipart(parts),
        ..request.clone()
    }))
}

/// A document with the files it asks for, in base64; what else is to be filled in stays.
async fn with_files(
    rooms: &Rooms,
    owner: Option<&str>,
    value: &Value,
    fills: &[(String, Fill)],
) -> Result<NativeBody, Fault> {
    let mut value = value.clone();
    let mut left = Vec::new();
    for (pointer, fill) in fills {
        let Fill::FileBase64 { id } = fill else {
            left.push((pointer.clone(), fill.clone()));
            continue;
        };
        let (_, bytes) = load(rooms, owner, id, false).await?;
        let place = value.pointer_mut(pointer);
        *place.ok_or_else(|| unreadable("a member to fill in is not in the document"))? = STANDARD.encode(bytes).into();
    }
    Ok(NativeBody::JsonFilled { value, fills: left })
}

/// Keeps a file that a system answered with, as a file of whoever asked.
pub(crate) async fn keep(rooms: &Rooms, owner: Option<&str>, name: &str, content: Bytes) -> Result<KeptFile, Fault> {
    let Some(owner) = owner else {
        return Err(unreadable("nobody owns the file"));
    };
    match take(rooms, owner, name, &content).await {
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

async fn load(rooms: &Rooms, owner: Option<&str>, id: &str, strip: bool) -> Result<(String, Bytes), Fault> {
    let known = id.parse::<ExchangeId>().ok();
    let found = match known {
        Some(id) => rooms
            .files
            .get(id)
            .await
            .map_err(|error| unreadable(&error.to_string()))?,
        None => None,
    };
    // Simpul itself passes on what consumers named; everyone else has only their own.
    let theirs = |file: &StoredFile| owner == Some(OURSELVES) || owner == Some(file.owner.as_str());
    let Some(file) = found.filter(theirs) else {
        return Err(refused(MISSING));
    };
    let content = rooms
        .sealer
        .unwrap(Some(&file.seal))
        .and_then(|key| key.open(&file.body, file.id))
        .map_err(|error| unreadable(&error.to_string()))?;
    if !strip {
        return Ok((file.media_type, content));
    }
    let clean = metadata::strip(&file.media_type, &content).ok_or_else(|| refused(NOT_CLEANED))?;
    Ok((file.media_type, clean))
}

fn refused(text: Text) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: "/lampiran".to_owned(),
        text,
    }])
}

fn unreadable(why: &str) -> Fault {
    Fault::new(FaultKind::Unavailable, UNREADABLE)
        .origin(Origin::Gateway)
        .internal(why)
}

const MISSING: Text = Text::new(
    "Berkas ini tidak ada. Unggah dulu, lalu sebut id yang diberikan.",
    "There is no such file. Upload it first and name the id you are given.",
);
const NOT_CLEANED: Text = Text::new(
    "Identitas di dalam berkas ini tidak dapat dihapus. Untuk pelapor anonim kirim foto JPG atau PNG.",
    "The identity inside this file cannot be removed. For an anonymous reporter send a JPG or PNG photo.",
);
const UNREADABLE: Text = Text::new(
    "Lampiran sedang tidak dapat dibaca. Tidak ada yang dikirim.",
    "An attachment cannot be read at the moment. Nothing was sent.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_says_the_kind() {
        let media = |content: &[u8]| kind(content).map(|k| k.media_type);
        assert_eq!(media(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(
            media(b"PK\x03\x04...[Content_Types].xml...word/document.xml"),
            Some(DOCX)
        );
        for other in [
            &b"PK\x03\x04 arsip biasa"[..],
            b"MZ\x90",
            b"<html>",
            b"GIF89a",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xls",
        ] {
            assert_eq!(media(other), None);
        }
    }

    #[test]
    fn names_cannot_hurt() {
        for (given, kept) in [
            ("../../etc/foto.PNG", "foto.jpg"),
            ("C:\\Users\\x\\lampu mati.jpeg", "lampu mati.jpg"),
            ("a\r\nb\".exe", "a__b_.jpg"),
            ("...", "berkas.jpg"),
            ("", "berkas.jpg"),
            ("foto.jpg.exe", "foto.jpg.jpg"),
        ] {
            assert_eq!(clean_name(given, "jpg"), kept, "{given}");
        }
        assert!(clean_name(&"é".repeat(500), "docx").chars().count() <= LONGEST_NAME);
    }
}
