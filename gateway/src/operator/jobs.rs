//! Replaying many: `/admin/v1/kirim-ulang` counts and samples, or begins a job; `/admin/v1/pekerjaan/{id}` says how far it
//! is; `…/hentikan` stops it. The work is done by the background runtime.

use super::guard::Who;
use super::state::OperatorState;
use super::{body, problem};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::exchange::State as Standing;
use gateway_core::person::bulk::{Selection, begin, job, preview, stop};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    pilihan: Selection,
    #[serde(default)]
    alasan: String,
    /// Only count and sample. What is left out is never taken for consent.
    #[serde(default = "yes")]
    uji: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn replay(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Many { pilihan, alasan, uji } = match body::read::<Many>(body) {
        Ok(many) => many,
        Err(refused) => return refused,
    };
    if let Some(refused) = unfit(&pilihan) {
        return refused;
    }
    if uji {
        return match preview(&state.rooms, &pilihan).await {
            Ok(preview) => Json(json!({ "uji": true, "pilihan": pilihan, "hasil": preview })).into_response(),
            Err(error) => problem::person(&error),
        };
    }
    let id = match begin(&state.rooms, pilihan, who.name().to_owned(), alasan).await {
        Ok(id) => id,
        Err(error) => return problem::person(&error),
    };
    let place = format!("/admin/v1/pekerjaan/{id}");
    let mut answer = shown(&state, &id, StatusCode::ACCEPTED).await;
    if let Ok(place) = place.parse() {
        answer.headers_mut().insert(LOCATION, place);
    }
    answer
}

pub(super) fn unfit(selection: &Selection) -> Option<Response> {
    let state = Standing::from_word(&selection.keadaan);
    if !matches!(state, Some(Standing::Dead | Standing::Failed | Standing::Parked)) {
        let place = ("/pilihan/keadaan".to_owned(), STATE);
        return Some(problem::with_places("isi-tidak-sesuai", &STATE, vec![place]));
    }
    if !selection.is_known() {
        let place = ("/pilihan".to_owned(), GROUP);
        return Some(problem::with_places("isi-tidak-sesuai", &GROUP, vec![place]));
    }
    if selection.sistem.is_none() && selection.operasi.is_none() {
        let place = ("/pilihan".to_owned(), WIDE);
        return Some(problem::with_places("isi-tidak-sesuai", &WIDE, vec![place]));
    }
    None
}

pub(super) async fn one(State(state): State<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    match id {
        Ok(Path(id)) => shown(&state, &id, StatusCode::OK).await,
        Err(_) => problem::answer("tidak-ditemukan", &UNKNOWN),
    }
}

pub(super) async fn halt(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let Ok(Path(id)) = id else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    match job(&state.rooms, &id).await {
        Ok(Some(_)) => {}
        Ok(None) => return problem::answer("tidak-ditemukan", &UNKNOWN),
        Err(error) => return problem::person(&error),
    }
    if let Err(error) = stop(&state.rooms, &id).await {
        return problem::person(&error);
    }
    tracing::info!(job = %id, by = who.name(), "replay job stopped");
    shown(&state, &id, StatusCode::OK).await
}

async fn shown(state: &OperatorState, id: &str, status: StatusCode) -> Response {
    match job(&state.rooms, id).await {
        Ok(Some(job)) => (status, Json(json!({ "id": id, "pekerjaan": job }))).into_response(),
        Ok(None) => problem::answer("tidak-ditemukan", &UNKNOWN),
        Err(error) => problem::person(&error),
    }
}

const STATE: Text = Text::new(
    "keadaan: gagal, ditolak atau hasil_tidak_pasti.",
    "keadaan: gagal, ditolak or hasil_tidak_pasti.",
);
const GROUP: Text = Text::new(
    "sebab atau pihak tidak dikenal; pakai kata dari /admin/v1/masalah.",
    "sebab or pihak is not known; use the words of /admin/v1/masalah.",
);
const WIDE: Text = Text::new(
    "Sebutkan sistem atau operasi; tidak semua sekaligus.",
    "Name a system or an operation; not everything at once.",
);
const UNKNOWN: Text = Text::new(
    "Tidak ada pekerjaan dengan nomor ini; yang selesai dapat dilihat tujuh hari.",
    "There is no job with this number; finished ones can be seen for seven days.",
);
