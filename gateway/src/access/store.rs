//! Requests in the journal, as documents that every node sees.

use super::Access;
use bytes::Bytes;
use gateway_core::journal::{Journal, JournalError};

/// Kind of the documents.
pub const KIND: &str = "akses";

/// A request with the revision it was read at.
pub type Read = (Access, i64);

/// Every request, the oldest first.
///
/// # Errors
/// When the journal does not answer.
pub async fn all(journal: &dyn Journal) -> Result<Vec<Read>, JournalError> {
    let documents = journal.documents(0).await?;
    let ours = documents.into_iter().filter(|document| document.kind == KIND);
    let read = ours.filter_map(|document| {
        let access = serde_json::from_slice::<Access>(&document.body?).ok()?;
        Some((access, document.revision))
    });
    let mut all: Vec<_> = read.collect();
    // Ids carry their time.
    all.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    Ok(all)
}

/// One request.
///
/// # Errors
/// When the journal does not answer.
pub async fn one(journal: &dyn Journal, id: &str) -> Result<Option<Read>, JournalError> {
    let document = journal.document(KIND.into(), id.to_owned()).await?;
    Ok(document.and_then(|document| {
        let access = serde_json::from_slice(&document.body?).ok()?;
        Some((access, document.revision))
    }))
}

/// Stores a request, if it still stands at `expected` (0: it must not exist). The new revision, if it did.
///
/// # Errors
/// When the journal does not take it.
pub async fn put(journal: &dyn Journal, access: &Access, expected: i64) -> Result<Option<i64>, JournalError> {
    let body = serde_json::to_vec(access).map_err(|error| JournalError::Broken(error.to_string()))?;
    let stored = journal.put_document(KIND.into(), access.id.clone(), Some(Bytes::from(body)), Some(expected));
    stored.await
}
