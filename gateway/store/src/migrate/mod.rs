//! Moving a journal from SQLite to PostgreSQL (`simpul journal migrate`): nothing lost, and a copy that was cut short
//! goes on where it stopped.
//!
//! Each batch and the position after it are committed together, so the target itself says how far it is. While a copy
//! is not finished no node opens the target; when it is, the source is marked and no gateway opens it again.

mod column;
mod tables;

pub(crate) use crate::sqlite::Counters;
pub(crate) use column::Column;

use crate::postgres::{self, Target};
use crate::sqlite::Source;
use gateway_core::evidence::link;
use gateway_core::journal::{JournalError, MAIN_CHAIN};
use rusqlite::types::Value;
use std::path::Path;
use tables::{TABLES, Table};

/// Rows of one batch, and from how many bytes it is sent before it has so many.
const ROWS: i64 = 1000;
const BYTES: usize = 8 << 20;

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Table.
    pub part: &'static str,
    /// Rows there by now, over all runs.
    pub done: u64,
    /// Rows there will be.
    pub total: u64,
}

/// What a finished copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Rows of each table, counted on both sides.
    pub rows: Vec<(&'static str, u64)>,
    /// Evidence links whose hashes were computed again.
    pub links: u64,
}

/// Copies the journal at `from` into an empty schema, or goes on with it. The gateway must not run on either: the
/// source's lock is taken. `progress` is called after every batch; when it answers `false` the copy stops there with
/// `None` and may go on another time.
///
/// Not to be spawned: it reads the source on the calling thread.
pub async fn copy(
    from: &Path,
    to: postgres::Options,
    mut progress: impl FnMut(&Progress) -> bool,
) -> Result<Option<Summary>, JournalError> {
    let source = Source::open(from)?;
    let target = Target::open(to).await?;
    target.begin(&source.identity()?).await?;
    let mut rows = Vec::new();
    for table in TABLES {
        let total = source.count(table.source)?;
        let mut done = target.count(table.name).await?;
        loop {
            let position = target.position(table.name).await?;
            let batch = read(&source, table, position.as_deref())?;
            if let Some(position) = batch.position {
                target
                    .insert(table.name, &table.insert(), &batch.columns, &position)
                    .await?;
            }
            done += batch.rows;
            let more = progress(&Progress {
                part: table.name,
                done,
                total,
            });
            if !batch.more {
                let done = target.count(table.name).await?;
                if done != total {
                    return Err(JournalError::Broken(format!(
                        "table {} has {total} rows in the source and {done} in the copy",
                        table.name
                    )));
                }
                break;
            }
            if !more {
                return Ok(None);
            }
        }
        rows.push((table.name, total));
    }
    let links = verify(&target).await?;
    target.finish(&source.counters()?).await?;
    source.mark_moved()?;
    Ok(Some(Summary { rows, links }))
}

struct Batch {
    columns: Vec<Column>,
    /// After its last row; `None` when there was none.
    position: Option<String>,
    rows: u64,
    more: bool,
}

fn read(source: &Source, table: &Table, position: Option<&str>) -> Result<Batch, JournalError> {
    let broken = JournalError::Broken;
    let after: Option<Vec<Value>> = position.map(column::values).transpose().map_err(broken)?;
    let mut columns: Vec<Column> = table.columns.iter().map(|(_, kind)| Column::new(*kind)).collect();
    let (mut last, mut count, mut bytes) = (None, 0, 0);
    source.rows(
        &table.select(after.is_some()),
        after.unwrap_or_default(),
        ROWS,
        &mut |row| {
            for (n, column) in columns.iter_mut().enumerate() {
                bytes += column
                    .push(row.get_ref(n)?)
                    .map_err(|text| format!("table {}: {text}", table.name))?;
            }
            let mut keys = Vec::new();
            for n in columns.len()..columns.len() + table.keys.len() {
                keys.push(row.get::<_, Value>(n)?);
            }
            last = Some(keys);
            count += 1;
            Ok(bytes < BYTES)
        },
    )?;
    let position = last.map(|keys| column::position(&keys)).transpose().map_err(broken)?;
    Ok(Batch {
        columns,
        position,
        rows: u64::try_from(count).unwrap_or_default(),
        more: count == ROWS || bytes >= BYTES,
    })
}

/// Computes the whole chain again, from the copy.
async fn verify(target: &Target) -> Result<u64, JournalError> {
    let (mut count, mut previous) = (0, [0; 32]);
    loop {
        let links = target.evidence(MAIN_CHAIN, count, 1000).await?;
        for found in &links {
            count += 1;
            if found.seq != count || found.previous != previous || link(&previous, &found.record) != found.hash {
                return Err(JournalError::Broken(format!("evidence link {count} does not hold")));
            }
            previous = found.hash;
        }
        if links.is_empty() {
            return Ok(count.unsigned_abs());
        }
    }
}
