//! Problems of the operator port: the codes of the public ones, texts in both languages at once.

use crate::http::{CODES, code_titles};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::journal::JournalError;
use serde_json::json;

/// A problem document with a code of [`CODES`].
pub(super) fn answer(code: &'static str, detail: &Text) -> Response {
    let status = CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(500, |(_, status)| *status);
    let title = code_titles(code);
    let body = json!({
        "type": format!("/docs/masalah/{code}"),
        "code": code,
        "status": status,
        "title": title.id,
        "title_en": title.en,
        "detail": detail.id,
        "detail_en": detail.en,
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = (status, body.to_string()).into_response();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}

/// The journal did not answer.
pub(super) fn journal(error: &JournalError) -> Response {
    tracing::error!(%error, "journal not readable");
    answer(
        "penyimpanan-penuh",
        &Text::new(
            "Jurnal tidak dapat dibaca saat ini.",
            "The journal cannot be read at the moment.",
        ),
    )
}

pub(super) async fn not_found() -> Response {
    answer(
        "tidak-ditemukan",
        &Text::new(
            "Alamat ini tidak ada di port operator.",
            "There is nothing at this address of the operator port.",
        ),
    )
}

pub(super) async fn wrong_method() -> Response {
    answer(
        "metode-tidak-boleh",
        &Text::new(
            "Port operator hanya menerima GET di alamat ini.",
            "The operator port takes GET only at this address.",
        ),
    )
}

pub(super) fn too_slow() -> Response {
    answer(
        "gateway-sibuk",
        &Text::new(
            "Jawaban tidak siap tepat waktu. Coba lagi.",
            "The answer was not ready in time. Try again.",
        ),
    )
}
