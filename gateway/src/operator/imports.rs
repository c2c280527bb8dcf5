//! `POST /admin/v1/impor/{sistem}/{kiriman}`: a push that a person brings, in the form in which the system would push it. The
//! operator's token proves the sender, and its name goes into the record; everything after that is the way of every push.

use super::guard::Who;
use super::problem;
use super::state::OperatorState;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::inbound::{self, Imported};
use serde_json::json;

pub(super) async fn push(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Bytes,
) -> Response {
    let catalogue = state.catalogue.load_full();
    let receiver = path.ok().and_then(|Path((system, hook))| {
        let receiver = catalogue.inbound.get(&inbound::operation(&system, &hook))?;
        Some(std::sync::Arc::clone(receiver))
    });
    let Some(receiver) = receiver else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    match inbound::import(&state.rooms, &receiver, body, who.name()).await {
        Ok(Imported::New(exchange)) => Json(json!({"baru": true, "pertukaran": exchange.to_string()})).into_response(),
        Ok(Imported::Known(exchange)) => {
            Json(json!({"baru": false, "pertukaran": exchange.to_string()})).into_response()
        }
        Ok(Imported::Unreadable) => problem::answer("isi-tidak-sesuai", &UNREADABLE),
        Err(error) => problem::journal(&error),
    }
}

const UNKNOWN: Text = Text::new("Kiriman ini tidak dikonfigurasi.", "This push is not configured.");
const UNREADABLE: Text = Text::new(
    "Isinya tidak dapat diterjemahkan sebagai kiriman ini.",
    "The content cannot be translated as this push.",
);
