//! API keys that operators issue and withdraw while the gateway runs. They live in the journal, so every node knows them:
//! [`Keyring::follow`] learns of a change within a second. A key of the configuration can be withdrawn the same way. Only hashes are
//! kept; who did it and why goes into the evidence.

use super::tokens::Signers;
use super::{Consumer, Identified, Identities, key_prefix};
use crate::evidence::sha256;
use crate::journal::{Document, Journal, JournalError};
use crate::seal::Sealer;
use crate::time::Clock;
use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Document kind of issued keys and of withdrawals.
pub const CREDENTIALS: &str = "kredensial";
/// Document kind of when a key was last used.
pub const USES: &str = "kredensial_pakai";
/// Between two looks at the journal. Under a second, so that a withdrawal holds everywhere within one.
const LOOK: Duration = Duration::from_millis(400);
/// A use is written down this much after the one that stands there.
const NOTED_AFTER: i64 = 60;

/// What a person did, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An issued key, or the withdrawal of a configured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Public part of the key.
    pub prefix: String,
    /// Whose it is.
    pub consumer: String,
    /// Hex SHA-256 of the key; `None` for one that stands in the configuration, or that signs.
    pub sha256: Option<String>,
    /// A secret that signs requests, sealed, base64; both sides need it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// First moment it holds.
    pub from: Option<Timestamp>,
    /// First moment it no longer holds.
    pub until: Option<Timestamp>,
    /// Who issued it; `None` for one that stands in the configuration.
    pub issued: Option<Deed>,
    /// Who withdrew it.
    pub withdrawn: Option<Deed>,
}

impl Credential {
    fn holds(&self, now: Timestamp) -> bool {
        self.withdrawn.is_none()
            && self.from.is_none_or(|from| now >= from)
            && self.until.is_none_or(|until| now < until)
    }
}

/// A credential in use.
struct Live {
    credential: Credential,
    revision: i64,
    hash: Option<[u8; 32]>,
    signs: Option<hmac::Key>,
    /// Seconds; 0 when it was never used.
    used: AtomicI64,
    /// What is written down.
    noted: AtomicI64,
}

#[derive(Default, Clone)]
struct Known {
    revision: i64,
    live: HashMap<String, Arc<Live>>,
    signers: Signers,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such consumer.
    #[error("no such consumer")]
    Consumer,
    /// No such key.
    #[error("no such key")]
    Missing,
    /// The reason is missing or too long.
    #[error("a reason of 5 to 500 characters is needed")]
    Reason,
    /// It would end before it begins, or has ended already.
    #[error("the validity is empty")]
    Validity,
    /// It was withdrawn before.
    #[error("already withdrawn")]
    Withdrawn,
    /// No randomness, or nothing can be sealed.
    #[error("no key can be made")]
    Random,
    /// The journal refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What a person wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// For whom.
    pub consumer: String,
    /// First moment it holds; at once when `None`.
    pub from: Option<Timestamp>,
    /// First moment it no longer holds.
    pub until: Option<Timestamp>,
    /// It signs requests instead of travelling with them.
    pub signs: bool,
}

/// A key that was just drawn: the whole of it, once, and its public part.
pub struct Drawn {
    /// The whole key.
    pub key: Secret,
    /// Its public part.
    pub prefix: String,
}

/// Draws a key `smp_<prefix>_<secret>` with 256 random bits.
///
/// # Errors
/// When the operating system has no randomness.
pub fn draw(consumer: &str) -> Result<Drawn, KeyError> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = consumer.chars().map(plain).take(20).collect();
    let prefix = format!("{}-{}", name.trim_matches('-'), random::<4>()?);
    let key = Secret::new(format!("smp_{prefix}_{}", random::<32>()?));
    Ok(Drawn { key, prefix })
}

/// Hex of random bytes.
pub(super) fn random<const N: usize>() -> Result<String, KeyError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyError::Random)?;
    Ok(hex::encode(bytes))
}

