//! What the trials share: exchanges with names, settlements, and checks that answer with a sentence.

use crate::evidence::sha256;
use crate::exchange::{
    Attempt, Key, LeaseRequest, Leased, NewEvent, NewExchange, Next, Settlement, State, Stored, TryKind,
};
use crate::ids::ExchangeId;
use crate::journal::{Acceptance, Journal, JournalError};
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Landed, Text};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(super) type Verdict = Result<(), String>;

/// Refuses with a sentence unless the condition holds.
macro_rules! check {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err(format!("{}: {}", format!($($text)+), stringify!($condition)));
        }
    };
}

/// Refuses unless both sides are equal.
macro_rules! same {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left != right => {
                return Err(format!(
                    "line {}: {} is {left:?}, wanted {right:?}",
                    line!(),
                    stringify!($left)
                ));
            }
            _ => {}
        }
    };
}

pub(super) use {check, same};

/// Nine in the morning of a day in 2026, plus seconds.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Finer than a second, so that stores keep what they are given.
pub(super) fn fine(timestamp: Timestamp) -> Timestamp {
    timestamp
        .checked_add(SignedDuration::from_nanos(123_456_789))
        .unwrap_or(timestamp)
}

pub(super) fn id(n: u128) -> ExchangeId {
    ExchangeId(Uuid::from_u128((0x0190_0000_0000_7000_8000 << 48) | n))
}

/// A plain exchange: no key, no reference, no lane, due at once.
pub(super) fn new(n: u128) -> NewExchange {
    let input = Bytes::from(format!("{{\"n\":{n}}}"));
    NewExchange {
        id: id(n),
        consumer: "dinas-a".into(),
        operation: "pengaduan.kirim".into(),
        system: "lapor".into(),
        purpose: "layanan".into(),
        key: None,
        fingerprint: sha256(&input),
        reference: None,
        lane: None,
        input,
        seal: None,
        trace: None,
        at: at(0),
        due: at(0),
        cause: None,
        lease: None,
    }
}

pub(super) fn in_lane(n: u128, lane: &str) -> NewExchange {
    NewExchange {
        lane: Some(lane.into()),
        ..new(n)
    }
}

pub(super) fn with_key(n: u128, key: &str) -> NewExchange {
    let plain = new(n);
    NewExchange {
        key: Some(Key {
            key: key.into(),
            fingerprint: sha256(b"content"),
        }),
        ..plain
    }
}

pub(super) fn until(seconds: i64) -> LeaseRequest {
    LeaseRequest {
        owner: "node-1/worker".into(),
        until: at(seconds),
    }
}

pub(super) fn fault() -> Fault {
    Fault::new(
        FaultKind::Unavailable,
        Text::new("Sistem tujuan tidak menjawab.", "The system does not answer."),
    )
    .landed(Landed::Unknown)
    .native_code("503")
}

pub(super) fn attempt(kind: TryKind, fault: Option<Fault>) -> Attempt {
    Attempt {
        number: 0,
        kind,
        started: fine(at(1)),
        ended: fine(at(2)),
        system_ms: 900,
        step: Some("kirim".into()),
        status: Some(200),
        digests: Some(("aa".into(), "bb".into())),
        fault,
        by: None,
    }
}

pub(super) fn event(subject: &str, kind: &str, n: u128) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(n),
        kind: kind.into(),
        subject: subject.into(),
        source: "lapor".into(),
        at: fine(at(3)),
        data: Bytes::from(format!("{{\"peristiwa\":{n}}}")),
        schema: "peristiwa.v1".into(),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
    }
}

/// The end of a held try.
pub(super) fn settlement(leased: &Leased, next: Next) -> Settlement {
    let kind = if leased.before == State::Unresolved {
        TryKind::Lookup
    } else {
        TryKind::Deliver
    };
    let failed = !matches!(next, Next::Done { .. });
    Settlement {
        id: leased.exchange.id,
        fence: leased.fence,
        before: leased.before,
        attempt: match next {
            Next::Release { .. } => None,
            _ => Some(attempt(kind, failed.then(fault))),
        },
        next,
        at: at(2),
        relays: Vec::new(),
        events: Vec::new(),
        timers: Vec::new(),
        evidence: None,
    }
}

pub(super) fn done() -> Next {
    Next::Done {
        reply: Bytes::from_static(b"{\"nomor\":\"7\"}"),
    }
}

pub(super) fn text(error: &JournalError) -> String {
    error.to_string()
}

pub(super) async fn accepted(journal: &dyn Journal, new: NewExchange) -> Result<(Stored, Option<i64>), String> {
    match journal.accept(new).await.map_err(|e| text(&e))? {
        Acceptance::New(stored, fence) => Ok((*stored, fence)),
        other => Err(format!("wanted New, got {other:?}")),
    }
}

/// Leases exactly one.
pub(super) async fn leased(journal: &dyn Journal, now: i64, to: i64) -> Result<Leased, String> {
    let mut all = lease(journal, now, to, 1).await?;
    all.pop().ok_or_else(|| format!("nothing was leased at {now}"))
}

pub(super) async fn lease(journal: &dyn Journal, now: i64, to: i64, limit: usize) -> Result<Vec<Leased>, String> {
    journal
        .lease(until(to), at(now), limit, Vec::new())
        .await
        .map_err(|e| text(&e))
}

pub(super) async fn settled(journal: &dyn Journal, leased: &Leased, next: Next) -> Verdict {
    journal.settle(settlement(leased, next)).await.map_err(|e| text(&e))
}

/// Accepts one, leases it and settles it.
pub(super) async fn ended(journal: &dyn Journal, n: u128, next: Next) -> Result<Stored, String> {
    accepted(journal, new(n)).await?;
    let held = leased(journal, 0, 60).await?;
    settled(journal, &held, next).await?;
    get(journal, n).await
}

pub(super) async fn get(journal: &dyn Journal, n: u128) -> Result<Stored, String> {
    journal
        .get(id(n))
        .await
        .map_err(|e| text(&e))?
        .ok_or_else(|| format!("exchange {n} is gone"))
}

pub(super) fn numbers(leased: &[Leased]) -> Vec<u128> {
    leased
        .iter()
        .map(|l| l.exchange.id.0.as_u128() & 0xffff_ffff_ffff)
        .collect()
}

pub(super) async fn state(journal: &dyn Journal, n: u128) -> Result<State, String> {
    get(journal, n).await.map(|s| s.state)
}

pub(super) fn is_stale(result: &Result<(), JournalError>) -> bool {
    matches!(result, Err(JournalError::Stale(_)))
}

pub(super) fn is_state(result: &Result<(), JournalError>) -> bool {
    matches!(result, Err(JournalError::State(..)))
}
