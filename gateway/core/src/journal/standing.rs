//! How an exchange moves from state to state. Every journal implementation loads a [`Standing`], moves it here and
//! stores it again, so that all of them keep the same promises. Pure: no clock, no storage.

use super::{Action, Intervention, JournalError};
use crate::exchange::{Attempt, LeaseRequest, Next, Settlement, State, TryKind};
use crate::ids::ExchangeId;
use bytes::Bytes;
use connector_sdk::Fault;
use jiff::Timestamp;

/// The moving part of a stored exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// State.
    pub state: State,
    /// State before the newest lease.
    pub before: State,
    /// Newest fencing token; 0 before the first lease.
    pub fence: i64,
    /// When the lease ends by itself; set while `state` is `Leased`.
    pub until: Option<Timestamp>,
    /// When it is due.
    pub due: Timestamp,
    /// Attempts begun.
    pub attempts: u32,
    /// Look-ups since the outcome became unknown.
    pub lookups: u32,
    /// Attempt rows written; the next one gets this number plus one.
    pub tries: u32,
    /// When the state last changed.
    pub changed: Timestamp,
}

/// What becomes of a stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set<T> {
    /// It stays.
    Keep,
    /// It goes.
    Clear,
    /// It becomes this.
    To(T),
}

impl<T> Set<T> {
    /// Applies it to a value at hand.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::To(value) => *to = Some(value),
        }
    }
}

/// What changes beside the standing.
#[derive(Debug, Clone)]
pub struct Change {
    /// Canonical reply.
    pub reply: Set<Bytes>,
    /// Last fault.
    pub fault: Set<Fault>,
    /// Reason.
    pub reason: Set<String>,
    /// Row to append, numbered by the journal.
    pub attempt: Option<Attempt>,
}

impl Standing {
    /// Of an exchange just accepted.
    pub fn accepted(at: Timestamp, due: Timestamp) -> Self {
        Self {
            state: State::Accepted,
            before: State::Accepted,
            fence: 0,
            until: None,
            due,
            attempts: 0,
            lookups: 0,
            tries: 0,
            changed: at,
        }
    }

    /// When there is something to do: the due time, or the end of the lease.
    pub fn wake(&self) -> Timestamp {
        self.until.unwrap_or(self.due)
    }

    /// Takes the lease. The caller has seen that it is due and the head of its lane.
    pub fn lease(&mut self, request: &LeaseRequest, now: Timestamp) {
        let lookup = self.state == State::Unresolved || self.state == State::Leased && self.before == State::Unresolved;
        if lookup {
            self.lookups += 1;
            self.before = State::Unresolved;
        } else {
            self.attempts += 1;
            self.before = self.state;
        }
        self.state = State::Leased;
        self.fence += 1;
        self.until = Some(request.until);
        self.changed = now;
    }

    /// Refuses a token that is not the newest, or whose lease was given back.
    pub fn held(&self, id: ExchangeId, fence: i64) -> Result<(), JournalError> {
        if self.state == State::Leased && self.fence == fence {
            Ok(())
        } else {
            Err(JournalError::Stale(id))
        }
    }

    /// Ends a try.
    pub fn settle(&mut self, settlement: &Settlement) -> Result<Change, JournalError> {
        let id = settlement.id;
        let late = settlement.attempt.as_ref().is_some_and(|a| a.kind == TryKind::Late);
        if !late {
            self.held(id, settlement.fence)?;
        } else if !matches!(self.state, State::Unresolved | State::Parked) {
            return Err(JournalError::State(id, self.state));
        } else if matches!(settlement.next, Next::Release { .. }) {
            return Err(JournalError::Broken("a late answer holds no lease to give back".into()));
        }
        let from = if late { self.state } else { self.before };
        let mut change = Change {
            reply: Set::Keep,
            fault: match settlement.attempt.as_ref().and_then(|a| a.fault.clone()) {
                Some(fault) => Set::To(fault),
                None => Set::Keep,
            },
            reason: Set::Clear,
            attempt: settlement.attempt.clone(),
        };
        self.until = None;
        match &settlement.next {
            Next::Done { reply } => {
                change.reply = Set::To(reply.clone());
                change.fault = Set::Clear;
            }
            Next::Failed => {}
            Next::Dead { reason } | Next::Parked { reason } => change.reason = Set::To(reason.clone()),
            Next::Schedule { due } => self.due = *due,
            Next::Unresolved { due } => {
                self.due = *due;
                if from != State::Unresolved {
                    self.lookups = 0;
                }
            }
            Next::Release { due } => {
                change.reason = Set::Keep;
                self.release(from, *due);
            }
        }
        self.state = settlement.next.state(from);
        self.number(&mut change);
        self.changed = settlement.at;
        Ok(change)
    }

    /// Takes back the count of the lease. An exchange whose earlier lease ran out stays `Leased`, by nobody, so that
    /// the next holder still knows that something may have been sent; the token of this holder ends.
    fn release(&mut self, from: State, due: Timestamp) {
        self.due = due;
        if from == State::Unresolved {
            self.lookups = self.lookups.saturating_sub(1);
        } else {
            self.attempts = self.attempts.saturating_sub(1);
        }
        if from == State::Leased {
            self.fence += 1;
            self.until = Some(due);
        }
    }

    /// Carries out a person's decision.
    pub fn intervene(&mut self, intervention: &Intervention) -> Result<Change, JournalError> {
        let allowed: &[State] = match intervention.action {
            Action::Replay { .. } => &[State::Parked, State::Dead, State::Failed, State::Scheduled],
            Action::Discard => &[State::Parked, State::Dead, State::Scheduled, State::Unresolved],
            Action::Landed { .. } => &[State::Parked, State::Unresolved, State::Dead],
        };
        if !allowed.contains(&self.state) {
            return Err(JournalError::State(intervention.id, self.state));
        }
        let mut change = Change {
            reply: Set::Keep,
            fault: Set::Keep,
            reason: Set::Clear,
            attempt: None,
        };
        let step = match &intervention.action {
            Action::Replay { due, lookup_first } => {
                self.state = if *lookup_first {
                    State::Unresolved
                } else {
                    State::Scheduled
                };
                self.due = *due;
                self.attempts = 0;
                self.lookups = 0;
                "replay"
            }
            Action::Discard => {
                self.state = State::Discarded;
                change.reason = Set::To(intervention.reason.clone());
                "discard"
            }
            Action::Landed { reply } => {
                self.state = State::Done;
                change.reply = Set::To(reply.clone());
                change.fault = Set::Clear;
                "landed"
            }
        };
        change.attempt = Some(Attempt {
            number: 0,
            kind: TryKind::Person,
            started: intervention.at,
            ended: intervention.at,
            system_ms: 0,
            step: Some(step.to_owned()),
            status: None,
            digests: None,
            fault: None,
            by: Some(match &intervention.second {
                Some(second) => format!("{} + {second}", intervention.by),
                None => intervention.by.clone(),
            }),
        });
        self.number(&mut change);
        self.changed = intervention.at;
        Ok(change)
    }

    fn number(&mut self, change: &mut Change) {
        if let Some(attempt) = &mut change.attempt {
            self.tries += 1;
            attempt.number = self.tries;
        }
    }
}
