//! Entries in the journal, as documents that every node sees.

use super::entry::Entry;
use bytes::Bytes;
use gateway_core::journal::{Journal, JournalError};

/// Kind of the documents.
pub const KIND: &str = "manifes";

/// An entry with the revision it was read at.
pub type Read = (Entry, i64);

/// Every entry, by system and version.
///
/// # Errors
/// When the journal does not answer.
pub async fn all(journal: &dyn Journal) -> Result<Vec<Read>, JournalError> {
    let documents = journal.documents(0).await?;
    let ours = documents.into_iter().filter(|document| document.kind == KIND);
    let read = ours.filter_map(|document| {
        let entry = serde_json::from_slice::<Entry>(&document.body?).ok()?;
        Some((entry, document.revision))
    });
    let mut all: Vec<_> = read.collect();
    all.sort_by(|a, b| (&a.0.sistem, a.0.versi).cmp(&(&b.0.sistem, b.0.versi)));
    Ok(all)
}

/// One entry.
///
/// # Errors
/// When the journal does not answer.
pub async fn one(journal: &dyn Journal, id: &str) -> Result<Option<Read>, JournalError> {
    let document = journal.document(KIND.into(), id.to_owned()).await?;
    Ok(document.and_then(|document| {
        let entry = serde_json::from_slice(&document.body?).ok()?;
        Some((entry, document.revision))
    }))
}

/// Stores an entry, if it still stands at `expected` (0: it must not exist). Whether it did.
///
/// # Errors
/// When the journal does not take it.
pub async fn put(journal: &dyn Journal, entry: &Entry, expected: i64) -> Result<bool, JournalError> {
    let body = serde_json::to_vec(entry).map_err(|error| JournalError::Broken(error.to_string()))?;
    let stored = journal.put_document(KIND.into(), entry.id(), Some(Bytes::from(body)), Some(expected));
    Ok(stored.await?.is_some())
}

/// Whether an entry, or a request for access, changed after a revision, and the newest revision of all.
///
/// # Errors
/// When the journal does not answer.
pub async fn changed(journal: &dyn Journal, after: i64) -> Result<(bool, i64), JournalError> {
    let documents = journal.documents(after).await?;
    let newest = documents
        .iter()
        .map(|document| document.revision)
        .max()
        .unwrap_or(after);
    let ours = |kind: &str| kind == KIND || kind == crate::access::KIND;
    Ok((documents.iter().any(|document| ours(&document.kind)), newest))
}
