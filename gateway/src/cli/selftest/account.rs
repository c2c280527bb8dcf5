//! What callers were told against what arrived. The simulators are the witness, never the journal.

use super::super::say::Voice;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a caller was told; once taken on is taken on for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// 201, 202, or 504 with the place where the outcome will stand.
    TakenOn,
    /// Not taken on, and said so.
    Refused,
    /// The line broke after something was sent.
    Nothing,
    /// Nobody was there.
    NotThere,
}

/// By ticket.
#[derive(Debug, Default)]
pub(super) struct Ledger(BTreeMap<String, Told>);

impl Ledger {
    pub(super) fn note(&mut self, ticket: &str, told: Told) {
        let known = self.0.entry(ticket.to_owned()).or_insert(told);
        if *known != Told::TakenOn {
            *known = told;
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub(super) struct Account {
    what: (&'static str, &'static str),
    ended: usize,
    submitted: usize,
    taken_on: usize,
    delivered: usize,
    effects: usize,
    unresolved: usize,
    /// Taken on, no report, and nobody was told; or LAKSA never heard of the report.
    pub(super) lost: Vec<String>,
    /// More than one report for one ticket, and nobody was told.
    pub(super) doubled: Vec<String>,
}

impl Account {
    pub(super) const HEAD_ID: [&'static str; 9] = [
        "SKENARIO",
        "DIMATIKAN",
        "DIAJUKAN",
        "DITERIMA",
        "SAMPAI",
        "AKIBAT",
        "MENUNGGU ORANG",
        "HILANG",
        "GANDA",
    ];
    pub(super) const HEAD_EN: [&'static str; 9] = [
        "SCENARIO",
        "ENDED",
        "SUBMITTED",
        "TAKEN ON",
        "DELIVERED",
        "EFFECTS",
        "UNRESOLVED",
        "LOST",
        "DOUBLED",
    ];

    /// Counts. `creates` and `heard` come from the simulators, `waiting` from the gateway.
    pub(super) fn of(
        what: (&'static str, &'static str),
        ended: usize,
        ledger: &Ledger,
        creates: &BTreeMap<String, u32>,
        heard: &BTreeSet<String>,
        waiting: &BTreeSet<String>,
    ) -> Self {
        let taken: Vec<&String> = ledger
            .0
            .iter()
            .filter(|(_, t)| **t == Told::TakenOn)
            .map(|(t, _)| t)
            .collect();
        let count = |ticket: &str| creates.get(ticket).copied().unwrap_or_default();
        let open = |ticket: &&&String| !waiting.contains(**ticket);
        let missing = |ticket: &&&String| count(ticket) == 0 || !heard.contains(**ticket);
        let mine = || creates.iter().filter(|(ticket, _)| ledger.0.contains_key(*ticket));
        Self {
            what,
            ended,
            submitted: ledger.0.len(),
            taken_on: taken.len(),
            delivered: taken.iter().filter(|t| count(t) == 1).count(),
            effects: mine().filter_map(|(_, n)| usize::try_from(*n).ok()).sum(),
            unresolved: ledger.0.keys().filter(|t| waiting.contains(*t)).count(),
            lost: taken
                .iter()
                .filter(open)
                .filter(missing)
                .map(|t| (*t).clone())
                .collect(),
            doubled: mine()
                .filter(|(ticket, n)| **n > 1 && !waiting.contains(*ticket))
                .map(|(ticket, _)| ticket.clone())
                .collect(),
        }
    }

    /// Nothing lost, nothing doubled, and something was taken on, without which nothing is shown.
    pub(super) fn is_sound(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.taken_on > 0
    }

    fn numbers(&self) -> [usize; 8] {
        [
            self.ended,
            self.submitted,
            self.taken_on,
            self.delivered,
            self.effects,
            self.unresolved,
            self.lost.len(),
            self.doubled.len(),
        ]
    }

    pub(super) fn cells(&self, voice: &Voice) -> Vec<String> {
        let what = voice.pick(self.what.0, self.what.1).to_owned();
        std::iter::once(what)
            .chain(self.numbers().map(|n| n.to_string()))
            .collect()
    }

    pub(super) fn as_json(&self) -> Value {
        let [ended, submitted, taken_on, delivered, effects, unresolved, _, _] = self.numbers();
        json!({
            "skenario": self.what.0, "dimatikan": ended, "diajukan": submitted, "diterima": taken_on,
            "sampai": delivered, "akibat": effects, "menunggu_orang": unresolved,
            "hilang": self.lost, "ganda": self.doubled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_doubled_or_never_written_back_is_found() {
        let mut ledger = Ledger::default();
        for ticket in ["baik", "hilang", "bisu", "menunggu"] {
            ledger.note(ticket, Told::TakenOn);
            ledger.note(ticket, Told::Nothing);
        }
        ledger.note("ganda", Told::Nothing);
        ledger.note("ditolak", Told::Refused);
        let creates = [("baik", 1), ("bisu", 1), ("ganda", 2), ("menunggu", 2), ("lain", 9)]
            .map(|(t, n)| (t.to_owned(), n))
            .into();
        let set = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<BTreeSet<_>>();
        let account = Account::of(("a", "a"), 1, &ledger, &creates, &set(&["baik"]), &set(&["menunggu"]));
        assert_eq!(account.lost, ["bisu", "hilang"]);
        assert_eq!(account.doubled, ["ganda"]);
        assert_eq!(account.numbers(), [1, 6, 4, 2, 6, 1, 2, 1]);
        assert!(!account.is_sound());
    }
}
