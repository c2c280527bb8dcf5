//! The second factor of the console: time-based one-time codes (RFC 6238: HMAC-SHA-1, six digits, half a minute), as every
//! authenticator app makes them. A code counts once: whoever takes it keeps its step, see `console::standing`.

use aws_lc_rs::hmac;
use connector_sdk::Secret;
use jiff::Timestamp;
use std::fmt;

/// Seconds of one code.
const STEP: i64 = 30;
/// Bytes of a seed that we draw, and the least we take (RFC 4226 §4).
const DRAWN: usize = 20;
const LEAST: usize = 16;
/// RFC 4648 base32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A person's seed. `Debug` shows nothing.
#[derive(Clone)]
pub struct Totp(hmac::Key, [u8; 32]);

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(…)")
    }
}

impl PartialEq for Totp {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for Totp {}

impl Totp {
    /// From the base32 text that enrolment showed; spaces and case do not matter.
    pub fn read(text: &Secret) -> Option<Self> {
        let seed = decoded(text.expose())?;
        (seed.len() >= LEAST).then(|| Self::of(&seed))
    }

    fn of(seed: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
        Self(key, gateway_core::evidence::sha256(seed))
    }

    /// Changes when the seed does; tells nothing of it.
    pub(super) fn mark(&self) -> String {
        hex::encode(&self.1[..8])
    }

    /// The step whose code this is: now, or one before or after, since clocks differ; later than `last` in any case.
    pub(super) fn step_of(&self, code: &str, now: Timestamp, last: i64) -> Option<i64> {
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let present = now.as_second() / STEP;
        (present - 1..=present + 1).find(|step| {
            let made = self.code(*step);
            let fits = aws_lc_rs::constant_time::verify_slices_are_equal(made.as_bytes(), code.as_bytes()).is_ok();
            fits && *step > last
        })
    }

    fn code(&self, step: i64) -> String {
        let tag = hmac::sign(&self.0, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let four = tag.get(at..at + 4).unwrap_or(&[0; 4]);
        let number = four.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// The code of a moment, for tests of the door.
#[cfg(test)]
pub(super) fn code_now(seed: &Secret, now: Timestamp) -> String {
    Totp::read(seed)
        .map(|totp| totp.code(now.as_second() / STEP))
        .unwrap_or_default()
}

/// A fresh seed, as base32; `None` without randomness.
pub fn draw() -> Option<Secret> {
    let mut seed = [0; DRAWN];
    aws_lc_rs::rand::fill(&mut seed).ok()?;
    Some(Secret::new(encoded(&seed)))
}

/// What an authenticator app reads as a QR code or a link. `name` is the person's.
pub fn link(name: &str, seed: &Secret) -> String {
    let name = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("otpauth://totp/Simpul:{name}?secret={}&issuer=Simpul", seed.expose())
}

fn encoded(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for letter in text.trim().bytes().filter(|b| !matches!(b, b' ' | b'=')) {
        let value = LETTERS.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        (held, bits) = (held << 5 | u32::try_from(value).ok()?, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
        held &= (1 << bits) - 1;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        let totp = Totp::of(b"12345678901234567890");
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(totp.step_of(code, at(second), 0), Some(second / STEP), "{second}");
        }
    }

    #[test]
    fn a_code_counts_once_and_near_its_time() {
        let totp = Totp::of(b"12345678901234567890");
        assert_eq!(totp.step_of("287 082", at(59 + STEP), 0), Some(1), "one step late");
        assert_eq!(totp.step_of("287082", at(59 + 2 * STEP), 0), None, "two steps late");
        assert_eq!(totp.step_of("287082", at(59), 1), None, "taken already");
        for wrong in ["", "000000", "2870821", "28708"] {
            assert_eq!(totp.step_of(wrong, at(59), 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_seed_is_read_as_it_was_shown() {
        assert_eq!(encoded(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for bytes in [&b"f"[..], b"fo", b"foo", b"foob", b"fooba", b"foobar"] {
            assert_eq!(decoded(&encoded(bytes)).as_deref(), Some(bytes));
        }
        let seed = draw().unwrap();
        assert!(Totp::read(&seed).is_some() && Totp::read(&Secret::new("GEZDGNBV")).is_none());
        assert!(Totp::read(&Secret::new("bukan base32!")).is_none());
        let link = link("Petugas Satu", &seed);
        assert!(
            link.starts_with("otpauth://totp/Simpul:Petugas%20Satu?secret="),
            "{link}"
        );
        assert_eq!(format!("{:?}", Totp::read(&seed)), "Some(Totp(…))");
    }
}
