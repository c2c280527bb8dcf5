//! What is asked, and the small things that are written one at a time: documents and erasure.

use super::rows::{STORED, TABLES, stored};
use super::shared::{Shared, tidy};
use super::trouble::Trouble;
use crate::codes::{digest, from_json, nanos, state_code, state_of, time};
use bytes::Bytes;
use deadpool_postgres::Client;
use gateway_core::evidence::batch::Batch;
use gateway_core::exchange::{Attempt, NewEvent, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Document, EvidenceLink, Filter, JournalError, QueueStat, StoredEvent, document_is_at};
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) async fn get(shared: &Shared, id: ExchangeId) -> Result<Option<Stored>, Trouble> {
    let client = shared.pool.get().await?;
    let get = client
        .prepare_cached(&format!("SELECT {STORED} FROM {TABLES} WHERE e.id = $1"))
        .await?;
    client.query_opt(&get, &[&id.0]).await?.as_ref().map(stored).transpose()
}

pub(super) async fn attempts(shared: &Shared, id: ExchangeId) -> Result<Vec<Attempt>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "SELECT a.attempt FROM exchanges e JOIN attempts a ON a.seq = e.seq WHERE e.id = $1 ORDER BY a.number";
    let attempts = client.prepare_cached(sql).await?;
    let rows = client.query(&attempts, &[&id.0]).await?;
    rows.iter().map(|row| Ok(from_json(row.get(0))?)).collect()
}

pub(super) async fn checkpoints(
    shared: &Shared,
    id: ExchangeId,
) -> Result<serde_json::Map<String, serde_json::Value>, Trouble> {
    let client = shared.pool.get().await?;
    let read = client
        .prepare_cached("SELECT checkpoints FROM exchanges WHERE id = $1")
        .await?;
    let row = client
        .query_opt(&read, &[&id.0])
        .await?
        .ok_or(JournalError::Missing(id))?;
    let text: Option<&str> = row.get(0);
    Ok(text.map_or_else(|| Ok(serde_json::Map::new()), from_json)?)
}

pub(super) async fn living_document(shared: &Shared, kind: &str, id: &str) -> Result<Option<Document>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "SELECT kind, id, revision, body FROM documents WHERE kind = $1 AND id = $2 AND body IS NOT NULL";
    let read = client.prepare_cached(sql).await?;
    Ok(client.query_opt(&read, &[&kind, &id]).await?.as_ref().map(document))
}

/// Every system, operation and consumer that ever met, each found from the one before it.
const PARTIES: &str = "WITH RECURSIVE parties AS (
    (SELECT system, operation, consumer FROM exchanges ORDER BY system, operation, consumer LIMIT 1)
    UNION ALL
    SELECT n.system, n.operation, n.consumer FROM parties p CROSS JOIN LATERAL (
        SELECT x.system, x.operation, x.consumer FROM exchanges x
        WHERE (x.system, x.operation, x.consumer) > (p.system, p.operation, p.consumer)
        ORDER BY x.system, x.operation, x.consumer LIMIT 1) n)";

