//! Tokens of outside issuers (the city's identity provider, another government's), verified by the issuer's JWK set: fetched through
//! the door's wire, bounded, kept for ten minutes, and asked for anew when an unknown key turns up, at most twice a minute. Which
//! algorithms count is configuration's list and never the token's word; a claim names the consumer.

use super::{Consumer, Identified};
use crate::deliver::{Reach, Transport, WireRequest};
use crate::time::{between, later};
use arc_swap::ArcSwapOption;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// A set is taken as it is this long.
const FRESH: Duration = Duration::from_secs(600);
/// Between two fetches, whatever tokens say.
const PAUSE: Duration = Duration::from_secs(30);
/// An issuer that cannot be reached is believed this long by the set that is known.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// Largest set, and most keys of it.
const LARGEST: u64 = 64 * 1024;
const KEYS: usize = 50;
/// Longest token.
const LONGEST: usize = 8 * 1024;
/// Seconds that clocks may differ.
const LEEWAY: i64 = 30;

/// What configuration says of an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` that stands for this gateway.
    pub audience: String,
    /// Where its keys are.
    pub jwks: String,
    /// Algorithms that count; asymmetric ones only.
    pub algorithms: Vec<Algorithm>,
    /// Claim that names the caller.
    pub claim: String,
    /// Consumer by the value of that claim.
    pub consumers: BTreeMap<String, String>,
}

/// An outside issuer with the keys that are known of it.
pub struct Issuer {
    terms: Terms,
    known: ArcSwapOption<Known>,
    /// When a fetch was last begun.
    asked: Mutex<Option<Timestamp>>,
}

struct Known {
    at: Timestamp,
    keys: Vec<(Option<String>, DecodingKey)>,
}

impl Issuer {
    /// Knows no key before its first token.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            known: ArcSwapOption::empty(),
            asked: Mutex::default(),
        }
    }

    /// What configuration says.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    fn key(&self, kid: Option<&str>, now: Timestamp, within: Duration) -> Option<DecodingKey> {
        let known = self.known.load_full()?;
        if between(known.at, now) > within {
            return None;
        }
        let mut fit = known
            .keys
            .iter()
            .filter(|(id, _)| kid.is_none() || id.as_deref() == kid);
        // A token without `kid` is only clear when there is one key.
        match (fit.next(), fit.next()) {
            (Some((_, key)), None) => Some(key.clone()),
            _ => None,
        }
    }

    /// The claims of a token of this issuer for its audience that holds now. What is wrong with a token is not told apart.
    pub async fn verified(&self, token: &str, transport: &dyn Transport, now: Timestamp) -> Option<Value> {
        if token.len() > LONGEST {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        if !self.terms.algorithms.contains(&header.alg) {
            return None;
        }
        let kid = header.kid.as_deref();
        let key = match self.key(kid, now, FRESH) {
            Some(key) => key,
            None => {
                self.refresh(transport, now).await;
                self.key(kid, now, STALE)?
            }
        };
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[&self.terms.issuer]);
        rules.set_audience(&[&self.terms.audience]);
        rules.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Judged below, by the gateway's own clock.
        rules.validate_exp = false;
        let claims: Value = jsonwebtoken::decode(token, &key, &rules).ok()?.claims;
        let second = |name: &str| claims.get(name).and_then(Value::as_i64);
        let now = now.as_second();
        let ended = second("exp").is_none_or(|exp| now >= exp.saturating_add(LEEWAY));
        let early = claims.get("nbf").is_some() && second("nbf").is_none_or(|nbf| now.saturating_add(LEEWAY) < nbf);
        (!ended && !early).then_some(claims)
    }

    /// Fetches the set, unless that was done a moment ago.
    async fn refresh(&self, transport: &dyn Transport, now: Timestamp) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| later(at, PAUSE) > now) {
            return;
        }
        *asked = Some(now);
        let request = WireRequest {
            reach: Reach::System,
            method: Method::GET,
            url: self.terms.jwks.clone(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            max_reply: LARGEST,
            timeout: Duration::from_secs(5),
        };
        let set = match transport.send(request).await {
            Ok(reply) if reply.status == 200 => serde_json::from_slice::<JwkSet>(&reply.body).ok(),
            Ok(_) | Err(_) => None,
        };
        let Some(set) = set else {
            tracing::warn!(issuer = %self.terms.issuer, "keys of an outside issuer not fetched");
            return;
        };
        let keys = set.keys.iter().take(KEYS).filter_map(|jwk| {
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some((jwk.common.key_id.clone(), key))
        });
        self.known.store(Some(Arc::new(Known {
            at: now,
            keys: keys.collect(),
        })));
    }
}

/// The consumer of a token of one of these issuers. What is wrong with a token is not told apart.
pub async fn by_outside_token(
    token: &str,
    issuers: &[Arc<Issuer>],
    transport: &dyn Transport,
    consumers: &HashMap<String, Arc<Consumer>>,
    now: Timestamp,
) -> Option<Identified> {
    if token.len() > LONGEST {
        return None;
    }
    let said = claims(token)?;
    let said = said.get("iss")?.as_str()?;
    let issuer = issuers.iter().find(|issuer| issuer.terms.issuer == said)?;
    let claims = issuer.verified(token, transport, now).await?;
    let name = claims.get(&issuer.terms.claim)?.as_str()?;
    consumers.get(issuer.terms.consumers.get(name)?).map(Identified::of)
}

/// What a token says of itself, not verified: only to find its issuer.
fn claims(token: &str) -> Option<Value> {
    let part = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
