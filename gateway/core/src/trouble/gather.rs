//! Failures of all nodes as problems: the journal's exchanges that failed, and what this node saw fail lately, grouped by
//! system, cause and side. Read at most every few seconds, by whoever asks: metrics, admin API, console agree by this.

use super::live::{Live, Run};
use super::{Cause, Maintenance, Side, of_stored, planned};
use crate::exchange::{State, Stored};
use crate::flows::Flows;
use crate::ids::ExchangeId;
use crate::journal::{Filter, JournalError};
use crate::pipeline::Rooms;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Rows of a page, and rows looked at per state; beyond that a problem says "at least".
const PAGE: usize = 500;
const MOST: usize = 5_000;
/// How far back refusals count: nobody waits for them.
const REFUSALS: SignedDuration = SignedDuration::from_hours(24);
/// How old an answer may be.
const FRESH: Duration = Duration::from_secs(3);

/// One problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// System.
    pub system: String,
    /// Cause.
    pub cause: Cause,
    /// Whose fault.
    pub side: Side,
    /// Whether it goes on right now.
    pub active: bool,
    /// Since when: of the run that goes on, else of the oldest exchange that waits because of it.
    pub since: Timestamp,
    /// Last failure.
    pub last: Timestamp,
    /// Failed tries that this node saw in the run.
    pub failures: u64,
    /// Exchanges the gateway itself still tries.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// Unknown outcomes that wait for a person.
    pub parked: u64,
    /// Refusals of the last 24 hours.
    pub refused: u64,
    /// There are more than counted.
    pub more: bool,
    /// One of them.
    pub sample: Option<ExchangeId>,
    /// Native codes and how often.
    pub codes: BTreeMap<String, u64>,
    /// The maintenance that holds now.
    pub planned: Option<Maintenance>,
}

/// What is wrong, as of a moment.
pub type Problems = Arc<Vec<Problem>>;

/// Answers who asks, from one reading every few seconds.
#[derive(Debug, Default)]
pub struct Cached(Mutex<Option<(Instant, Problems)>>);

impl Cached {
    /// The problems, at most a few seconds old.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn problems(&self, rooms: &Rooms, live: &Live) -> Result<Problems, JournalError> {
        let mut cached = self.0.lock().await;
        if let Some((at, problems)) = &*cached
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(problems));
        }
        let problems = Arc::new(gather(rooms, live).await?);
        *cached = Some((Instant::now(), Arc::clone(&problems)));
        Ok(problems)
    }
}

/// Reads and groups.
///
/// # Errors
/// When the journal cannot be read.
pub async fn gather(rooms: &Rooms, live: &Live) -> Result<Vec<Problem>, JournalError> {
    let now = rooms.clock.now();
    let catalogue = rooms.catalogue.load_full();
    let flows = &catalogue.flows;
    let mut groups = Groups {
        flows,
        now,
        found: HashMap::new(),
    };
    for (system, cause, side, run) in live.runs(now) {
        groups.run(&system, cause, side, run);
    }
    let queues = rooms.journal.queues().await?;
    for state in [State::Scheduled, State::Unresolved, State::Parked, State::Dead] {
        if queues.iter().any(|queue| queue.state == state && queue.count > 0) {
            groups.read(rooms, state, None).await?;
        }
    }
    let refusals = now.checked_sub(REFUSALS).ok();
    groups.read(rooms, State::Failed, refusals).await?;
    // What was accepted and not tried yet waits because of what goes on at its system.
    for queue in queues.iter().filter(|queue| queue.state == State::Accepted) {
        let worst = groups
            .found
            .values_mut()
            .filter(|problem| problem.active && problem.cause.is_outage() && problem.system == queue.system)
            .max_by_key(|problem| problem.last);
        if let Some(problem) = worst {
            problem.waiting += queue.count;
        }
    }
    let mut problems: Vec<Problem> = groups.found.into_values().collect();
    problems.sort_by(|a, b| {
        let weight = |p: &Problem| (!p.active, p.side == Side::Maintenance, p.side == Side::Consumer);
        let stuck = |p: &Problem| std::cmp::Reverse(p.waiting + p.dead + p.parked + p.failures);
        (weight(a), stuck(a), &a.system, a.cause).cmp(&(weight(b), stuck(b), &b.system, b.cause))
    });
    Ok(problems)
}

struct Groups<'f> {
    flows: &'f Flows,
    now: Timestamp,
    found: HashMap<(String, Cause, Side), Problem>,
}

impl Groups<'_> {
    fn group(&mut self, system: &str, cause: Cause, side: Side, at: Timestamp) -> &mut Problem {
        let (flows, now) = (self.flows, self.now);
        let key = (system.to_owned(), cause, side);
        self.found.entry(key).or_insert_with(|| Problem {
            system: system.to_owned(),
            cause,
            side,
            active: false,
            since: at,
            last: at,
            failures: 0,
            waiting: 0,
            dead: 0,
            parked: 0,
            refused: 0,
            more: false,
            sample: None,
            codes: BTreeMap::new(),
            planned: planned(flows, system, now).cloned(),
        })
    }

    fn run(&mut self, system: &str, cause: Cause, side: Side, run: Run) {
        // A look-up of something that is not there is a normal answer.
        if cause == Cause::Missing {
            return;
        }
        let now = self.now;
        let problem = self.group(system, cause, side, run.first);
        problem.active = run.is_active(now);
        problem.last = run.last;
        problem.failures = run.count;
        problem.sample = Some(run.sample);
        problem.codes = run.codes.into_iter().collect();
    }

    async fn read(&mut self, rooms: &Rooms, state: State, since: Option<Timestamp>) -> Result<(), JournalError> {
        let (mut before, mut seen) = (None, 0);
        loop {
            let filter = Filter {
                states: vec![state],
                since,
                before_seq: before,
                limit: PAGE,
                ..Filter::default()
            };
            let page = rooms.journal.list(filter).await?;
            seen += page.len();
            let more = page.len() == PAGE && seen >= MOST;
            for stored in &page {
                self.count(stored, more);
            }
            before = page.last().map(|stored| stored.seq);
            if page.len() < PAGE || more {
                return Ok(());
            }
        }
    }

    fn count(&mut self, stored: &Stored, more: bool) {
        let Some((cause, side)) = of_stored(self.flows, stored) else {
            return;
        };
        let problem = self.group(&stored.system, cause, side, stored.created);
        match stored.state {
            State::Scheduled | State::Unresolved => problem.waiting += 1,
            State::Parked => problem.parked += 1,
            State::Dead => problem.dead += 1,
            State::Failed => problem.refused += 1,
            State::Accepted | State::Leased | State::Done | State::Discarded => return,
        }
        // Waiting for another try means that it is not over, whichever node saw it.
        problem.active |= stored.state == State::Scheduled && cause.is_outage();
        if problem.failures == 0 {
            problem.since = problem.since.min(stored.created);
            if let Some(code) = stored.fault.as_ref().and_then(|fault| fault.native_code.as_ref()) {
                *problem.codes.entry(code.clone()).or_default() += 1;
            }
        }
        problem.last = problem.last.max(stored.changed);
        problem.more |= more;
        problem.sample.get_or_insert(stored.id);
    }
}
