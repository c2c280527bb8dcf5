//! Room 15: from an outcome to HTTP, in one exhaustive match. What is never decided here: whether something happened.

use super::language::Language;
use super::{Answer, faults, refusals, status};
use bytes::Bytes;
use gateway_core::catalogue::Published;
use gateway_core::exchange::State;
use gateway_core::ids::ExchangeId;
use gateway_core::{Outcome, Verdict};
use http::{HeaderValue, Method, StatusCode, header};

/// The answer to an outcome.
pub(super) fn respond(outcome: &Outcome, operation: &Published, consumer: &str, language: Language) -> Answer {
    let mut answer = match &outcome.verdict {
        Verdict::Done(reply) => json(done(operation), reply.clone()),
        Verdict::Underway {
            state,
            changed,
            due,
            fault,
        } => {
            let view = status::underway(
                outcome.exchange,
                operation,
                consumer,
                *state,
                *changed,
                *due,
                fault.as_ref(),
            );
            json(StatusCode::ACCEPTED, Bytes::from(view.to_string()))
        }
        Verdict::Refused(refusal) => refusals::problem(refusal).render(outcome.exchange, language),
        Verdict::Faulted { fault, state } => faults::problem(fault, *state).render(outcome.exchange, language),
    };
    let headers = answer.headers_mut();
    let journalled = operation.spec.effect.writes()
        && matches!(
            outcome.verdict,
            Verdict::Done(_) | Verdict::Underway { .. } | Verdict::Faulted { state: Some(_), .. }
        );
    if journalled && let Ok(place) = HeaderValue::try_from(format!("/v1/pertukaran/{}", outcome.exchange)) {
        headers.insert(header::LOCATION, place);
    }
    if outcome.replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    if let Verdict::Underway {
        state: State::Accepted, ..
    } = outcome.verdict
    {
        headers.insert("preference-applied", HeaderValue::from_static("respond-async"));
    }
    if let Some(aged) = &outcome.aged {
        // An old answer says so, in the headers in which a copy does.
        let told = [
            ("x-sumber", aged.source.clone()),
            ("x-kedaluwarsa", "true".to_owned()),
            ("x-diperbarui-pada", aged.updated.to_string()),
            ("age", aged.age.as_secs().to_string()),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
    if outcome.limited {
        headers.insert("x-bidang-hak", HeaderValue::from_static("dibatasi"));
    }
    standing(headers, outcome.standing);
    answer
}

/// That the operation is on its way out, and where to read more.
pub(super) fn ageing(headers: &mut http::HeaderMap, age: &crate::reference::Ageing, operation: &str) {
    let mut set = |name: &'static str, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    };
    set("deprecation", Some(age.deprecation()));
    set("sunset", age.sunset());
    set("link", Some(format!("</katalog/{operation}>; rel=\"deprecation\"")));
}

/// Where the caller stands with its quota.
pub(super) fn standing(headers: &mut http::HeaderMap, standing: Option<gateway_core::quota::Standing>) {
    if let Some(standing) = standing {
        let policy = format!("\"menit\";q={};w=60", standing.limit);
        let now = format!("\"menit\";r={}", standing.remaining);
        if let (Ok(policy), Ok(now)) = (HeaderValue::try_from(policy), HeaderValue::try_from(now)) {
            headers.insert("ratelimit-policy", policy);
            headers.insert("ratelimit", now);
        }
    }
}

fn done(operation: &Published) -> StatusCode {
    if operation.method == Method::POST && operation.spec.effect.writes() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Answer::new(body.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Marks what a system answered natively, which stays as it is.
#[derive(Clone, Copy)]
pub(super) struct Untouched;

/// Headers that every answer carries.
pub(super) fn seal(answer: &mut Answer, exchange: ExchangeId, request_id: Option<&str>) {
    let native = answer.extensions().get::<Untouched>().is_some();
    let headers = answer.headers_mut();
    let own = exchange.to_string();
    if let Ok(value) = HeaderValue::try_from(request_id.unwrap_or(&own)) {
        headers.insert("x-request-id", value);
    }
    if native {
        return;
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
