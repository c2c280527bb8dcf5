//! The evidence chain: over stored bytes, without gaps, by the one writer.

use super::super::trouble::Trouble;
use super::super::writer::Writing;
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::evidence::link;

pub(super) fn append(tx: &mut Writing<'_>, record: &Bytes) -> Result<(), Trouble> {
    let (seq, hash) = (tx.heads.link + 1, link(&tx.heads.hash, record));
    let sql = "INSERT INTO evidence (seq, previous, record, hash) VALUES (?1, ?2, ?3, ?4)";
    tx.connection
        .prepare_cached(sql)?
        .execute((seq, &tx.heads.hash[..], &record[..], &hash[..]))?;
    tx.heads.link = seq;
    tx.heads.hash = hash;
    Ok(())
}

pub(in super::super) fn witness(tx: &mut Writing<'_>, records: &[Bytes]) -> Result<(), Trouble> {
    records.iter().try_for_each(|record| append(tx, record))
}

/// Stores a batch as the next one.
pub(in super::super) fn put_batch(tx: &mut Writing<'_>, batch: &Batch) -> Result<bool, Trouble> {
    let sql = "INSERT INTO evidence_batches (number, statement, signature)
               SELECT ?1, ?2, ?3 WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM evidence_batches)";
    let stored =
        tx.connection
            .prepare_cached(sql)?
            .execute((batch.number, &batch.statement[..], &batch.signature[..]))?;
    Ok(stored == 1)
}
