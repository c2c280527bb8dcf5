//! Acknowledgements: the last twenty thousand word for word, and for every document what they add up to.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Method, Outcome, Revision};

const MOST_ACKS: usize = 20_000;

/// One try and its answer.
#[derive(Debug, Clone)]
pub struct Ack {
    /// Running number from 1.
    pub number: u64,
    /// What was pushed.
    pub method: Method,
    /// Which document.
    pub document: String,
    /// Which try, from 1.
    pub attempt: u32,
    /// When, by the simulator's clock.
    pub sent: Timestamp,
    /// Microseconds until the whole answer was there.
    pub took_us: u32,
    /// HTTP status; 0 without an answer.
    pub http: u16,
    /// What it says.
    pub outcome: Outcome,
    /// Whether it has the documented form.
    pub documented: bool,
    /// Its words, shortened.
    pub note: String,
    /// It must not be stored: the token was forged or missing, or half of the body was.
    pub forged: bool,
}

impl Ack {
    /// For the control API.
    pub fn to_json(&self) -> Value {
        json!({
            "number": self.number, "method": self.method, "document": self.document, "attempt": self.attempt,
            "sent": self.sent.to_string(), "took_us": self.took_us, "http": self.http, "outcome": self.outcome,
            "documented": self.documented, "note": self.note, "forged": self.forged,
        })
    }
}

/// What became of one document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tries.
    pub sent: u32,
    /// Answers "stored".
    pub stored: u32,
    /// Answers "not stored".
    pub not_stored: u32,
    /// Answers that say neither, or none.
    pub lost: u32,
    /// Tries that must not be stored (forged, or cut in half).
    pub forged: u32,
    /// Forged tries that were stored all the same.
    pub forged_stored: u32,
}

/// All of them.
#[derive(Default)]
pub struct Records {
    recent: VecDeque<Ack>,
    documents: BTreeMap<String, Tally>,
    latest: HashMap<u32, Revision>,
    took: Vec<u32>,
    total: u64,
    undocumented: u64,
}

impl Records {
    pub(super) fn add(&mut self, mut ack: Ack) -> Ack {
        self.total += 1;
        ack.number = self.total;
        self.took.push(ack.took_us);
        let answered = ack.outcome != Outcome::NoAnswer;
        self.undocumented += u64::from(answered && !ack.documented);
        let tally = self.documents.entry(ack.document.clone()).or_default();
        tally.sent += 1;
        match ack.outcome {
            Outcome::Stored => tally.stored += 1,
            Outcome::NotStored => tally.not_stored += 1,
            Outcome::Unreadable | Outcome::NoAnswer => tally.lost += 1,
        }
        tally.forged += u32::from(ack.forged);
        tally.forged_stored += u32::from(ack.forged && ack.outcome == Outcome::Stored);
        self.recent.push_back(ack.clone());
        if self.recent.len() > MOST_ACKS {
            self.recent.pop_front();
        }
        ack
    }

    pub(crate) fn note_revision(&mut self, index: u32, revision: Revision) {
        let latest = self.latest.entry(index).or_insert(revision);
        if revision.number >= latest.number {
            *latest = revision;
        }
    }

    /// The revision OSS last pushed of a company.
    pub fn latest(&self, index: u32) -> Option<Revision> {
        self.latest.get(&index).copied()
    }

    /// The last acknowledgements, oldest first.
    pub fn recent(&self) -> &VecDeque<Ack> {
        &self.recent
    }

    /// Every document pushed and what became of it.
    pub fn documents(&self) -> &BTreeMap<String, Tally> {
        &self.documents
    }

    /// Microseconds under which a share of the answers stayed.
    pub fn took_us(&self, share: f64) -> u32 {
        let mut sorted = self.took.clone();
        sorted.sort_unstable();
        let place = (sorted.len() as f64 * share).ceil() as usize;
        sorted.get(place.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// Documents never acknowledged as stored, except those only forged.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &str> {
        let open = self
            .documents
            .iter()
            .filter(|(_, tally)| tally.sent > tally.forged && tally.stored == tally.forged_stored);
        open.map(|(document, _)| document.as_str())
    }

    /// Counts for `GET /__sim/effects`.
    pub fn summary(&self) -> Value {
        let sum = |pick: fn(&Tally) -> u32| self.documents.values().map(|tally| u64::from(pick(tally))).sum::<u64>();
        json!({
            "documents": self.documents.len(), "sent": self.total, "stored": sum(|tally| tally.stored),
            "not_stored": sum(|tally| tally.not_stored), "lost": sum(|tally| tally.lost),
            "forged": sum(|tally| tally.forged), "forged_stored": sum(|tally| tally.forged_stored),
            "undocumented": self.undocumented, "unacknowledged": self.unacknowledged().count(),
            "took_us": {"p50": self.took_us(0.5), "p99": self.took_us(0.99), "most": self.took_us(1.0)},
        })
    }

    /// Every document as JSON.
    pub fn documents_json(&self) -> Value {
        let rows = self.documents.iter().map(|(document, tally)| {
            json!({
                "document": document, "sent": tally.sent, "stored": tally.stored, "not_stored": tally.not_stored,
                "lost": tally.lost, "forged": tally.forged, "forged_stored": tally.forged_stored,
            })
        });
        rows.collect()
    }
}
