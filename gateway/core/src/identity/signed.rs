//! Requests signed with a shared secret, in the pattern of SNAP-BI: HMAC-SHA512 over method, target, the caller's own id of the
//! request, digest of the body and time. A signature holds five minutes either way, and an id of a day only once: the journal
//! remembers, so that it holds on every node and across restarts.

use super::keyring::Keyring;
use super::{Consumer, Identified};
use crate::evidence::sha256;
use crate::journal::{Journal, JournalError};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// Seconds that a timestamp may differ from our clock.
const WINDOW: i64 = 300;
/// Seconds of a day.
const DAY: i64 = 24 * 3600;
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

/// The id of a signed request, still to be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    name: [u8; 16],
    until: Timestamp,
}

/// Why the id of a signed request cannot be used up.
#[derive(Debug)]
pub enum Unusable {
    /// It was used on that day.
    Repeated,
    /// The journal cannot tell, so nothing may happen.
    Untold(JournalError),
}

impl Once {
    /// Uses it up, on all nodes, before anything is done for the request.
    ///
    /// # Errors
    /// See [`Unusable`].
    pub async fn spend(self, journal: &dyn Journal, now: Timestamp) -> Result<(), Unusable> {
        match journal.claim(self.name, self.until, now).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Unusable::Repeated),
            Err(error) => Err(Unusable::Untold(error)),
        }
    }
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

impl Keyring {
    /// The consumer that signed, and the id to use up. The body is still to be held against the digest. What is wrong with a signature
    /// (unknown, withdrawn, wrong, too old, from the future) is not told apart.
    pub fn by_signature(
        &self,
        signed: &Signed<'_>,
        consumers: &HashMap<String, Arc<Consumer>>,
        now: Timestamp,
    ) -> Option<(Identified, Once)> {
        let at: Timestamp = signed.timestamp.parse().ok()?;
        let in_time = (at.as_second() - now.as_second()).abs() <= WINDOW;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let external = signed.external;
        if !in_time || external.is_empty() || external.len() > LONGEST || !external.bytes().all(plain) {
            return None;
        }
        let given = STANDARD.decode(signed.signature).ok()?;
        let (key, owner) = self.signing(signed.partner, now)?;
        hmac::verify(&key, signed.text().as_bytes(), &given).ok()?;
        let consumer = consumers.get(&owner)?;
        // The day in the city (UTC+7).
        let day = (at.as_second() + 7 * 3600).div_euclid(DAY);
        let until = Timestamp::from_second((day + 1) * DAY - 7 * 3600 + 2 * WINDOW).ok()?;
        let mut name = [0; 16];
        let whole = format!("{}\0{external}\0{day}", signed.partner);
        name.copy_from_slice(&sha256(whole.as_bytes())[..16]);
        Some((Identified::of(consumer), Once { name, until }))
    }
}
