//! Requests signed with a shared secret, in the pattern of SNAP-BI: HMAC-SHA512 over method, target, the caller's own id of the
//! request, digest of the body and time. A signature holds five minutes either way, and an id of a day only once.

use super::keyring::Keyring;
use super::{Consumer, Identified};
use crate::evidence::sha256;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds that a timestamp may differ from our clock.
const WINDOW: i64 = 300;
/// Ids remembered at most; beyond, signed requests are refused until the day ends.
const REMEMBERED: usize = 2_000_000;
/// Longest id.
const LONGEST: usize = 64;

/// What a signed request says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// Public part of the credential (`X-PARTNER-ID`).
    pub partner: &'a str,
    /// RFC 3339 (`X-TIMESTAMP`).
    pub timestamp: &'a str,
    /// The caller's id of this request, unique within a day (`X-EXTERNAL-ID`).
    pub external: &'a str,
    /// Base64 (`X-SIGNATURE`).
    pub signature: &'a str,
    /// Method.
    pub method: &'a str,
    /// Path and query as they were sent.
    pub target: &'a str,
    /// SHA-256 that the body is said to have.
    pub digest: [u8; 32],
}

/// Why a signature is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untaken {
    /// Unknown, withdrawn, wrong, too old or from the future; which of them is not told apart.
    Unknown,
    /// The id was used on that day.
    Repeated,
}

impl Signed<'_> {
    /// What is signed: `METHOD:target:external id:hex of the body's SHA-256:timestamp`.
    pub fn text(&self) -> String {
        format!(
            "{}:{}:{}:{}:{}",
            self.method,
            self.target,
            self.external,
            hex::encode(self.digest),
            self.timestamp
        )
    }
}

/// Ids that were used, by the day of their timestamps. A timestamp too old is refused before, so two days are enough.
#[derive(Default)]
pub(super) struct Used(Mutex<HashMap<i64, HashSet<[u8; 16]>>>);

impl Used {
    fn first(&self, day: i64, id: [u8; 16]) -> bool {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        days.retain(|known, _| (known - day).abs() <= 1);
        let count: usize = days.values().map(HashSet::len).sum();
        count < REMEMBERED && days.entry(day).or_default().insert(id)
    }
}

impl Keyring {
    /// The consumer that signed. The body is still to be held against the digest.
    ///
    /// # Errors
    /// See [`Untaken`].
    pub fn by_signature(
        &self,
        signed: &Signed<'_>,
        consumers: &HashMap<String, Arc<Consumer>>,
        now: Timestamp,
    ) -> Result<Identified, Untaken> {
        let at: Timestamp = signed.timestamp.parse().map_err(|_| Untaken::Unknown)?;
        let in_time = (at.as_second() - now.as_second()).abs() <= WINDOW;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let external = signed.external;
        if !in_time || external.is_empty() || external.len() > LONGEST || !external.bytes().all(plain) {
            return Err(Untaken::Unknown);
        }
        let given = STANDARD.decode(signed.signature).map_err(|_| Untaken::Unknown)?;
        let (key, owner) = self.signing(signed.partner, now).ok_or(Untaken::Unknown)?;
        hmac::verify(&key, signed.text().as_bytes(), &given).map_err(|_| Untaken::Unknown)?;
        let consumer = consumers.get(&owner).ok_or(Untaken::Unknown)?;
        // The day in the city (UTC+7).
        let day = (at.as_second() + 7 * 3600).div_euclid(24 * 3600);
        let mut id = [0; 16];
        let name = format!("{}\0{external}", signed.partner);
        id.copy_from_slice(&sha256(name.as_bytes())[..16]);
        if !self.used_ids().first(day, id) {
            return Err(Untaken::Repeated);
        }
        Ok(Identified::of(consumer))
    }
}
