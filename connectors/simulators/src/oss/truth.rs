//! What OSS knows of one application: every status received, every number issued, its clock, and what was wrong.

use serde_json::{Value, json};

use super::days::{self, Calendar};
use super::service::{Run, ServiceClock, ServiceRule};

/// What was wrong with a status, as bits.
pub mod wrong {
    /// The same code at the same time was there before.
    pub const REPEATED: u8 = 1;
    /// Earlier than the one before it.
    pub const BACKWARDS: u8 = 2;
    /// 42 without 41, or 44 without 43.
    pub const UNPAIRED: u8 = 4;
    /// After a decision.
    pub const AFTER_FINAL: u8 = 8;
    /// 60, 70 or 80 before issue.
    pub const BEFORE_ISSUE: u8 = 16;
    /// Work went on while clarification was awaited.
    pub const WHILE_PAUSED: u8 = 32;
    /// After silence had become approval: the legal effect of being late.
    pub const AFTER_SILENCE: u8 = 64;

    /// Names in the order of the bits.
    pub const NAMES: [&str; 7] = [
        "repeated",
        "backwards",
        "unpaired",
        "after_final",
        "before_issue",
        "while_paused",
        "after_silence",
    ];
}

/// Who set a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// `receiveLicenseStatus`
    Status,
    /// `receiveLicense`, second step
    Licence,
    /// `receiveLicenseKKPR`
    Kkpr,
    /// OSS itself: silence
    Oss,
}

/// One status as it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Code.
    pub code: u8,
    /// Who set it.
    pub by: By,
    /// Bits of [`wrong`].
    pub wrong: u8,
    /// `tgl_status`.
    pub at: i64,
    /// When it arrived, by the simulator's clock.
    pub arrived: i64,
}

/// A licence number OSS gave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The number.
    pub number: String,
    /// When.
    pub at: i64,
    /// Whether a second step used it.
    pub completed: bool,
}

/// One application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Statuses, in the order of arrival.
    pub history: Vec<Entry>,
    /// Its service clock.
    pub clock: ServiceClock,
    /// Numbers issued for it.
    pub numbers: Vec<Number>,
    /// Second steps with the number already completed.
    pub completions_repeated: u32,
    /// `updateLicense` calls.
    pub updates: u32,
    /// Address of the attachment last sent.
    pub attachment: String,
    /// When its file is signed; `None` before the licence is final.
    pub signed_at: Option<i64>,
    waiting: Waiting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    No,
    Clarification,
    Renewed,
}

impl Application {
    /// Nothing has happened yet.
    pub fn new(allowed_days: u32) -> Self {
        Self {
            history: Vec::new(),
            clock: ServiceClock::new(allowed_days),
            numbers: Vec::new(),
            completions_repeated: 0,
            updates: 0,
            attachment: String::new(),
            signed_at: None,
            waiting: Waiting::No,
        }
    }

    /// The status that stands; 0 before the first.
    pub fn status(&self) -> u8 {
        self.history.last().map_or(0, |entry| entry.code)
    }

    /// Whether a decision stands among its statuses.
    pub fn decided(&self) -> bool {
        self.clock.run == Run::Stopped
    }

    /// Numbers beyond the one an application may have.
    pub fn surplus(&self) -> usize {
        self.numbers.len().saturating_sub(1)
    }

    /// Numbers no second step has used.
    pub fn unfinished(&self) -> usize {
        self.numbers.iter().filter(|number| !number.completed).count()
    }

    /// Takes a status in, judges it, moves the clock.
    pub fn take(&mut self, code: u8, by: By, at: i64, now: i64, rule: &ServiceRule) -> Entry {
        let at_clock = if rule.by_arrival { now } else { at };
        let entry = Entry {
            code,
            by,
            wrong: self.judge(code, by, at),
            at,
            arrived: now,
        };
        self.clock.apply(rule.effect(code), at_clock, &rule.calendar);
        self.waiting = match code {
            41 => Waiting::Clarification,
            43 => Waiting::Renewed,
            _ => Waiting::No,
        };
        self.history.push(entry);
        entry
    }

