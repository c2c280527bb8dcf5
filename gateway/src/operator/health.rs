//! `/healthz`: the process answers. `/readyz`: it can take traffic, else why not. Neither asks a system: a system's bad
//! day must not take this node out of service.

use super::state::OperatorState;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::deliver::supplied::{self, Standing};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// How long the journal may take to say that it can store.
const PATIENCE: Duration = Duration::from_secs(2);
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "keadaan": "hidup", "versi": env!("CARGO_PKG_VERSION") }))
}

pub(super) async fn ready(State(state): State<OperatorState>) -> Response {
    let mut reasons = Vec::new();
    if !state.readiness.is_loaded() {
        reasons.push(reason("konfigurasi", &LOADING));
    }
    if state.readiness.is_stopping() {
        reasons.push(reason("berhenti", &STOPPING));
    }
    match timeout(PATIENCE, state.journal.ready()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "journal not ready");
            reasons.push(reason("jurnal", &JOURNAL));
        }
        Err(_) => reasons.push(reason("jurnal", &JOURNAL_SLOW)),
    }
    let mut warnings: Vec<Value> = state
        .readiness
        .is_refused()
        .then(|| reason("konfigurasi_lama", &OLD))
        .into_iter()
        .collect();
    warnings.extend(credentials(&state));
    let ready = reasons.is_empty();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({ "siap": ready, "alasan": reasons, "peringatan": warnings });
    (status, Json(body)).into_response()
}

/// Supplied credentials that have ended or soon will. A warning only: one system's dead token keeps no other waiting.
fn credentials(state: &OperatorState) -> Vec<Value> {
    let now = state.clock.now();
    let catalogue = state.catalogue.load();
    let mut found: Vec<Value> = Vec::new();
    for system in catalogue.systems.values() {
        let Some(until) = supplied::until(&system.auth) else {
            continue;
        };
        let text = match Standing::at(until, now) {
            Standing::Holds => continue,
            Standing::Ends | Standing::EndsNow => &ENDS,
            Standing::Ended => &ENDED,
        };
        let mut warning = reason("kredensial", text);
        warning["sistem"] = system.id.clone().into();
        warning["berakhir_pada"] = until.to_string().into();
        found.push(warning);
    }
    found.sort_by_key(|warning| warning["sistem"].to_string());
    found
}

const ENDS: Text = Text::new(
    "Kredensial yang dititipkan untuk sistem ini segera berakhir. Titipkan yang baru, lalu muat ulang.",
    "The credential supplied for this system ends soon. Supply a new one, then reload.",
);
const ENDED: Text = Text::new(
    "Kredensial yang dititipkan untuk sistem ini sudah berakhir; tidak ada yang dikirim. Titipkan yang baru, lalu muat ulang.",
    "The credential supplied for this system has ended; nothing is sent. Supply a new one, then reload.",
);

pub(super) async fn metrics(State(state): State<OperatorState>) -> Response {
    let Ok(text) = state.scraper.text().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut answer = text.into_response();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
    answer
}

fn reason(code: &str, text: &Text) -> Value {
    json!({ "kode": code, "id": text.id, "en": text.en })
}

const LOADING: Text = Text::new("Konfigurasi belum berlaku.", "Configuration is not in force yet.");
const STOPPING: Text = Text::new("Gateway sedang berhenti.", "The gateway is shutting down.");
const JOURNAL: Text = Text::new(
    "Jurnal tidak dapat menyimpan. Periksa ruang disk dan hak tulis, atau basis datanya.",
    "The journal cannot store. Check disk space and permissions, or its database.",
);
const JOURNAL_SLOW: Text = Text::new(
    "Jurnal tidak menjawab tepat waktu.",
    "The journal did not answer in time.",
);
const OLD: Text = Text::new(
    "Konfigurasi terbaru ditolak; yang lama tetap berlaku. Jalankan pemeriksaan konfigurasi.",
    "The newest configuration was refused; the old one stays in force. Run the configuration check.",
);
