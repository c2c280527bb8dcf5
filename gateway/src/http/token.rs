//! `POST /oauth/token` (RFC 6749 §4.4, client credentials) and `/.well-known/jwks.json`. The client is the consumer, its secret one
//! of its API keys. Errors have the form that OAuth clients read; nothing here says whether a consumer exists.

use super::body::collect;
use super::respond::json;
use super::stack::Edge;
use super::{Answer, target};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway_core::identity::{key_prefix, tokens};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Largest form.
const LARGEST: u64 = 4096;

/// Error of RFC 6749 §5.2 with what to do about it.
type Wrong = (&'static str, &'static str);
const FORM: Wrong = (
    "invalid_request",
    "Kirim application/x-www-form-urlencoded dengan grant_type=client_credentials. / Send a form.",
);
const GRANT: Wrong = (
    "unsupported_grant_type",
    "Hanya client_credentials. / Only client_credentials.",
);
const CLIENT: Wrong = (
    "invalid_client",
    "client_id adalah id konsumen, client_secret kunci API-nya. / client_id is the consumer's id, client_secret its API key.",
);
const BUSY: Wrong = (
    "temporarily_unavailable",
    "Token tidak dapat dibuat saat ini; ulangi nanti. / No token can be made now; try again later.",
);

/// The public halves of the keys that sign tokens.
pub(super) fn jwks(edge: &Edge) -> Answer {
    let set = edge.keyring.signers().published(edge.rooms.clock.now());
    json(StatusCode::OK, Bytes::from(set.to_string()))
}

/// Answers a request for a token.
pub(super) async fn issue<B>(edge: &Arc<Edge>, headers: &HeaderMap, mut body: B) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    let form = headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| {
            v.split(';')
                .next()
                .is_some_and(|t| t.trim() == "application/x-www-form-urlencoded")
        });
    if !form {
        return refused(FORM);
    }
    let read = tokio::time::timeout(edge.limits.body_time, collect(&mut body, LARGEST)).await;
    let fields = match read {
        Ok(Ok(bytes)) => std::str::from_utf8(&bytes).ok().and_then(target::form),
        Ok(Err(_)) | Err(_) => None,
    };
    let Some(fields) = fields else { return refused(FORM) };
    if text(&fields, "grant_type") != Some("client_credentials") {
        return refused(GRANT);
    }
    let Some((client, secret)) = client(headers, &fields) else {
        return refused(CLIENT);
    };
    let now = edge.rooms.clock.now();
    let catalogue = edge.rooms.catalogue.load_full();
    let known = edge
        .keyring
        .by_key(&secret, &catalogue.identities, &catalogue.consumers, now)
        .filter(|who| who.consumer().id == client);
    let (Some(who), Some(prefix)) = (known, key_prefix(&secret)) else {
        edge.meters.rejected("unidentified");
        return refused(CLIENT);
    };
    let rooms = &edge.rooms;
    let made = edge
        .keyring
        .token(&*rooms.journal, &rooms.sealer, who.consumer(), prefix, now)
        .await;
    match made {
        Ok(token) => json(
            StatusCode::OK,
            Bytes::from(
                serde_json::json!({
                    "access_token": token,
                    "token_type": "Bearer",
                    "expires_in": tokens::LIFETIME.as_secs(),
                })
                .to_string(),
            ),
        ),
        Err(error) => {
            tracing::error!(%error, "no token made");
            refused(BUSY)
        }
    }
}

/// Id and secret, from `Authorization: Basic` or the form, never both.
fn client(headers: &HeaderMap, fields: &Map<String, Value>) -> Option<(String, String)> {
    let mut basic = headers.get_all(AUTHORIZATION).iter();
    match (basic.next(), basic.next()) {
        (None, _) => Some((
            text(fields, "client_id")?.to_owned(),
            text(fields, "client_secret")?.to_owned(),
        )),
        (Some(header), None) if !fields.contains_key("client_secret") => {
            let (scheme, coded) = header.to_str().ok()?.split_once(' ')?;
            if !scheme.eq_ignore_ascii_case("basic") {
                return None;
            }
            let plain = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
            let (id, secret) = plain.split_once(':')?;
            Some((target::decode(id)?, target::decode(secret)?))
        }
        (Some(_), _) => None,
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn refused((error, description): Wrong) -> Answer {
    let status = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = serde_json::json!({"error": error, "error_description": description});
    let mut answer = json(status, Bytes::from(body.to_string()));
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"simpul\""));
    }
    answer
}
