//! The processing record of one person: the evidence that names them, page by page. Read from the evidence itself, so that what a
//! person is told is what was chained and signed, also after bodies were erased. Bounded work per page.

use crate::evidence::search;
use crate::journal::{EvidenceLink, Journal, JournalError};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Records read from the journal at once.
const READ: usize = 1000;

/// Where reading goes on: the last position read, by chain.
pub type Place = BTreeMap<String, i64>;

/// What was found on one page.
#[derive(Debug)]
pub struct Page {
    /// Chain and link of every record that names the person.
    pub found: Vec<(String, EvidenceLink)>,
    /// Records looked through.
    pub read: usize,
    /// Where to go on; `None` at the end.
    pub next: Option<Place>,
}

/// Where to begin for records signed at or after a time.
///
/// # Errors
/// Of the journal.
pub async fn place(journal: &dyn Journal, from: Timestamp) -> Result<Place, JournalError> {
    let number = search::first(journal, from).await?;
    let Some(batch) = journal.batches(number - 1, 1).await?.pop().and_then(|b| b.read()) else {
        // Younger than the last batch: each chain begins after what is signed.
        let last = journal.last_batch().await?.and_then(|batch| batch.read());
        let parts = last.into_iter().flat_map(|statement| statement.parts);
        return Ok(parts.map(|part| (part.chain, part.last)).collect());
    };
    let before = batch.parts.into_iter().map(|part| (part.chain, part.first - 1));
    Ok(before.collect())
}

/// The next records that name `subject`, after looking through about `most` of them.
///
/// # Errors
/// Of the journal.
pub async fn page(journal: &dyn Journal, subject: &str, mut after: Place, most: usize) -> Result<Page, JournalError> {
    let (mut found, mut read) = (Vec::new(), 0);
    let name = format!("\"{subject}\"");
    for chain in journal.chains().await? {
        loop {
            if read >= most {
                let next = Some(after);
                return Ok(Page { found, read, next });
            }
            let at = after.get(&chain).copied().unwrap_or(0);
            let links = journal.evidence(chain.clone(), at, READ).await?;
            let Some(last) = links.last() else { break };
            after.insert(chain.clone(), last.seq);
            read += links.len();
            let named = links.into_iter().filter(|link| holds(&link.record, name.as_bytes()));
            found.extend(named.map(|link| (chain.clone(), link)));
        }
    }
    Ok(Page {
        found,
        read,
        next: None,
    })
}

fn holds(record: &[u8], name: &[u8]) -> bool {
    record.windows(name.len()).any(|window| window == name)
}
