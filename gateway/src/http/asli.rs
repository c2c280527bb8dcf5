//! `/asli/{system}/…`: a call in a system's own form, passed through unread. Entered after room 6; the core takes the rooms
//! that follow. What is taken off and put on the head is here: hop-by-hop headers, the caller's credentials, claims about
//! who called.

use super::language::Language;
use super::problem::Problem;
use super::respond::Untouched;
use super::stack::Edge;
use super::{Answer, faults, refusals};
use crate::payload::Payload;
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::deliver::{Flow, FlowError, Passage, Stopped, pass};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;

/// Belongs to one connection (RFC 9110 §7.6.1).
fn is_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Of the caller and only for us, or a claim to know who called.
fn is_ours(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "proxy-authorization"
            | "cookie"
            | "host"
            | "expect"
            | "forwarded"
            | "x-api-key"
            | "x-real-ip"
            | "x-request-id"
            | "traceparent"
    ) || is_doubtful(name)
}

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
    let mut headers = end_to_end(head.headers, is_ours);
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
            *answer.headers_mut() = end_to_end(reply.headers, |_| false);
            answer.extensions_mut().insert(Untouched);
            answer
        }
        Err(Stopped::Refused(refusal)) => refusals::problem(&refusal).render(exchange, language),
        Err(Stopped::Faulted(fault)) => faults::problem(&fault, None).render(exchange, language),
    }
}

/// Without what belongs to one connection, also what `Connection` names, and without what `also` says.
fn end_to_end(mut headers: HeaderMap, also: fn(&str) -> bool) -> HeaderMap {
    let named = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok());
    let known = headers
        .keys()
        .filter(|name| is_hop(name.as_str()) || also(name.as_str()));
    let dropped: Vec<HeaderName> = named.chain(known.cloned()).collect();
    for name in &dropped {
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
            ("x-api-key", "smp_uji_0"),
            ("keep-alive", "timeout=5"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let left = end_to_end(headers, is_ours);
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
