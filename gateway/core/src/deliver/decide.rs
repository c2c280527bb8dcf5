//! What follows from a failed try. Pure: effect, landing and policy in, the next state out.
//! The rule of the house: a write that may have landed is never blindly repeated and never reported as success.

use super::door::BREAKER_OPEN;
use super::system::Policy;
use crate::exchange::Next;
use crate::time::later;
use connector_sdk::{Effect, Fault, FaultKind, Landed, Replay};
use jiff::Timestamp;
use std::time::Duration;

/// Facts of the failed try.
pub struct Failed<'a> {
    /// Effect of the operation.
    pub effect: Effect,
    /// The fault.
    pub fault: &'a Fault,
    /// Attempts so far, this one included.
    pub attempts: u32,
    /// Look-ups so far, this one included.
    pub lookups: u32,
    /// Whether the try was a look-up.
    pub was_lookup: bool,
    /// Whether the caller is still there to hear of a refusal.
    pub caller_waits: bool,
}

/// The next state of a journalled exchange.
pub fn after_fault(failed: &Failed<'_>, policy: &Policy, now: Timestamp, fraction: f64) -> Next {
    if failed.was_lookup {
        return after_failed_lookup(failed, policy, now, fraction);
    }
    if failed.effect == Effect::Read {
        // Nobody needs to mend a look that found nothing: whoever planned it looks again.
        return match not_landed(failed, policy, now, fraction) {
            Next::Dead { .. } => Next::Failed,
            next => next,
        };
    }
    let replay = match failed.effect {
        Effect::Read => Replay::Native,
        Effect::Write { replay } => replay,
    };
    match (failed.fault.landed, replay) {
        (Landed::No, _) => not_landed(failed, policy, now, fraction),
        (Landed::Unknown, Replay::Native) => again(failed, policy, now, fraction),
        (Landed::Unknown | Landed::Yes, Replay::ByReference) => Next::Unresolved {
            due: later(now, policy.lookup_after),
        },
        (Landed::Yes, Replay::Native) => Next::Parked {
            reason: reason(failed.fault, "berlaku, tetapi jawabannya tidak terbaca"),
        },
        (Landed::Unknown | Landed::Yes, Replay::Unsafe) => Next::Parked {
            reason: reason(failed.fault, "hasil tidak pasti dan tidak boleh diulang sendiri"),
        },
    }
}

fn not_landed(failed: &Failed<'_>, policy: &Policy, now: Timestamp, fraction: f64) -> Next {
    match failed.fault.kind {
        // Configuration and credentials are the operator's to mend; what waits for them is kept and tried again.
        FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::OutOfHours
        | FaultKind::Timeout
        | FaultKind::CredentialExpired
        | FaultKind::Misconfigured => again(failed, policy, now, fraction),
        FaultKind::Invalid
        | FaultKind::Rejected
        | FaultKind::NotFound
        | FaultKind::Conflict
        | FaultKind::Drift
        | FaultKind::Internal => {
            if failed.caller_waits {
                Next::Failed
            } else {
                Next::Dead {
                    reason: reason(failed.fault, "ditolak untuk seterusnya"),
                }
            }
        }
    }
}

fn again(failed: &Failed<'_>, policy: &Policy, now: Timestamp, fraction: f64) -> Next {
    // Waiting for opening hours or for an open breaker is nobody's failure and uses up no attempt's worth of patience.
    let counts = failed.fault.kind != FaultKind::OutOfHours;
    let pause = match &policy.schedule {
        // A schedule says itself when it ends. What was held back here was no try at the receiver.
        Some(_) if failed.fault.native_code.as_deref() == Some(BREAKER_OPEN) => {
            let wait = failed.fault.retry_after.unwrap_or(policy.backoff);
            return Next::Release { due: later(now, wait) };
        }
        Some(schedule) => nth(schedule, failed.attempts).map(|pause| pause.mul_f64(1.1 + 0.1 * fraction)),
        None => (!counts || failed.attempts < policy.attempts).then(|| backoff(policy, failed.attempts, fraction)),
    };
    let Some(pause) = pause else {
        return Next::Dead {
            reason: reason(failed.fault, "percobaan habis"),
        };
    };
    if let (Some(asked), Some(_)) = (failed.fault.retry_after, &policy.schedule) {
        let due = later(now, pause.max(asked + policy.backoff.mul_f64(fraction)));
        return Next::Schedule { due };
    }
    let pause = failed.fault.retry_after.map_or(pause, |asked| {
        // Spread what the system asked for, so that a queue does not come back as one wave.
        asked + policy.backoff.mul_f64(fraction)
    });
    Next::Schedule { due: later(now, pause) }
}

/// The pause after the attempt with this number, counted from 1.
fn nth(schedule: &[Duration], attempt: u32) -> Option<Duration> {
    schedule.get(usize::try_from(attempt).ok()?.checked_sub(1)?).copied()
}

