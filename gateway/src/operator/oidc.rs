//! Coming in to the console by the city's identity provider: OpenID Connect, authorization code with PKCE (S256), on what the
//! gateway verifies tokens of outside issuers with. A claim names the person, another gives the role; who has no role stays
//! outside. The provider's addresses are configuration; no discovery, no tokens kept.

use super::guard::Role;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use connector_sdk::Secret;
use gateway_core::deliver::{Reach, Transport, WireRequest};
use gateway_core::evidence::sha256;
use gateway_core::identity::outside::{Issuer, Terms};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// Largest answer with tokens, and how long it may take.
const LARGEST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(8);
/// Most characters of a name.
const NAME: usize = 64;

/// What configuration says of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcTerms {
    /// Issuer, audience (our client id), keys and algorithms of its tokens.
    pub tokens: Terms,
    /// Where the person is sent.
    pub authorize: String,
    /// Where the code becomes a token.
    pub exchange: String,
    /// Where the person comes back to: this console's address with [`BACK`].
    pub back: String,
    /// What is asked for, beside `openid`.
    pub scope: String,
    /// Claim, or pointer to it, that holds the roles or groups.
    pub role_claim: String,
    /// Our role by the provider's word.
    pub roles: Vec<(String, Role)>,
    /// What the console calls it.
    pub title: String,
}

/// Path of the console that the provider leads back to.
pub const BACK: &str = "/masuk/oidc/kembali";

/// The provider, with the keys that are known of it.
pub struct Oidc {
    terms: OidcTerms,
    secret: Option<Secret>,
    issuer: Issuer,
}

/// One way to the provider and back. Signed into a cookie of the browser that began it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) state: String,
    nonce: String,
    verifier: String,
    /// Milliseconds.
    pub(super) at: i64,
    /// Where the person wanted to.
    pub(super) after: String,
}

/// Why somebody does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The provider gave no token, or none that holds.
    Provider,
    /// The token gives no name that fits.
    Name,
    /// The person has no role here.
    Role,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Oidc(…)")
    }
}

impl Start {
    /// `None` without randomness.
    pub(super) fn draw(after: &str, now: Timestamp) -> Option<Self> {
        Some(Self {
            state: drawn()?,
            nonce: drawn()?,
            verifier: drawn()?,
            at: now.as_millisecond(),
            after: after.to_owned(),
        })
    }
}

/// 256 bits.
fn drawn() -> Option<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

impl Oidc {
    /// Knows no key of the provider before the first token. `secret` is that of a confidential client.
    pub fn new(terms: OidcTerms, secret: Option<Secret>) -> Self {
        Self {
            issuer: Issuer::new(terms.tokens.clone()),
            terms,
            secret,
        }
    }

    /// What configuration says.
    pub fn terms(&self) -> &OidcTerms {
        &self.terms
    }

    /// Changes when configuration does, so that older sessions end with what they rest on.
    pub(super) fn mark(&self) -> String {
        hex::encode(&sha256(format!("{:?}", self.terms).as_bytes())[..12])
    }

    /// Where a person is sent.
    pub(super) fn address(&self, start: &Start) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(start.verifier.as_bytes()));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.terms.tokens.audience),
            ("redirect_uri", &self.terms.back),
            ("scope", &format!("openid {}", self.terms.scope)),
            ("state", &start.state),
            ("nonce", &start.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if self.terms.authorize.contains('?') { '&' } else { '?' };
        format!("{}{joint}{query}", self.terms.authorize)
    }

    /// Name and role of whoever came back with a code.
    pub(super) async fn person(
        &self,
        transport: &dyn Transport,
        code: &str,
        start: &Start,
        now: Timestamp,
    ) -> Result<(String, Role), Refused> {
        let token = self.token(transport, code, start).await.ok_or(Refused::Provider)?;
        let claims = self.issuer.verified(&token, transport, now).await;
        let claims = claims.ok_or(Refused::Provider)?;
        let ours = |name: &str, value: &str| claims[name].as_str().is_some_and(|said| said == value);
        // Of this way, and for this client: a token for several says which of them asked (OpenID Connect Core 3.1.3.7).
        let several = claims["aud"].as_array().is_some_and(|all| all.len() > 1);
        let asked = (claims["azp"].is_null() && !several) || ours("azp", &self.terms.tokens.audience);
        if !ours("nonce", &start.nonce) || !asked {
            return Err(Refused::Provider);
        }
        let name = claims[&self.terms.tokens.claim].as_str().unwrap_or_default().trim();
        if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
            return Err(Refused::Name);
        }
        let role = self.role(&claims).ok_or(Refused::Role)?;
        Ok((name.to_owned(), role))
    }

    /// The token that the provider gives for a code.
    async fn token(&self, transport: &dyn Transport, code: &str, start: &Start) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let client = &self.terms.tokens.audience;
        if let Some(secret) = &self.secret {
            let pair = format!("{}:{}", encoded(client), encoded(secret.expose()));
            let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.terms.back),
            ("client_id", client),
            ("code_verifier", &start.verifier),
        ]);
        let request = WireRequest {
            reach: Reach::System,
            method: Method::POST,
            url: self.terms.exchange.clone(),
            headers,
            body: Bytes::from(body),
            max_reply: LARGEST,
            timeout: PATIENCE,
        };
        let reply = transport.send(request).await.ok()?;
        let answer: Value = serde_json::from_slice(&reply.body)
            .ok()
            .filter(|_| reply.status == 200)?;
        answer["id_token"].as_str().map(str::to_owned)
    }

    /// The strongest role that the person has.
    fn role(&self, claims: &Value) -> Option<Role> {
        let place = &self.terms.role_claim;
        let said = if place.starts_with('/') {
            claims.pointer(place)?
        } else {
            claims.get(place)?
        };
        let words: Vec<&str> = match said {
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            Value::String(word) => vec![word],
            _ => return None,
        };
        let has = |role: &Role| {
            self.terms
                .roles
                .iter()
                .any(|(word, ours)| ours == role && words.contains(&word.as_str()))
        };
        Role::ALL.into_iter().find(has)
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
