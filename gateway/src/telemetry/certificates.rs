//! Until when certificates hold: our own, those we show to systems, the authorities they are trusted by, those that systems and
//! consumers show. Told by whoever reads or sees one; `/metrics` says how long is left.

use crate::der;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Certificates known at once; further names are left out.
const MOST: usize = 2_000;

/// What a certificate is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Ours, towards consumers.
    Own,
    /// Ours, towards a system.
    Client,
    /// An authority of its own that a system is trusted by.
    Authority,
    /// A system's.
    Upstream,
    /// A consumer's.
    Consumer,
}

impl Use {
    /// Its word in metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Client => "client",
            Self::Authority => "authority",
            Self::Upstream => "upstream",
            Self::Consumer => "consumer",
        }
    }
}

/// All that are known.
#[derive(Debug, Default)]
pub struct Certificates(Mutex<BTreeMap<(Use, String), Timestamp>>);

impl Certificates {
    /// A certificate was read or shown. One whose end cannot be read is passed over.
    pub fn seen(&self, used: Use, name: &str, certificate: &CertificateDer<'_>) {
        let Some(until) = der::not_after(certificate) else {
            return;
        };
        let mut known = self.lock();
        let key = (used, name.to_owned());
        if known.len() < MOST || known.contains_key(&key) {
            known.insert(key, until);
        }
    }

    /// Forgets those of a use; what is still used is told again.
    pub fn forget(&self, used: &[Use]) {
        self.lock().retain(|(one, _), _| !used.contains(one));
    }

    /// Use, name, end.
    pub(super) fn all(&self) -> Vec<(Use, String, Timestamp)> {
        let known = self.lock();
        known
            .iter()
            .map(|((used, name), until)| (*used, name.clone(), *until))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Use, String), Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
