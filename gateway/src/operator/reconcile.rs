//! `/admin/v1/rekonsiliasi`: comparisons of our records with their systems: when, how many differ, in what; a run on request.
//! Ids, words and numbers of records; nothing about persons.

use super::guard::Who;
use super::problem;
use super::state::OperatorState;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_sdk::Text;
use gateway_core::journal::JournalError;
use gateway_core::reconcile::{self, Differing};
use serde::Deserialize;
use serde_json::{Value, json};

/// Differences on a page unless asked otherwise, and at most.
const ROWS: usize = 100;
const MOST: usize = 1000;

/// Which page of differences.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Record after which it begins.
    setelah: Option<String>,
    jumlah: Option<usize>,
}

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    let mut rows = Vec::new();
    for plan in &state.catalogue.load().flows.reconciliations {
        match view(&state, &plan.system).await {
            Ok(row) => rows.push(row),
            Err(error) => return problem::journal(&error),
        }
    }
    Json(json!({ "butir": rows })).into_response()
}

async fn view(state: &OperatorState, system: &str) -> Result<Value, JournalError> {
    let standing = reconcile::standing(&state.rooms, system).await?;
    let (turn, due) = standing.map_or_else(Default::default, |(turn, due)| (turn, Some(due.to_string())));
    Ok(json!({
        "sistem": system,
        "berjalan": turn.berjalan.map(|(account, _)| account),
        "terakhir": turn.terakhir,
        "berikut_pada": due,
    }))
}

pub(super) async fn one(
    State(state): State<OperatorState>,
    system: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Some(system) = known(&state, system) else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    let asked = asked.ok().map(|Query(asked)| asked);
    let Some(asked) = asked.filter(|asked| asked.jumlah.is_none_or(|rows| (1..=MOST).contains(&rows))) else {
        return problem::answer("parameter-tidak-sesuai", &ASKED);
    };
    let (after, limit) = (asked.setelah.unwrap_or_default(), asked.jumlah.unwrap_or(ROWS));
    let found = async {
        let mut view = view(&state, &system).await?;
        let rows = reconcile::differences(&state.rooms, &system, &after, limit).await?;
        view["berikut"] = json!(rows.last().filter(|_| rows.len() == limit).map(|(record, _)| record));
        view["selisih"] = rows.iter().map(|(record, differing)| row(record, differing)).collect();
        Ok(view)
    };
    match found.await {
        Ok(view) => Json(view).into_response(),
        Err(error) => problem::journal(&error),
    }
}

fn row(record: &str, differing: &Differing) -> Value {
    let field = |(field, ours, theirs): &(String, Option<String>, Option<String>)| json!({"bidang": field, "tercatat": ours, "menurut_sistem": theirs});
    json!({
        "id": record,
        "beda": differing.bidang.iter().map(field).collect::<Vec<_>>(),
        "sejak": differing.sejak.to_string(),
        "terakhir": differing.terakhir.to_string(),
    })
}

pub(super) async fn run(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    system: Result<Path<String>, PathRejection>,
) -> Response {
    let Some(system) = known(&state, system) else {
        return problem::answer("tidak-ditemukan", &UNKNOWN);
    };
    match reconcile::hurry(&state.rooms, &system).await {
        Ok(true) => {
            tracing::info!(%system, by = who.name(), "comparison asked for");
            (StatusCode::ACCEPTED, Json(json!({ "sistem": system }))).into_response()
        }
        Ok(false) => problem::answer("tidak-ditemukan", &UNKNOWN),
        Err(error) => problem::journal(&error),
    }
}

fn known(state: &OperatorState, system: Result<Path<String>, PathRejection>) -> Option<String> {
    let Path(system) = system.ok()?;
    let catalogue = state.catalogue.load();
    let mut plans = catalogue.flows.reconciliations.iter();
    plans.any(|plan| plan.system == system).then_some(system)
}

const UNKNOWN: Text = Text::new(
    "Sistem ini tidak dibandingkan; buat [[rekonsiliasi]].",
    "This system is not compared; make a [[rekonsiliasi]].",
);
const ASKED: Text = Text::new(
    "Pakai setelah (id) dan jumlah (1 sampai 1000).",
    "Use setelah (an id) and jumlah (1 to 1000).",
);
