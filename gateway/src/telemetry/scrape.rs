//! Answers `/metrics`: brings the gauges that mirror journal and systems up to date, then writes the text. Reads the
//! journal at most once a second and never waits for it long, so that polling does not disturb the data path.

use super::meters::{Labels, Level, Levels, Meters};
use crate::operator::muted;
use arc_swap::ArcSwap;
use gateway_core::deliver::supplied;
use gateway_core::events::{self, Live};
use gateway_core::exchange::State;
use gateway_core::journal::{Journal, JournalError, QueueStat};
use gateway_core::mirror::Standing;
use gateway_core::time::{Clock, between};
use gateway_core::trouble::{Cached, Problems};
use gateway_core::{Catalogue, Rooms};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How old figures from the journal may be.
const FRESH: Duration = Duration::from_secs(1);
/// How old figures about service clocks may be.
const CLOCKS_FRESH: Duration = Duration::from_secs(15);
/// How long the journal may take; it counts as not ready then.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was read last.
#[derive(Default)]
struct Read {
    at: Option<Instant>,
    /// Newest known position per evidence chain.
    heads: HashMap<String, i64>,
    /// When service clocks were counted last: all of them are read for it.
    clocks_at: Option<Instant>,
}

/// Reads and writes the figures.
pub struct Scraper {
    meters: Arc<Meters>,
    journal: Arc<dyn Journal>,
    catalogue: Arc<ArcSwap<Catalogue>>,
    clock: Arc<dyn Clock>,
    rooms: Arc<Rooms>,
    read: Mutex<Read>,
    problems: Cached,
}

impl Scraper {
    /// Over the same parts that the rooms use.
    pub fn new(meters: Arc<Meters>, rooms: Arc<Rooms>) -> Self {
        Self {
            meters,
            journal: Arc::clone(&rooms.journal),
            catalogue: Arc::clone(&rooms.catalogue),
            clock: Arc::clone(&rooms.clock),
            rooms,
            read: Mutex::default(),
            problems: Cached::default(),
        }
    }

