//! Break-glass: when nobody's token opens the operator port any more, whoever holds the host makes a pass there (`simpul key darurat`).
//! It is signed under a key derived from the master key, names a person and a reason, and ends within the hour. Its first use is
//! announced in the evidence, in the security events and as an error in the log; all it does is evidence under `darurat: NAME`. It opens
//! the admin API as an admin, and never the console.

use super::guard::Role;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_sdk::Secret;
use gateway_core::evidence::sha256;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a pass begins.
const START: &str = "smd_";
/// Longest time a pass may hold.
pub const LONGEST_MINUTES: u32 = 60;
/// What a pass may do.
pub(super) const ROLE: Role = Role::Admin;

/// What a pass says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Who uses it.
    pub name: String,
    /// Why.
    pub reason: String,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Sets it apart from all others.
    pub id: String,
}

impl Pass {
    /// The person in evidence and log.
    pub(super) fn person(&self) -> Arc<str> {
        format!("darurat: {}", self.name).into()
    }

    /// The name under which its first use is taken.
    pub(super) fn claim(&self) -> [u8; 16] {
        let mut name = [0; 16];
        name.copy_from_slice(&sha256(format!("darurat\0{}", self.id).as_bytes())[..16]);
        name
    }
}

/// Makes and reads passes. `Debug` shows nothing.
#[derive(Clone)]
pub struct Emergency(hmac::Key);

impl std::fmt::Debug for Emergency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Emergency(…)")
    }
}

impl Emergency {
    /// From the seed that nodes with one master key share.
    pub fn new(seed: &[u8; 32]) -> Self {
        let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), b"darurat");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The text of a pass; `None` where its name, reason or time is none.
    pub fn issue(&self, pass: &Pass) -> Option<Secret> {
        if !sound(pass) {
            return None;
        }
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(pass).ok()?);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, said.as_bytes()));
        Some(Secret::new(format!("{START}{said}.{tag}")))
    }

    /// The pass of a text, while it holds.
    pub(super) fn read(&self, text: &str, now: Timestamp) -> Option<Pass> {
        let (said, tag) = text.strip_prefix(START)?.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.0, said.as_bytes(), &tag).ok()?;
        let pass: Pass = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        let begun = pass.made <= now.checked_add(SignedDuration::from_mins(1)).unwrap_or(now);
        (sound(&pass) && begun && now < pass.until).then_some(pass)
    }
}

fn sound(pass: &Pass) -> bool {
    let length = |text: &str, range: std::ops::RangeInclusive<usize>| range.contains(&text.trim().chars().count());
    let longest = SignedDuration::from_mins(i64::from(LONGEST_MINUTES));
    let holds = pass.until.duration_since(pass.made);
    length(&pass.name, 1..=100) && length(&pass.reason, 5..=500) && holds.is_positive() && holds <= longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(minutes: i64) -> Pass {
        let made: Timestamp = "2026-11-02T05:00:00Z".parse().unwrap();
        Pass {
            name: "Petugas Satu".into(),
            reason: "semua token hilang".into(),
            made,
            until: made + SignedDuration::from_mins(minutes),
            id: "a1".into(),
        }
    }

    #[test]
    fn a_pass_holds_for_its_time_and_under_its_key_alone() {
        let (here, elsewhere) = (Emergency::new(&[1; 32]), Emergency::new(&[2; 32]));
        let pass_15 = pass(15);
        let text = here.issue(&pass_15).unwrap();
        let text = text.expose();
        let after = |minutes| pass_15.made + SignedDuration::from_mins(minutes);
        assert_eq!(here.read(text, after(14)), Some(pass_15.clone()));
        assert_eq!(here.read(text, after(15)), None, "over");
        assert_eq!(here.read(text, after(-5)), None, "not begun");
        assert_eq!(elsewhere.read(text, after(1)), None, "another master key");
        let (said, tag) = text[START.len()..].split_once('.').unwrap();
        let longer = Pass {
            until: after(59),
            ..pass_15.clone()
        };
        let forged = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&longer).unwrap());
        assert_eq!(here.read(&format!("{START}{forged}.{tag}"), after(1)), None, "changed");
        assert_eq!(here.read(&format!("{START}{said}."), after(1)), None, "unsigned");
        assert_eq!(here.read("token-lain", after(1)), None);
        assert_eq!(format!("{here:?}"), "Emergency(…)");
    }

    #[test]
    fn none_is_made_without_a_reason_or_for_a_day() {
        let here = Emergency::new(&[1; 32]);
        assert!(here.issue(&pass(60)).is_some());
        assert!(here.issue(&pass(61)).is_none() && here.issue(&pass(0)).is_none());
        assert!(
            here.issue(&Pass {
                reason: "ya".into(),
                ..pass(15)
            })
            .is_none()
        );
        assert!(
            here.issue(&Pass {
                name: " ".into(),
                ..pass(15)
            })
            .is_none()
        );
    }
}
