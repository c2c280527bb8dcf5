//! `/admin/v1/antrean`: what waits, per system and state, and how long the oldest has waited.

use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gateway_core::journal::{JournalError, QueueStat};
use gateway_core::time::between;
use serde_json::{Value, json};

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    match all(&state).await {
        Ok(rows) => Json(json!({ "butir": rows })).into_response(),
        Err(error) => problem::journal(&error),
    }
}

/// Every queue that holds something.
pub(super) async fn all(state: &OperatorState) -> Result<Vec<Value>, JournalError> {
    let now = state.clock.now();
    let row = |queue: &QueueStat| {
        json!({
            "sistem": queue.system,
            "keadaan": queue.state.word(),
            "jumlah": queue.count,
            "tertua_pada": queue.oldest.to_string(),
            "umur_detik": between(queue.oldest, now).as_secs(),
        })
    };
    Ok(state.journal.queues().await?.iter().map(row).collect())
}
