//! `/asli/{system}/…`: a call in a system's own form, passed through unread. Entered after room 6; the core takes the rooms
//! that follow. What is taken off and put on the head is here: hop-by-hop headers, the caller's credentials, claims about
//! who called.

use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, faults, refusals};
use crate::payload::Payload;
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::deliver::{Flow, FlowError, Passage, Stopped, pass};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, FORWARDED, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;

/// Hop-by-hop headers with a name in the library (RFC 9110 §7.6.1).
const HOP: [HeaderName; 6] = [CONNECTION, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
/// The same without one.
const HOP_OTHER: [&str; 2] = ["keep-alive", "proxy-connection"];
/// Of the caller, and only for us.
const OURS: [HeaderName; 6] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HOST, EXPECT, FORWARDED];
/// The same, and what claims to know who called.
const OURS_OTHER: [&str; 4] = ["x-api-key", "x-real-ip", "x-request-id", "traceparent"];

/// What of the request matters here.
pub(super) struct Asked {
    pub(super) head: http::request::Parts,
    pub(super) exchange: ExchangeId,
    pub(super) trace: String,
    pub(super) language: Language,
}

/// System and rest of a path below `/asli/`.
pub(super) fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/asli/")?;
    let slash = rest.find('/')?;
    (slash > 0).then(|| rest.split_at(slash))
}

/// Passes a call through, or says why not.
pub(super) async fn answer<B>(edge: &Arc<Edge>, identified: &Identified, asked: Asked, body: B) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<FlowError>,
{
    let Asked {
        head,
        exchange,
        trace,
        language,
    } = asked;
    let Some((system, path)) = split(head.uri.path()) else {
        return nowhere().render(exchange, language);
    };
    let length = head
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse().ok());
    let body = (!body.is_end_stream()).then(|| Box::pin(body.map_err(Into::into)) as Flow);
    let mut headers = end_to_end(head.headers);
    for name in &OURS {
        headers.remove(name);
    }
    for name in OURS_OTHER {
        headers.remove(name);
    }
    let doubtful: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_doubtful(name.as_str()))
        .cloned()
        .collect();
    for name in &doubtful {
        headers.remove(name);
    }
    if let Ok(trace) = HeaderValue::try_from(trace) {
        headers.insert("traceparent", trace);
    }
    let passage = Passage {
        exchange,
        identified,
        system,
        method: head.method,
        path,
        query: head.uri.query(),
        headers,
        body,
        length,
    };
    match pass(&edge.rooms, passage).await {
        Ok(reply) => {
            let mut answer = Answer::new(Payload::Flow(reply.body));
            *answer.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
            *answer.headers_mut() = end_to_end(reply.headers);
            answer
        }
        Err(Stopped::Refused(refusal)) => refusals::problem(&refusal).render(exchange, language),
        Err(Stopped::Faulted(fault)) => faults::problem(&fault, None).render(exchange, language),
    }
}

/// Without what belongs to one connection, also what `Connection` names.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in &named {
        headers.remove(name);
    }
    for name in &HOP {
        headers.remove(name);
    }
    for name in HOP_OTHER {
        headers.remove(name);
    }
    headers
}

/// Claims about who called, and names that some systems read as others (`Content_Length`).
fn is_doubtful(name: &str) -> bool {
    name.starts_with("x-forwarded-") || name.contains('_')
}

fn nowhere() -> Problem {
    Problem::consumer(
        "tidak-ditemukan",
        Text::new(
            "Alamat jalur asli adalah /asli/{sistem}/{jalur di sistem itu}.",
            "A native address is /asli/{system}/{path in that system}.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_stays_behind() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Secret"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let left = end_to_end(headers);
        assert_eq!(left.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn claims_and_look_alikes_are_doubtful() {
        for name in [
            "x-forwarded-for",
            "x-forwarded-client-cert",
            "content_length",
            "x_api_key",
        ] {
            assert!(is_doubtful(name), "{name}");
        }
        assert!(!is_doubtful("content-length") && !is_doubtful("x-lain"));
    }

    #[test]
    fn system_and_rest() {
        assert_eq!(split("/asli/spse/api/tender"), Some(("spse", "/api/tender")));
        assert_eq!(split("/asli/spse"), None);
        assert_eq!(split("/asli//x"), None);
    }
}
