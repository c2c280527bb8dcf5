//! Storing many new exchanges in one transaction: keys and references are claimed, lanes locked, positions taken, all
//! in one round trip; rows follow in a second.
//!
//! Transactions take their locks in one order, so that they wait for each other but never in a circle: exchange rows,
//! keys, references, lanes (each sorted), then the event counter. A position is taken while the lane is locked, so that
//! positions within a lane follow the order of commits.

use super::rows::number;
use super::shared::Shared;
use super::trouble::Trouble;
use crate::codes::{digest, nanos, state_code};
use deadpool_postgres::Client;
use gateway_core::evidence::sha256;
use gateway_core::exchange::NewExchange;
use gateway_core::journal::Standing;
use std::collections::{BTreeSet, HashMap, HashSet};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};
use uuid::Uuid;

/// What became of a new exchange.
#[derive(Debug)]
pub(super) enum Placed {
    /// Stored.
    New {
        seq: i64,
        standing: Box<Standing>,
        fence: Option<i64>,
        head: bool,
    },
    /// The key belongs to this exchange, used for the same content or not.
    Key { exchange: Uuid, same: bool },
    /// The reference does.
    Reference { exchange: Uuid, same: bool },
}

const CLAIM_KEYS: &str = "INSERT INTO keys (consumer, operation, key, fingerprint, exchange)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::uuid[])
    ON CONFLICT DO NOTHING RETURNING exchange";
const CLAIM_REFS: &str = "INSERT INTO refs (operation, reference, fingerprint, exchange)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[])
    ON CONFLICT DO NOTHING RETURNING exchange";
/// As above, and takes over what was given up.
const TAKE_REFS: &str = "INSERT INTO refs (operation, reference, fingerprint, exchange)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[])
    ON CONFLICT (operation, reference) DO UPDATE SET fingerprint = excluded.fingerprint, exchange = excluded.exchange,
        free = false WHERE refs.free RETURNING exchange";
const FIND_KEY: &str = "SELECT exchange, fingerprint FROM keys WHERE consumer = $1 AND operation = $2 AND key = $3";
const FIND_REF: &str = "SELECT exchange, fingerprint FROM refs WHERE operation = $1 AND reference = $2";
const BIND_KEY: &str = "UPDATE keys SET exchange = $4 WHERE consumer = $1 AND operation = $2 AND key = $3";
const FREE_KEY: &str = "DELETE FROM keys WHERE consumer = $1 AND operation = $2 AND key = $3";
/// Gives back what was claimed; to the newest that had given it up, where there is one.
const GIVE_BACK_REF: &str = "WITH earlier AS (SELECT id, fingerprint FROM exchanges
        WHERE operation = $1 AND reference = $2 ORDER BY seq DESC LIMIT 1),
    back AS (UPDATE refs SET exchange = earlier.id, fingerprint = earlier.fingerprint, free = true FROM earlier
        WHERE refs.operation = $1 AND refs.reference = $2 RETURNING 1)
    DELETE FROM refs WHERE operation = $1 AND reference = $2 AND NOT EXISTS (SELECT 1 FROM back)";
const LOCK_LANES: &str = "SELECT pg_advisory_xact_lock(1397312592, l) FROM unnest($1::integer[]) l";
const HELD: &str = "SELECT l.system, l.lane FROM unnest($1::text[], $2::text[]) l (system, lane)
    WHERE EXISTS (SELECT 1 FROM exchanges e WHERE e.system = l.system AND e.lane = l.lane AND e.state < 4)";
const POSITIONS: &str = "SELECT nextval('exchange_seq') FROM generate_series(1, $1::integer)";
const INSERT: &str =
    "INSERT INTO exchanges (seq, id, consumer, operation, system, purpose, fingerprint, reference, lane,
        trace, cause, created, state, before, fence, until, due, wake, head, attempts, lookups, tries, changed, owner)
    SELECT seq, id, consumer, operation, system, purpose, fingerprint, reference, lane, trace, cause, created, state, 0,
        fence, until, due, wake, head, attempts, 0, 0, created, owner
    FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[],
        $9::text[], $10::text[], $11::uuid[], $12::bigint[], $13::smallint[], $14::bigint[], $15::bigint[],
        $16::bigint[], $17::bigint[], $18::boolean[], $19::integer[], $20::text[])
        u (seq, id, consumer, operation, system, purpose, fingerprint, reference, lane, trace, cause, created, state,
        fence, until, due, wake, head, attempts, owner)";