fn after_failed_lookup(failed: &Failed<'_>, policy: &Policy, now: Timestamp, fraction: f64) -> Next {
    if failed.lookups >= policy.lookups || !worth_asking_again(failed.fault.kind) {
        return Next::Parked {
            reason: reason(failed.fault, "pencarian di sistem tujuan tidak berhasil"),
        };
    }
    let pause = failed
        .fault
        .retry_after
        .unwrap_or_else(|| backoff(policy, failed.lookups, fraction));
    Next::Unresolved {
        due: later(now, pause.max(policy.backoff)),
    }
}

/// Asking changes nothing, so it may be repeated while the cause can pass: a key that is renewed, a page from a proxy in
/// the place of a list. What the system refuses or cannot answer in its own words stays so.
fn worth_asking_again(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::OutOfHours
        | FaultKind::Timeout
        | FaultKind::CredentialExpired
        | FaultKind::Misconfigured
        | FaultKind::Drift => true,
        FaultKind::Invalid | FaultKind::Rejected | FaultKind::NotFound | FaultKind::Conflict | FaultKind::Internal => {
            false
        }
    }
}

/// Exponential with full jitter, never below a tenth of its ceiling so that nothing spins.
fn backoff(policy: &Policy, tries: u32, fraction: f64) -> Duration {
    let ceiling = policy
        .backoff
        .saturating_mul(1 << tries.saturating_sub(1).min(20))
        .min(policy.longest_backoff);
    ceiling.mul_f64(0.1 + 0.9 * fraction)
}

fn reason(fault: &Fault, what: &str) -> String {
    match &fault.native_code {
        Some(code) => format!("{what} ({}, {code})", crate::evidence::fault_word(fault)),
        None => format!("{what} ({})", crate::evidence::fault_word(fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::breaker::BreakerPolicy;
    use super::*;
    use connector_sdk::Text;

    fn policy() -> Policy {
        Policy {
            deadline: None,
            read_retries: 1,
            attempts: 3,
            backoff: Duration::from_secs(2),
            longest_backoff: Duration::from_secs(60),
            schedule: None,
            lookup_after: Duration::from_secs(120),
            lookups: 2,
            breaker: BreakerPolicy {
                failures: 5,
                pause: Duration::from_secs(5),
                longest_pause: Duration::from_secs(60),
            },
            max_request: 1,
            max_reply: 1,
        }
    }

    fn next(replay: Replay, kind: FaultKind, landed: Landed, attempts: u32) -> Next {
        let fault = Fault::new(kind, Text::new("x", "x")).landed(landed);
        let failed = Failed {
            effect: Effect::Write { replay },
            fault: &fault,
            attempts,
            lookups: 0,
            was_lookup: false,
            caller_waits: false,
        };
        after_fault(&failed, &policy(), Timestamp::UNIX_EPOCH, 0.5)
    }

    #[test]
    fn a_write_of_unknown_outcome_is_never_blindly_repeated() {
        for kind in [FaultKind::Timeout, FaultKind::Unavailable, FaultKind::Drift] {
            assert!(matches!(
                next(Replay::ByReference, kind, Landed::Unknown, 1),
                Next::Unresolved { .. }
            ));
            assert!(matches!(
                next(Replay::Unsafe, kind, Landed::Unknown, 1),
                Next::Parked { .. }
            ));
            assert!(matches!(
                next(Replay::Native, kind, Landed::Unknown, 1),
                Next::Schedule { .. }
            ));
        }
    }

    #[test]
    fn a_look_up_that_failed_for_a_passing_reason_is_asked_again_until_its_number_is_used_up() {
        let looked = |kind, lookups| {
            let fault = Fault::new(kind, Text::new("x", "x"));
            let failed = Failed {
                effect: Effect::Write {
                    replay: Replay::ByReference,
                },
                fault: &fault,
                attempts: 1,
                lookups,
                was_lookup: true,
                caller_waits: false,
            };
            after_fault(&failed, &policy(), Timestamp::UNIX_EPOCH, 0.5)
        };
        for kind in [
            FaultKind::CredentialExpired,
            FaultKind::Misconfigured,
            FaultKind::Drift,
            FaultKind::Timeout,
        ] {
            assert!(matches!(looked(kind, 1), Next::Unresolved { .. }), "{kind:?}");
            assert!(matches!(looked(kind, 2), Next::Parked { .. }), "{kind:?}");
        }
        for kind in [FaultKind::Rejected, FaultKind::NotFound, FaultKind::Internal] {
            assert!(matches!(looked(kind, 1), Next::Parked { .. }), "{kind:?}");
        }
    }

    #[test]
    fn exhaustion_is_a_dead_letter_and_hours_are_not_exhaustion() {
        assert!(matches!(
            next(Replay::Native, FaultKind::Unavailable, Landed::No, 3),
            Next::Dead { .. }
        ));
        assert!(matches!(
            next(Replay::Native, FaultKind::OutOfHours, Landed::No, 30),
            Next::Schedule { .. }
        ));
    }

    #[test]
    fn a_refusal_is_told_to_the_caller_or_kept_as_a_dead_letter() {
        assert!(matches!(
            next(Replay::Native, FaultKind::Rejected, Landed::No, 1),
            Next::Dead { .. }
        ));
    }
}
