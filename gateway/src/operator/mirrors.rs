//! `/admin/v1/salinan`: every copy, how old it is, what runs now, and the chains over them; the history of a copy's runs; a
//! run on request.

use super::guard::Who;
use super::problem;
use super::state::OperatorState;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::journal::JournalError;
use gateway_core::mirror::chain_links;
use gateway_core::mirror::{Ended, MirrorPlan, SetRow, Standing};
use gateway_core::time::between;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Runs that the history shows.
const RUNS: usize = 50;

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    let done = async { Ok((all(&state).await?, chains(&state).await?)) };
    match done.await {
        Ok((rows, chains)) => Json(json!({ "butir": rows, "rantai": chains })).into_response(),
        Err(error) => problem::journal(&error),
    }
}

async fn chains(state: &OperatorState) -> Result<Vec<Value>, JournalError> {
    let mut rows = Vec::new();
    for plan in &state.catalogue.load().flows.chains {
        let links = chain_links::links(&state.rooms, plan).await?;
        rows.push(json!({
            "id": plan.id,
            "alamat": plan.path,
            "langkah": plan.stages.iter().map(|stage| &stage.name).collect::<Vec<_>>(),
            "tautan": links.count,
            "ditautkan_pada": links.found.map(|at| at.to_string()),
            "selaras": links.current,
        }));
    }
    Ok(rows)
}

/// Every copy.
pub(super) async fn all(state: &OperatorState) -> Result<Vec<Value>, JournalError> {
    let sets = state.rooms.mirrors.sets().await?;
    let now = state.clock.now();
    let mut rows = Vec::new();
    for plan in &state.catalogue.load().flows.mirrors {
        let set = sets.iter().find(|set| set.set == plan.id);
        rows.push(view(state, plan, set, now).await?);
    }
    Ok(rows)
}

async fn view(
    state: &OperatorState,
    plan: &MirrorPlan,
    set: Option<&SetRow>,
    now: Timestamp,
) -> Result<Value, JournalError> {
    let standing = set.map(|set| Standing::read(&set.state)).unwrap_or_default();
    let live = state.rooms.mirrors.tally(plan.id.clone(), None, 0).await?.live;
    let age = standing.complete.map(|at| between(at, now));
    let running = set.is_some_and(|set| set.until.is_some_and(|until| until > now));
    let run = standing.run.as_ref().map(|run| {
        json!({
            "nomor": run.number,
            "mulai": run.began.to_string(),
            "langkah_terakhir": run.touched.to_string(),
            "bagian": run.scopes,
            "dari_bagian": run.of,
            "halaman_bagian": run.page,
            "butir_bagian": run.scope_rows,
            "jumlah_bagian": run.total,
            "catatan": run.account,
        })
    });
    Ok(json!({
        "id": plan.id,
        "sistem": plan.system,
        "salinan": plan.mirror,
        "alamat": plan.path,
        "rekaman": live,
        "diperbarui_pada": standing.complete.map(|at| at.to_string()),
        "umur_detik": age.map(|age| age.as_secs()),
        "kedaluwarsa": age.is_none_or(|age| age > plan.fresh),
        "berjalan": running,
        "berikut_pada": set.map(|set| set.due.to_string()),
        "gangguan": standing.trouble,
        "gagal_berturut": standing.failures,
        "tarikan": run,
    }))
}

pub(super) async fn one(State(state): State<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    let Some(plan) = plan(&state, id) else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    let done = async {
        let sets = state.rooms.mirrors.sets().await?;
        let set = sets.iter().find(|set| set.set == plan.id);
        let mut view = view(&state, &plan, set, state.clock.now()).await?;
        let history = state.rooms.mirrors.history(plan.id.clone(), RUNS).await?;
        let runs: Vec<Ended> = history
            .iter()
            .filter_map(|body| serde_json::from_slice(body).ok())
            .collect();
        view["riwayat"] = json!(runs);
        Ok(view)
    };
    match done.await {
        Ok(view) => Json(view).into_response(),
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn pull(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    let Some(plan) = plan(&state, id) else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    match state.rooms.mirrors.hurry(plan.id.clone(), state.clock.now()).await {
        Ok(true) => {
            tracing::info!(mirror = %plan.id, by = who.name(), "pull of a mirror asked for");
            (StatusCode::ACCEPTED, Json(json!({ "id": plan.id }))).into_response()
        }
        Ok(false) => problem::answer("tidak-ditemukan", &UNKNOWN),
        Err(error) => problem::journal(&error),
    }
}

fn plan(state: &OperatorState, id: Result<Path<String>, PathRejection>) -> Option<MirrorPlan> {
    let Path(id) = id.ok()?;
    state
        .catalogue
        .load()
        .flows
        .mirrors
        .iter()
        .find(|plan| plan.id == id)
        .cloned()
}

const UNKNOWN: Text = Text::new("Tidak ada salinan dengan nama itu.", "There is no copy with that name.");