const INSERT_BODIES: &str = "INSERT INTO bodies (seq, input, seal)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])";

/// A lane's system and name.
pub(super) type Lane = (String, String);

/// How the transaction around begins and ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Begun here and committed here.
    Whole,
    /// Begun and committed by the caller.
    Part,
}

type Params<'a> = [&'a (dyn ToSql + Sync)];

async fn ask(client: &Client, statement: &Statement, any: bool, params: &Params<'_>) -> Result<Vec<Row>, Error> {
    if any {
        client.query(statement, params).await
    } else {
        Ok(Vec::new())
    }
}

/// Places all of them. No two of `items` may share a key or a reference. `lanes` are locked beside theirs.
pub(super) async fn place(
    shared: &Shared,
    client: &Client,
    items: &[&NewExchange],
    lanes: &BTreeSet<Lane>,
    around: Around,
) -> Result<Vec<Placed>, Trouble> {
    let claim_keys = client.prepare_cached(CLAIM_KEYS).await?;
    // A part of a transaction is what an outcome asks for: a fact that was refused or discarded is not brought again.
    let claim_refs = match around {
        Around::Whole => TAKE_REFS,
        Around::Part => CLAIM_REFS,
    };
    let claim_refs = client.prepare_cached(claim_refs).await?;
    let lock_lanes = client.prepare_cached(LOCK_LANES).await?;
    let find_held = client.prepare_cached(HELD).await?;
    let positions = client.prepare_cached(POSITIONS).await?;

    let mut keyed: Vec<_> = items.iter().filter_map(|i| i.key.as_ref().map(|k| (*i, k))).collect();
    keyed.sort_by_key(|(i, k)| (&i.consumer, &i.operation, &k.key));
    let mut referred: Vec<_> = items
        .iter()
        .filter_map(|i| i.reference.as_ref().map(|r| (*i, r)))
        .collect();
    referred.sort_by_key(|(i, r)| (&i.operation, *r));
    let of_items = items.iter().filter_map(|i| Some((i.system.clone(), i.lane.clone()?)));
    let asked: BTreeSet<Lane> = of_items.collect();
    let locks: BTreeSet<i32> = asked.iter().chain(lanes).map(lane_number).collect();
    let locks: Vec<i32> = locks.into_iter().collect();
    let wanted = number(u32::try_from(items.len()).unwrap_or(u32::MAX));

    let begin = async {
        if around == Around::Whole {
            client.batch_execute("BEGIN").await
        } else {
            Ok(())
        }
    };
    let keys = async {
        let consumer: Vec<_> = keyed.iter().map(|(i, _)| &i.consumer).collect();
        let operation: Vec<_> = keyed.iter().map(|(i, _)| &i.operation).collect();
        let key: Vec<_> = keyed.iter().map(|(_, k)| &k.key).collect();
        let fingerprint: Vec<_> = keyed.iter().map(|(_, k)| &k.fingerprint[..]).collect();
        let id: Vec<_> = keyed.iter().map(|(i, _)| i.id.0).collect();
        ask(
            client,
            &claim_keys,
            !id.is_empty(),
            &[&consumer, &operation, &key, &fingerprint, &id],
        )
        .await
    };
    let refs = async {
        let operation: Vec<_> = referred.iter().map(|(i, _)| &i.operation).collect();
        let reference: Vec<_> = referred.iter().map(|(_, r)| *r).collect();
        let fingerprint: Vec<_> = referred.iter().map(|(i, _)| &i.fingerprint[..]).collect();
        let id: Vec<_> = referred.iter().map(|(i, _)| i.id.0).collect();
        ask(
            client,
            &claim_refs,
            !id.is_empty(),
            &[&operation, &reference, &fingerprint, &id],
        )
        .await
    };
    let lock = async { ask(client, &lock_lanes, !locks.is_empty(), &[&locks]).await };
    let held = async {
        let (system, lane): (Vec<_>, Vec<_>) = asked.iter().map(|(s, l)| (s, l)).unzip();
        ask(client, &find_held, !lane.is_empty(), &[&system, &lane]).await
    };
    let seqs = async { ask(client, &positions, wanted > 0, &[&wanted]).await };
    let (_, keys, refs, _, held, seqs) = tokio::try_join!(biased; begin, keys, refs, lock, held, seqs)?;

    let ids = |rows: &[Row]| rows.iter().map(|row| row.get(0)).collect::<HashSet<Uuid>>();
    let known = resolve(client, items, &ids(&keys), &ids(&refs)).await?;
    let mut held: HashSet<Lane> = held.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut seqs: Vec<i64> = seqs.iter().map(|row| row.get(0)).collect();
    seqs.sort_unstable();
    let mut seqs = seqs.into_iter();
    let mut rows = Rows::default();
    let mut placed = Vec::with_capacity(items.len());
    for item in items {
        if let Some(found) = known.get(&item.id.0) {
            placed.push(match *found {
                Found::Key(exchange, same) => Placed::Key { exchange, same },
                Found::Reference(exchange, same) => Placed::Reference { exchange, same },
            });
            continue;
        }
        let seq = seqs
            .next()
            .ok_or_else(|| Trouble::words("the database gave too few positions"))?;
        let head = item
            .lane
            .as_ref()
            .is_none_or(|lane| held.insert((item.system.clone(), lane.clone())));
        placed.push(rows.push(item, seq, head));
    }
    if around == Around::Whole {
        shared.point("before_commit");
    }
    rows.insert(client, around).await?;
    Ok(placed)
}

