//! Reads the small JSON bodies of decisions. Says where a body is wrong, never what stood there.

use super::problem;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use connector_sdk::Text;
use serde::de::DeserializeOwned;

/// The body as a `T`, or the answer that refuses it. An empty body is an empty object.
pub(super) fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Response> {
    let body = body.map_err(|_| problem::answer("terlalu-besar", &TOO_LARGE))?;
    let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
    serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            problem::answer("isi-tidak-sesuai", &UNFIT)
        } else {
            problem::answer("json-tidak-sah", &NO_JSON)
        }
    })
}

const TOO_LARGE: Text = Text::new(
    "Isi terlalu besar untuk port operator (paling besar 64 KiB), atau terputus.",
    "The body is too large for the operator port (at most 64 KiB), or broke off.",
);
const NO_JSON: Text = Text::new("Isi bukan JSON.", "The body is not JSON.");
const UNFIT: Text = Text::new(
    "Isi tidak sesuai: ada isian yang wajib, tidak dikenal, atau salah bentuk. Lihat docs/runbook.md.",
    "The body does not fit: a field is missing, not known or of the wrong form. See docs/runbook.md.",
);
