//! Ends of tries, people's decisions and evidence: one transaction for all that waits on this node, since this node's
//! evidence chain has one end.

use super::accept::place_quietly;
use super::batch::Results;
use super::lease::{ADD_TIMER, MOVE_TIMER, PUT_TIMER};
use super::place::Lane;
use super::rows::{Columns, MOVING, Moving, UPDATE, moving, number};
use super::shared::{Shared, rounds, tidy};
use super::trouble::Trouble;
use crate::codes::{digest, json, nanos};
use bytes::Bytes;
use deadpool_postgres::Client;
use gateway_core::evidence::link;
use gateway_core::exchange::{NewEvent, NewExchange, Settlement};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Intervention, JournalError, Planned, Seen, moved_timer};
use gateway_core::sdk::BoxFuture;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::{Error, Row};

/// Something that writes evidence.
pub(super) enum Move {
    Settle(Box<Settlement>),
    Intervene(Box<Intervention>, Bytes),
    Witness(Vec<Bytes>),
}

impl Move {
    fn exchange(&self) -> Option<ExchangeId> {
        match self {
            Self::Settle(settlement) => Some(settlement.id),
            Self::Intervene(intervention, _) => Some(intervention.id),
            Self::Witness(_) => None,
        }
    }
}

const FIND_CHAIN: &str = "SELECT seq, hash FROM chains WHERE chain = $1 FOR UPDATE";
const TAKE_EVENTS: &str = "UPDATE counters SET value = value + $1 WHERE name = 'event'";
const INSERT_EVENTS: &str = "
    INSERT INTO events (seq, id, kind, subject, subject_seq, source, at, data, schema, trace)
    SELECT c.value - $9 + u.n, u.id, u.kind, u.subject,
        (SELECT coalesce(max(e.subject_seq), 0) FROM events e WHERE e.subject = u.subject)
            + row_number() OVER (PARTITION BY u.subject ORDER BY u.n),
        u.source, u.at, u.data, u.schema, u.trace
    FROM counters c, unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::text[],
        $8::bigint[], $10::text[]) u (id, kind, subject, source, at, data, schema, n, trace)
    WHERE c.name = 'event' AND NOT EXISTS (SELECT 1 FROM events k WHERE k.id = u.id)";
const INSERT_REPLIES: &str = "INSERT INTO replies SELECT * FROM unnest($1::bigint[], $2::bytea[])
    ON CONFLICT (seq) DO UPDATE SET reply = excluded.reply";
const INSERT_ATTEMPTS: &str = "INSERT INTO attempts SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[])";
const INSERT_EVIDENCE: &str = "INSERT INTO evidence (chain, seq, previous, record, hash)
    SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])";
const MOVE_CHAIN: &str = "UPDATE chains SET seq = $2, hash = $3 WHERE chain = $1";
const GIVE_UP_REFS: &str = "UPDATE refs r SET free = true FROM exchanges e
    WHERE e.id = ANY($1) AND r.operation = e.operation AND r.reference = e.reference AND r.exchange = e.id";
/// Nothing comes back where the reference is another's by now.
const TAKE_BACK_REF: &str = "WITH mine AS (SELECT id, operation, reference, fingerprint FROM exchanges WHERE id = $1),
    back AS (UPDATE refs r SET free = false, exchange = mine.id, fingerprint = mine.fingerprint FROM mine
        WHERE r.operation = mine.operation AND r.reference = mine.reference AND r.free RETURNING 1)
    SELECT 1 FROM mine WHERE reference IS NULL OR EXISTS (SELECT 1 FROM back)";
/// Heads that may be held are waited for: a lease must be seen before its lane is given to another.
const LOCK_HEADS: &str = "SELECT 1 FROM unnest($1::text[], $2::text[]) l (system, lane)
    JOIN exchanges e ON e.system = l.system AND e.lane = l.lane AND e.head ORDER BY e.seq FOR UPDATE OF e";
/// The head of a lane is the exchange that is held, else the oldest open one.
const PASS_LANES: &str = "
    UPDATE exchanges e SET head = (e.seq = w.want)
    FROM unnest($1::text[], $2::text[]) l (system, lane)
    CROSS JOIN LATERAL (SELECT
        (SELECT h.seq FROM exchanges h WHERE h.system = l.system AND h.lane = l.lane AND h.head LIMIT 1) AS now,
        (SELECT h.seq FROM exchanges h WHERE h.system = l.system AND h.lane = l.lane AND h.head AND h.state = 1 LIMIT 1)
            AS held,
        (SELECT o.seq FROM exchanges o WHERE o.system = l.system AND o.lane = l.lane AND o.state < 4
            ORDER BY o.seq LIMIT 1) AS eldest) s
    CROSS JOIN LATERAL (SELECT coalesce(s.held, s.eldest) AS want) w
    WHERE e.seq = ANY (ARRAY[s.now, w.want]) AND e.head <> (e.seq = w.want)";