    /// Silence becomes approval when the time has passed.
    pub fn pass_time(&mut self, now: i64, rule: &ServiceRule) -> bool {
        let Some(deadline) = self
            .clock
            .deadline
            .filter(|deadline| rule.silence_approves && *deadline <= now)
        else {
            return false;
        };
        self.take(57, By::Oss, deadline, now, rule);
        true
    }

    fn judge(&self, code: u8, by: By, at: i64) -> u8 {
        if by == By::Oss {
            return 0;
        }
        let has = |wanted: &[u8]| self.history.iter().any(|entry| wanted.contains(&entry.code));
        let mut found = 0;
        let mut mark = |bit, yes: bool| found |= if yes { bit } else { 0 };
        let again = by == By::Status
            && self
                .history
                .iter()
                .any(|entry| (entry.code, entry.at, entry.by) == (code, at, by));
        mark(wrong::REPEATED, again);
        mark(
            wrong::BACKWARDS,
            by != By::Licence && self.history.last().is_some_and(|last| at < last.at),
        );
        let unpaired = match code {
            42 => self.waiting != Waiting::Clarification,
            44 => self.waiting != Waiting::Renewed,
            _ => false,
        };
        mark(wrong::UNPAIRED, unpaired);
        let allowed_waiting = [41, 42, 43, 44, 50, 90, 93].contains(&code);
        mark(wrong::WHILE_PAUSED, self.waiting != Waiting::No && !allowed_waiting);
        let after_issue = [60, 70, 80].contains(&code);
        mark(wrong::BEFORE_ISSUE, after_issue && !has(&[50, 57]));
        let silence = has(&[57]);
        mark(wrong::AFTER_SILENCE, silence && !after_issue);
        let decision = self.history.iter().rev().find(|entry| [50, 90].contains(&entry.code));
        let contradicts = decision.is_some_and(|decision| decision.code != code);
        mark(wrong::AFTER_FINAL, !silence && !after_issue && contradicts);
        found
    }

    /// Everything, for tests and the control API.
    pub fn to_json(&self, id: &str, now: i64, calendar: &Calendar) -> Value {
        let history = self.history.iter().map(|entry| {
            let by = match entry.by {
                By::Status => "status",
                By::Licence => "licence",
                By::Kkpr => "kkpr",
                By::Oss => "oss",
            };
            json!({
                "kd_status": format!("{:02}", entry.code), "by": by, "tgl_status": days::time(entry.at),
                "arrived": days::time(entry.arrived), "wrong": names(entry.wrong),
            })
        });
        let numbers = self.numbers.iter().map(
            |number| json!({"nomor_izin": number.number, "at": days::time(number.at), "completed": number.completed}),
        );
        json!({
            "id_izin": id, "kd_status": format!("{:02}", self.status()),
            "history": history.collect::<Vec<_>>(), "numbers": numbers.collect::<Vec<_>>(),
            "surplus": self.surplus(), "unfinished": self.unfinished(),
            "completions_repeated": self.completions_repeated, "updates": self.updates,
            "file_lampiran": self.attachment, "signed_at": self.signed_at.map(days::time),
            "clock": self.clock_json(now, calendar),
        })
    }

    /// The clock as OSS believes it stands.
    pub fn clock_json(&self, now: i64, calendar: &Calendar) -> Value {
        let run = match self.clock.run {
            Run::NotStarted => "not_started",
            Run::Running(_) => "running",
            Run::Held => "held",
            Run::Paused => "paused",
            Run::WillRestart => "will_restart",
            Run::Stopped => "stopped",
        };
        json!({
            "run": run, "allowed_seconds": self.clock.allowed,
            "remaining_seconds": self.clock.remaining(now, calendar),
            "deadline": self.clock.deadline.map(days::time),
        })
    }
}

fn names(bits: u8) -> Vec<&'static str> {
    let named = wrong::NAMES.iter().enumerate();
    named
        .filter(|(place, _)| bits & (1 << place) != 0)
        .map(|(_, name)| *name)
        .collect()
}
