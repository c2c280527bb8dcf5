//! The service clock of a licence application, out of its states: when it runs, pauses, resumes and restarts, what is
//! left, and when silence turns into approval. Pure: time, states and rules come in, a reading goes out.
//!
//! The gateway calls [`remaining`] for every open application and [`guard::check`] before it sends a state. The guide says
//! which states pause and restart the clock but not how many days it has: those are settings ([`Rules::read`]).

mod days;
pub mod guard;
mod kept;
mod rules;

pub use days::Counting;
pub(crate) use kept::Kept;
pub use rules::{Effect, Rules};

use crate::status::Status;
use connector_sdk::Workdays;
use jiff::{SignedDuration, Timestamp};

/// One state and when it began. `None` is a code that is in no list: it moves nothing and is flagged by the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The state.
    pub status: Option<Status>,
    /// When it began.
    pub at: Timestamp,
}

/// What the clock is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No state has started it.
    NotStarted,
    /// It runs.
    Running,
    /// Documents are missing.
    Held,
    /// A clarification is open.
    Paused,
    /// A renewed clarification is open; its answer restarts the clock.
    WillRestart,
    /// The application is decided.
    Stopped,
}

/// How close silence is to approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alert {
    /// Not close, or no limit is known.
    None,
    /// Within the days set for a warning.
    Near,
    /// The legal time is over; OSS may approve by itself.
    Passed,
}

/// Where a clock stands. Durations are in legal days of 24 hours, or in real time when rules count that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// What it is doing.
    pub state: State,
    /// Legal time used.
    pub used: SignedDuration,
    /// Legal time left, negative when passed; none without a limit.
    pub left: Option<SignedDuration>,
    /// When silence turns into approval if nothing more happens; none unless running under a limit.
    pub deadline: Option<Timestamp>,
    /// How close that is.
    pub alert: Alert,
}

/// Reads the clock of one application. States are taken in the order given; a state that claims to begin before the one
/// in front of it begins with it, so that no time counts twice. Those after `now` have not happened yet.
#[must_use]
pub fn remaining(now: Timestamp, history: &[Entry], licence: &str, rules: &Rules) -> Reading {
    remaining_by(now, history, licence, rules, &days::Weekdays)
}

/// As [`remaining`], with the city's calendar.
fn remaining_by(now: Timestamp, history: &[Entry], licence: &str, rules: &Rules, office: &dyn Workdays) -> Reading {
    let mut state = State::NotStarted;
    let mut used = SignedDuration::ZERO;
    let mut since: Option<Timestamp> = None;
    let mut last = Timestamp::MIN;
    for entry in history.iter().filter(|entry| entry.at <= now) {
        let Some(status) = entry.status else { continue };
        let at = entry.at.max(last);
        last = at;
        let effect = rules.effect(status);
        let Some(next) = next_state(state, effect) else {
            continue;
        };
        if let Some(from) = since.take() {
            used += rules.counting.between(from, at, office);
        }
        if effect == Effect::Restarts {
            used = SignedDuration::ZERO;
        }
        since = (next == State::Running).then_some(at);
        state = next;
    }
    let running_from = since.filter(|_| state == State::Running);
    let before = used;
    if let Some(from) = running_from {
        used += rules.counting.between(from, now, office);
    }
    let limit = rules.limit(licence);
    let left = limit.map(|limit| limit - used);
    let deadline = running_from
        .zip(limit)
        .and_then(|(from, limit)| rules.counting.after(from, limit - before, office));
    Reading {
        state,
        used,
        left,
        deadline,
        alert: alert(state, left, deadline, now, rules),
    }
}

/// The state after an effect; none when nothing changes. Work that goes on does not end a pause: only the answer to the
/// clarification does, and only a restart answers a renewed one.
fn next_state(state: State, effect: Effect) -> Option<State> {
    match (effect, state) {
        (Effect::Keeps, _) | (_, State::Stopped) => None,
        (Effect::Restarts, _) | (Effect::Runs, State::NotStarted | State::Held) | (Effect::Resumes, State::Paused) => {
            Some(State::Running)
        }
        (Effect::Holds, State::Running) => Some(State::Held),
        (Effect::Pauses, State::Running | State::Held) => Some(State::Paused),
        (Effect::PausesForRestart, State::Running | State::Held | State::Paused) => Some(State::WillRestart),
        (Effect::Stops, _) => Some(State::Stopped),
        (Effect::Runs | Effect::Resumes | Effect::Holds | Effect::Pauses | Effect::PausesForRestart, _) => None,
    }
}

fn alert(
    state: State,
    left: Option<SignedDuration>,
    deadline: Option<Timestamp>,
    now: Timestamp,
    rules: &Rules,
) -> Alert {
    match left {
        Some(_) if state == State::Stopped || state == State::NotStarted => Alert::None,
        Some(left) if left < SignedDuration::ZERO || deadline.is_some_and(|deadline| deadline <= now) => Alert::Passed,
        Some(left) if left <= rules.warn_within => Alert::Near,
        Some(_) | None => Alert::None,
    }
}

#[cfg(test)]
mod tests;
