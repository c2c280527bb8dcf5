//! What was promised against what happened: the callers' side from the clients, the effects from the simulator.

use crate::world::World;
use e2e::client::{NO_CONNECTION, Reply};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Taken on: 201, 202, or 504 with the place where the outcome will stand.
    TakenOn,
    /// Not taken on, and said so.
    Refused(u16),
    /// Nothing: the line broke after something was sent.
    Nothing,
    /// Nobody was there to send it to.
    NotThere,
}

impl Told {
    pub(crate) fn by(reply: &Result<Reply, String>) -> Self {
        match reply {
            Ok(reply) if matches!(reply.status, 201 | 202) => Self::TakenOn,
            Ok(reply) if reply.status == 504 && reply.location.is_some() => Self::TakenOn,
            Ok(reply) => Self::Refused(reply.status),
            Err(why) if why == NO_CONNECTION => Self::NotThere,
            Err(_) => Self::Nothing,
        }
    }
}

/// What callers were told, by ticket. Once taken on is taken on for good.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    told: BTreeMap<String, Told>,
}

impl Ledger {
    pub(crate) fn note(&mut self, ticket: &str, told: Told) {
        let known = self.told.entry(ticket.to_owned()).or_insert(told);
        if *known != Told::TakenOn {
            *known = told;
        }
    }

    pub(crate) fn taken_on(&self) -> BTreeSet<&str> {
        let taken = self.told.iter().filter(|(_, told)| **told == Told::TakenOn);
        taken.map(|(ticket, _)| ticket.as_str()).collect()
    }

    pub(crate) fn refused(&self, status: u16) -> usize {
        self.told
            .values()
            .filter(|told| **told == Told::Refused(status))
            .count()
    }
}

/// One line of the result table.
#[derive(Debug)]
pub(crate) struct Account {
    scenario: String,
    ended: usize,
    submitted: usize,
    taken_on: usize,
    delivered: usize,
    effects: usize,
    /// Parked for a person, who was told.
    pub(crate) unresolved: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
    silent: Vec<String>,
}

impl Account {
    /// Counts once everything has settled. `ended` is how often the gateway was ended.
    pub(crate) async fn of(world: &World, scenario: &str, ended: usize, ledger: &Ledger) -> Self {
        let unresolved = world.waiting_for_a_person().await;
        let creates = world
            .neighbours
            .lapor
            .with(|lapor| lapor.creates_by_reference().clone());
        let heard: BTreeSet<String> = world
            .neighbours
            .laksa
            .with(|laksa| laksa.tickets().keys().cloned().collect());
        let taken_on = ledger.taken_on();
        let count = |ticket: &str| creates.get(ticket).copied().unwrap_or_default();
        let flagged = |ticket: &str| unresolved.contains(ticket);
        let named = |found: Vec<&str>| found.into_iter().map(str::to_owned).collect();
        let lost = taken_on
            .iter()
            .copied()
            .filter(|t| count(t) == 0 && !flagged(t))
            .collect();
        let doubled = creates
            .iter()
            .filter(|(t, n)| **n > 1 && !flagged(t))
            .map(|(t, _)| t.as_str());
        // The report arrived and LAKSA never heard of it.
        let silent = taken_on
            .iter()
            .copied()
            .filter(|t| count(t) == 1 && !flagged(t) && !heard.contains(*t));
        Self {
            scenario: scenario.to_owned(),
            ended,
            submitted: ledger.told.len(),
            taken_on: taken_on.len(),
            delivered: taken_on.iter().filter(|t| count(t) == 1).count(),
            effects: creates
                .values()
                .map(|n| usize::try_from(*n).unwrap_or(usize::MAX))
                .sum(),
            unresolved: unresolved.len(),
            doubled: named(doubled.collect()),
            silent: named(silent.collect()),
            lost: named(lost),
        }
    }

    /// Prints the line; fails when anything was lost or silently done twice.
    pub(crate) fn judge(&self) {
        println!("{self}");
        assert!(self.lost.is_empty(), "lost: {:?}", self.lost);
        assert!(self.doubled.is_empty(), "done twice without a flag: {:?}", self.doubled);
        assert!(self.silent.is_empty(), "never written back: {:?}", self.silent);
        assert!(self.taken_on > 0, "nothing was taken on, so nothing was proved");
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.scenario,
            self.ended,
            self.submitted,
            self.taken_on,
            self.delivered,
            self.effects,
            self.unresolved,
            self.lost.len(),
            self.doubled.len()
        )
    }
}