/// Newest first: a reference by its index, each rare state by its own, parties and times by the index over parties.
pub(super) async fn list(shared: &Shared, filter: &Filter) -> Result<Vec<Stored>, Trouble> {
    let limit = rows(if filter.limit == 0 { 50 } else { filter.limit });
    let bounds = "($5::bigint IS NULL OR x.created >= $5) AND ($6::bigint IS NULL OR x.created < $6) AND x.seq < $7";
    let parties = "($1::text IS NULL OR x.system = $1) AND ($2::text IS NULL OR x.operation = $2)
        AND ($3::text IS NULL OR x.consumer = $3) AND ($4::text IS NULL OR x.reference = $4)";
    let newest = "ORDER BY x.seq DESC LIMIT $8";
    let search = |state: &str| {
        let by = if filter.reference.is_some() {
            "x.reference = $4 AND"
        } else {
            ""
        };
        format!("(SELECT x.seq FROM exchanges x WHERE {by} {parties} AND {bounds}{state} {newest})")
    };
    let codes: Vec<i16> = filter.states.iter().map(|s| state_code(*s)).collect();
    let rare = !codes.is_empty() && !codes.contains(&5);
    let asks = |text: &Option<String>| text.is_some();
    let narrow = asks(&filter.system) || asks(&filter.operation) || asks(&filter.consumer);
    let found = if filter.reference.is_none() && !rare && (narrow || filter.since.is_some() || filter.until.is_some()) {
        let words: Vec<String> = codes.iter().map(i16::to_string).collect();
        let states = match words.is_empty() {
            true => String::new(),
            false => format!(" AND x.state IN ({})", words.join(",")),
        };
        format!(
            "{PARTIES} SELECT f.seq FROM parties p CROSS JOIN LATERAL (SELECT x.seq FROM exchanges x
             WHERE x.system = p.system AND x.operation = p.operation AND x.consumer = p.consumer AND {bounds}{states} {newest}) f
             WHERE ($1::text IS NULL OR p.system = $1) AND ($2::text IS NULL OR p.operation = $2)
             AND ($3::text IS NULL OR p.consumer = $3) AND $4::text IS NULL"
        )
    } else if codes.is_empty() {
        search("")
    } else {
        let each = codes.iter().map(|code| match code {
            5 => search(" AND x.state = 5"),
            code => search(&format!(" AND x.state = {code} AND x.state <> 5")),
        });
        each.collect::<Vec<_>>().join(" UNION ALL ")
    };
    let sql = format!(
        "SELECT {STORED} FROM (SELECT DISTINCT f.seq FROM ({found}) f ORDER BY f.seq DESC LIMIT $8) n
         JOIN exchanges e ON e.seq = n.seq LEFT JOIN bodies b ON b.seq = e.seq LEFT JOIN replies r ON r.seq = e.seq
         ORDER BY e.seq DESC"
    );
    let before = filter.before_seq.unwrap_or(i64::MAX);
    let (since, until) = (filter.since.map(nanos), filter.until.map(nanos));
    let values: [&(dyn ToSql + Sync); 8] = [
        &filter.system,
        &filter.operation,
        &filter.consumer,
        &filter.reference,
        &since,
        &until,
        &before,
        &limit,
    ];
    let client = shared.pool.get().await?;
    client.query(&sql, &values).await?.iter().map(stored).collect()
}

pub(super) async fn queues(shared: &Shared) -> Result<Vec<QueueStat>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "SELECT system, state, count(*), min(created) FROM exchanges WHERE state < 5 OR state = 7
               GROUP BY system, state ORDER BY system, state";
    let queues = client.prepare_cached(sql).await?;
    let mut stats = Vec::new();
    for row in client.query(&queues, &[]).await? {
        stats.push(QueueStat {
            system: row.get(0),
            state: state_of(row.get::<_, i16>(1).into())?,
            count: row.get::<_, i64>(2).unsigned_abs(),
            oldest: time(row.get(3)),
        });
    }
    Ok(stats)
}

pub(super) async fn next_due(shared: &Shared, skip: &[String]) -> Result<Option<Timestamp>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "SELECT min(e.wake) FROM systems s CROSS JOIN LATERAL
               (SELECT x.wake FROM exchanges x WHERE x.head AND x.system = s.system ORDER BY x.wake LIMIT 1) e
               WHERE s.system <> ALL ($1)";
    let next = client.prepare_cached(sql).await?;
    Ok(client
        .query_one(&next, &[&skip])
        .await?
        .get::<_, Option<i64>>(0)
        .map(time))
}

