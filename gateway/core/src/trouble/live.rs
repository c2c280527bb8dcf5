//! What this node has seen fail lately, reads too: per system, cause and side the run of failures that goes on. Told by the
//! observer of tries; costs a successful try one atomic load while nothing fails.

use super::{Cause, Side};
use crate::ids::ExchangeId;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A failure this long after the one before, with a success between them, begins a new run.
const APART: i64 = 60;
/// Runs are forgotten this long after their last failure.
const KEPT: i64 = 15 * 60;

type Key = (String, Cause, Side);

/// One run of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// First failure.
    pub first: Timestamp,
    /// Last failure.
    pub last: Timestamp,
    /// Failed tries.
    pub count: u64,
    /// An exchange among them.
    pub sample: ExchangeId,
    /// Codes of the system, with how often.
    pub codes: HashMap<String, u64>,
    /// The system answered well since.
    recovered: bool,
}

impl Run {
    /// Whether it still goes on.
    pub fn is_active(&self, now: Timestamp) -> bool {
        let quiet = now.as_second() - self.last.as_second();
        if self.recovered { quiet < APART } else { quiet < KEPT }
    }
}

/// Codes kept per run.
const CODES: usize = 16;

/// Runs of one process.
#[derive(Debug, Default)]
pub struct Live {
    runs: Mutex<HashMap<Key, Run>>,
    /// Runs after which no success was seen.
    failing: AtomicUsize,
}

impl Live {
    /// A try failed. An echo (held back by a breaker) counts under what made the breaker open, when that is known.
    pub fn failed(
        &self,
        system: &str,
        judged: (Cause, Side),
        code: Option<&str>,
        echo: bool,
        id: ExchangeId,
        at: Timestamp,
    ) {
        let mut runs = self.lock();
        let (mut cause, mut side) = judged;
        if echo {
            let newest = runs
                .iter()
                .filter(|((of, ..), run)| of == system && !run.recovered)
                .max_by_key(|(_, run)| run.first);
            if let Some(((_, real, whose), _)) = newest {
                (cause, side) = (*real, *whose);
            }
        }
        let run = runs.entry((system.to_owned(), cause, side)).or_insert_with(|| Run {
            first: at,
            last: at,
            count: 0,
            sample: id,
            codes: HashMap::new(),
            // Counted as failing just below.
            recovered: true,
        });
        if run.recovered {
            if at.as_second() - run.last.as_second() > APART {
                (run.first, run.count) = (at, 0);
                run.codes.clear();
            }
            run.recovered = false;
            self.failing.fetch_add(1, Ordering::Relaxed);
        }
        run.count += 1;
        run.last = run.last.max(at);
        run.sample = id;
        if let Some(code) = code.filter(|code| !echo && (run.codes.len() < CODES || run.codes.contains_key(*code))) {
            *run.codes.entry(code.to_owned()).or_default() += 1;
        }
    }

    /// A try went well.
    pub fn succeeded(&self, system: &str) {
        if self.failing.load(Ordering::Relaxed) == 0 {
            return;
        }
        for ((of, ..), run) in self.lock().iter_mut() {
            if of == system && !run.recovered {
                run.recovered = true;
                self.failing.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Runs that are not forgotten yet.
    pub fn runs(&self, now: Timestamp) -> Vec<(String, Cause, Side, Run)> {
        let mut runs = self.lock();
        runs.retain(|_, run| {
            let kept = now.as_second() - run.last.as_second() < KEPT;
            if !kept && !run.recovered {
                self.failing.fetch_sub(1, Ordering::Relaxed);
            }
            kept
        });
        runs.iter()
            .map(|((system, cause, side), run)| (system.clone(), *cause, *side, run.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: (Cause, Side) = (Cause::Down, Side::System);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + second).unwrap()
    }

    fn id(n: u128) -> ExchangeId {
        ExchangeId(uuid::Uuid::from_u128(n))
    }

    fn only(live: &Live, now: i64) -> Run {
        let runs = live.runs(at(now));
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs[0].3.clone()
    }

    #[test]
    fn a_run_begins_with_its_first_failure_and_ends_with_a_success() {
        let live = Live::default();
        for second in 0..5 {
            live.failed("lapor", DOWN, Some("503"), false, id(1), at(second));
        }
        let run = only(&live, 5);
        assert_eq!((run.first, run.last, run.count, run.codes["503"]), (at(0), at(4), 5, 5));
        assert!(run.is_active(at(300)), "nothing went well since");
        live.succeeded("sipd");
        assert!(only(&live, 300).is_active(at(300)), "of another system");
        live.succeeded("lapor");
        assert!(!only(&live, 300).is_active(at(300)));
        live.failed("lapor", DOWN, None, false, id(2), at(400));
        assert_eq!(only(&live, 401).first, at(400), "a new run");
        assert!(live.runs(at(400 + KEPT)).is_empty());
        assert_eq!(live.failing.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn flapping_is_one_run() {
        let live = Live::default();
        for second in 0..20 {
            live.failed("lapor", DOWN, None, false, id(1), at(second));
            live.succeeded("lapor");
        }
        let run = only(&live, 20);
        assert_eq!((run.first, run.count), (at(0), 20));
        assert!(run.is_active(at(40)) && !run.is_active(at(80)));
    }

    #[test]
    fn an_echo_counts_under_what_opened_the_breaker() {
        let live = Live::default();
        live.failed("lapor", (Cause::Name, Side::Network), Some("dns"), false, id(1), at(0));
        live.failed("lapor", DOWN, Some("breaker-open"), true, id(2), at(1));
        let runs = live.runs(at(1));
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].1, runs[0].2, runs[0].3.count), (Cause::Name, Side::Network, 2));
    }
}
