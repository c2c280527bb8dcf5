//! Passwords of the console, kept as argon2id (PHC strings in configuration). Costs some 20 MiB and tens of milliseconds
//! on purpose: call it where blocking is allowed, and seldom.

use argon2::password_hash::{PasswordHash as Phc, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::fmt;

/// Shortest password that is taken.
const SHORTEST: usize = 12;

/// What configuration keeps of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a text is no password hash of ours, or a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    /// Not a PHC string of argon2id.
    #[error("not an argon2id hash")]
    Form,
    /// Cheaper than the least we take (19 MiB, two passes).
    #[error("the hash is too cheap to guess against")]
    Weak,
    /// The password is too short.
    #[error("the password is shorter than {SHORTEST} characters")]
    Short,
    /// No randomness.
    #[error("no randomness from the operating system")]
    Random,
}

/// What OWASP and the crate recommend.
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

impl PasswordHash {
    /// From settings.
    ///
    /// # Errors
    /// When it is no argon2id hash, or too weak a one.
    pub fn read(text: &str) -> Result<Self, Nonsense> {
        let phc = Phc::new(text).map_err(|_| Nonsense::Form)?;
        if phc.algorithm != argon2::ARGON2ID_IDENT || phc.hash.is_none() {
            return Err(Nonsense::Form);
        }
        let params = Params::try_from(&phc).map_err(|_| Nonsense::Form)?;
        if params.m_cost() < Params::DEFAULT_M_COST || params.t_cost() < Params::DEFAULT_T_COST {
            return Err(Nonsense::Weak);
        }
        Ok(Self(text.to_owned()))
    }

    /// Of a new password.
    ///
    /// # Errors
    /// When it is too short, or there is no randomness.
    pub fn of(password: &str) -> Result<Self, Nonsense> {
        if password.chars().count() < SHORTEST {
            return Err(Nonsense::Short);
        }
        let mut salt = [0; 16];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| Nonsense::Random)?;
        let salt = SaltString::encode_b64(&salt).map_err(|_| Nonsense::Random)?;
        let phc = hasher().hash_password(password.as_bytes(), &salt);
        Ok(Self(phc.map_err(|_| Nonsense::Form)?.to_string()))
    }

    /// The text for settings.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the password is this one. Slow on purpose.
    pub(super) fn fits(&self, password: &str) -> bool {
        let Ok(phc) = Phc::new(&self.0) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &phc).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_only_and_shows_nothing() {
        let hash = PasswordHash::of("kata sandi yang panjang").unwrap();
        assert!(hash.fits("kata sandi yang panjang") && !hash.fits("kata sandi yang panjan"));
        assert_eq!(PasswordHash::read(hash.as_str()), Ok(hash.clone()));
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
        assert_ne!(PasswordHash::of("kata sandi yang panjang"), Ok(hash), "salted");
    }

    #[test]
    fn what_is_no_hash_of_ours_is_refused() {
        assert_eq!(PasswordHash::read("kata sandi"), Err(Nonsense::Form));
        let cheap = "$argon2id$v=19$m=1024,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
        assert_eq!(PasswordHash::read(cheap), Err(Nonsense::Weak));
        assert_eq!(
            PasswordHash::read(&cheap.replace("argon2id", "argon2i")),
            Err(Nonsense::Form)
        );
        assert_eq!(PasswordHash::of("pendek"), Err(Nonsense::Short));
    }
}
