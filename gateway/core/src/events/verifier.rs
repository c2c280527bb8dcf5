//! Holds a signature that a receiver got against the secrets of its subscription, and says what is wrong, so that an integrator
//! finds out whether its secret, its clock or its handling of the body is at fault. Shows no secret and no right signature.

use super::{Live, signature};
use crate::seal::Sealer;
use jiff::Timestamp;
use serde_json::Value;
use subtle::ConstantTimeEq;

/// Seconds that the time of a push may be off, as Standard Webhooks advise receivers.
const TOLERANCE: i64 = 300;

/// A push as its receiver got it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
    /// The body.
    pub body: &'a str,
}

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Not of the form `v1,…`, or the time is no number.
    Form,
    /// Signed too long ago, or in the future.
    Stale,
    /// It fits the body before somebody wrote it anew.
    Altered,
    /// It fits no secret of this subscription.
    Wrong,
}

/// Judges it.
///
/// # Errors
/// Why it is not good.
pub fn verdict(sealer: &Sealer, live: &Live, said: &Said<'_>, now: Timestamp) -> Result<(), Doubt> {
    let at = said
        .timestamp
        .parse()
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok());
    let (Some(at), true) = (at, said.signature.split(' ').all(|one| one.starts_with("v1,"))) else {
        return Err(Doubt::Form);
    };
    let secrets = live.subscription.opened(sealer);
    let fits = |body: &[u8]| {
        // Secrets that ended meanwhile signed when they still held.
        let right = signature::of(&secrets, said.id, at, body).unwrap_or_default();
        let mut pairs = right
            .split(' ')
            .flat_map(|right| said.signature.split(' ').map(move |one| (right, one)));
        pairs.any(|(right, one)| bool::from(right.as_bytes().ct_eq(one.as_bytes())))
    };
    if fits(said.body.as_bytes()) {
        let off = now.duration_since(at).as_secs().abs();
        return if off > TOLERANCE { Err(Doubt::Stale) } else { Ok(()) };
    }
    let compact = serde_json::from_str::<Value>(said.body).map(|value| value.to_string());
    let anew = [said.body.trim().to_owned(), compact.unwrap_or_default()];
    match anew.iter().any(|body| fits(body.as_bytes())) {
        true => Err(Doubt::Altered),
        false => Err(Doubt::Wrong),
    }
}
