//! Credentials onto a wire request. Static kinds are written as they are; client-credential tokens are fetched
//! single-flight through the same transport and refreshed once when the system says they are spent.

use super::transport::{Reach, Transport, WireRequest};
use super::{key_exchange, supplied};
use crate::events::signature;
use crate::time::{Clock, later};
use aws_lc_rs::hmac;
use base64::Engine;
use connector_sdk::{AuthKind, Fault, FaultKind, HmacAlgorithm, Secret, Text, is_placed};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::Mutex;

/// Largest token answer.
const MAX_TOKEN_REPLY: u64 = 64 * 1024;
/// A token is renewed this long before it ends.
const EARLY: Duration = Duration::from_secs(30);

/// The current token of a system. The lock is held while fetching, so that many callers cause one fetch.
#[derive(Default)]
pub struct TokenCache {
    current: Mutex<Option<Token>>,
    /// When the supplied bearer ends; read once.
    supplied: OnceLock<Option<Timestamp>>,
}

struct Token {
    value: Secret,
    until: Timestamp,
    generation: u64,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<u64>,
}

/// Which token a request carried, so that only a spent one is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

/// What credentials need to know of the request they sign.
pub(super) struct Signing<'a> {
    /// Method.
    pub method: &'a Method,
    /// Path and query.
    pub target: &'a str,
    /// Body.
    pub body: &'a [u8],
}

/// Whether the credentials are made from the bytes of the body.
pub(super) fn signs_body(auth: &AuthKind) -> bool {
    match auth {
        AuthKind::Hmac { .. } | AuthKind::Webhook { .. } => true,
        AuthKind::None
        | AuthKind::Headers(_)
        | AuthKind::Basic { .. }
        | AuthKind::ClientCredentials { .. }
        | AuthKind::KeyExchange(_) => false,
    }
}

/// Whether the credentials are fetched and may be spent before they should.
pub(super) fn expires(auth: &AuthKind) -> bool {
    match auth {
        AuthKind::ClientCredentials { .. } | AuthKind::KeyExchange(_) => true,
        AuthKind::None
        | AuthKind::Headers(_)
        | AuthKind::Basic { .. }
        | AuthKind::Hmac { .. }
        | AuthKind::Webhook { .. } => false,
    }
}

/// Writes the credentials of `auth` into `headers`.
pub(super) async fn apply(
    auth: &AuthKind,
    tokens: &TokenCache,
    endpoint: &str,
    signing: &Signing<'_>,
    headers: &mut HeaderMap,
    transport: &dyn Transport,
    clock: &dyn Clock,
) -> Result<Option<Generation>, Fault> {
    match auth {
        AuthKind::None => Ok(None),
        AuthKind::Headers(pairs) => {
            // A bearer that has ended is not shown around: the system would refuse it, and count our knocking.
            let until = tokens.supplied.get_or_init(|| supplied::until(auth));
            if until.is_some_and(|until| clock.now() >= until) {
                return Err(Fault::new(FaultKind::CredentialExpired, ENDED)
                    .native_code("kredensial-berakhir")
                    .internal("the supplied bearer has ended; supply a new one and reload"));
            }
            // What goes into the body or the path is no header.
            for (name, value) in pairs.iter().filter(|(name, _)| !is_placed(name)) {
                put(headers, name, value.expose())?;
            }
            Ok(None)
        }
        AuthKind::Basic { user, password } => {
            let pair = format!("{user}:{}", password.expose());
            let value = Secret::new(base64::engine::general_purpose::STANDARD.encode(pair));
            put(headers, "authorization", &format!("Basic {}", value.expose()))?;
            Ok(None)
        }
        AuthKind::Hmac {
            algorithm,
            key,
            signature_header,
            timestamp_header,
        } => {
            let at = clock.now().to_string();
            let digest = hex::encode(crate::evidence::sha256(signing.body));
            let text = format!("{}:{}:{digest}:{at}", signing.method, signing.target);
            let algorithm = match algorithm {
                HmacAlgorithm::Sha256 => hmac::HMAC_SHA256,
                HmacAlgorithm::Sha512 => hmac::HMAC_SHA512,
            };
            let tag = hmac::sign(&hmac::Key::new(algorithm, key.expose().as_bytes()), text.as_bytes());
            put(headers, signature_header, &hex::encode(tag))?;
            put(headers, timestamp_header, &at)?;
            Ok(None)
        }
        AuthKind::Webhook { secrets } => {
            let now = clock.now();
            let id = headers
                .get("webhook-id")
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default();
            let signed = signature::of(secrets, id, now, signing.body);
            let Some(signed) = signed else {
                return Err(refused(
                    FaultKind::Misconfigured,
                    "no webhook secret holds, or the request has no webhook-id".to_owned(),
                ));
            };
            put(headers, "webhook-timestamp", &now.as_second().to_string())?;
            put(headers, "webhook-signature", &signed)?;
            Ok(None)
        }
        AuthKind::KeyExchange(exchange) => {
            let mut current = tokens.current.lock().await;
            let now = clock.now();
            if current.as_ref().is_none_or(|t| later(now, EARLY) >= t.until) {
                let generation = current.as_ref().map_or(1, |t| t.generation + 1);
                let (value, until) = key_exchange::fetch(exchange, endpoint, now, transport).await?;
                *current = Some(Token {
                    value,
                    until,
                    generation,
                });
            }
            let Some(token) = current.as_ref() else { return Ok(None) };
            put(headers, &exchange.header, token.value.expose())?;
            Ok(Some(Generation(token.generation)))
        }
        AuthKind::ClientCredentials {
            token_url,
            client_id,
            client_secret,
            scope,
            header,
            prefix,
        } => {
            let mut current = tokens.current.lock().await;
            let now = clock.now();
            if current.as_ref().is_none_or(|t| later(now, EARLY) >= t.until) {
                let generation = current.as_ref().map_or(1, |t| t.generation + 1);
                let url = if token_url.contains("://") {
                    token_url.clone()
                } else {
                    format!("{endpoint}{token_url}")
                };
                let answer = fetch(url, client_id, client_secret, scope.as_deref(), transport).await?;
                let lifetime = Duration::from_secs(answer.expires_in.unwrap_or(3600));
                let value = Secret::new(answer.access_token);
                *current = Some(Token {
                    value,
                    until: later(now, lifetime),
                    generation,
                });
            }
            let Some(token) = current.as_ref() else { return Ok(None) };
            put(headers, header, &format!("{prefix}{}", token.value.expose()))?;
            Ok(Some(Generation(token.generation)))
        }
    }
}

