//! What the tasks of one node share, and how they run.

use super::place::Lane;
use super::{Options, Trouble};
use deadpool_postgres::{Client, Object, Pool};
use gateway_core::exchange::NewExchange;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// See the module.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) pool: Pool,
    /// Wakes this node's workers.
    pub(super) notify: Notify,
    /// Other nodes are to be told.
    pub(super) tell: Notify,
    /// Systems known to be in the table.
    systems: Mutex<HashSet<String>>,
}

impl Shared {
    pub(super) fn new(options: Options, pool: Pool) -> Self {
        Self {
            options,
            pool,
            notify: Notify::new(),
            tell: Notify::new(),
            systems: Mutex::default(),
        }
    }

    /// Where a crash test may end the process.
    pub(super) fn point(&self, name: &'static str) {
        if let Some(fail) = &self.options.fail {
            fail(name);
        }
    }

    /// A transaction made this much work durable.
    pub(super) fn committed(&self, group: usize) {
        if let Some(committed) = &self.options.committed {
            committed(group);
        }
    }

    /// Work may be due sooner than somebody was told, here or on another node.
    pub(super) fn wake(&self) {
        self.wake_here();
        self.tell.notify_one();
    }

    /// Wakes everybody who waits now, and the next who would.
    pub(super) fn wake_here(&self) {
        self.notify.notify_waiters();
        self.notify.notify_one();
    }

    /// Makes sure that leases look at the systems of these exchanges. Before their transaction: a name is never undone.
    pub(super) async fn know_systems(&self, client: &Client, items: &[&NewExchange]) -> Result<(), Trouble> {
        let new: BTreeSet<String> = {
            let known = self.systems.lock().unwrap_or_else(PoisonError::into_inner);
            items
                .iter()
                .filter(|i| !known.contains(&i.system))
                .map(|i| i.system.clone())
                .collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = new.iter().collect();
        let sql = "INSERT INTO systems SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING";
        client.execute(sql, &[&names]).await?;
        self.systems.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
        Ok(())
    }
}

/// Ends a transaction that did not come out; a connection that cannot even do that is thrown away.
pub(super) async fn tidy<T>(client: Object, result: Result<T, Trouble>) -> Result<T, Trouble> {
    if result.is_err() && client.batch_execute("ROLLBACK").await.is_err() {
        drop(Object::take(client));
    }
    result
}

/// Splits work into rounds in which no two share a key, a reference or an exchange, keeping the order.
pub(super) fn rounds<T>(items: &[T], names: impl Fn(&T) -> Vec<String>) -> Vec<Vec<usize>> {
    let mut rounds: Vec<(HashSet<String>, Vec<usize>)> = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let names = names(item);
        // After the last round that has one of its names, so that the order among them stays.
        let after = rounds
            .iter()
            .rposition(|(taken, _)| names.iter().any(|name| taken.contains(name)));
        let round = after.map_or(0, |r| r + 1);
        if round == rounds.len() {
            rounds.push((HashSet::new(), Vec::new()));
        }
        rounds[round].0.extend(names);
        rounds[round].1.push(n);
    }
    rounds.into_iter().map(|(_, items)| items).collect()
}

/// What a new exchange claims.
pub(super) fn claims(new: &NewExchange) -> Vec<String> {
    let key = new
        .key
        .as_ref()
        .map(|k| format!("k\0{}\0{}\0{}", new.consumer, new.operation, k.key));
    let reference = new.reference.as_ref().map(|r| format!("r\0{}\0{r}", new.operation));
    key.into_iter().chain(reference).collect()
}

/// No lanes beside those of the exchanges.
pub(super) fn no_lanes() -> BTreeSet<Lane> {
    BTreeSet::new()
}

#[cfg(test)]
mod tests {
    use super::rounds;

    #[test]
    fn rounds_keep_the_order_of_what_shares_a_name() {
        let names = |n: &&str| n.split('+').map(str::to_owned).collect();
        let items = ["a", "b", "a", "c", "a+b", "c", "d"];
        assert_eq!(rounds(&items, names), [vec![0, 1, 3, 6], vec![2, 5], vec![4]]);
        assert!(rounds::<&str>(&[], names).is_empty());
    }
}
