//! Room 6: who calls. The edge finds the credential in the request; this module knows whether it is good.
//! API keys are `smp_<prefix>_<secret>`; only the SHA-256 of the whole key is kept, compared in constant time.

pub mod keyring;
pub mod outside;
pub mod signed;
pub mod tokens;

use crate::authorize::Grant;
use crate::evidence::sha256;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// An identified caller and its rights.
pub struct Consumer {
    /// Id used in configuration, evidence and metrics.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Hashes of its API keys, several at once so that keys rotate with overlap.
    pub keys: Vec<KeyHash>,
    /// Names (DNS, in the certificate's alternative names) of its client certificates.
    pub certificates: Vec<String>,
    /// Grants by operation id.
    pub grants: HashMap<String, Arc<Grant>>,
}

/// The stored half of an API key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyHash {
    /// Public part of the key, for look-up and display.
    pub prefix: String,
    /// SHA-256 of the whole key.
    pub hash: [u8; 32],
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({})", self.prefix)
    }
}

/// The prefix of a key of the right form, `None` for anything else.
pub fn key_prefix(key: &str) -> Option<&str> {
    let (prefix, secret) = key.strip_prefix("smp_")?.split_once('_')?;
    // Without branches, since keys are long and nearly always well formed.
    let plain = |s: &str| {
        s.bytes()
            .fold(true, |all, b| all & (b.is_ascii_alphanumeric() | (b == b'-')))
    };
    (!prefix.is_empty() && prefix.len() <= 32 && (32..=128).contains(&secret.len()) && plain(prefix) && plain(secret))
        .then_some(prefix)
}

/// Proof that the caller is known. Only this module and those below it make one.
#[derive(Clone)]
pub struct Identified {
    consumer: Arc<Consumer>,
}

impl Identified {
    fn of(consumer: &Arc<Consumer>) -> Self {
        Self {
            consumer: Arc::clone(consumer),
        }
    }

    /// The caller.
    pub fn consumer(&self) -> &Arc<Consumer> {
        &self.consumer
    }
}

impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identified({})", self.consumer.id)
    }
}

/// A key's hash and its owner.
type Owned = ([u8; 32], Arc<Consumer>);

/// All credentials, by key prefix.
#[derive(Default)]
pub struct Identities {
    by_prefix: HashMap<String, Vec<Owned>>,
    by_name: HashMap<String, Arc<Consumer>>,
}

impl Identities {
    /// Indexes the keys of all consumers.
    pub fn new<'a>(consumers: impl IntoIterator<Item = &'a Arc<Consumer>>) -> Self {
        let mut by_prefix: HashMap<String, Vec<_>> = HashMap::new();
        let mut by_name = HashMap::new();
        for consumer in consumers {
            for name in &consumer.certificates {
                by_name.insert(name.to_ascii_lowercase(), Arc::clone(consumer));
            }
            for key in &consumer.keys {
                by_prefix
                    .entry(key.prefix.clone())
                    .or_default()
                    .push((key.hash, Arc::clone(consumer)));
            }
        }
        Self { by_prefix, by_name }
    }

    /// The owner of an API key, or `None` when it is malformed, unknown or wrong (which of them is not told apart).
    pub fn by_key(&self, key: &str) -> Option<Identified> {
        let hash = sha256(key.as_bytes());
        let candidates = self.by_prefix.get(key_prefix(key)?)?;
        candidates
            .iter()
            .find(|(stored, _)| bool::from(stored.ct_eq(&hash)))
            .map(|(_, consumer)| Identified::of(consumer))
    }

    /// The owner of a client certificate, by the names in it. Names of two consumers in one certificate are nobody's.
    pub fn by_certificate<'a>(&self, names: impl Iterator<Item = &'a str>) -> Option<Identified> {
        let mut owners = names.filter_map(|name| self.by_name.get(&name.to_ascii_lowercase()));
        let first = owners.next()?;
        owners.all(|other| other.id == first.id).then(|| Identified::of(first))
    }

    /// Public parts of all configured keys.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.by_prefix.keys().map(String::as_str)
    }

    /// Whose key has this public part.
    pub fn owner(&self, prefix: &str) -> Option<&Arc<Consumer>> {
        self.by_prefix.get(prefix)?.first().map(|(_, consumer)| consumer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_opens() {
        let key = format!("smp_uji_{}", "a".repeat(64));
        let consumer = Arc::new(Consumer {
            id: "uji".into(),
            name: "Uji".into(),
            keys: vec![KeyHash {
                prefix: "uji".into(),
                hash: sha256(key.as_bytes()),
            }],
            certificates: vec!["dinas.contoh.invalid".into()],
            grants: HashMap::new(),
        });
        let identities = Identities::new([&consumer]);
        assert!(identities.by_key(&key).is_some());
        assert!(identities.by_key(&format!("smp_uji_{}", "b".repeat(64))).is_none());
        assert!(identities.by_key("smp_uji_").is_none());
        assert!(identities.by_key("").is_none());
        assert!(
            identities
                .by_certificate(["Dinas.contoh.invalid"].into_iter())
                .is_some()
        );
        assert!(identities.by_certificate(["contoh.invalid"].into_iter()).is_none());
    }
}
