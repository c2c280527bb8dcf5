//! Names that count once on all nodes, and how many calls each node let through.

use super::Trouble;
use super::shared::Shared;
use crate::codes::nanos;
use gateway_core::journal::Told;
use jiff::Timestamp;

/// What ran out is forgotten a few rows at a time, faster than names come; rows that another node is forgetting are left to it.
pub(super) async fn claim(shared: &Shared, name: &[u8; 16], until: Timestamp, now: Timestamp) -> Result<bool, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "WITH old AS (SELECT name FROM claims WHERE until < $3 LIMIT 8 FOR UPDATE SKIP LOCKED),
            gone AS (DELETE FROM claims c USING old WHERE c.name = old.name)
        INSERT INTO claims (name, until) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    let statement = client.prepare_cached(sql).await?;
    let added = client
        .execute(&statement, &[&&name[..], &nanos(until), &nanos(now)])
        .await?;
    Ok(added == 1)
}

/// Adds to this node's counts and reads those of the others.
pub(super) async fn tell_use(shared: &Shared, node: &str, calls: &[(String, u64)]) -> Result<Vec<Told>, Trouble> {
    let client = shared.pool.get().await?;
    if !calls.is_empty() {
        let (parts, counts): (Vec<&str>, Vec<i64>) = calls
            .iter()
            .map(|(part, count)| (part.as_str(), i64::try_from(*count).unwrap_or(i64::MAX)))
            .unzip();
        let sql = "INSERT INTO uses (node, part, calls) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
            ON CONFLICT (node, part) DO UPDATE SET calls = uses.calls + excluded.calls";
        let statement = client.prepare_cached(sql).await?;
        client.execute(&statement, &[&node, &parts, &counts]).await?;
    }
    let statement = client
        .prepare_cached("SELECT node, part, calls FROM uses WHERE node <> $1")
        .await?;
    let rows = client.query(&statement, &[&node]).await?;
    Ok(rows
        .iter()
        .map(|row| Told {
            node: row.get(0),
            grant: row.get(1),
            calls: u64::try_from(row.get::<_, i64>(2)).unwrap_or(0),
        })
        .collect())
}
