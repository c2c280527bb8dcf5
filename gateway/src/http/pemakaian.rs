//! What a consumer may see of itself: its exchanges, page by page, and what it used: rights with their quotas, keys, calls of
//! this node, and how its exchanges of the last days went. Others do not exist for it.

use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals, respond, status};
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::Refusal;
use gateway_core::exchange::{State, Stored};
use gateway_core::identity::{Consumer, Identified};
use gateway_core::ids::ExchangeId;
use gateway_core::journal::Filter;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Rows of a page unless asked otherwise, and at most.
const ROWS: usize = 50;
const MOST: usize = 200;
/// Days looked back.
const DAYS: i64 = 7;
/// Pages of exchanges that are counted at most.
const PAGES: usize = 5;

/// `GET /v1/pertukaran`.
pub(super) async fn exchanges(
    edge: &Edge,
    who: &Identified,
    query: &Map<String, Value>,
    own: ExchangeId,
    language: Language,
) -> Answer {
    let Some(filter) = filter(&who.consumer().id, query) else {
        return conditions().render(own, language);
    };
    let limit = filter.limit;
    match edge.rooms.journal.list(filter).await {
        Ok(rows) => {
            let next = rows.last().filter(|_| rows.len() == limit).map(|last| last.seq);
            let rows: Vec<Value> = rows.iter().map(|row| status::brief(row, language)).collect();
            let page = json!({"butir": rows, "berikut": next.map(|seq| seq.to_string())});
            respond::json(StatusCode::OK, Bytes::from(page.to_string()))
        }
        Err(error) => {
            tracing::error!(%error, "exchanges not readable");
            refusals::problem(&Refusal::CannotStore).render(own, language)
        }
    }
}

fn filter(consumer: &str, query: &Map<String, Value>) -> Option<Filter> {
    let known = ["keadaan", "operasi", "rujukan", "sejak", "sampai", "kursor", "jumlah"];
    if query.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let text = |name: &str| query.get(name).and_then(Value::as_str);
    let states = match text("keadaan") {
        None => Vec::new(),
        Some(words) => words.split(',').map(State::from_word).collect::<Option<_>>()?,
    };
    let moment = |name: &str| text(name).map(|text| text.parse::<Timestamp>().ok());
    let limit = text("jumlah").map_or(Some(ROWS), |text| text.parse().ok())?;
    let before = match text("kursor") {
        None => None,
        Some(text) => Some(text.parse().ok()?),
    };
    let sound = moment("sejak") != Some(None) && moment("sampai") != Some(None) && (1..=MOST).contains(&limit);
    sound.then(|| Filter {
        states,
        operation: text("operasi").map(str::to_owned),
        reference: text("rujukan").map(str::to_owned),
        consumer: Some(consumer.to_owned()),
        since: moment("sejak").flatten(),
        until: moment("sampai").flatten(),
        before_seq: before,
        limit,
        ..Filter::default()
    })
}

/// `GET /v1/pemakaian`.
pub(super) async fn usage(edge: &Edge, who: &Identified, own: ExchangeId, language: Language) -> Answer {
    let consumer = who.consumer();
    let now = edge.rooms.clock.now();
    let since = now.checked_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(now);
    let counted = counted(edge, &consumer.id, since).await;
    let (exchanges, more) = match counted {
        Ok(counted) => counted,
        Err(error) => {
            tracing::error!(%error, "exchanges not readable");
            return refusals::problem(&Refusal::CannotStore).render(own, language);
        }
    };
    let exchanges: Vec<Value> = exchanges
        .into_iter()
        .map(|((operation, state), count)| json!({"operasi": operation, "keadaan": state, "jumlah": count}))
        .collect();
    let calls: Vec<Value> = edge
        .meters
        .calls_of(&consumer.id)
        .into_iter()
        .map(|(operation, class, count)| json!({"operasi": operation, "kelas": class, "jumlah": count}))
        .collect();
    let view = json!({
        "konsumen": consumer.id, "nama": consumer.name, "hak": rights(consumer), "kunci": keys(edge, consumer, now),
        "panggilan_node_ini": calls, "pertukaran": exchanges, "sejak": since.to_string(), "lebih": more,
    });
    respond::json(StatusCode::OK, Bytes::from(view.to_string()))
}

/// How many exchanges ended how, of the newest thousand.
async fn counted(
    edge: &Edge,
    consumer: &str,
    since: Timestamp,
) -> Result<(BTreeMap<(String, &'static str), u64>, bool), gateway_core::journal::JournalError> {
    let mut counts = BTreeMap::new();
    let mut before = None;
    for _ in 0..PAGES {
        let filter = Filter {
            consumer: Some(consumer.to_owned()),
            since: Some(since),
            before_seq: before,
            limit: MOST,
            ..Filter::default()
        };
        let rows: Vec<Stored> = edge.rooms.journal.list(filter).await?;
        for row in &rows {
            *counts.entry((row.operation.clone(), row.state.word())).or_default() += 1;
        }
        before = rows.last().map(|last| last.seq);
        if rows.len() < MOST {
            return Ok((counts, false));
        }
    }
    Ok((counts, true))
}

fn rights(consumer: &Consumer) -> Vec<Value> {
    let mut all: Vec<_> = consumer.grants.iter().collect();
    all.sort_by_key(|(operation, _)| *operation);
    all.into_iter()
        .map(|(operation, grant)| {
            json!({
                "operasi": operation, "tujuan": grant.purpose, "dasar_hukum": grant.legal_basis,
                "perjanjian": grant.agreement, "per_menit": grant.limiter.per_minute(),
                "berlaku_sampai": grant.until.map(|at| at.to_string()),
            })
        })
        .collect()
}

fn keys(edge: &Edge, consumer: &Consumer, now: Timestamp) -> Vec<Value> {
    let catalogue = edge.rooms.catalogue.load();
    let all = edge.keyring.list(&catalogue.identities).into_iter();
    all.filter(|(credential, _)| credential.consumer == consumer.id)
        .map(|(credential, used)| {
            let ended = credential.withdrawn.is_some() || credential.until.is_some_and(|until| now >= until);
            json!({
                "awalan": credential.prefix, "berlaku": !ended,
                "berlaku_sampai": credential.until.map(|at| at.to_string()),
                "terakhir_dipakai": used.map(|at| at.to_string()),
            })
        })
        .collect()
}

fn conditions() -> Problem {
    Problem::consumer(
        "parameter-tidak-sesuai",
        Text::new(
            "Parameter: keadaan, operasi, rujukan, sejak dan sampai (waktu RFC 3339), kursor, jumlah (1–200).",
            "Parameters: keadaan, operasi, rujukan, sejak and sampai (RFC 3339), kursor, jumlah (1–200).",
        ),
    )
}
