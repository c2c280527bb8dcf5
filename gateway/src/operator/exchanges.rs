//! `/admin/v1/pertukaran`: exchanges, newest first, and one exchange with its attempts. Metadata only.

use super::state::OperatorState;
use super::{problem, view};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State as Extract};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::exchange::State;
use gateway_core::ids::ExchangeId;
use gateway_core::journal::Filter;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// Rows of a page unless asked otherwise, and at most.
const ROWS: usize = 50;
const MOST: usize = 200;

/// Conditions; all hold together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conditions {
    /// State words, comma-separated.
    keadaan: Option<String>,
    sistem: Option<String>,
    operasi: Option<String>,
    konsumen: Option<String>,
    rujukan: Option<String>,
    dari: Option<Timestamp>,
    sampai: Option<Timestamp>,
    /// `berikut` of the page before.
    sebelum: Option<i64>,
    jumlah: Option<usize>,
}

impl Conditions {
    fn filter(self) -> Option<Filter> {
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
            since: self.dari,
            until: self.sampai,
            before_seq: self.sebelum,
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
    let limit = filter.limit;
    match state.journal.list(filter).await {
        Ok(rows) => {
            let next = rows.last().filter(|_| rows.len() == limit).map(|last| last.seq);
            let rows: Vec<Value> = rows.iter().map(view::exchange).collect();
            Json(json!({ "butir": rows, "berikut": next })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn one(Extract(state): Extract<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    let unknown = || problem::answer("tidak-ditemukan", &UNKNOWN);
    let Some(id) = id.ok().and_then(|Path(id)| id.parse::<ExchangeId>().ok()) else {
        return unknown();
    };
    let stored = match state.journal.get(id).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return unknown(),
        Err(error) => return problem::journal(&error),
    };
    match state.journal.attempts(id).await {
        Ok(attempts) => {
            let mut shown = view::exchange(&stored);
            shown["percobaan"] = attempts.iter().map(view::attempt).collect();
            Json(shown).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

const CONDITIONS: Text = Text::new(
    "Syarat tidak dikenal. Yang berlaku: keadaan, sistem, operasi, konsumen, rujukan, dari, sampai (RFC 3339), sebelum, jumlah (1–200).",
    "A condition is not understood. Allowed: keadaan, sistem, operasi, konsumen, rujukan, dari, sampai (RFC 3339), sebelum, jumlah (1–200).",
);
const UNKNOWN: Text = Text::new(
    "Tidak ada pertukaran dengan nomor ini.",
    "There is no exchange with this number.",
);