/// A batch of moves; see [`super::batch`].
pub(super) fn run<'a>(shared: &'a Shared, items: &'a [Move]) -> BoxFuture<'a, Result<Results<()>, Trouble>> {
    Box::pin(async move {
        let mut results: Results<()> = items.iter().map(|_| Ok(())).collect();
        for round in rounds(items, |item| {
            item.exchange().map(|id| id.to_string()).into_iter().collect()
        }) {
            let chosen: Vec<&Move> = round.iter().map(|n| &items[*n]).collect();
            match together(shared, &chosen).await {
                Ok(done) => round.into_iter().zip(done).for_each(|(n, result)| results[n] = result),
                // One of them was refused after others had been written, and all were undone: each alone.
                Err(Trouble::Refused(_)) => {
                    for n in round {
                        results[n] = match together(shared, &[&items[n]]).await {
                            Ok(done) => done.into_iter().collect::<Result<(), _>>(),
                            Err(Trouble::Refused(error)) => Err(error),
                            Err(trouble) => return Err(trouble),
                        };
                    }
                }
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(results)
    })
}

/// One transaction.
async fn together(shared: &Shared, chosen: &[&Move]) -> Result<Results<()>, Trouble> {
    let client = shared.pool.get().await?;
    let done = Box::pin(all(shared, &client, chosen)).await;
    tidy(client, done).await
}

/// What one transaction writes.
#[derive(Default)]
struct Writes<'a> {
    moved: Vec<Moving>,
    relays: Vec<&'a NewExchange>,
    events: Vec<&'a NewEvent>,
    timers: Vec<&'a Planned>,
    evidence: Vec<&'a Bytes>,
    wake: bool,
}

async fn all(shared: &Shared, client: &Client, items: &[&Move]) -> Result<Results<()>, Trouble> {
    let relays = items.iter().flat_map(|item| match item {
        Move::Settle(settlement) => settlement.relays.as_slice(),
        Move::Intervene(intervention, _) => intervention.relays.as_slice(),
        Move::Witness(_) => &[],
    });
    shared.know_systems(client, &relays.collect::<Vec<_>>()).await?;

    let find = format!("SELECT {MOVING} FROM exchanges e WHERE e.id = ANY($1) ORDER BY e.seq FOR UPDATE");
    let find = client.prepare_cached(&find).await?;
    let find_chain = client.prepare_cached(FIND_CHAIN).await?;
    let ids: Vec<_> = items.iter().filter_map(|item| item.exchange().map(|id| id.0)).collect();
    shared.point("before_begin");
    let (_, rows, chain) = tokio::try_join!(
        biased;
        client.batch_execute("BEGIN"),
        async { client.query(&find, &[&ids]).await },
        async { client.query_one(&find_chain, &[&shared.options.node]).await },
    )?;
    let mut found = HashMap::new();
    for row in &rows {
        let moving = moving(row)?;
        found.insert(moving.id, moving);
    }
    let mut writes = Writes::default();
    let mut results: Results<()> = Vec::with_capacity(items.len());
    for item in items {
        if let Err(error) = take_back(client, item, &found).await? {
            results.push(Err(error));
            continue;
        }
        results.push(match decide(item, &mut found, &mut writes) {
            Ok(()) => Ok(()),
            Err(Trouble::Refused(error)) => Err(error),
            Err(trouble) => return Err(trouble),
        });
    }
    write(shared, client, &writes, &chain).await?;
    shared.committed(items.len());
    if writes.wake {
        shared.wake();
    }
    Ok(results)
}

/// An exchange that gave up its reference needs it again before it is replayed.
async fn take_back(
    client: &Client,
    item: &Move,
    found: &HashMap<ExchangeId, Moving>,
) -> Result<Result<(), JournalError>, Trouble> {
    let Move::Intervene(intervention, _) = item else {
        return Ok(Ok(()));
    };
    let before = found.get(&intervention.id).map(|moving| &moving.standing);
    let Some(before) = before.filter(|before| before.state.gives_up_reference()) else {
        return Ok(Ok(()));
    };
    let refused = JournalError::State(intervention.id, before.state);
    if before.clone().intervene(intervention).is_err() {
        return Ok(Err(refused));
    }
    let take = client.prepare_cached(TAKE_BACK_REF).await?;
    let taken = client.query_opt(&take, &[&intervention.id.0]).await?;
    Ok(taken.map(drop).ok_or(refused))
}

/// Moves one exchange in memory and notes what it writes; a refusal notes nothing.
fn decide<'a>(item: &'a Move, found: &mut HashMap<ExchangeId, Moving>, writes: &mut Writes<'a>) -> Result<(), Trouble> {
    let mut take = |id| found.remove(&id).ok_or(JournalError::Missing(id));
    let moving = match item {
        Move::Witness(records) => {
            writes.evidence.extend(records);
            return Ok(());
        }
        Move::Settle(settlement) => {
            let mut moving = take(settlement.id)?;
            let change = moving.standing.settle(settlement)?;
            moving.apply(change)?;
            writes.relays.extend(&settlement.relays);
            writes.events.extend(&settlement.events);
            writes.timers.extend(&settlement.timers);
            writes.evidence.extend(&settlement.evidence);
            moving
        }
        Move::Intervene(intervention, evidence) => {
            let mut moving = take(intervention.id)?;
            let change = moving.standing.intervene(intervention)?;
            moving.apply(change)?;
            writes.relays.extend(&intervention.relays);
            writes.events.extend(&intervention.events);
            writes.timers.extend(&intervention.timers);
            writes.evidence.push(evidence);
            moving
        }
    };
    writes.wake |= moving.lane.is_some() || moving.standing.state.is_open() || !writes.relays.is_empty();
    writes.moved.push(moving);
    Ok(())
}

