//! `/admin/v1/konektor/{id}/sambungan`: the way to a registered system, step by step, bound by the rule of egress for manifests.
//! Credentials are used only when that version is in force: before, its secrets are nobody's business.

use super::state::OperatorState;
use super::{connectors, problem};
use crate::outbound::probe::{self, Went};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use connector_declarative::read;
use connector_sdk::Text;
use serde_json::{Value, json};

pub(super) async fn walk(State(state): State<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    let done = async {
        let (entry, _) = connectors::found(&state, id).await?;
        let manifest = read(&entry.teks).map_err(|_| problem::answer("isi-tidak-sesuai", &UNREADABLE))?;
        let tls = state
            .tls
            .clone()
            .ok_or_else(|| problem::answer("kesalahan-gateway", &NO_TLS))?;
        let desk = state.desk.load_full();
        let catalogue = state.catalogue.load_full();
        let system = match (desk.in_force.running.contains(&entry.id()), &entry.bagian) {
            (false, _) => None,
            (true, None) => catalogue.systems.get(&entry.sistem),
            (true, Some(_)) => catalogue.systems.get(&entry.beside()),
        };
        let credentials = system.and_then(|system| probe::credentials(&system.auth));
        let prefix = manifest
            .alamat
            .splitn(4, '/')
            .nth(3)
            .unwrap_or_default()
            .trim_end_matches('/');
        let path = format!(
            "{prefix}/{}",
            manifest.sehat.as_deref().unwrap_or_default().trim_start_matches('/')
        );
        let steps = probe::probe(&manifest.alamat, &path, &desk.egress, &tls, credentials).await;
        let well = steps.iter().all(|step| step.went != Went::Wrong);
        let rows: Vec<Value> = steps
            .iter()
            .map(|step| {
                let went = match step.went {
                    Went::Well => "baik",
                    Went::Wrong => "gagal",
                    Went::Untried => "tidak_dicoba",
                };
                json!({"langkah": step.name, "hasil": went, "keterangan": step.text, "ms": step.millis})
            })
            .collect();
        Ok::<_, Response>(Json(json!({"id": entry.id(), "baik": well, "langkah": rows})).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

const UNREADABLE: Text = Text::new("Manifesnya tidak terbaca.", "The manifest cannot be read.");
const NO_TLS: Text = Text::new(
    "Sambungan tidak dapat dicoba di sini.",
    "Connections cannot be tried here.",
);
