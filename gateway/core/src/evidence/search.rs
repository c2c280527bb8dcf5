//! Finds the signed records of one exchange. The evidence has no index by exchange: ids carry the time they were made, and
//! batches the time they were signed, so that only batches from then on are read.

use super::batch::{Batch, Statement};
use super::binder;
use crate::ids::ExchangeId;
use crate::journal::{EvidenceLink, Journal, JournalError};
use jiff::{SignedDuration, Timestamp};

/// How long after an exchange's beginning, or after its last change, its records are signed at the latest.
const WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// How far clocks of nodes may differ.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// Batches read at once.
const PAGE: usize = 100;

/// A record: its batch with all links, its chain and its position.
pub type Bound = (Batch, Vec<EvidenceLink>, String, i64);

/// The records of an exchange.
///
/// # Errors
/// Of the journal.
pub async fn of_exchange(journal: &dyn Journal, id: ExchangeId) -> Result<Vec<Bound>, JournalError> {
    let began = began(id);
    let changed = journal.get(id).await?.map_or(began, |stored| stored.changed);
    let mut after = first(journal, began.saturating_sub(APART).unwrap_or(began)).await? - 1;
    let until = changed.max(began).saturating_add(WITHIN).unwrap_or(Timestamp::MAX);
    let (mut found, text) = (Vec::new(), id.to_string());
    loop {
        let batches = journal.batches(after, PAGE).await?;
        let Some(last) = batches.last() else { return Ok(found) };
        after = last.number;
        for batch in batches {
            let Some(statement) = batch.read() else { continue };
            let links = binder::links(journal, &statement).await?;
            let places = places(&statement, &links, text.as_bytes());
            found.extend(
                places
                    .into_iter()
                    .map(|(chain, seq)| (batch.clone(), links.clone(), chain, seq)),
            );
            // A record may be signed late, after a node was down: the first batch beyond is still looked through.
            if statement.at > until {
                return Ok(found);
            }
        }
    }
}

/// Chain and position of the records that name an exchange.
pub fn places(statement: &Statement, links: &[EvidenceLink], exchange: &[u8]) -> Vec<(String, i64)> {
    let parts = statement.parts.iter();
    let chains = parts.flat_map(|part| std::iter::repeat_n(&part.chain, part.count()));
    let named = |record: &[u8]| record.windows(exchange.len()).any(|window| window == exchange);
    let of = chains.zip(links).filter(|(_, link)| named(&link.record));
    of.map(|(chain, link)| (chain.clone(), link.seq)).collect()
}

/// When an id was made.
fn began(id: ExchangeId) -> Timestamp {
    let (seconds, nanos) = id.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
    Timestamp::new(
        i64::try_from(seconds).unwrap_or_default(),
        i32::try_from(nanos).unwrap_or_default(),
    )
    .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Number of the first batch signed at or after a time; numbers have no gaps, times rise with them.
///
/// # Errors
/// Of the journal.
pub async fn first(journal: &dyn Journal, at: Timestamp) -> Result<i64, JournalError> {
    let newest = journal.last_batch().await?.map_or(0, |batch| batch.number);
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let batch = journal.batches(middle - 1, 1).await?.pop();
        match batch.and_then(|batch| batch.read()) {
            Some(statement) if statement.at < at => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}
