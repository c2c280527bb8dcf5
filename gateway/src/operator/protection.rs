//! `/admin/v1/perlindungan/turunkan`: a named operator lowers the protection of one record, with a reason. Both become
//! evidence before anything changes; without a reason nothing happens.

use super::body;
use super::guard::Who;
use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::link;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lower {
    /// Name of the link.
    tautan: String,
    /// Its key: the report or the ticket.
    kunci: String,
    /// JSON pointer to the flag.
    bendera: String,
    alasan: String,
}

pub(super) async fn lower(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let wish: Lower = match body::read(body) {
        Ok(wish) => wish,
        Err(refused) => return refused,
    };
    if wish.alasan.trim().is_empty() {
        return problem::answer("isi-tidak-sesuai", &REASON);
    }
    let done = link::lower(
        &state.rooms,
        &wish.tautan,
        &wish.kunci,
        &wish.bendera,
        who.name(),
        &wish.alasan,
    )
    .await;
    match done {
        Ok(true) => Json(json!({ "hasil": "diturunkan", "oleh": who.name() })).into_response(),
        Ok(false) => problem::answer("tidak-ditemukan", &UNKNOWN),
        Err(error) => problem::journal(&error),
    }
}

const REASON: Text = Text::new(
    "Sebutkan alasannya; alasan tercatat sebagai bukti.",
    "Give the reason; it is kept as evidence.",
);
const UNKNOWN: Text = Text::new(
    "Tidak ada perlindungan seperti itu: periksa tautan, kunci dan bendera.",
    "There is no such protection: check tautan, kunci and bendera.",
);