pub(super) async fn chains(shared: &Shared) -> Result<Vec<String>, Trouble> {
    let client = shared.pool.get().await?;
    let rows = client.query("SELECT chain FROM chains ORDER BY chain", &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

pub(super) async fn evidence(
    shared: &Shared,
    chain: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<EvidenceLink>, Trouble> {
    links(&shared.pool.get().await?, chain, after, limit).await
}

pub(super) async fn links(
    client: &Client,
    chain: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<EvidenceLink>, Trouble> {
    let sql = "SELECT seq, previous, record, hash FROM evidence WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let read = client.prepare_cached(sql).await?;
    let mut links = Vec::new();
    for row in client.query(&read, &[&chain, &after, &rows(limit)]).await? {
        links.push(EvidenceLink {
            seq: row.get(0),
            previous: digest(row.get(1))?,
            record: Bytes::from(row.get::<_, Vec<u8>>(2)),
            hash: digest(row.get(3))?,
        });
    }
    Ok(links)
}

/// Batches after a number, in order; newest first when `newest`.
pub(super) async fn batches(shared: &Shared, after: i64, limit: usize, newest: bool) -> Result<Vec<Batch>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = match newest {
        false => "SELECT number, statement, signature FROM evidence_batches WHERE number > $1 ORDER BY number LIMIT $2",
        true => {
            "SELECT number, statement, signature FROM evidence_batches WHERE number > $1 ORDER BY number DESC LIMIT $2"
        }
    };
    let read = client.prepare_cached(sql).await?;
    let mut batches = Vec::new();
    for row in client.query(&read, &[&after, &rows(limit)]).await? {
        let signature: &[u8] = row.get(2);
        batches.push(Batch {
            number: row.get(0),
            statement: Bytes::from(row.get::<_, Vec<u8>>(1)),
            signature: signature
                .try_into()
                .map_err(|_| Trouble::words("a signature is damaged".to_owned()))?,
        });
    }
    Ok(batches)
}

/// Stores a batch as the next one; the primary key lets one of several nodes win.
pub(super) async fn put_batch(shared: &Shared, batch: &Batch) -> Result<bool, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "INSERT INTO evidence_batches (number, statement, signature)
               SELECT $1, $2, $3 WHERE $1 = (SELECT coalesce(max(number), 0) + 1 FROM evidence_batches)
               ON CONFLICT DO NOTHING";
    let put = client.prepare_cached(sql).await?;
    let (statement, signature) = (&batch.statement[..], &batch.signature[..]);
    Ok(client.execute(&put, &[&batch.number, &statement, &signature]).await? == 1)
}

fn event(row: &Row) -> StoredEvent {
    StoredEvent {
        seq: row.get(0),
        subject_seq: row.get(1),
        event: NewEvent {
            id: row.get(2),
            kind: row.get(3),
            subject: row.get(4),
            source: row.get(5),
            at: time(row.get(6)),
            data: Bytes::from(row.get::<_, Vec<u8>>(7)),
            schema: row.get(8),
            trace: row.get(9),
        },
    }
}

pub(super) async fn events(
    shared: &Shared,
    after: i64,
    kinds: &[String],
    limit: usize,
) -> Result<Vec<StoredEvent>, Trouble> {
    let client = shared.pool.get().await?;
    let columns = "SELECT seq, subject_seq, id, kind, subject, source, at, data, schema, trace FROM events";
    let any = format!("{columns} WHERE seq > $1 ORDER BY seq LIMIT $2");
    let found = if kinds.is_empty() {
        let read = client.prepare_cached(&any).await?;
        client.query(&read, &[&after, &rows(limit)]).await?
    } else {
        let sql = format!(
            "SELECT DISTINCT e.* FROM unnest($3::text[]) k (kind)
             CROSS JOIN LATERAL ({columns} WHERE kind = k.kind AND seq > $1 ORDER BY seq LIMIT $2) e
             ORDER BY e.seq LIMIT $2"
        );
        let read = client.prepare_cached(&sql).await?;
        client.query(&read, &[&after, &rows(limit), &kinds]).await?
    };
    Ok(found.iter().map(event).collect())
}

pub(super) async fn last_event(shared: &Shared) -> Result<i64, Trouble> {
    let client = shared.pool.get().await?;
    let last = client
        .prepare_cached("SELECT value FROM counters WHERE name = 'event'")
        .await?;
    Ok(client.query_one(&last, &[]).await?.get(0))
}

pub(super) async fn cursor(shared: &Shared, subscription: &str) -> Result<i64, Trouble> {
    let client = shared.pool.get().await?;
    let cursor = client
        .prepare_cached("SELECT position FROM cursors WHERE subscription = $1")
        .await?;
    Ok(client
        .query_opt(&cursor, &[&subscription])
        .await?
        .map_or(0, |row| row.get(0)))
}

fn document(row: &Row) -> Document {
    let body: Option<Vec<u8>> = row.get(3);
    Document {
        kind: row.get(0),
        id: row.get(1),
        revision: row.get(2),
        body: body.map(Bytes::from),
    }
}

pub(super) async fn documents(shared: &Shared, after: i64) -> Result<Vec<Document>, Trouble> {
    let client = shared.pool.get().await?;
    let sql = "SELECT kind, id, revision, body FROM documents WHERE revision > $1 ORDER BY revision";
    let read = client.prepare_cached(sql).await?;
    Ok(client.query(&read, &[&after]).await?.iter().map(document).collect())
}

pub(super) async fn put_document(
    shared: &Shared,
    kind: &str,
    id: &str,
    body: Option<&Bytes>,
    expected: Option<i64>,
) -> Result<Option<i64>, Trouble> {
    let client = shared.pool.get().await?;
    let result = change_document(&client, kind, id, body, expected).await;
    tidy(client, result).await
}

/// The counter is held until the end, so that revisions follow the order of commits.
async fn change_document(
    client: &Client,
    kind: &str,
    id: &str,
    body: Option<&Bytes>,
    expected: Option<i64>,
) -> Result<Option<i64>, Trouble> {
    client.batch_execute("BEGIN").await?;
    let next = "UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value";
    let revision: i64 = client.query_one(next, &[]).await?.get(0);
    let find = "SELECT kind, id, revision, body FROM documents WHERE kind = $1 AND id = $2";
    let found = client.query_opt(find, &[&kind, &id]).await?.as_ref().map(document);
    if expected.is_some_and(|expected| !document_is_at(found.as_ref(), expected)) {
        client.batch_execute("ROLLBACK").await?;
        return Ok(None);
    }
    let put = "INSERT INTO documents (kind, id, revision, body) VALUES ($1, $2, $3, $4)
               ON CONFLICT (kind, id) DO UPDATE SET revision = $3, body = $4";
    client
        .execute(put, &[&kind, &id, &revision, &body.map(|b| &b[..])])
        .await?;
    client.batch_execute("COMMIT").await?;
    Ok(Some(revision))
}

pub(super) async fn erase(
    shared: &Shared,
    operations: &[String],
    kinds: &[String],
    before: Timestamp,
    limit: usize,
) -> Result<u64, Trouble> {
    let client = shared.pool.get().await?;
    // One statement, so that it happens whole.
    let sql = "WITH old AS (
            SELECT e.seq FROM exchanges e WHERE e.operation = ANY ($1) AND e.state IN (5, 6, 8) AND NOT e.erased
            AND e.changed < $2 ORDER BY e.changed LIMIT $3 FOR UPDATE SKIP LOCKED),
        inputs AS (DELETE FROM bodies b USING old WHERE b.seq = old.seq),
        outputs AS (DELETE FROM replies r USING old WHERE r.seq = old.seq),
        marks AS (UPDATE exchanges e SET erased = true, checkpoints = NULL FROM old WHERE e.seq = old.seq),
        said AS (UPDATE events v SET data = '', erased = true WHERE v.seq IN
            (SELECT o.seq FROM events o WHERE NOT o.erased AND o.kind = ANY ($4) AND o.at < $2 ORDER BY o.at LIMIT $3 * 4))
        SELECT count(*) FROM old";
    let erase = client.prepare_cached(sql).await?;
    let limit = rows(limit).min(i64::MAX / 4);
    let erased: i64 = client
        .query_one(&erase, &[&operations, &nanos(before), &limit, &kinds])
        .await?
        .get(0);
    Ok(erased.unsigned_abs())
}

/// A real write, so that readiness means that the journal can store.
pub(super) async fn probe(shared: &Shared) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    let sql = "INSERT INTO counters VALUES ('probe', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1";
    client.execute(sql, &[]).await?;
    Ok(())
}