const ENDED: Text = Text::new(
    "Kredensial yang dititipkan pada gateway untuk sistem tujuan sudah berakhir. Tidak ada yang dikirim.",
    "The credential supplied to the gateway for the target system has ended. Nothing was sent.",
);

impl TokenCache {
    /// Throws a spent token away, unless another caller has replaced it already.
    pub(super) async fn spent(&self, generation: Generation) {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_mut().filter(|t| t.generation == generation.0) {
            token.until = Timestamp::UNIX_EPOCH;
        }
    }
}

async fn fetch(
    url: String,
    client_id: &str,
    client_secret: &Secret,
    scope: Option<&str>,
    transport: &dyn Transport,
) -> Result<TokenAnswer, Fault> {
    let mut fields = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), client_id.to_owned()),
        ("client_secret".to_owned(), client_secret.expose().to_owned()),
    ];
    fields.extend(scope.map(|s| ("scope".to_owned(), s.to_owned())));
    let mut headers = HeaderMap::new();
    put(&mut headers, "content-type", "application/x-www-form-urlencoded")?;
    put(&mut headers, "accept", "application/json")?;
    let request = WireRequest {
        reach: Reach::System,
        method: Method::POST,
        url,
        headers,
        body: super::wire::form(&fields).into(),
        max_reply: MAX_TOKEN_REPLY,
        timeout: Duration::from_secs(30),
    };
    let reply = transport.send(request).await.map_err(|error| {
        refused(
            FaultKind::Unavailable,
            format!("token endpoint: {:?} {}", error.kind, error.detail),
        )
    })?;
    match reply.status {
        200..=299 => serde_json::from_slice(&reply.body).map_err(|_| {
            refused(
                FaultKind::Misconfigured,
                "token endpoint: answer without access_token".to_owned(),
            )
        }),
        500..=599 => Err(refused(
            FaultKind::Unavailable,
            format!("token endpoint: status {}", reply.status),
        )),
        status => Err(refused(
            FaultKind::Misconfigured,
            format!("token endpoint: status {status}"),
        )),
    }
}

pub(super) fn refused(kind: FaultKind, internal: String) -> Fault {
    Fault::new(
        kind,
        Text::new(
            "Gateway tidak memperoleh token untuk sistem tujuan. Tidak ada yang dikirim.",
            "The gateway could not get a token for the target system. Nothing was sent.",
        ),
    )
    .internal(internal)
}

pub(super) fn put(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Fault> {
    let wrong = || {
        refused(
            FaultKind::Misconfigured,
            format!("credential header {name} has characters not allowed"),
        )
    };
    let name = HeaderName::try_from(name).map_err(|_| wrong())?;
    let mut value = HeaderValue::try_from(value).map_err(|_| wrong())?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::{WireError, WireKind};
    use connector_sdk::{BoxFuture, NativeReply};

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0).unwrap()
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    struct NoWire;

    impl Transport for NoWire {
        fn send(&self, _: WireRequest) -> BoxFuture<'_, Result<NativeReply, WireError>> {
            Box::pin(std::future::ready(Err(WireError {
                phase: crate::deliver::Phase::BeforeSend,
                kind: WireKind::Connect,
                detail: String::new(),
            })))
        }
    }

    #[tokio::test]
    async fn a_supplied_bearer_goes_out_until_it_ends_and_not_after() {
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("{\"exp\":1000}");
        let token = Secret::new(format!("Bearer e30.{claims}.x"));
        let auth = AuthKind::Headers(vec![("Authorization".to_owned(), token)]);
        let (tokens, method) = (TokenCache::default(), Method::GET);
        let signing = Signing {
            method: &method,
            target: "/",
            body: b"",
        };
        for (now, goes) in [(999, true), (1000, false), (5000, false)] {
            let mut headers = HeaderMap::new();
            let applied = apply(&auth, &tokens, "", &signing, &mut headers, &NoWire, &At(now)).await;
            assert_eq!(headers.contains_key("authorization"), goes, "{now}");
            match applied {
                Ok(_) => assert!(goes, "{now}"),
                Err(fault) => assert_eq!((fault.kind, goes), (FaultKind::CredentialExpired, false), "{now}"),
            }
        }
    }
}
