//! `GET /v1/lampiran/{id}`: gives a consumer a file of its own, one it uploaded or one that came in for it, streamed piece by
//! piece. Entered after room 6; takes the rooms of right and quota itself. A file of another consumer, one that was erased
//! and one that never was are the same 404. Each reading is evidence, written before the first byte leaves.

use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals, respond};
use crate::payload::Payload;
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::authorize::permit;
use gateway_core::files::{FETCH, FileFlow, NotRead, Opened};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use gateway_core::quota::limit;
use gateway_core::record::{Copied, Party, copied, turned_away};
use gateway_core::relay::OURSELVES;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::Arc;

/// Gives a file, or says why not.
pub(super) async fn file(
    edge: &Arc<Edge>,
    who: &Identified,
    parameters: &Map<String, Value>,
    headers: &HeaderMap,
    exchange: ExchangeId,
    language: Language,
) -> Answer {
    let rooms = &edge.rooms;
    let began = rooms.clock.now();
    // rooms 7 and 8
    let admitted = match permit(who, FETCH, began).and_then(limit) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let party = Party {
                consumer: who.consumer().id.clone(),
                purpose: String::new(),
            };
            turned_away(rooms, exchange, &refusal, FETCH, OURSELVES, &party, began).await;
            return refusals::problem(&refusal).render(exchange, language);
        }
    };
    let standing = Some(admitted.standing());
    let consumer = admitted.consumer().id.clone();
    let purpose = admitted.grant().purpose.clone();
    let told = |mut answer: Answer| {
        respond::standing(answer.headers_mut(), standing);
        answer
    };
    let wanted = parameters.get("id").and_then(Value::as_str);
    let found = match wanted.and_then(|id| id.parse::<ExchangeId>().ok()) {
        Some(id) => Opened::open(rooms, Some(&consumer), id).await,
        None => Ok(None),
    };
    let file = match found {
        Ok(Some(file)) => Arc::new(file),
        Ok(None) => return told(nowhere().render(exchange, language)),
        Err(error) => return told(unreadable(&error).render(exchange, language)),
    };
    // It is the caller's own: that it needs a further right may be said.
    if let Some(right) = &file.head().needs
        && let Err(refusal) = permit(who, right, began)
    {
        let party = Party { consumer, purpose };
        turned_away(rooms, exchange, &refusal, FETCH, OURSELVES, &party, began).await;
        return told(refusals::problem(&refusal).render(exchange, language));
    }
    let name = match file.name() {
        Ok(name) => name,
        Err(error) => return told(unreadable(&error).render(exchange, language)),
    };
    let (tag, size) = (format!("\"{}\"", file.head().sha256), file.head().size);
    let part = match asked(headers, &tag, size) {
        Part::Known => {
            let mut answer = Answer::new(Bytes::new().into());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            put(answer.headers_mut(), header::ETAG, &tag);
            return told(answer);
        }
        Part::All => None,
        Part::Of(range) => Some(range),
    };
    let mut digest = [0; 32];
    if hex::decode_to_slice(&file.head().sha256, &mut digest).is_err() {
        return told(unreadable(&NotRead::Gone).render(exchange, language));
    }
    let account = Copied {
        exchange,
        consumer,
        operation: FETCH.to_owned(),
        system: OURSELVES.to_owned(),
        purpose,
        began,
        reply: digest,
    };
    copied(rooms, account).await;
    told(given(&file, &name, &tag, part.as_ref()))
}

