//! What the nodes must agree on about a person's sessions: since when older ones are over, and which one-time code was taken
//! last. One small document of the journal per person, read at each request, so that leaving on one node is leaving on all.

use super::super::state::OperatorState;
use bytes::Bytes;
use gateway_core::journal::JournalError;
use serde::{Deserialize, Serialize};

/// Kind of the documents.
const KIND: &str = "konsol";
/// How often a change is tried again that another node was quicker with.
const TRIES: usize = 5;

/// One person's standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing {
    /// Sessions opened at or before this moment (milliseconds) are over.
    pub(super) over: i64,
    /// Step of the last one-time code taken.
    pub(super) step: i64,
}

/// The standing of a person.
pub(super) async fn read(state: &OperatorState, name: &str) -> Result<Standing, JournalError> {
    Ok(found(state, name).await?.0)
}

async fn found(state: &OperatorState, name: &str) -> Result<(Standing, i64), JournalError> {
    let document = state.journal.document(KIND.into(), hex::encode(name)).await?;
    Ok(document.map_or_else(Default::default, |document| {
        let body = document.body.unwrap_or_default();
        (serde_json::from_slice(&body).unwrap_or_default(), document.revision)
    }))
}

/// Changes the standing; `false`, and nothing changed, where `change` declines.
pub(super) async fn change(
    state: &OperatorState,
    name: &str,
    change: impl Fn(Standing) -> Option<Standing>,
) -> Result<bool, JournalError> {
    for _ in 0..TRIES {
        let (standing, revision) = found(state, name).await?;
        let Some(newer) = change(standing) else {
            return Ok(false);
        };
        let body = Bytes::from(serde_json::to_vec(&newer).unwrap_or_default());
        let (kind, id) = (KIND.to_owned(), hex::encode(name));
        let stored = state.journal.put_document(kind, id, Some(body), Some(revision));
        if stored.await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