async fn write(shared: &Shared, client: &Client, writes: &Writes<'_>, chain: &Row) -> Result<(), Trouble> {
    let end = (chain.get(0), digest(chain.get(1))?);
    let mut columns = Columns::default();
    let mut lanes: BTreeSet<Lane> = BTreeSet::new();
    let (mut reply_seq, mut reply) = (Vec::new(), Vec::new());
    let (mut attempt_seq, mut attempt_number, mut attempt) = (Vec::new(), Vec::new(), Vec::new());
    for moved in &writes.moved {
        columns.push(moved);
        lanes.extend(moved.lane.clone().map(|lane| (moved.system.clone(), lane)));
        if let Some(bytes) = &moved.reply {
            reply_seq.push(moved.seq);
            reply.push(&bytes[..]);
        }
        if let Some(row) = &moved.attempt {
            attempt_seq.push(moved.seq);
            attempt_number.push(number(row.number));
            attempt.push(json(row)?);
        }
    }
    // Before any lane is locked.
    let given_up = writes.moved.iter().filter(|m| m.standing.state.gives_up_reference());
    let given_up: Vec<_> = given_up.map(|moved| moved.id.0).collect();
    if !given_up.is_empty() {
        let give_up = client.prepare_cached(GIVE_UP_REFS).await?;
        client.execute(&give_up, &[&given_up]).await?;
    }
    let update = client.prepare_cached(UPDATE).await?;
    let insert_replies = client.prepare_cached(INSERT_REPLIES).await?;
    let insert_attempts = client.prepare_cached(INSERT_ATTEMPTS).await?;
    let lock_heads = client.prepare_cached(LOCK_HEADS).await?;
    let pass_lanes = client.prepare_cached(PASS_LANES).await?;
    if !writes.relays.is_empty() || !lanes.is_empty() {
        place_quietly(shared, client, writes.relays.clone(), &lanes).await?;
    }
    let replies = async {
        if reply.is_empty() {
            Ok(0)
        } else {
            client.execute(&insert_replies, &[&reply_seq, &reply]).await
        }
    };
    let attempts = async {
        let rows: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[&attempt_seq, &attempt_number, &attempt];
        if attempt.is_empty() {
            Ok(0)
        } else {
            client.execute(&insert_attempts, rows).await
        }
    };
    let passed = async {
        if lanes.is_empty() {
            return Ok(());
        }
        let (system, lane): (Vec<_>, Vec<_>) = lanes.iter().map(|(s, l)| (s, l)).unzip();
        let names: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[&system, &lane];
        tokio::try_join!(biased; client.query(&lock_heads, names), client.execute(&pass_lanes, names)).map(drop)
    };
    let told = async {
        tokio::try_join!(
            biased;
            columns.save(client, &update, None),
            replies,
            attempts,
            passed,
            publish(client, &writes.events),
            append(client, &shared.options.node, &writes.evidence, end),
        )
        .map_err(Trouble::from)
    };
    tokio::try_join!(biased; told, start_timers(client, &writes.timers))?;
    shared.point("before_commit");
    client.batch_execute("COMMIT").await?;
    shared.point("after_commit");
    Ok(())
}

