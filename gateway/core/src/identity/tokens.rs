//! Short tokens for callers that prefer OAuth2 client credentials: a JWT signed with Ed25519, which any node verifies by
//! itself. Signing keys are sealed in the journal; the public halves are published as a JWK set. A token ends with its time, with
//! the key it was asked for with, and with its consumer.

use super::keyring::{KeyError, Keyring, random};
use super::{Consumer, Identified};
use crate::journal::{Document, Journal};
use crate::seal::Sealer;
use crate::time::later;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Document kind of signing keys.
pub const SIGNERS: &str = "penanda_token";
/// Who issues, and for whom.
pub const ISSUER: &str = "urn:simpul:gateway";
/// How long a token holds.
pub const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// A new key signs only once every node has had time to learn it.
const SETTLE: Duration = Duration::from_secs(3);
/// A key that no longer signs is published this long: every token of it has ended by then.
const PUBLISHED: Duration = Duration::from_secs(60 * 60);
/// Clocks of nodes may differ by this.
const LEEWAY: i64 = 5;

/// One signing key.
struct Signer {
    made: Timestamp,
    /// Public half, base64url.
    public: String,
    verify: DecodingKey,
    sign: EncodingKey,
}

/// All signing keys by id.
#[derive(Default, Clone)]
pub struct Signers(Arc<HashMap<String, Arc<Signer>>>);

#[derive(Serialize, Deserialize)]
struct Stored {
    made: Timestamp,
    /// Sealed PKCS#8, base64.
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// Public part of the API key it was asked for with.
    client_id: String,
    jti: String,
    iat: i64,
    exp: i64,
}

impl Signers {
    pub(super) fn learn(&mut self, document: &Document, sealer: &Sealer) {
        let mut all = HashMap::clone(&self.0);
        match document.body.as_ref().map(|body| signer(&document.id, body, sealer)) {
            Some(Some(signer)) => {
                all.insert(document.id.clone(), Arc::new(signer));
            }
            Some(None) => tracing::error!(kid = %document.id, "token key does not open under this master key"),
            None => {
                all.remove(&document.id);
            }
        }
        self.0 = Arc::new(all);
    }

    /// The key that signs now: the newest that every node knows, or the newest at all.
    fn current(&self, now: Timestamp) -> Option<(&String, &Arc<Signer>)> {
        let newest = |settled: bool| {
            let fit = self.0.iter().filter(|(_, s)| !settled || later(s.made, SETTLE) <= now);
            fit.max_by(|(a, x), (b, y)| (x.made, a).cmp(&(y.made, b)))
        };
        newest(true).or_else(|| newest(false))
    }

    /// The JWK set (RFC 7517) of those whose tokens may still hold.
    pub fn published(&self, now: Timestamp) -> Value {
        let newest = self.current(now).map(|(_, signer)| signer.made);
        let mut keys: Vec<_> = self
            .0
            .iter()
            .filter(|(_, s)| newest.is_none_or(|newest| s.made >= newest || later(newest, PUBLISHED) > now))
            .map(|(kid, s)| json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": s.public}))
            .collect();
        keys.sort_by_key(|key| key["kid"].to_string());
        json!({ "keys": keys })
    }
}

fn signer(kid: &str, body: &[u8], sealer: &Sealer) -> Option<Signer> {
    let stored: Stored = serde_json::from_slice(body).ok()?;
    let sealed = STANDARD.decode(stored.sealed).ok()?;
    let pkcs8 = sealer.open(&sealed, &context(kid)).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).ok()?;
    let public = pair.public_key().as_ref();
    Some(Signer {
        made: stored.made,
        public: URL_SAFE_NO_PAD.encode(public),
        verify: DecodingKey::from_ed_der(public),
        sign: EncodingKey::from_ed_der(&pkcs8),
    })
}

fn context(kid: &str) -> String {
    format!("{SIGNERS}:{kid}")
}

/// Makes a signing key and stores it, sealed. Returns its id.
pub(super) async fn make(journal: &dyn Journal, sealer: &Sealer, now: Timestamp) -> Result<String, KeyError> {
    let kid = random::<8>()?;
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).map_err(|_| KeyError::Random)?;
    let sealed = sealer
        .seal(pkcs8.as_ref(), &context(&kid))
        .map_err(|_| KeyError::Random)?;
    let stored = Stored {
        made: now,
        sealed: STANDARD.encode(sealed),
    };
    let body = serde_json::to_vec(&stored).map_err(|_| KeyError::Random)?;
    journal
        .put_document(SIGNERS.into(), kid.clone(), Some(Bytes::from(body)), Some(0))
        .await?;
    Ok(kid)
}

/// Whether a credential has the form of a token.
pub fn is_token(text: &str) -> bool {
    text.starts_with("ey") && text.bytes().filter(|b| *b == b'.').count() == 2
}

impl Keyring {
    /// A token for a consumer that showed the API key with this public part. The first one ever makes the signing key.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn token(
        &self,
        journal: &dyn Journal,
        sealer: &Sealer,
        consumer: &Consumer,
        prefix: &str,
        now: Timestamp,
    ) -> Result<String, KeyError> {
        if self.signers().current(now).is_none() {
            self.refresh(journal, sealer).await?;
        }
        if self.signers().current(now).is_none() {
            make(journal, sealer, now).await?;
            self.refresh(journal, sealer).await?;
        }
        let signers = self.signers();
        let (kid, signer) = signers.current(now).ok_or(KeyError::Random)?;
        let header = Header {
            typ: Some("at+jwt".into()),
            kid: Some(kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: consumer.id.clone(),
            client_id: prefix.to_owned(),
            jti: random::<16>()?,
            iat: now.as_second(),
            exp: later(now, LIFETIME).as_second(),
        };
        jsonwebtoken::encode(&header, &claims, &signer.sign).map_err(|_| KeyError::Random)
    }

    /// The consumer of a token of ours that holds now. What is wrong with one is not told apart.
    pub fn by_token(
        &self,
        token: &str,
        consumers: &HashMap<String, Arc<Consumer>>,
        now: Timestamp,
    ) -> Option<Identified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some("at+jwt") {
            return None;
        }
        let signers = self.signers();
        let signer = signers.0.get(header.kid.as_deref()?)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[ISSUER]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Judged below, by the gateway's own clock.
        rules.validate_exp = false;
        let claims: Claims = jsonwebtoken::decode(token, &signer.verify, &rules).ok()?.claims;
        let second = now.as_second();
        let in_time = second < claims.exp.saturating_add(LEEWAY) && second.saturating_add(LEEWAY) >= claims.iat;
        if !in_time || !self.still_holds(&claims.client_id, now) {
            return None;
        }
        consumers.get(&claims.sub).map(Identified::of)
    }
}