/// Two lanes with one number only wait for each other a little.
fn lane_number((system, lane): &Lane) -> i32 {
    let hash = sha256(format!("{system}\0{lane}").as_bytes());
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

enum Found {
    Key(Uuid, bool),
    Reference(Uuid, bool),
}

/// Finds to whom the keys and references belong that were not claimed, and gives back what such items claimed.
async fn resolve(
    client: &Client,
    items: &[&NewExchange],
    keys: &HashSet<Uuid>,
    refs: &HashSet<Uuid>,
) -> Result<HashMap<Uuid, Found>, Trouble> {
    let mut known = HashMap::new();
    let found = |row: &Row, fingerprint: &[u8; 32]| -> Result<(Uuid, bool), String> {
        Ok((row.get(0), digest(row.get(1))? == *fingerprint))
    };
    for item in items {
        let id = item.id.0;
        if let Some(key) = item.key.as_ref().filter(|_| !keys.contains(&id)) {
            let find = client.prepare_cached(FIND_KEY).await?;
            let row = client
                .query_one(&find, &[&item.consumer, &item.operation, &key.key])
                .await?;
            let (exchange, same) = found(&row, &key.fingerprint)?;
            if let Some(reference) = item.reference.as_ref().filter(|_| refs.contains(&id)) {
                let free = client.prepare_cached(GIVE_BACK_REF).await?;
                client.execute(&free, &[&item.operation, reference]).await?;
            }
            known.insert(id, Found::Key(exchange, same));
        } else if let Some(reference) = item.reference.as_ref().filter(|_| !refs.contains(&id)) {
            let find = client.prepare_cached(FIND_REF).await?;
            let row = client.query_one(&find, &[&item.operation, reference]).await?;
            let (exchange, same) = found(&row, &item.fingerprint)?;
            match &item.key {
                Some(key) if same => {
                    let bind = client.prepare_cached(BIND_KEY).await?;
                    client
                        .execute(&bind, &[&item.consumer, &item.operation, &key.key, &exchange])
                        .await?;
                }
                Some(key) => {
                    let free = client.prepare_cached(FREE_KEY).await?;
                    client
                        .execute(&free, &[&item.consumer, &item.operation, &key.key])
                        .await?;
                }
                None => {}
            }
            known.insert(id, Found::Reference(exchange, same));
        }
    }
    Ok(known)
}

/// Columns of the rows to insert.
#[derive(Default)]
struct Rows<'a> {
    items: Vec<&'a NewExchange>,
    seq: Vec<i64>,
    standing: Vec<Standing>,
    head: Vec<bool>,
    owner: Vec<Option<&'a str>>,
}

