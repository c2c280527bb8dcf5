//! What the nodes must agree on about a person's sessions: since when older ones are over, which one-time code was taken
//! last, and how many wrong tries there were in a row. One small document of the journal per person, read at each request, so that leaving on one node is leaving on all.

use super::super::state::OperatorState;
use bytes::Bytes;
use gateway_core::journal::JournalError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Kind of the documents.
const KIND: &str = "konsol";
/// How often a change is tried again that another node was quicker with.
const TRIES: usize = 5;

/// Wrong tries in a row before a name has to wait, and how many seconds.
const WRONG: u32 = 5;
const WAIT: i64 = 300;

/// One person's standing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Standing {
    /// Sessions opened at or before this moment (milliseconds) are over.
    pub(super) over: i64,
    /// Step of the last one-time code taken.
    pub(super) step: i64,
    /// Wrong tries in a row, and when the last one was (seconds).
    pub(super) wrong: u32,
    pub(super) wrong_at: i64,
    /// When the last way by the identity provider that was taken began (milliseconds).
    pub(super) way: i64,
}

impl Standing {
    /// Whether the name must wait after wrong tries.
    pub(super) fn must_wait(&self, now: Timestamp) -> bool {
        self.wrong >= WRONG && now.as_second() - self.wrong_at < WAIT
    }

    /// After a try; a right one ends the row.
    fn tried(self, right: bool, now: Timestamp) -> Self {
        let wrong = match (right, now.as_second() - self.wrong_at < WAIT) {
            (true, _) => 0,
            (false, true) => self.wrong.saturating_add(1),
            (false, false) => 1,
        };
        let wrong_at = if right { 0 } else { now.as_second() };
        Self {
            wrong,
            wrong_at,
            ..self
        }
    }
}

/// Counts a try for all nodes. Only names of configuration are counted, so that strangers cannot grow the journal.
pub(super) async fn tried(state: &OperatorState, name: &str, right: bool) -> Result<(), JournalError> {
    let now = state.clock.now();
    // A right one after a right one writes nothing.
    let counted = change(state, name, |standing| {
        let after = standing.tried(right, now);
        (after != standing).then_some(after)
    });
    counted.await.map(drop)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_make_a_name_wait() {
        let at = |second: i64| Timestamp::from_second(1_770_000_000 + second).unwrap();
        let mut standing = Standing::default();
        for second in 0..5 {
            assert!(!standing.must_wait(at(second)));
            standing = standing.tried(false, at(second));
        }
        assert!(standing.must_wait(at(6)) && !standing.must_wait(at(4 + WAIT)));
        assert!(
            !standing.tried(false, at(5 + WAIT)).must_wait(at(5 + WAIT)),
            "a new row"
        );
        assert_eq!(standing.tried(true, at(7)), Standing::default());
    }
}