/// Timers that outcomes start, one by one: two outcomes may start the same. One that is no longer what its outcome has
/// seen of it refuses the transaction; each piece is then tried alone.
async fn start_timers(client: &Client, timers: &[&Planned]) -> Result<(), Trouble> {
    for Planned { timer, seen } in timers {
        let sql = match seen {
            Seen::Any => PUT_TIMER,
            Seen::Absent => ADD_TIMER,
            Seen::Body(_) => MOVE_TIMER,
        };
        let put = client.prepare_cached(sql).await?;
        let (due, body) = (nanos(timer.due), &timer.body[..]);
        let mut values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![&timer.kind, &timer.id, &due, &body];
        let seen_body = match seen {
            Seen::Body(body) => Some(&body[..]),
            Seen::Any | Seen::Absent => None,
        };
        values.extend(
            seen_body
                .as_ref()
                .map(|body| body as &(dyn tokio_postgres::types::ToSql + Sync)),
        );
        if client.execute(&put, &values).await? == 0 {
            return Err(moved_timer(timer).into());
        }
    }
    Ok(())
}

/// Events that no try led to, in a transaction of their own.
pub(super) async fn publish_alone(shared: &Shared, events: &[NewEvent]) -> Result<(), Trouble> {
    let client = shared.pool.get().await?;
    client.batch_execute("BEGIN").await?;
    let events: Vec<_> = events.iter().collect();
    let result = match publish(&client, &events).await {
        Ok(()) => client.batch_execute("COMMIT").await.map_err(Trouble::from),
        Err(error) => Err(error.into()),
    };
    let published = tidy(client, result).await;
    shared.wake();
    published
}

/// Positions of events follow the order of commits: the counter is held until this transaction ends.
pub(super) async fn publish(client: &Client, events: &[&NewEvent]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    // The same fact may be met twice, also within a batch; it is one event.
    let mut met = HashSet::new();
    let events: Vec<_> = events.iter().filter(|event| met.insert(event.id)).collect();
    let take = client.prepare_cached(TAKE_EVENTS).await?;
    let insert = client.prepare_cached(INSERT_EVENTS).await?;
    let id: Vec<_> = events.iter().map(|e| e.id).collect();
    let kind: Vec<_> = events.iter().map(|e| &e.kind).collect();
    let subject: Vec<_> = events.iter().map(|e| &e.subject).collect();
    let source: Vec<_> = events.iter().map(|e| &e.source).collect();
    let at: Vec<_> = events.iter().map(|e| nanos(e.at)).collect();
    let data: Vec<_> = events.iter().map(|e| &e.data[..]).collect();
    let schema: Vec<_> = events.iter().map(|e| &e.schema).collect();
    let trace: Vec<_> = events.iter().map(|e| &e.trace).collect();
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let n: Vec<i64> = (1..=count).collect();
    client.execute(&take, &[&count]).await?;
    client
        .execute(
            &insert,
            &[&id, &kind, &subject, &source, &at, &data, &schema, &n, &count, &trace],
        )
        .await?;
    Ok(())
}

/// Lengthens this node's chain. Its end was locked when the transaction began.
async fn append(client: &Client, node: &str, records: &[&Bytes], end_of: (i64, [u8; 32])) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let insert = client.prepare_cached(INSERT_EVIDENCE).await?;
    let end = client.prepare_cached(MOVE_CHAIN).await?;
    let (mut seq, mut hash) = end_of;
    let (mut seqs, mut previous, mut bodies, mut hashes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for record in records {
        seq += 1;
        seqs.push(seq);
        previous.push(hash.to_vec());
        hash = link(&hash, record);
        bodies.push(&record[..]);
        hashes.push(hash.to_vec());
    }
    client
        .execute(&insert, &[&node, &seqs, &previous, &bodies, &hashes])
        .await?;
    client.execute(&end, &[&node, &seq, &hash.as_slice()]).await?;
    Ok(())
}
