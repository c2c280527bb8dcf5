//! `/admin/v1/daftar`: the synchronised lists with their provenance: where from, when pulled, how many rows.

use super::state::OperatorState;
use axum::Json;
use axum::extract::State;
use gateway_core::time::between;
use serde_json::{Value, json};

pub(super) async fn list(State(state): State<OperatorState>) -> Json<Value> {
    let now = state.clock.now();
    let lists = state.rooms.lists.all();
    let rows: Vec<Value> = lists
        .iter()
        .map(|list| {
            json!({
                "sistem": list.system,
                "daftar": list.list,
                "diambil_pada": list.fetched_at.to_string(),
                "umur_detik": between(list.fetched_at, now).as_secs(),
                "jumlah": list.rows.len(),
            })
        })
        .collect();
    Json(json!({ "butir": rows }))
}
