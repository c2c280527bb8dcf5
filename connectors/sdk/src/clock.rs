//! The service clock of a system's records: the legal time within which an answer is due, where silence has an effect of
//! its own. Pure: states and times come in, a reading goes out; which of our outcomes are states, the connector says.
//!
//! The gateway keeps the states of each record, asks for a reading and warns. It never moves a clock by itself.

use crate::{Complaint, Str, Text};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// One state and when it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockStep {
    /// Canonical word.
    pub state: String,
    /// When it began.
    pub at: Timestamp,
}

/// What one outcome says about one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Id of the record in the system.
    pub record: String,
    /// Kind, by which the legal time may differ.
    pub kind: Option<String>,
    /// The state it is in now, if the outcome says so.
    pub step: Option<ClockStep>,
    /// Number of what was issued, if one was.
    pub number: Option<String>,
    /// Whether an unknown record is kept from now on; otherwise only a known one is told.
    pub opens: bool,
}

/// What a clock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockState {
    /// No state has started it.
    NotStarted,
    /// It runs.
    Running,
    /// It stands while something is missing.
    Held,
    /// It waits for an answer.
    Paused,
    /// It waits for an answer that starts it from zero.
    WillRestart,
    /// The record is decided.
    Stopped,
}

impl ClockState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NotStarted,
        Self::Running,
        Self::Held,
        Self::Paused,
        Self::WillRestart,
        Self::Stopped,
    ];

    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotStarted => "belum_mulai",
            Self::Running => "berjalan",
            Self::Held => "ditahan",
            Self::Paused => "dijeda",
            Self::WillRestart => "akan_diulang",
            Self::Stopped => "berhenti",
        }
    }
}

/// How close silence is to its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockAlert {
    /// Not close, or no limit is known.
    None,
    /// Within the time set for a warning.
    Near,
    /// The time is over.
    Passed,
}

impl ClockAlert {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Near, Self::Passed];

    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "tidak_ada",
            Self::Near => "mendekat",
            Self::Passed => "lewat",
        }
    }
}

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// What it does.
    pub state: ClockState,
    /// Legal time left, negative when it is over; none without a limit.
    pub left: Option<SignedDuration>,
    /// Length of one legal day.
    pub day: SignedDuration,
    /// When silence has its effect if nothing more happens; none unless it runs under a limit.
    pub deadline: Option<Timestamp>,
    /// How close that is.
    pub alert: ClockAlert,
    /// When `alert` changes by itself.
    pub turns: Option<Timestamp>,
}

/// What a clock says of a step before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockVerdict {
    /// Nothing to remark.
    Usual,
    /// Sent, but worth a look: it is counted and logged.
    Suspicious(Text),
    /// Cannot follow what the system has taken; not sent.
    Impossible(Complaint),
}

/// What is kept of a record, for a comparison with its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockRecord<'a> {
    /// Id of the record in the system.
    pub id: &'a str,
    /// Newest state that the system has taken from us.
    pub state: Option<&'a str>,
    /// Number of what was issued.
    pub number: Option<&'a str>,
}

/// Something in which a record and its system differ. Words and numbers of the record, nothing about persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub field: Str,
    /// What is kept here.
    pub ours: Option<String>,
    /// What the system says.
    pub theirs: Option<String>,
}

/// Which days offices work, as configured for the city.
pub trait Workdays: Send + Sync {
    /// Whether this is a working day.
    fn works(&self, day: Date) -> bool;
}

/// The service clock of one system.
pub trait ServiceClock: Send + Sync {
    /// Operations and hooks whose outcomes may move it. Whoever has a grant for one of them may hear of its warnings.
    fn movers(&self) -> &[Str];
    /// What one outcome says: input and reply of an operation, or null and the content of a push.
    fn moves(&self, mover: &str, input: &Value, reply: &Value, at: Timestamp) -> Vec<Moved>;
    /// Reads the clock of one record. States are given in the order in which they took effect.
    fn read(&self, now: Timestamp, steps: &[ClockStep], kind: Option<&str>, days: &dyn Workdays) -> ClockReading;
    /// The verdict about the step of an input after those that the system has taken. Asked just before it is sent, when everything before it in the lane has ended.
    fn judge(&self, _mover: &str, _input: &Value, _steps: &[ClockStep]) -> ClockVerdict {
        ClockVerdict::Usual
    }
    /// Reading operations, with their input, whose replies are compared with what is kept. None: this system cannot be
    /// compared.
    fn questions(&self, _record: &ClockRecord<'_>) -> Vec<(Str, Value)> {
        Vec::new()
    }
    /// In what an answer differs from what is kept; `None` is an answer that the system has no such record.
    fn differences(&self, _operation: &str, _reply: Option<&Value>, _record: &ClockRecord<'_>) -> Vec<Difference> {
        Vec::new()
    }
    /// The record that an input of a mover is about.
    fn record<'a>(&self, _mover: &str, _input: &'a Value) -> Option<&'a str> {
        None
    }
}