impl<'a> Rows<'a> {
    fn push(&mut self, item: &'a NewExchange, seq: i64, head: bool) -> Placed {
        let mut standing = Standing::accepted(item.at, item.due);
        let lease = item.lease.as_ref().filter(|_| head);
        if let Some(request) = lease {
            standing.lease(request, item.at);
        }
        self.items.push(item);
        self.seq.push(seq);
        self.head.push(head);
        self.owner.push(lease.map(|l| l.owner.as_str()));
        self.standing.push(standing.clone());
        Placed::New {
            seq,
            fence: lease.map(|_| standing.fence),
            standing: Box::new(standing),
            head,
        }
    }

    async fn insert(&self, client: &Client, around: Around) -> Result<(), Trouble> {
        let insert = client.prepare_cached(INSERT).await?;
        let insert_bodies = client.prepare_cached(INSERT_BODIES).await?;
        let rows = async {
            let items = &self.items;
            let id: Vec<_> = items.iter().map(|i| i.id.0).collect();
            let consumer: Vec<_> = items.iter().map(|i| &i.consumer).collect();
            let operation: Vec<_> = items.iter().map(|i| &i.operation).collect();
            let system: Vec<_> = items.iter().map(|i| &i.system).collect();
            let purpose: Vec<_> = items.iter().map(|i| &i.purpose).collect();
            let fingerprint: Vec<_> = items.iter().map(|i| &i.fingerprint[..]).collect();
            let reference: Vec<_> = items.iter().map(|i| &i.reference).collect();
            let lane: Vec<_> = items.iter().map(|i| &i.lane).collect();
            let trace: Vec<_> = items.iter().map(|i| &i.trace).collect();
            let cause: Vec<_> = items.iter().map(|i| i.cause.map(|c| c.0)).collect();
            let created: Vec<_> = items.iter().map(|i| nanos(i.at)).collect();
            let state: Vec<_> = self.standing.iter().map(|s| state_code(s.state)).collect();
            let fence: Vec<_> = self.standing.iter().map(|s| s.fence).collect();
            let until: Vec<_> = self.standing.iter().map(|s| s.until.map(nanos)).collect();
            let due: Vec<_> = self.standing.iter().map(|s| nanos(s.due)).collect();
            let wake: Vec<_> = self.standing.iter().map(|s| nanos(s.wake())).collect();
            let attempts: Vec<_> = self.standing.iter().map(|s| number(s.attempts)).collect();
            let params: &Params<'_> = &[
                &self.seq,
                &id,
                &consumer,
                &operation,
                &system,
                &purpose,
                &fingerprint,
                &reference,
                &lane,
                &trace,
                &cause,
                &created,
                &state,
                &fence,
                &until,
                &due,
                &wake,
                &self.head,
                &attempts,
                &self.owner,
            ];
            ask(client, &insert, !id.is_empty(), params).await
        };
        let bodies = async {
            let input: Vec<_> = self.items.iter().map(|i| &i.input[..]).collect();
            let seal: Vec<_> = self.items.iter().map(|i| i.seal.as_deref()).collect();
            ask(client, &insert_bodies, !input.is_empty(), &[&self.seq, &input, &seal]).await
        };
        let commit = async {
            if around == Around::Whole {
                client.batch_execute("COMMIT").await
            } else {
                Ok(())
            }
        };
        tokio::try_join!(biased; rows, bodies, commit)?;
        Ok(())
    }
}
