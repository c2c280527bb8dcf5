//! Binds what the chains gained into signed batches, on a schedule and when asked. Every node may do it: a batch is stored
//! only as the next number, so that all nodes of a city write one sequence over all their chains; who comes second looks
//! again. Run by the wiring; called by the operator port before an export.

use super::batch::{Batch, Part, SigningKey, Statement};
use super::merkle::{self, Hash};
use crate::journal::{EvidenceLink, Journal, JournalError};
use crate::time::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Kind of the documents that keep public keys.
pub const KEYS: &str = "kunci_bukti";

/// Records of one batch at most.
const MOST: usize = 8192;
/// Links read at once.
const PAGE: usize = 1000;

/// Binds again and again until `stop`, and once more then.
pub async fn run(
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    key: Arc<SigningKey>,
    every: Duration,
    stop: CancellationToken,
) {
    if let Err(error) = introduce(&*journal, &*clock, &key).await {
        tracing::error!(%error, "public key of the evidence not stored");
    }
    loop {
        let last = tokio::select! { () = stop.cancelled() => true, () = clock.sleep(every) => false };
        match bind(&*journal, &*clock, &key).await {
            Ok(0) => {}
            Ok(records) => tracing::debug!(records, "evidence bound"),
            Err(error) => tracing::error!(%error, "evidence not bound"),
        }
        if last {
            return;
        }
    }
}

/// Keeps the public key in the journal, and puts into the evidence that a new key signs from now on.
///
/// # Errors
/// Of the journal.
pub async fn introduce(journal: &dyn Journal, clock: &dyn Clock, key: &SigningKey) -> Result<(), JournalError> {
    let public = hex::encode(key.public());
    if journal.document(KEYS.to_owned(), public.clone()).await?.is_some() {
        return Ok(());
    }
    let at = clock.now().to_string();
    let body = serde_json::json!({ "kunci": public, "sejak": at }).to_string();
    if journal
        .put_document(KEYS.to_owned(), public.clone(), Some(body.into()), Some(0))
        .await?
        .is_some()
    {
        let record = serde_json::json!({ "action": "kunci_bukti", "key": public, "at": at });
        journal.witness(vec![record.to_string().into()]).await?;
    }
    Ok(())
}

/// Binds all that is there now. Returns how many records.
///
/// # Errors
/// Of the journal; what was bound before stays bound.
pub async fn bind(journal: &dyn Journal, clock: &dyn Clock, key: &SigningKey) -> Result<u64, JournalError> {
    let mut records = 0;
    loop {
        let last = journal.last_batch().await?;
        let (batch, count) = next(journal, clock, key, last.as_ref()).await?;
        let Some(batch) = batch else { return Ok(records) };
        if journal.put_batch(batch).await? {
            records += count as u64;
        }
    }
}

/// The batch after `last`, or `None` when no chain gained anything.
async fn next(
    journal: &dyn Journal,
    clock: &dyn Clock,
    key: &SigningKey,
    last: Option<&Batch>,
) -> Result<(Option<Batch>, usize), JournalError> {
    let before =
        match last {
            Some(batch) => Some(batch.read().ok_or_else(|| {
                JournalError::Broken(format!("batch {} of the evidence cannot be read", batch.number))
            })?),
            None => None,
        };
    let (mut parts, mut leaves) = (Vec::new(), Vec::new());
    for chain in chains(journal, before.as_ref()).await? {
        let known = before.as_ref().and_then(|statement| statement.part(&chain));
        let (after, hash) = known.map_or((0, [0; 32]), |part| (part.last, part.head));
        let mut part = Part {
            first: after + 1,
            last: after,
            before: hash,
            head: hash,
            chain,
        };
        gained(journal, &mut part, &mut leaves).await?;
        parts.push(part);
    }
    if leaves.is_empty() {
        return Ok((None, 0));
    }
    let statement = Statement {
        number: last.map_or(1, |batch| batch.number + 1),
        at: clock.now(),
        previous: last.map_or([0; 32], Batch::hash),
        root: merkle::root(&leaves),
        key: key.public(),
        parts,
    };
    Ok((Some(key.sign(&statement)), leaves.len()))
}

/// All chains there are or were, by name.
async fn chains(journal: &dyn Journal, before: Option<&Statement>) -> Result<Vec<String>, JournalError> {
    let mut chains = journal.chains().await?;
    chains.extend(
        before
            .into_iter()
            .flat_map(|s| s.parts.iter().map(|part| part.chain.clone())),
    );
    chains.sort();
    chains.dedup();
    Ok(chains)
}

async fn gained(journal: &dyn Journal, part: &mut Part, leaves: &mut Vec<Hash>) -> Result<(), JournalError> {
    while leaves.len() < MOST {
        let most = PAGE.min(MOST - leaves.len());
        let links = journal.evidence(part.chain.clone(), part.last, most).await?;
        for found in &links {
            // What is signed is computed here, never taken over: an altered record does not become a signed one.
            let holds = found.seq == part.last + 1
                && found.previous == part.head
                && super::link(&found.previous, &found.record) == found.hash;
            if !holds {
                let (chain, seq) = (&part.chain, part.last + 1);
                return Err(JournalError::Broken(format!(
                    "record {seq} of evidence chain {chain} does not hold"
                )));
            }
            part.last = found.seq;
            part.head = found.hash;
            leaves.push(merkle::leaf(&found.hash));
        }
        if links.len() < most {
            break;
        }
    }
    Ok(())
}

/// All links of a batch, in its order.
///
/// # Errors
/// Of the journal.
pub async fn links(journal: &dyn Journal, statement: &Statement) -> Result<Vec<EvidenceLink>, JournalError> {
    let mut all = Vec::with_capacity(statement.count());
    for part in &statement.parts {
        let mut after = part.first - 1;
        while after < part.last {
            let most = PAGE.min(usize::try_from(part.last - after).unwrap_or(PAGE));
            let links = journal.evidence(part.chain.clone(), after, most).await?;
            let Some(end) = links.last() else { break };
            after = end.seq;
            all.extend(links);
        }
    }
    Ok(all)
}
