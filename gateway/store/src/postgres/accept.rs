//! Rooms 10 and 11 for many callers at once.

use super::batch::Results;
use super::place::{Around, Lane, Placed, place};
use super::rows::{STORED, TABLES, stored};
use super::shared::{Shared, claims, no_lanes, rounds, tidy};
use super::trouble::Trouble;
use crate::fresh::fresh;
use deadpool_postgres::Client;
use gateway_core::exchange::{NewExchange, Stored};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Acceptance, JournalError};
use gateway_core::sdk::BoxFuture;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// A batch of accepts; see [`super::batch`].
pub(super) fn run<'a>(
    shared: &'a Shared,
    items: &'a [NewExchange],
) -> BoxFuture<'a, Result<Results<Acceptance>, Trouble>> {
    Box::pin(async move {
        let mut results: Vec<Option<Acceptance>> = items.iter().map(|_| None).collect();
        for round in rounds(items, claims) {
            let chosen: Vec<&NewExchange> = round.iter().map(|n| &items[*n]).collect();
            let client = shared.pool.get().await?;
            let placed = all(shared, &client, &chosen).await;
            for (n, acceptance) in round.into_iter().zip(tidy(client, placed).await?) {
                results[n] = Some(acceptance);
            }
        }
        let missing = || JournalError::Broken("the work was not done".into());
        Ok(results.into_iter().map(|r| r.ok_or_else(missing)).collect())
    })
}

async fn all(shared: &Shared, client: &Client, items: &[&NewExchange]) -> Result<Vec<Acceptance>, Trouble> {
    shared.know_systems(client, items).await?;
    shared.point("before_begin");
    let placed = place(shared, client, items, &no_lanes(), Around::Whole).await?;
    shared.point("after_commit");
    shared.committed(items.len());
    if placed.iter().any(|p| {
        matches!(
            p,
            Placed::New {
                head: true,
                fence: None,
                ..
            }
        )
    }) {
        shared.wake();
    }
    let known = known(client, &placed).await?;
    let get = |id: Uuid| known.get(&id).cloned().ok_or(JournalError::Missing(ExchangeId(id)));
    let mut acceptances = Vec::with_capacity(items.len());
    for (item, placed) in items.iter().zip(placed) {
        acceptances.push(match placed {
            Placed::New {
                seq, standing, fence, ..
            } => Acceptance::New(Box::new(fresh(item, seq, &standing)), fence),
            Placed::Key { exchange, same: true } | Placed::Reference { exchange, same: true } => {
                Acceptance::Known(Box::new(get(exchange)?))
            }
            Placed::Key { exchange, same: false } => Acceptance::KeyMismatch(Box::new(get(exchange)?)),
            Placed::Reference { exchange, same: false } => Acceptance::ReferenceMismatch(Box::new(get(exchange)?)),
        });
    }
    Ok(acceptances)
}

async fn known(client: &Client, placed: &[Placed]) -> Result<HashMap<Uuid, Stored>, Trouble> {
    let ids: Vec<Uuid> = placed
        .iter()
        .filter_map(|p| match p {
            Placed::Key { exchange, .. } | Placed::Reference { exchange, .. } => Some(*exchange),
            Placed::New { .. } => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let find = client
        .prepare_cached(&format!("SELECT {STORED} FROM {TABLES} WHERE e.id = ANY($1)"))
        .await?;
    let rows = client.query(&find, &[&ids]).await?;
    rows.iter().map(|row| stored(row).map(|s| (s.id.0, s))).collect()
}

/// Moves a subscription's cursor and accepts its deliveries.
pub(super) async fn dispatch(
    shared: &Shared,
    subscription: &str,
    from: i64,
    to: i64,
    deliveries: &[NewExchange],
) -> Result<bool, Trouble> {
    let all: Vec<&NewExchange> = deliveries.iter().collect();
    let client = shared.pool.get().await?;
    shared.know_systems(&client, &all).await?;
    let moved = move_cursor(shared, &client, subscription, from, to, deliveries).await;
    let moved = tidy(client, moved).await?;
    if moved {
        shared.wake();
    }
    Ok(moved)
}

async fn move_cursor(
    shared: &Shared,
    client: &Client,
    subscription: &str,
    from: i64,
    to: i64,
    deliveries: &[NewExchange],
) -> Result<bool, Trouble> {
    client.batch_execute("BEGIN").await?;
    let make = client
        .prepare_cached("INSERT INTO cursors VALUES ($1, 0) ON CONFLICT DO NOTHING")
        .await?;
    client.execute(&make, &[&subscription]).await?;
    let step = "UPDATE cursors SET position = $3 WHERE subscription = $1 AND position = $2";
    let step = client.prepare_cached(step).await?;
    let moved = client.execute(&step, &[&subscription, &from, &to]).await? == 1;
    if moved {
        place_quietly(shared, client, deliveries.iter().collect(), &no_lanes()).await?;
    }
    client.batch_execute("COMMIT").await?;
    Ok(moved)
}

/// Places what an outcome asks for: no leases, and what is known already is left out. Locks `lanes` in any case.
pub(super) async fn place_quietly(
    shared: &Shared,
    client: &Client,
    items: Vec<&NewExchange>,
    lanes: &BTreeSet<Lane>,
) -> Result<(), Trouble> {
    let mut taken = HashSet::new();
    let mut unleased = Vec::with_capacity(items.len());
    for item in items {
        let names = claims(item);
        if names.iter().any(|name| taken.contains(name)) {
            continue;
        }
        taken.extend(names);
        unleased.push(NewExchange {
            lease: None,
            ..item.clone()
        });
    }
    place(
        shared,
        client,
        &unleased.iter().collect::<Vec<_>>(),
        lanes,
        Around::Part,
    )
    .await
    .map(drop)
}