/// All keys that were issued or withdrawn at run time, and the keys that sign tokens. One per process.
#[derive(Default)]
pub struct Keyring {
    known: ArcSwap<Known>,
    refreshing: Mutex<()>,
}

impl Keyring {
    /// The owner of an API key that holds now, configured or issued. What is wrong with a key is not told apart.
    pub fn by_key(
        &self,
        key: &str,
        identities: &Identities,
        consumers: &HashMap<String, Arc<Consumer>>,
        now: Timestamp,
    ) -> Option<Identified> {
        let known = self.known.load();
        let Some(live) = known.live.get(key_prefix(key)?) else {
            return identities.by_key(key);
        };
        if live.signs.is_some() {
            // A secret that signs opens nothing by itself: it must never travel.
            return None;
        }
        let Some(stored) = &live.hash else {
            return identities.by_key(key).filter(|_| live.credential.holds(now));
        };
        let fits = bool::from(stored.ct_eq(&sha256(key.as_bytes())));
        if !fits || !live.credential.holds(now) {
            return None;
        }
        let consumer = consumers.get(&live.credential.consumer)?;
        live.used.fetch_max(now.as_second(), Ordering::Relaxed);
        Some(Identified::of(consumer))
    }

    /// Whether nobody withdrew the key with this public part and it still holds, for tokens that were issued for it.
    pub fn still_holds(&self, prefix: &str, now: Timestamp) -> bool {
        let known = self.known.load();
        known.live.get(prefix).is_none_or(|live| live.credential.holds(now))
    }

    /// The secret that signs for a partner, and whose it is.
    pub(super) fn signing(&self, partner: &str, now: Timestamp) -> Option<(hmac::Key, String)> {
        let known = self.known.load();
        let live = known.live.get(partner).filter(|live| live.credential.holds(now))?;
        let key = live.signs.clone()?;
        live.used.fetch_max(now.as_second(), Ordering::Relaxed);
        Some((key, live.credential.consumer.clone()))
    }

    /// The keys that sign tokens.
    pub fn signers(&self) -> Signers {
        self.known.load().signers.clone()
    }

    /// Learns what changed since the last time.
    ///
    /// # Errors
    /// When the journal cannot be read; what was known stays.
    pub async fn refresh(&self, journal: &dyn Journal, sealer: &Sealer) -> Result<(), JournalError> {
        let _one_at_a_time = self.refreshing.lock().await;
        let known = self.known.load_full();
        let documents = journal.documents(known.revision).await?;
        if documents.is_empty() {
            return Ok(());
        }
        let mut next = Known::clone(&known);
        for document in documents {
            next.revision = next.revision.max(document.revision);
            match document.kind.as_str() {
                CREDENTIALS => learn(&mut next, &document, sealer),
                USES => learn_use(&next, &document),
                super::tokens::SIGNERS => next.signers.learn(&document, sealer),
                _ => {}
            }
        }
        self.known.store(Arc::new(next));
        Ok(())
    }

    /// Keeps up with the journal, and writes down when keys were used, until `stop`.
    pub async fn follow(
        self: Arc<Self>,
        journal: Arc<dyn Journal>,
        sealer: Arc<Sealer>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) {
        while !stop.is_cancelled() {
            if let Err(error) = self.refresh(&*journal, &sealer).await {
                tracing::error!(%error, "keys not read from the journal");
            }
            self.note_uses(&*journal).await;
            tokio::select! {
                () = stop.cancelled() => break,
                () = clock.sleep(LOOK) => {}
            }
        }
    }

    async fn note_uses(&self, journal: &dyn Journal) {
        let known = self.known.load_full();
        for (prefix, live) in &known.live {
            let (used, noted) = (live.used.load(Ordering::Relaxed), live.noted.load(Ordering::Relaxed));
            if used < noted.saturating_add(NOTED_AFTER) {
                continue;
            }
            let body = Bytes::from(json!({ "pada": used }).to_string());
            match journal
                .put_document(USES.into(), prefix.clone(), Some(body), None)
                .await
            {
                Ok(_) => live.noted.store(used, Ordering::Relaxed),
                Err(error) => tracing::warn!(%error, "last use of a key not written down"),
            }
        }
    }

