//! The evidence chain: over stored bytes, without gaps, by the one writer.

use super::super::heads::Heads;
use super::super::trouble::Trouble;
use super::super::writer::Writing;
use bytes::Bytes;
use gateway_core::evidence::batch::Batch;
use gateway_core::evidence::link;
use rusqlite::Statement;

const INSERT: &str = "INSERT INTO evidence (seq, previous, record, hash) VALUES (?1, ?2, ?3, ?4)";

pub(super) fn append(tx: &mut Writing<'_>, record: &Bytes) -> Result<(), Trouble> {
    let mut insert = tx.connection.prepare_cached(INSERT)?;
    chain(tx.heads, &mut insert, record)
}

/// Links many records, taking the statement out of its cache once.
pub(in super::super) fn witness(tx: &mut Writing<'_>, records: &[Bytes]) -> Result<(), Trouble> {
    let mut insert = tx.connection.prepare_cached(INSERT)?;
    records
        .iter()
        .try_for_each(|record| chain(tx.heads, &mut insert, record))
}

fn chain(heads: &mut Heads, insert: &mut Statement<'_>, record: &Bytes) -> Result<(), Trouble> {
    let (seq, hash) = (heads.link + 1, link(&heads.hash, record));
    insert.execute((seq, &heads.hash[..], &record[..], &hash[..]))?;
    heads.link = seq;
    heads.hash = hash;
    Ok(())
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
