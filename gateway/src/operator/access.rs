//! `/admin/v1/akses`: requests for access, and the decision about each. Whoever asked may not approve; the decision holds on
//! every node within a second, by the journal. Who asks is personal data: shown with one request, never in the list.

use super::guard::Who;
use super::state::OperatorState;
use super::{body, problem};
use crate::access::{self, Access, Refused, Verb};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector_sdk::Text;
use serde::Deserialize;
use serde_json::{Value, json};

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    alasan: String,
    /// Agreement, where the request names none or another.
    perjanjian: Option<String>,
    /// Last day.
    berlaku_sampai: Option<String>,
    per_menit: Option<u32>,
}

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    match access::all(&*state.journal).await {
        Ok(all) => {
            let rows: Vec<Value> = all.iter().rev().map(|(access, _)| view(&state, access)).collect();
            Json(json!({ "butir": rows })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn one(State(state): State<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    let done = async {
        let (access, _) = found(&state, id).await?;
        let mut view = view(&state, &access);
        view["pemohon"] = json!(applicant(&state, &access));
        Ok::<_, Response>(Json(view).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

pub(super) async fn decide(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    place: Result<Path<(String, String)>, PathRejection>,
    sent: Result<Bytes, BytesRejection>,
) -> Response {
    let done = async {
        let Ok(Path((id, word))) = place else {
            return Err(problem::answer("tidak-ditemukan", &UNKNOWN));
        };
        let verb = Verb::of(&word).ok_or_else(|| problem::answer("tidak-ditemukan", &UNKNOWN))?;
        let wish: Wish = body::read(sent)?;
        let reason = problem::reason(&wish.alasan)?;
        let (mut access, revision) = found(&state, Ok(Path(id))).await?;
        let own = applicant(&state, &access);
        if verb == Verb::Setujui {
            if own
                .as_deref()
                .is_some_and(|name| name.to_lowercase().contains(&who.name().to_lowercase()))
            {
                return Err(refused(Refused::SamePerson));
            }
            let given = wish.perjanjian.filter(|text| !text.trim().is_empty());
            access.perjanjian = given.or(access.perjanjian);
            access.berlaku_sampai = wish.berlaku_sampai.or(access.berlaku_sampai);
            access.per_menit = wish.per_menit.or(access.per_menit);
            let dated = access
                .berlaku_sampai
                .as_deref()
                .is_none_or(|day| day.parse::<jiff::civil::Date>().is_ok());
            if !dated || access.per_menit == Some(0) {
                return Err(problem::with_places(
                    "isi-tidak-sesuai",
                    &TERMS,
                    vec![("/berlaku_sampai".to_owned(), TERMS)],
                ));
            }
        }
        access
            .decide(verb, who.name(), reason, state.clock.now())
            .map_err(refused)?;
        match access::put(&*state.journal, &access, revision).await {
            Ok(Some(_)) => {}
            Ok(None) => return Err(problem::answer("keadaan-tidak-sesuai", &MOVED)),
            Err(error) => return Err(problem::journal(&error)),
        }
        tracing::info!(access = %access.id, by = who.name(), step = ?verb, "access decided");
        Ok(Json(view(&state, &access)).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

async fn found(state: &OperatorState, id: Result<Path<String>, PathRejection>) -> Result<access::Read, Response> {
    let unknown = || problem::answer("tidak-ditemukan", &UNKNOWN);
    let Path(id) = id.map_err(|_| unknown())?;
    let found = access::one(&*state.journal, &id)
        .await
        .map_err(|error| problem::journal(&error))?;
    found.ok_or_else(unknown)
}

/// Who asks, opened.
fn applicant(state: &OperatorState, access: &Access) -> Option<String> {
    let sealed = STANDARD.decode(access.pemohon.as_ref()?).ok()?;
    let plain = state
        .rooms
        .sealer
        .open(&sealed, &format!("{}:{}", access::KIND, access.id))
        .ok()?;
    String::from_utf8(plain.to_vec()).ok()
}

fn view(state: &OperatorState, access: &Access) -> Value {
    let desk = state.desk.load();
    let trouble = desk.in_force.troubles.get(&format!("akses {}", access.id));
    let trouble: Vec<Value> = trouble
        .into_iter()
        .flatten()
        .map(|one| json!({"kunci": one.place.key, "apa": one.what, "saran": one.advice}))
        .collect();
    json!({
        "id": access.id, "konsumen": access.konsumen, "nama": access.nama, "pendatang": access.is_newcomer(),
        "operasi": access.operasi, "tujuan": access.tujuan, "dasar_hukum": access.dasar_hukum,
        "perjanjian": access.perjanjian, "berlaku_sampai": access.berlaku_sampai, "per_menit": access.per_menit,
        "keadaan": access.keadaan, "kunci": access.kunci, "keluhan": trouble, "langkah": access.langkah,
    })
}

fn refused(refused: Refused) -> Response {
    match refused {
        Refused::State => problem::answer("keadaan-tidak-sesuai", &STATE),
        Refused::SamePerson => problem::answer("hak-tidak-ada", &SAME),
        Refused::Agreement => problem::with_places(
            "isi-tidak-sesuai",
            &AGREEMENT,
            vec![("/perjanjian".to_owned(), AGREEMENT)],
        ),
    }
}

const UNKNOWN: Text = Text::new(
    "Tidak ada permintaan akses dengan nomor itu.",
    "There is no such request for access.",
);
const MOVED: Text = Text::new(
    "Orang lain baru saja memutuskannya. Lihat lagi.",
    "Someone else has just decided it. Look again.",
);
const STATE: Text = Text::new(
    "Keadaan permintaan ini tidak mengizinkan langkah itu. Tidak ada yang berubah.",
    "The state of this request does not allow that step. Nothing changed.",
);
const SAME: Text = Text::new(
    "Yang mengajukan tidak boleh menyetujui. Mintalah petugas lain.",
    "Whoever asked may not approve. Ask another operator.",
);
const AGREEMENT: Text = Text::new(
    "Tulis nomor perjanjian (PKS, MoU atau SK); hak tanpa perjanjian tidak diberikan.",
    "Write the number of the agreement; no right is given without one.",
);
const TERMS: Text = Text::new(
    "Tulis tanggal akhir seperti 2027-12-31, dan per_menit paling sedikit 1.",
    "Write the last day as in 2027-12-31, and per_menit at least 1.",
);
