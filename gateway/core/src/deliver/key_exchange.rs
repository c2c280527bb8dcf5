//! Keys that a system hands out for a stored user and password: one JSON request, one key with its last moment.
//! Called by `auth` under the lock of the system's token cache, so that many callers cause one request.

use super::auth::{put, refused};
use super::transport::{Reach, Transport, WireRequest};
use crate::time::later;
use connector_sdk::{Fault, FaultKind, KeyExchange, Secret};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// Largest answer.
const MAX_REPLY: u64 = 64 * 1024;

/// Asks for a key; returns it with the moment at which it ends.
pub(super) async fn fetch(
    exchange: &KeyExchange,
    endpoint: &str,
    now: Timestamp,
    transport: &dyn Transport,
) -> Result<(Secret, Timestamp), Fault> {
    let mut fields = Map::new();
    fields.insert(exchange.user_field.clone(), Value::from(exchange.user.expose()));
    fields.insert(exchange.password_field.clone(), Value::from(exchange.password.expose()));
    let body = if exchange.root.is_empty() {
        Value::Object(fields)
    } else {
        Value::Object(Map::from_iter([(exchange.root.clone(), Value::Object(fields))]))
    };
    let mut headers = HeaderMap::new();
    put(&mut headers, "content-type", "application/json")?;
    put(&mut headers, "accept", "application/json")?;
    let url = if exchange.key_url.contains("://") {
        exchange.key_url.clone()
    } else {
        format!("{endpoint}{}", exchange.key_url)
    };
    let request = WireRequest {
        reach: Reach::System,
        method: Method::POST,
        url,
        headers,
        body: body.to_string().into(),
        max_reply: MAX_REPLY,
        timeout: Duration::from_secs(30),
    };
    let reply = transport.send(request).await.map_err(|error| {
        refused(
            FaultKind::Unavailable,
            format!("key service: {:?} {}", error.kind, error.detail),
        )
    })?;
    match reply.status {
        200..=299 => {}
        500..=599 => {
            return Err(refused(
                FaultKind::Unavailable,
                format!("key service: status {}", reply.status),
            ));
        }
        status => {
            return Err(refused(
                FaultKind::Misconfigured,
                format!("key service: status {status}"),
            ));
        }
    }
    let without = || refused(FaultKind::Misconfigured, "key service: answer without a key".to_owned());
    let answer: Value = serde_json::from_slice(&reply.body).map_err(|_| without())?;
    let key = answer
        .pointer(&exchange.key_pointer)
        .and_then(Value::as_str)
        .filter(|key| !key.is_empty());
    let key = Secret::new(key.ok_or_else(without)?);
    let named = (!exchange.expiry_pointer.is_empty())
        .then(|| answer.pointer(&exchange.expiry_pointer).and_then(Value::as_str))
        .flatten()
        .and_then(|text| expiry(text, exchange.expiry_offset_minutes));
    let assumed = later(now, Duration::from_secs(u64::from(exchange.lifetime_s)));
    Ok((key, named.unwrap_or(assumed)))
}

/// RFC 3339, or `YYYY-MM-DD HH:MM:SS` at the given offset.
fn expiry(text: &str, offset_minutes: i32) -> Option<Timestamp> {
    if let Ok(at) = text.trim().parse::<Timestamp>() {
        return Some(at);
    }
    let utc = format!("{}Z", text.trim().replacen(' ', "T", 1))
        .parse::<Timestamp>()
        .ok()?;
    utc.checked_sub(jiff::SignedDuration::from_mins(i64::from(offset_minutes)))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_expiry() {
        let plain = expiry("2026-02-03 08:00:00", 420).expect("read");
        assert_eq!(plain, "2026-02-03T01:00:00Z".parse::<Timestamp>().expect("time"));
        assert_eq!(expiry("2026-02-03T08:00:00+07:00", 0), Some(plain));
        assert_eq!(expiry("kemarin", 420), None);
    }
}