fn given(file: &Arc<Opened>, name: &str, tag: &str, part: Option<&Range<u64>>) -> Answer {
    let size = file.head().size;
    let range = part.cloned().unwrap_or(0..size);
    let mut flow = FileFlow::new();
    flow.file(file, &range);
    let length = flow.length();
    let mut answer = Answer::new(Payload::Flow(Box::pin(flow)));
    if part.is_some() {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        put(answer.headers_mut(), header::CONTENT_RANGE, &place);
    }
    let headers = answer.headers_mut();
    put(headers, header::CONTENT_TYPE, &file.head().media_type);
    put(headers, header::CONTENT_LENGTH, &length.to_string());
    put(headers, header::CONTENT_DISPOSITION, &disposition(name));
    put(headers, header::ETAG, tag);
    put(headers, header::ACCEPT_RANGES, "bytes");
    put(
        headers,
        header::LAST_MODIFIED,
        &file.head().at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    );
    put(headers, header::CACHE_CONTROL, "private, no-store");
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Nothing in a file may run where it is shown.
    put(headers, header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
    answer
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// Always saved, never shown in place; the name in the form that every reader takes and in the true one (RFC 6266).
fn disposition(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || " .-_()".contains(c) {
            c
        } else {
            '_'
        }
    };
    let simple: String = name.chars().map(plain).collect();
    let exact: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{simple}\"; filename*=UTF-8''{exact}")
}

/// What of the file was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    All,
    Of(Range<u64>),
    /// The caller has it.
    Known,
}

fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Part {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let known = text(header::IF_NONE_MATCH).is_some_and(|tags| {
        let mut tags = tags.split(',').map(str::trim);
        tags.any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    });
    if known {
        return Part::Known;
    }
    // A range of something else than what the caller began with is the whole.
    if text(header::IF_RANGE).is_some_and(|one| one != tag) {
        return Part::All;
    }
    let Some(wanted) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else {
        return Part::All;
    };
    // Several ranges at once, one outside, or what is none may be answered with the whole (RFC 9110 §14.2).
    let Some((from, to)) = wanted.split_once('-') else {
        return Part::All;
    };
    match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to && from < size => Part::Of(from..to.saturating_add(1).min(size)),
        (Ok(from), Err(_)) if to.is_empty() && from < size => Part::Of(from..size),
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => Part::Of(size.saturating_sub(last)..size),
        _ => Part::All,
    }
}

fn nowhere() -> Problem {
    Problem::consumer(
        "tidak-ditemukan",
        Text::new(
            "Tidak ada berkas dengan id ini untuk konsumen Anda, atau masa simpannya sudah habis.",
            "There is no file with this id for your consumer, or its retention has ended.",
        ),
    )
}

fn unreadable(error: &NotRead) -> Problem {
    tracing::error!(%error, "file not readable");
    Problem::gateway(
        "kesalahan-gateway",
        Text::new(
            "Berkas tidak dapat dibaca saat ini. Aman diulang.",
            "The file cannot be read at the moment. Repeating is safe.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_and_stays_true() {
        assert_eq!(
            disposition("surat \"x\"; filename=evil.exe\r\nA: é.pdf"),
            "attachment; filename=\"surat _x__ filename_evil.exe__A_ _.pdf\"; \
             filename*=UTF-8''surat%20%22x%22%3B%20filename%3Devil.exe%0D%0AA%3A%20%C3%A9.pdf"
        );
    }

    #[test]
    fn one_range_is_understood_and_all_else_is_the_whole() {
        let with = |pairs: &[(header::HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(name.clone(), HeaderValue::from_static(value));
            }
            asked(&headers, "\"t\"", 100)
        };
        for (range, part) in [
            ("bytes=0-0", Part::Of(0..1)),
            ("bytes=90-200", Part::Of(90..100)),
            ("bytes=40-", Part::Of(40..100)),
            ("bytes=-30", Part::Of(70..100)),
            ("bytes=-300", Part::Of(0..100)),
            ("bytes=100-", Part::All),
            ("bytes=100-200", Part::All),
            ("bytes=-0", Part::All),
            ("bytes=5-4", Part::All),
            ("bytes=1-2,4-5", Part::All),
            ("lines=1-2", Part::All),
            ("bytes=99999999999999999999-", Part::All),
        ] {
            assert_eq!(with(&[(header::RANGE, range)]), part, "{range}");
        }
        assert_eq!(
            with(&[(header::RANGE, "bytes=1-2"), (header::IF_RANGE, "\"u\"")]),
            Part::All
        );
        assert_eq!(
            with(&[(header::RANGE, "bytes=1-2"), (header::IF_RANGE, "\"t\"")]),
            Part::Of(1..3)
        );
        assert_eq!(with(&[(header::IF_NONE_MATCH, "\"s\", W/\"t\"")]), Part::Known);
    }
}