    /// Issues a key. It is told this once.
    ///
    /// # Errors
    /// See [`KeyError`]; nothing was issued.
    pub async fn issue(
        &self,
        journal: &dyn Journal,
        sealer: &Sealer,
        consumers: &HashMap<String, Arc<Consumer>>,
        wish: Wish,
        deed: Deed,
    ) -> Result<(Credential, Secret), KeyError> {
        reasoned(&deed)?;
        if !consumers.contains_key(&wish.consumer) {
            return Err(KeyError::Consumer);
        }
        let begins = wish.from.unwrap_or(deed.at).max(deed.at);
        if wish.until.is_some_and(|until| until <= begins) {
            return Err(KeyError::Validity);
        }
        let Drawn { key, prefix } = draw(&wish.consumer)?;
        let plain = key.expose().as_bytes();
        let sealed = wish.signs.then(|| sealer.seal(plain, &context(&prefix)));
        let sealed = sealed.transpose().map_err(|_| KeyError::Random)?;
        let credential = Credential {
            prefix: prefix.clone(),
            consumer: wish.consumer,
            sha256: (!wish.signs).then(|| hex::encode(sha256(plain))),
            sealed: sealed.map(|sealed| STANDARD.encode(sealed)),
            from: wish.from,
            until: wish.until,
            issued: Some(deed.clone()),
            withdrawn: None,
        };
        witness(journal, "key_issued", &credential, &deed).await?;
        store(journal, &credential, 0).await?;
        self.refresh(journal, sealer).await?;
        Ok((credential, key))
    }

    /// Withdraws a key, issued or configured.
    ///
    /// # Errors
    /// See [`KeyError`]; nothing changed.
    pub async fn withdraw(
        &self,
        journal: &dyn Journal,
        sealer: &Sealer,
        identities: &Identities,
        prefix: &str,
        deed: Deed,
    ) -> Result<Credential, KeyError> {
        reasoned(&deed)?;
        self.refresh(journal, sealer).await?;
        let known = self.known.load_full();
        let (mut credential, revision) = match known.live.get(prefix) {
            Some(live) => (live.credential.clone(), live.revision),
            None => (configured(prefix, identities).ok_or(KeyError::Missing)?, 0),
        };
        if credential.withdrawn.is_some() {
            return Err(KeyError::Withdrawn);
        }
        credential.withdrawn = Some(deed.clone());
        witness(journal, "key_withdrawn", &credential, &deed).await?;
        store(journal, &credential, revision).await?;
        self.refresh(journal, sealer).await?;
        Ok(credential)
    }

    /// Makes a new key that signs tokens; the one before is published until its last token has ended.
    ///
    /// # Errors
    /// See [`KeyError`]; the old one goes on signing.
    pub async fn rotate(&self, journal: &dyn Journal, sealer: &Sealer, deed: Deed) -> Result<String, KeyError> {
        reasoned(&deed)?;
        let kid = super::tokens::make(journal, sealer, deed.at).await?;
        let record =
            json!({"action": "token_key_made", "kid": kid, "by": deed.by, "reason": deed.reason, "at": deed.at});
        journal.witness(vec![Bytes::from(record.to_string())]).await?;
        self.refresh(journal, sealer).await?;
        Ok(kid)
    }

    /// Every key with when it was last used (as far as this node knows; the others tell it within minutes).
    pub fn list(&self, identities: &Identities) -> Vec<(Credential, Option<Timestamp>)> {
        let known = self.known.load();
        let mut all: Vec<_> = known
            .live
            .values()
            .map(|live| {
                let used = Some(live.used.load(Ordering::Relaxed)).filter(|at| *at > 0);
                (
                    live.credential.clone(),
                    used.and_then(|at| Timestamp::from_second(at).ok()),
                )
            })
            .collect();
        let more = identities.prefixes().filter(|prefix| !known.live.contains_key(*prefix));
        all.extend(more.filter_map(|prefix| Some((configured(prefix, identities)?, None))));
        all.sort_by(|(a, _), (b, _)| (&a.consumer, &a.prefix).cmp(&(&b.consumer, &b.prefix)));
        all
    }
}

