//! What a person may do with an exchange that waits for one: replay, discard, or say that it landed. Every decision has
//! an actor and a reason and goes into the evidence. Replaying a write that may double something asks for two people:
//! the first proposes, another confirms.

pub mod bulk;
mod carry;
pub mod inspect;

use crate::exchange::{State, Stored};
use crate::ids::ExchangeId;
use crate::journal::JournalError;
use crate::pipeline::Rooms;
use bytes::Bytes;
use connector_sdk::{Effect, Replay};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Document kind of proposals that wait for a second person.
pub const PROPOSALS: &str = "usulan";

/// What is wished for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tindakan", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Same exchange, new attempt.
    KirimUlang {
        /// Do not ask the system first, although the outcome is unknown.
        #[serde(default)]
        paksa: bool,
    },
    /// Put aside.
    Batalkan,
    /// It was seen in the system that it landed.
    NyatakanBerlaku {
        /// Canonical reply of the operation.
        balasan: Value,
    },
}

/// A wish with who and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What.
    pub wish: Wish,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// How a wish ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Carried out.
    Carried,
    /// Waits for another person.
    AwaitsSecond,
}

/// Why a wish was not granted. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// No such exchange.
    #[error("no such exchange")]
    Missing,
    /// Its state does not allow it.
    #[error("exchange is {0:?}")]
    State(State),
    /// The reason is missing or too long.
    #[error("a reason of 5 to 500 characters is needed")]
    Reason,
    /// The same person cannot confirm.
    #[error("another person must confirm")]
    SamePerson,
    /// Nothing waits for confirmation.
    #[error("nothing waits for confirmation")]
    NoProposal,
    /// The reply given does not fit the operation's schema, at these pointers.
    #[error("the reply does not fit: {0}")]
    Reply(String),
    /// Its body was erased; there is nothing to send or show.
    #[error("the body was erased")]
    Erased,
    /// The operation is not configured.
    #[error("operation {0} is not configured")]
    Operation(String),
    /// The journal refused.
    #[error(transparent)]
    Journal(JournalError),
}

impl From<JournalError> for PersonError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Missing(_) => Self::Missing,
            JournalError::State(_, state) => Self::State(state),
            other @ (JournalError::Stale(_)
            | JournalError::Moved(_)
            | JournalError::Full(_)
            | JournalError::Broken(_)) => Self::Journal(other),
        }
    }
}

/// Carries a wish out, or keeps it as a proposal when two people are needed.
///
/// # Errors
/// See [`PersonError`].
pub async fn decide(rooms: &Rooms, id: ExchangeId, proposal: Proposal) -> Result<Ruling, PersonError> {
    if !(5..=500).contains(&proposal.reason.chars().count()) {
        return Err(PersonError::Reason);
    }
    let stored = rooms.journal.get(id).await?.ok_or(PersonError::Missing)?;
    check(rooms, &stored, &proposal.wish)?;
    if needs_two(rooms, &stored, &proposal.wish)? {
        let body = serde_json::to_vec(&proposal).map_err(|e| PersonError::Reply(e.to_string()))?;
        rooms
            .journal
            .put_document(PROPOSALS.into(), id.to_string(), Some(Bytes::from(body)), None)
            .await?;
        return Ok(Ruling::AwaitsSecond);
    }
    carry::out(rooms, &stored, proposal, None).await?;
    Ok(Ruling::Carried)
}

/// The second person confirms what another proposed.
///
/// # Errors
/// See [`PersonError`].
pub async fn confirm(rooms: &Rooms, id: ExchangeId, by: &str) -> Result<(), PersonError> {
    let proposal = proposal(rooms, id).await?.ok_or(PersonError::NoProposal)?;
    if proposal.by == by {
        return Err(PersonError::SamePerson);
    }
    let stored = rooms.journal.get(id).await?.ok_or(PersonError::Missing)?;
    check(rooms, &stored, &proposal.wish)?;
    carry::out(rooms, &stored, proposal, Some(by.to_owned())).await?;
    rooms
        .journal
        .put_document(PROPOSALS.into(), id.to_string(), None, None)
        .await?;
    Ok(())
}

/// The proposal that waits for this exchange, if any.
///
/// # Errors
/// When the journal cannot be read.
pub async fn proposal(rooms: &Rooms, id: ExchangeId) -> Result<Option<Proposal>, PersonError> {
    let document = rooms.journal.document(PROPOSALS.into(), id.to_string()).await?;
    Ok(document
        .and_then(|d| d.body)
        .and_then(|body| serde_json::from_slice(&body).ok()))
}

fn check(rooms: &Rooms, stored: &Stored, wish: &Wish) -> Result<(), PersonError> {
    let catalogue = rooms.catalogue.load();
    let known = catalogue.operations.get(&stored.operation);
    match wish {
        Wish::Batalkan => Ok(()),
        Wish::KirimUlang { .. } if stored.input.is_empty() => Err(PersonError::Erased),
        Wish::KirimUlang { .. } => known
            .map(|_| ())
            .ok_or_else(|| PersonError::Operation(stored.operation.clone())),
        Wish::NyatakanBerlaku { balasan } => {
            let operation = known.ok_or_else(|| PersonError::Operation(stored.operation.clone()))?;
            operation.reply.check(balasan).map_err(|violations| {
                let places: Vec<_> = violations.iter().map(|v| format!("{} {}", v.pointer, v.code)).collect();
                PersonError::Reply(places.join(", "))
            })
        }
    }
}

/// Replaying blindly what may have landed may double it: a write that cannot be looked up, or whose look-up is skipped.
fn needs_two(rooms: &Rooms, stored: &Stored, wish: &Wish) -> Result<bool, PersonError> {
    let Wish::KirimUlang { paksa } = wish else {
        return Ok(false);
    };
    let catalogue = rooms.catalogue.load();
    let operation = catalogue.operations.get(&stored.operation);
    let operation = operation.ok_or_else(|| PersonError::Operation(stored.operation.clone()))?;
    Ok(match operation.spec.effect {
        Effect::Read | Effect::Write { replay: Replay::Native } => false,
        Effect::Write {
            replay: Replay::ByReference,
        } => *paksa && stored.state == State::Parked,
        Effect::Write { replay: Replay::Unsafe } => true,
    })
}