    /// OpenMetrics text.
    ///
    /// # Errors
    /// When the text cannot be written; not when the journal is down, which the text says.
    pub async fn text(&self) -> Result<String, std::fmt::Error> {
        // One at a time: figures are cleared and set anew, and nobody may see the moment between.
        let mut read = self.read.lock().await;
        if read.at.is_none_or(|at| at.elapsed() >= FRESH) {
            let ready = match timeout(PATIENCE, self.refresh(&mut read.heads)).await {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "journal figures not readable");
                    false
                }
                Err(_) => {
                    tracing::warn!("journal figures not read in time");
                    false
                }
            };
            self.meters.journal_ready.set(i64::from(ready));
            self.breakers();
            self.subscriptions();
            self.certificates();
            if read.clocks_at.is_none_or(|at| at.elapsed() >= CLOCKS_FRESH) {
                self.clocks().await;
                read.clocks_at = Some(Instant::now());
            }
            read.at = Some(Instant::now());
        }
        self.meters.text()
    }

    /// How long certificates still hold.
    fn certificates(&self) {
        let (levels, now) = (&self.meters.certificate_left, self.clock.now());
        levels.clear();
        for (used, name, until) in self.meters.certificates().all() {
            let left = until.as_second() - now.as_second();
            set(
                levels,
                &vec![("use", used.word().to_owned()), ("name", name)],
                whole(left),
            );
        }
    }

    /// The newest position of each evidence chain.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn heads(&self) -> Result<Vec<(String, i64)>, JournalError> {
        let known = self.read.lock().await.heads.clone();
        let mut heads = Vec::new();
        for chain in self.journal.chains().await? {
            let head = newest(&*self.journal, &chain, known.get(&chain).copied().unwrap_or(0)).await?;
            heads.push((chain, head));
        }
        Ok(heads)
    }

    /// What is wrong, as metrics, admin API and console say it.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn problems(&self) -> Result<Problems, JournalError> {
        self.problems.problems(&self.rooms, self.meters.live()).await
    }

    /// Sets what is wrong; after a failure nothing is shown.
    async fn troubles(&self) -> Result<(), JournalError> {
        let meters = &self.meters;
        for levels in [
            &meters.problem_active,
            &meters.problem_exchanges,
            &meters.problem_age,
            &meters.problem_muted,
        ] {
            levels.clear();
        }
        let now = self.clock.now();
        for problem in self.problems().await?.iter() {
            let labels = vec![
                ("system", problem.system.clone()),
                ("cause", problem.cause.word().to_owned()),
                ("side", problem.side.word().to_owned()),
            ];
            let held = problem.waiting + problem.dead + problem.parked;
            set(
                &meters.problem_exchanges,
                &labels,
                whole(i64::try_from(held).unwrap_or(i64::MAX)),
            );
            if muted(&*self.journal, problem, now).await? {
                set(&meters.problem_muted, &labels, 1.0);
            }
            if problem.active {
                set(&meters.problem_active, &labels, 1.0);
                set(&meters.problem_age, &labels, between(problem.since, now).as_secs_f64());
            }
        }
        Ok(())
    }

    async fn refresh(&self, heads: &mut HashMap<String, i64>) -> Result<(), JournalError> {
        let queues = self.journal.queues().await;
        self.queues(queues.as_deref().unwrap_or_default(), queues.is_ok());
        queues?;
        for chain in self.journal.chains().await? {
            let known = heads.get(&chain).copied().unwrap_or(0);
            let head = newest(&*self.journal, &chain, known).await?;
            set(&self.meters.evidence_seq, &vec![("chain", chain.clone())], whole(head));
            heads.insert(chain, head);
        }
        self.copies().await?;
        self.troubles().await?;
        self.journal.ready().await
    }

    /// Sets how old the copies are.
    async fn copies(&self) -> Result<(), JournalError> {
        let meters = &self.meters;
        for levels in [&meters.mirror_age, &meters.mirror_stale, &meters.mirror_failures] {
            levels.clear();
        }
        let sets = self.rooms.mirrors.sets().await?;
        let now = self.clock.now();
        for plan in &self.catalogue.load().flows.mirrors {
            let found = sets.iter().find(|one| one.set == plan.id);
            let standing = found.map(|found| Standing::read(&found.state)).unwrap_or_default();
            let labels = || vec![("mirror", plan.id.clone())];
            let age = standing.complete.map(|at| between(at, now));
            if let Some(age) = age {
                set(&meters.mirror_age, &labels(), age.as_secs_f64());
            }
            let stale = age.is_none_or(|age| age > plan.fresh);
            set(&meters.mirror_stale, &labels(), f64::from(u8::from(stale)));
            set(&meters.mirror_failures, &labels(), f64::from(standing.failures));
        }
        Ok(())
    }

    /// Sets what is waiting. Systems without anything waiting show zero; after a failure nothing is shown, since an old
    /// figure would look like a new one.
    fn queues(&self, queues: &[QueueStat], readable: bool) {
        let meters = &self.meters;
        let now = self.clock.now();
        let sums = [
            &meters.dead_letters,
            &meters.unresolved,
            &meters.parked,
            &meters.queue_oldest,
        ];
        for levels in sums.into_iter().chain([&meters.queue_depth]) {
            levels.clear();
        }
        if !readable {
            return;
        }
        for system in self.catalogue.load().systems.keys() {
            for levels in sums {
                set(levels, &vec![("system", system.clone())], 0.0);
            }
        }
        for stat in queues {
            let of_system = || vec![("system", stat.system.clone())];
            let mut by_state = of_system();
            by_state.push(("state", stat.state.word().to_owned()));
            #[expect(
                clippy::cast_precision_loss,
                reason = "a queue of 2^53 exchanges is not counted exactly"
            )]
            let count = stat.count as f64;
            set(&meters.queue_depth, &by_state, count);
            match stat.state {
                State::Dead => set(&meters.dead_letters, &of_system(), count),
                State::Parked => set(&meters.parked, &of_system(), count),
                State::Unresolved => set(&meters.unresolved, &of_system(), count),
                State::Accepted | State::Leased | State::Scheduled | State::Done | State::Failed | State::Discarded => {
                }
            }
            if stat.state.is_open() {
                let age = between(stat.oldest, now).as_secs_f64();
                let oldest = meters.queue_oldest.get_or_create_owned(&of_system());
                oldest.set(oldest.get().max(age));
            }
        }
    }

    /// How many receivers of events fare how, as this node last learned it.
    fn subscriptions(&self) {
        let known = &self.rooms.events;
        for word in events::Standing::WORDS {
            let fares = |live: &Arc<Live>| known.standing(&live.subscription.id).0.word() == word;
            let count = known.all().iter().filter(|live| fares(live)).count();
            set(
                &self.meters.subscriptions,
                &vec![("state", word.to_owned())],
                whole(i64::try_from(count).unwrap_or(i64::MAX)),
            );
        }
    }

    /// How many open records stand how; after a failure nothing is shown.
    async fn clocks(&self) {
        let counts = timeout(PATIENCE, gateway_core::deadlines::counts(&self.rooms)).await;
        self.meters.deadlines.clear();
        let Ok(Ok(counts)) = counts else {
            tracing::warn!("service clocks not counted");
            return;
        };
        for ((system, clock, alert), count) in counts {
            let labels = vec![
                ("system", system),
                ("clock", clock.word().to_owned()),
                ("alert", alert.word().to_owned()),
            ];
            set(
                &self.meters.deadlines,
                &labels,
                whole(i64::try_from(count).unwrap_or(i64::MAX)),
            );
        }
    }

    fn breakers(&self) {
        let now = self.clock.now();
        self.meters.breaker_state.clear();
        self.meters.credential_left.clear();
        for (id, system) in &self.catalogue.load().systems {
            let open = system.breaker.open_for(now).is_some();
            set(
                &self.meters.breaker_state,
                &vec![("system", id.clone())],
                f64::from(u8::from(open)),
            );
            if let Some(until) = supplied::until(&system.auth) {
                let left = whole(until.as_second() - now.as_second());
                set(&self.meters.credential_left, &vec![("system", id.clone())], left);
            }
        }
    }
}

