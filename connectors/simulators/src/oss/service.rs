//! The service clock of one application: which statuses start, hold, pause, restart and stop it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::days::{Calendar, DAY};

/// What a status does to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Starts it, or lets it go on after `hold`; does not end a pause.
    Run,
    /// It does not run while documents are missing.
    Hold,
    /// Pauses until `resume`.
    Pause,
    /// Pauses until `restart`.
    PauseForRestart,
    /// Goes on after `pause`.
    Resume,
    /// From zero.
    Restart,
    /// For good.
    Stop,
    /// Nothing.
    None,
}

/// How the clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Run {
    /// No status has started it.
    NotStarted,
    /// Since an instant.
    Running(i64),
    /// Documents are missing.
    Held,
    /// Clarification asked.
    Paused,
    /// Renewed clarification asked.
    WillRestart,
    /// Decided.
    Stopped,
}

/// One application's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceClock {
    /// How it stands.
    pub run: Run,
    /// Working seconds used up before `Running` began.
    pub used: i64,
    /// Working seconds allowed.
    pub allowed: i64,
    /// When silence would become approval; `None` while it does not run.
    pub deadline: Option<i64>,
}

impl ServiceClock {
    /// A clock that has not started.
    pub fn new(allowed_days: u32) -> Self {
        Self {
            run: Run::NotStarted,
            used: 0,
            allowed: i64::from(allowed_days) * DAY,
            deadline: None,
        }
    }

    /// Lets a status at `at` act on it.
    pub fn apply(&mut self, effect: Effect, at: i64, calendar: &Calendar) {
        let running = matches!(self.run, Run::Running(_));
        let next = match (effect, self.run) {
            (Effect::None, _) | (_, Run::Stopped) => return,
            (Effect::Run, Run::NotStarted | Run::Held) => Run::Running(at),
            (Effect::Resume, Run::Paused) => Run::Running(at),
            (Effect::Restart, _) => {
                self.used = 0;
                self.run = Run::Running(at);
                return self.set_deadline(calendar);
            }
            (Effect::Hold, _) if running => Run::Held,
            (Effect::Pause, _) if running || self.run == Run::Held => Run::Paused,
            (Effect::PauseForRestart, _) if self.run != Run::NotStarted => Run::WillRestart,
            (Effect::Stop, _) => Run::Stopped,
            (Effect::Run | Effect::Resume | Effect::Hold | Effect::Pause | Effect::PauseForRestart, _) => return,
        };
        if let Run::Running(since) = self.run {
            self.used += calendar.between(since, at);
        }
        self.run = next;
        self.set_deadline(calendar);
    }

    /// Working seconds left at `now`; negative when overdue.
    pub fn remaining(&self, now: i64, calendar: &Calendar) -> i64 {
        let running = match self.run {
            Run::Running(since) => calendar.between(since, now),
            _ => 0,
        };
        self.allowed - self.used - running
    }

    fn set_deadline(&mut self, calendar: &Calendar) {
        self.deadline = match self.run {
            Run::Running(since) => Some(calendar.after(since, self.allowed - self.used)),
            _ => None,
        };
    }
}

/// Days and rules. The guide names no numbers of days; these are assumptions, and settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceRule {
    /// Days allowed by kind of licence (`jenis_izin`).
    pub days_by_kind: BTreeMap<String, u32>,
    /// Days allowed by licence code, stronger than the kind.
    pub days_by_code: BTreeMap<String, u32>,
    /// Days allowed otherwise.
    pub days: u32,
    /// Which days count.
    pub calendar: Calendar,
    /// Effect of a status, stronger than the guide's.
    pub effects: BTreeMap<u8, Effect>,
    /// Times are when a message arrives by the simulator's clock, not what `tgl_status` says.
    pub by_arrival: bool,
    /// When the time has passed by the simulator's clock, OSS approves by itself (status 57).
    pub silence_approves: bool,
}

impl Default for ServiceRule {
    fn default() -> Self {
        let days = [("04", 5), ("02", 14), ("01", 14), ("K02", 7), ("K03", 10)];
        Self {
            days_by_kind: days.map(|(kind, days)| (kind.to_owned(), days)).into(),
            days_by_code: BTreeMap::new(),
            days: 14,
            calendar: Calendar::default(),
            effects: BTreeMap::new(),
            by_arrival: false,
            silence_approves: false,
        }
    }
}

impl ServiceRule {
    /// Days allowed for a licence.
    pub fn days_for(&self, kind: &str, code: &str) -> u32 {
        let by_code = self.days_by_code.get(code);
        by_code
            .or_else(|| self.days_by_kind.get(kind))
            .copied()
            .unwrap_or(self.days)
    }

    /// What a status does to the clock.
    pub fn effect(&self, status: u8) -> Effect {
        let guide = || match status {
            5 | 9 | 10 | 20 | 40 => Effect::Run,
            11 => Effect::Hold,
            41 => Effect::Pause,
            42 => Effect::Resume,
            43 => Effect::PauseForRestart,
            44 => Effect::Restart,
            50 | 57 | 90 => Effect::Stop,
            _ => Effect::None,
        };
        self.effects.get(&status).copied().unwrap_or_else(guide)
    }
}

#[cfg(test)]
mod tests {
    use super::super::days::{Calendar, DAY, parse_time};
    use super::{Effect, Run, ServiceClock};

    fn day(number: i64) -> i64 {
        parse_time("2026-02-02 08:00:00").unwrap() + number * DAY
    }

    #[test]
    fn pause_resume_and_restart() {
        let calendar = Calendar::default();
        let mut clock = ServiceClock::new(5);
        clock.apply(Effect::Pause, day(0), &calendar);
        assert_eq!(clock.run, Run::NotStarted);
        clock.apply(Effect::Run, day(0), &calendar);
        clock.apply(Effect::Run, day(1), &calendar);
        assert_eq!(clock.remaining(day(2), &calendar), 3 * DAY);
        assert_eq!(clock.deadline, Some(day(7)), "five working days end on Monday");
        clock.apply(Effect::Pause, day(2), &calendar);
        clock.apply(Effect::Run, day(3), &calendar);
        assert_eq!((clock.remaining(day(4), &calendar), clock.deadline), (3 * DAY, None));
        clock.apply(Effect::Resume, day(4), &calendar);
        assert_eq!(clock.remaining(day(7), &calendar), 2 * DAY);
        clock.apply(Effect::PauseForRestart, day(7), &calendar);
        clock.apply(Effect::Resume, day(8), &calendar);
        assert_eq!(clock.run, Run::WillRestart);
        clock.apply(Effect::Restart, day(9), &calendar);
        assert_eq!(clock.remaining(day(9), &calendar), 5 * DAY);
        clock.apply(Effect::Stop, day(10), &calendar);
        clock.apply(Effect::Restart, day(11), &calendar);
        assert_eq!(
            (clock.run, clock.remaining(day(30), &calendar)),
            (Run::Stopped, 4 * DAY)
        );
    }
}
