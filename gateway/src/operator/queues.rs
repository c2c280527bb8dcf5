//! `/admin/v1/antrean`: what waits, per system and state, and how long the oldest has waited.

use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use gateway_core::time::between;
use serde_json::{Value, json};

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    let now = state.clock.now();
    match state.journal.queues().await {
        Ok(queues) => {
            let rows: Vec<Value> = queues
                .iter()
                .map(|queue| {
                    json!({
                        "sistem": queue.system,
                        "keadaan": queue.state.word(),
                        "jumlah": queue.count,
                        "tertua_pada": queue.oldest.to_string(),
                        "umur_detik": between(queue.oldest, now).as_secs(),
                    })
                })
                .collect();
            Json(json!({ "butir": rows })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}
