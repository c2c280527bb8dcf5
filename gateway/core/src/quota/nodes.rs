//! Quotas of several nodes. Each tells the journal in steps of a second how many calls of each grant it let through, and takes off what
//! the others told: no call waits for it. Each node thus holds the whole city's count, as it was a step ago, so all nodes together
//! let through at most the quota plus, for every node but one, a burst and what a step brings; this excess does not add up over
//! time. While the journal cannot be reached each node keeps to the quota by itself.

use super::Limiter;
use crate::catalogue::Catalogue;
use crate::journal::{Journal, JournalError, Told};
use crate::time::Clock;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two exchanges.
const STEP: Duration = Duration::from_secs(1);

/// What one node knows of the others.
#[derive(Default)]
struct Counts {
    /// Own calls not told of yet, by grant.
    untold: HashMap<String, u64>,
    /// What every other node had told of, by node and grant; `None` before the first look, whose calls are past.
    seen: Option<HashMap<(String, String), u64>>,
}

/// Exchanges counts until `stop`.
pub async fn run(
    catalogue: Arc<ArcSwap<Catalogue>>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    node: String,
    stop: CancellationToken,
) {
    let mut counts = Counts::default();
    while !stop.is_cancelled() {
        if let Err(error) = counts.exchange(&catalogue.load_full(), &*journal, &node).await {
            tracing::warn!(%error, "quotas not shared with other nodes");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(STEP) => {}
        }
    }
}

/// Name of a grant among nodes.
fn name(consumer: &str, operation: &str) -> String {
    format!("{consumer} {operation}")
}

fn limiters(catalogue: &Catalogue) -> impl Iterator<Item = (String, &Limiter)> {
    catalogue.consumers.iter().flat_map(|(id, consumer)| {
        let grants = consumer.grants.iter();
        grants.map(move |(operation, grant)| (name(id, operation), &grant.limiter))
    })
}

impl Counts {
    async fn exchange(&mut self, catalogue: &Catalogue, journal: &dyn Journal, node: &str) -> Result<(), JournalError> {
        for (grant, limiter) in limiters(catalogue) {
            let calls = limiter.untold();
            if calls > 0 {
                *self.untold.entry(grant).or_default() += calls;
            }
        }
        let calls = self
            .untold
            .iter()
            .map(|(grant, calls)| (grant.clone(), *calls))
            .collect();
        let told = journal.tell_use(node.to_owned(), calls).await?;
        self.untold.clear();
        let news = self.news(told);
        if !news.is_empty() {
            for (grant, limiter) in limiters(catalogue) {
                if let Some(calls) = news.get(&grant) {
                    limiter.debit(*calls);
                }
            }
        }
        Ok(())
    }

    /// Calls by grant that were not known of.
    fn news(&mut self, told: Vec<Told>) -> HashMap<String, u64> {
        let first = self.seen.is_none();
        let seen = self.seen.get_or_insert_default();
        let mut news = HashMap::new();
        for Told { node, grant, calls } in told {
            let before = seen.insert((node, grant.clone()), calls).unwrap_or(0);
            // Counted anew when it fell.
            let more = calls.checked_sub(before).unwrap_or(calls);
            if more > 0 && !first {
                *news.entry(grant).or_default() += more;
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Told};

    fn told(node: &str, calls: u64) -> Told {
        Told {
            node: node.into(),
            grant: "opd-a pengaduan.kirim".into(),
            calls,
        }
    }

    #[test]
    fn only_what_is_new_counts() {
        let mut counts = Counts::default();
        let mut news = |told| counts.news(told).into_values().sum::<u64>();
        assert_eq!(news(vec![told("n2", 1000)]), 0, "what was before this node");
        assert_eq!(news(vec![told("n2", 1007), told("n3", 5)]), 12);
        assert_eq!(news(vec![told("n2", 1007), told("n3", 5)]), 0);
        assert_eq!(news(vec![told("n2", 3), told("n3", 6)]), 4, "counting began anew");
    }
}