fn set(levels: &Levels, labels: &Labels, value: f64) {
    let level: Level = levels.get_or_create_owned(labels);
    level.set(value);
}

#[expect(clippy::cast_precision_loss, reason = "positions beyond 2^53 are not reached")]
fn whole(number: i64) -> f64 {
    number as f64
}

/// Newest position of a chain, from a position known before. Positions have no gaps, so doubling steps and then halving
/// ones find the end in a few looks, however long the chain is.
async fn newest(journal: &dyn Journal, chain: &str, known: i64) -> Result<i64, JournalError> {
    let beyond = async |after: i64| -> Result<bool, JournalError> {
        Ok(!journal.evidence(chain.to_owned(), after, 1).await?.is_empty())
    };
    let mut low = known;
    let mut step: i64 = 1;
    if !beyond(low).await? {
        return Ok(low);
    }
    // There is something after `low`; find a position with nothing after it.
    let mut high = low.saturating_add(step);
    while beyond(high).await? {
        low = high;
        step = step.saturating_mul(2);
        high = low.saturating_add(step);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if beyond(middle).await? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use gateway_core::journal::{MAIN_CHAIN, MemoryJournal};

    #[tokio::test]
    async fn the_end_of_a_chain_is_found_from_anywhere() {
        let journal = MemoryJournal::new();
        for length in 0..40_i64 {
            for known in 0..=length {
                assert_eq!(
                    newest(&journal, MAIN_CHAIN, known).await.unwrap(),
                    length,
                    "from {known}"
                );
            }
            journal.witness(vec![Bytes::from_static(b"{}")]).await.unwrap();
        }
    }
}
