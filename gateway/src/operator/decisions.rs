//! What a person decides about one exchange: replay, discard, landed, confirm; and the look inside before that. The core
//! checks and carries out; the name comes from the guard.

use super::exchanges::{Found, shown};
use super::guard::{LOOKS_ONLY, Role, Who};
use super::state::OperatorState;
use super::{body, problem, view};
use crate::telemetry::SecurityEvent;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::ids::ExchangeId;
use gateway_core::person::inspect::inspect;
use gateway_core::person::{Proposal, Ruling, Wish, confirm, decide};
use serde::Deserialize;
use serde_json::{Value, json};

type Body = Result<Bytes, BytesRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay {
    #[serde(default)]
    paksa: bool,
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Discard {
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    balasan: Value,
    #[serde(default)]
    alasan: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

pub(super) async fn replay(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    id: Found,
    body: Body,
) -> Response {
    match body::read::<Replay>(body) {
        Ok(Replay { paksa, alasan }) => decided(&state, &who, id, Wish::KirimUlang { paksa }, alasan).await,
        Err(refused) => refused,
    }
}

pub(super) async fn discard(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    id: Found,
    body: Body,
) -> Response {
    match body::read::<Discard>(body) {
        Ok(Discard { alasan }) => decided(&state, &who, id, Wish::Batalkan, alasan).await,
        Err(refused) => refused,
    }
}

pub(super) async fn landed(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    id: Found,
    body: Body,
) -> Response {
    match body::read::<Seen>(body) {
        Ok(Seen { balasan, alasan }) => decided(&state, &who, id, Wish::NyatakanBerlaku { balasan }, alasan).await,
        Err(refused) => refused,
    }
}

pub(super) async fn second(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    Found(id): Found,
    body: Body,
) -> Response {
    if let Err(refused) = body::read::<Nothing>(body) {
        return refused;
    }
    match confirm(&state.rooms, id, who.name()).await {
        Ok(()) => ruled(&state, id, StatusCode::ACCEPTED, "dijalankan").await,
        Err(error) => problem::person(&error),
    }
}

async fn decided(state: &OperatorState, who: &Who, Found(id): Found, wish: Wish, reason: String) -> Response {
    // A replay goes on after the answer; the others are over with it.
    let status = match &wish {
        Wish::KirimUlang { .. } => StatusCode::ACCEPTED,
        Wish::Batalkan | Wish::NyatakanBerlaku { .. } => StatusCode::OK,
    };
    let proposal = Proposal {
        wish,
        by: who.name().to_owned(),
        reason,
        at: state.clock.now(),
    };
    match decide(&state.rooms, id, proposal).await {
        Ok(Ruling::Carried) => ruled(state, id, status, "dijalankan").await,
        Ok(Ruling::AwaitsSecond) => ruled(state, id, StatusCode::ACCEPTED, "menunggu_orang_kedua").await,
        Err(error) => problem::person(&error),
    }
}

async fn ruled(state: &OperatorState, id: ExchangeId, status: StatusCode, ruling: &str) -> Response {
    match shown(state, id).await {
        Ok(exchange) => (status, Json(json!({ "hasil": ruling, "pertukaran": exchange }))).into_response(),
        Err(refused) => refused,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    alasan: Option<String>,
    buka: Option<String>,
}

pub(super) async fn look(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    Extension(role): Extension<Role>,
    Found(id): Found,
    look: Result<Query<Look>, QueryRejection>,
) -> Response {
    let Ok(Query(look)) = look else {
        return problem::answer("parameter-tidak-sesuai", &LOOK);
    };
    let reveal = match look.buka.as_deref() {
        None | Some("tidak") => None,
        // Opening a body is a decision, though it changes nothing.
        Some("ya") if !role.decides() => {
            state
                .meters
                .security(SecurityEvent::AdminFailed, who.name(), "isi", None);
            return problem::answer("hak-tidak-ada", &LOOKS_ONLY);
        }
        Some("ya") => Some((who.name(), look.alasan.as_deref().unwrap_or_default())),
        Some(_) => return problem::answer("parameter-tidak-sesuai", &LOOK),
    };
    match inspect(&state.rooms, id, reveal).await {
        Ok(mut inspection) => {
            // What a system said may quote a number.
            view::masked_all(&mut inspection.langkah_gagal);
            Json(inspection).into_response()
        }
        Err(error) => problem::person(&error),
    }
}

const LOOK: Text = Text::new(
    "Yang berlaku: buka=ya (data pribadi terlihat, dengan alasan, dan tercatat sebagai bukti) dan alasan.",
    "Allowed: buka=ya (personal data are shown, with a reason, and this is evidence) and alasan.",
);