fn configured(prefix: &str, identities: &Identities) -> Option<Credential> {
    Some(Credential {
        prefix: prefix.to_owned(),
        consumer: identities.owner(prefix)?.id.clone(),
        sha256: None,
        sealed: None,
        from: None,
        until: None,
        issued: None,
        withdrawn: None,
    })
}

pub(crate) fn reasoned(deed: &Deed) -> Result<(), KeyError> {
    match deed.reason.chars().count() {
        5..=500 => Ok(()),
        _ => Err(KeyError::Reason),
    }
}

async fn witness(journal: &dyn Journal, action: &str, credential: &Credential, deed: &Deed) -> Result<(), KeyError> {
    let record = json!({
        "action": action, "prefix": credential.prefix, "consumer": credential.consumer,
        "by": deed.by, "reason": deed.reason, "at": deed.at,
    });
    Ok(journal.witness(vec![Bytes::from(record.to_string())]).await?)
}

async fn store(journal: &dyn Journal, credential: &Credential, expected: i64) -> Result<(), KeyError> {
    let body = serde_json::to_vec(credential).map_err(|error| JournalError::Broken(error.to_string()))?;
    let put = journal.put_document(
        CREDENTIALS.into(),
        credential.prefix.clone(),
        Some(Bytes::from(body)),
        Some(expected),
    );
    match put.await? {
        Some(_) => Ok(()),
        // Another person was quicker; what they did stands.
        None => Err(KeyError::Withdrawn),
    }
}

fn context(prefix: &str) -> String {
    format!("{CREDENTIALS}:{prefix}")
}

fn learn(known: &mut Known, document: &Document, sealer: &Sealer) {
    let Some(body) = &document.body else {
        known.live.remove(&document.id);
        return;
    };
    let credential: Credential = match serde_json::from_slice(body) {
        Ok(credential) => credential,
        Err(error) => {
            tracing::error!(prefix = %document.id, %error, "key not readable; it is refused");
            unreadable(&document.id)
        }
    };
    let mut hash = [0; 32];
    let hash = credential
        .sha256
        .as_ref()
        .and_then(|text| hex::decode_to_slice(text, &mut hash).ok().map(|()| hash));
    let signs = credential.sealed.as_ref().map(|sealed| {
        let sealed = STANDARD.decode(sealed).ok()?;
        let plain = sealer.open(&sealed, &context(&credential.prefix)).ok()?;
        Some(hmac::Key::new(hmac::HMAC_SHA512, &plain))
    });
    if let Some(None) = signs {
        tracing::error!(prefix = %document.id, "signing secret does not open under this master key");
    }
    let before = known.live.get(&document.id);
    let kept = |part: fn(&Live) -> &AtomicI64| AtomicI64::new(before.map_or(0, |b| part(b).load(Ordering::Relaxed)));
    let live = Live {
        used: kept(|live| &live.used),
        noted: kept(|live| &live.noted),
        revision: document.revision,
        credential,
        hash,
        signs: signs.flatten(),
    };
    known.live.insert(document.id.clone(), Arc::new(live));
}

/// Nobody may use what nobody can read.
fn unreadable(prefix: &str) -> Credential {
    Credential {
        prefix: prefix.to_owned(),
        consumer: String::new(),
        sha256: None,
        sealed: None,
        from: None,
        until: Some(Timestamp::MIN),
        issued: None,
        withdrawn: None,
    }
}

fn learn_use(known: &Known, document: &Document) {
    let at = document.body.as_ref().and_then(|body| {
        let value: Value = serde_json::from_slice(body).ok()?;
        value.get("pada")?.as_i64()
    });
    if let (Some(live), Some(at)) = (known.live.get(&document.id), at) {
        live.used.fetch_max(at, Ordering::Relaxed);
        live.noted.fetch_max(at, Ordering::Relaxed);
    }
}
