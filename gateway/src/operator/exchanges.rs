//! `/admin/v1/pertukaran`: exchanges, newest first, and one exchange with its attempts. Metadata only.

use super::state::OperatorState;
use super::{problem, view};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Path, Query, State as Extract};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::exchange::State;
use gateway_core::follow::following;
use gateway_core::ids::ExchangeId;
use gateway_core::journal::{Filter, JournalError};
use gateway_core::person::proposal;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Rows of a page unless asked otherwise, and at most.
const ROWS: usize = 50;
const MOST: usize = 200;

/// Conditions; all hold together.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conditions {
    /// State words, comma-separated.
    pub(super) keadaan: Option<String>,
    pub(super) sistem: Option<String>,
    pub(super) operasi: Option<String>,
    pub(super) konsumen: Option<String>,
    pub(super) rujukan: Option<String>,
    pub(super) sejak: Option<Timestamp>,
    pub(super) sampai: Option<Timestamp>,
    /// `berikut` of the page before.
    pub(super) kursor: Option<i64>,
    pub(super) jumlah: Option<usize>,
}

impl Conditions {
    pub(super) fn filter(self) -> Option<Filter> {
        let states = match &self.keadaan {
            None => Vec::new(),
            Some(words) => words.split(',').map(State::from_word).collect::<Option<_>>()?,
        };
        let limit = self.jumlah.unwrap_or(ROWS);
        (1..=MOST).contains(&limit).then_some(Filter {
            states,
            system: self.sistem,
            operation: self.operasi,
            consumer: self.konsumen,
            reference: self.rujukan,
            since: self.sejak,
            until: self.sampai,
            before_seq: self.kursor,
            limit,
        })
    }
}

pub(super) async fn list(
    Extract(state): Extract<OperatorState>,
    conditions: Result<Query<Conditions>, QueryRejection>,
) -> Response {
    let Some(filter) = conditions.ok().and_then(|Query(conditions)| conditions.filter()) else {
        return problem::answer("parameter-tidak-sesuai", &CONDITIONS);
    };
    match page(&state, filter).await {
        Ok(page) => Json(page).into_response(),
        Err(error) => problem::journal(&error),
    }
}

/// One page, with the cursor of the next.
pub(super) async fn page(state: &OperatorState, filter: Filter) -> Result<Value, JournalError> {
    let limit = filter.limit;
    let rows = state.journal.list(filter).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|last| last.seq);
    let rows: Vec<Value> = rows.iter().map(view::exchange).collect();
    Ok(json!({ "butir": rows, "berikut": next }))
}

pub(super) async fn one(Extract(state): Extract<OperatorState>, Found(id): Found) -> Response {
    match shown(&state, id).await {
        Ok(exchange) => Json(exchange).into_response(),
        Err(refused) => refused,
    }
}

/// One exchange with its attempts and the proposal that waits, if any; or the answer that refuses it.
pub(super) async fn shown(state: &OperatorState, id: ExchangeId) -> Result<Value, Response> {
    let journal = |error| problem::journal(&error);
    let stored = state.journal.get(id).await.map_err(journal)?;
    let stored = stored.ok_or_else(|| problem::answer("tidak-ditemukan", &problem::UNKNOWN))?;
    let attempts = state.journal.attempts(id).await.map_err(journal)?;
    let proposal = proposal(&state.rooms, id)
        .await
        .map_err(|error| problem::person(&error))?;
    let mut shown = view::exchange(&stored);
    shown["percobaan"] = attempts.iter().map(view::attempt).collect();
    let following = following(&state.rooms, id).await.map_err(journal)?;
    shown["diikuti"] = serde_json::to_value(following).unwrap_or_default();
    shown["usulan"] = proposal.as_ref().map_or(Value::Null, view::proposal);
    Ok(shown)
}

/// The exchange that a path names. Whatever is no number of an exchange is not found.
pub(super) struct Found(pub(super) ExchangeId);

impl<S: Send + Sync> FromRequestParts<S> for Found {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        let id = id.ok().and_then(|Path(id)| id.parse().ok());
        id.map(Self)
            .ok_or_else(|| problem::answer("tidak-ditemukan", &problem::UNKNOWN))
    }
}

const CONDITIONS: Text = Text::new(
    "Syarat tidak dikenal. Yang berlaku: keadaan, sistem, operasi, konsumen, rujukan, sejak, sampai (RFC 3339), kursor, jumlah (1–200).",
    "A condition is not understood. Allowed: keadaan, sistem, operasi, konsumen, rujukan, sejak, sampai (RFC 3339), kursor, jumlah (1–200).",
);
