//! The fault switchboard: rules that say which fault bites which endpoint, and when.
//!
//! Used from Rust by tests and over HTTP by other processes. A random rule draws from its own seeded generator, one
//! draw per request it could bite, so a run with the same requests in the same order misbehaves in the same way.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::fault::{Fault, Stage};
use super::http::Endpoint;

/// When a rule bites.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The next so many requests, then never again.
    Next(u32),
    /// Every request.
    Always,
    /// Some requests, drawn from a seed.
    Chance {
        /// Between 0 and 1.
        probability: f64,
        /// Same seed, same draws.
        seed: u64,
    },
}

struct Rule {
    endpoint: String,
    fault: Fault,
    when: When,
    draws: fastrand::Rng,
}

#[derive(Default)]
struct Inner {
    rules: Vec<Rule>,
    fired: BTreeMap<String, u64>,
}

/// The switchboard of one running simulator.
#[derive(Default)]
pub struct Switchboard {
    inner: Mutex<Inner>,
}

impl Switchboard {
    /// Adds a rule for an endpoint (`*` is every endpoint).
    pub fn set(&self, endpoint: &str, fault: Fault, when: When) {
        let seed = match when {
            When::Chance { seed, .. } => seed,
            When::Next(_) | When::Always => 0,
        };
        let rule = Rule {
            endpoint: endpoint.to_owned(),
            fault,
            when,
            draws: fastrand::Rng::with_seed(seed),
        };
        self.lock().rules.push(rule);
    }

    /// The next request of the endpoint misbehaves.
    pub fn once(&self, endpoint: &str, fault: Fault) {
        self.set(endpoint, fault, When::Next(1));
    }

    /// The next `count` requests of the endpoint misbehave.
    pub fn next(&self, endpoint: &str, fault: Fault, count: u32) {
        self.set(endpoint, fault, When::Next(count));
    }

    /// Every request of the endpoint misbehaves until [`clear`](Self::clear).
    pub fn always(&self, endpoint: &str, fault: Fault) {
        self.set(endpoint, fault, When::Always);
    }

    /// Requests misbehave at random, repeatably.
    pub fn chance(&self, endpoint: &str, fault: Fault, probability: f64, seed: u64) {
        self.set(endpoint, fault, When::Chance { probability, seed });
    }

    /// Every fault there is, on every endpoint, each with this probability; there are some twenty, so 0.01 spoils
    /// about one request in six.
    pub fn storm(&self, probability: f64, seed: u64) {
        for (offset, fault) in (0..).zip(Fault::all()) {
            self.chance("*", fault, probability, seed.wrapping_add(offset));
        }
    }

    /// Removes every rule.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// Forgets rules and counts.
    pub fn reset(&self) {
        *self.lock() = Inner::default();
    }

    /// How often each fault was played, by `endpoint:fault`.
    pub fn fired(&self) -> BTreeMap<String, u64> {
        self.lock().fired.clone()
    }

    /// The rules that stand, as JSON-able triples.
    pub fn rules(&self) -> Vec<(String, Fault, When)> {
        self.lock()
            .rules
            .iter()
            .map(|rule| (rule.endpoint.clone(), rule.fault.clone(), rule.when))
            .collect()
    }

    /// The faults of one request. At most one of those that decide the answer: rules for the same endpoint queue up,
    /// so `once(A)` and `once(B)` bite two requests in turn. Delays and list faults may come on top.
    pub(crate) fn draw(&self, endpoint: Endpoint) -> Vec<Fault> {
        let mut inner = self.lock();
        let Inner { rules, fired } = &mut *inner;
        let mut drawn: Vec<Fault> = Vec::new();
        for pass in [[Stage::Instead, Stage::After], [Stage::Within, Stage::Delay]] {
            for rule in rules.iter_mut() {
                let stage = rule.fault.stage();
                let named = rule.endpoint == "*" || rule.endpoint == endpoint.name;
                if !named || !pass.contains(&stage) || !rule.fault.applies_to(endpoint) {
                    continue;
                }
                let taken = match stage {
                    Stage::Instead | Stage::After => !drawn.is_empty(),
                    Stage::Within => drawn.iter().any(|fault| fault.stage() == Stage::Instead),
                    Stage::Delay => false,
                };
                if rule.bites(taken) {
                    *fired
                        .entry(format!("{}:{}", endpoint.name, rule.fault.name()))
                        .or_default() += 1;
                    drawn.push(rule.fault.clone());
                }
            }
        }
        rules.retain(|rule| rule.when != When::Next(0));
        drawn
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    /// Whether it bites this request. A request already taken by another fault uses up nothing but the draw, which a
    /// random rule makes in any case so that its sequence does not depend on the other rules.
    fn bites(&mut self, taken: bool) -> bool {
        match &mut self.when {
            When::Always => !taken,
            When::Next(left) => {
                let bites = *left > 0 && !taken;
                *left -= u32::from(bites);
                bites
            }
            When::Chance { probability, .. } => self.draws.f64() < *probability && !taken,
        }
    }
}
