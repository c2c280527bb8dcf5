//! `/admin/v1/konektor`: manifests registered at run time. Every step carries a person and a reason; maker and approver are
//! two. What is in force changes on every node within a second, by the journal.

use super::guard::Who;
use super::state::OperatorState;
use super::{body, problem};
use crate::config::Complaint;
use crate::registry::{self, Entry, Refused, Share, State as Standing, Verb};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use connector_declarative::{Flaw, Manifest, read};
use connector_sdk::Text;
use serde::Deserialize;
use serde_json::{Value, json};

/// A wish with its reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    alasan: String,
    /// Of `alihkan`: what it takes beside the version in force.
    bagian: Option<Share>,
}

/// A manifest with the reason for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    manifes: String,
    alasan: String,
}

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    match registry::all(&*state.journal).await {
        Ok(entries) => {
            let rows: Vec<Value> = entries.iter().map(|(entry, _)| brief(&state, entry)).collect();
            Json(json!({ "butir": rows })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn one(State(state): State<OperatorState>, id: Result<Path<String>, PathRejection>) -> Response {
    let done = async {
        let (entry, _) = found(&state, id).await?;
        let view = whole(&state, &entry).await?;
        Ok::<_, Response>(Json(view).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

/// Judges a manifest and keeps nothing.
pub(super) async fn dry(State(state): State<OperatorState>, sent: Result<Bytes, BytesRejection>) -> Response {
    let done = async {
        let sent: Sent = body::read(sent)?;
        let desk = state.desk.load_full();
        let (manifest, judgement) = registry::judge(&sent.manifes, &desk.schemas).map_err(|flaws| unfit(&flaws))?;
        let reach = registry::address(&manifest.alamat, &desk.egress).await.err();
        let sound = judgement.is_sound() && reach.is_none();
        Ok::<_, Response>(Json(json!({"layak": sound, "penilaian": judgement, "alamat": reach})).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

/// Registers a draft, or replaces one.
pub(super) async fn register(
    State(state): State<OperatorState>,
    Extension(who): Extension<Who>,
    sent: Result<Bytes, BytesRejection>,
) -> Response {
    let done = async {
        let sent: Sent = body::read(sent)?;
        let reason = problem::reason(&sent.alasan)?;
        let manifest = read(&sent.manifes).map_err(|flaws| unfit(&flaws))?;
        let desk = state.desk.load_full();
        registry::address(&manifest.alamat, &desk.egress)
            .await
            .map_err(|flaw| unfit(&[flaw]))?;
        let now = state.clock.now();
        let fresh = Entry::draft(&manifest.sistem, manifest.versi, sent.manifes, who.name(), reason, now);
        let (entry, expected) = match registry::one(&*state.journal, &fresh.id())
            .await
            .map_err(|e| problem::journal(&e))?
        {
            None => (fresh, 0),
            Some((mut old, revision)) => {
                old.step(Verb::Daftarkan, who.name(), reason, now).map_err(refused)?;
                old.teks = fresh.teks;
                (old, revision)
            }
        };
        store(&state, &entry, expected).await?;
        tracing::info!(connector = %entry.id(), by = who.name(), "connector registered");
        let view = whole(&state, &entry).await?;
        Ok::<_, Response>((StatusCode::CREATED, Json(view)).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

/// One step of its life.
pub(super) async fn step(
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
        let (mut entry, revision) = found(&state, Ok(Path(id))).await?;
        let now = state.clock.now();
        entry.step(verb, who.name(), reason, now).map_err(refused)?;
        if matches!(verb, Verb::Ajukan | Verb::Setujui | Verb::Aktifkan | Verb::Alihkan) {
            sound(&state, &entry).await?;
        }
        if verb == Verb::Alihkan {
            entry.bagian = Some(beside(&state, &entry, wish.bagian).await?);
        }
        // One version of a system at a time: the other one steps back, and can be put in force again.
        if verb == Verb::Aktifkan {
            let all = registry::all(&*state.journal)
                .await
                .map_err(|error| problem::journal(&error))?;
            for (mut other, at) in all {
                let replaced =
                    other.sistem == entry.sistem && other.versi != entry.versi && other.keadaan == Standing::Aktif;
                if replaced {
                    other.step(Verb::Tangguhkan, who.name(), reason, now).map_err(refused)?;
                    store(&state, &other, at).await?;
                }
            }
        }
        store(&state, &entry, revision).await?;
        tracing::info!(connector = %entry.id(), by = who.name(), step = ?verb, "connector decided");
        Ok(Json(brief(&state, &entry)).into_response())
    };
    done.await.unwrap_or_else(|refused| refused)
}

/// The share that a version may take: something, beside a version in force that publishes the same.
async fn beside(state: &OperatorState, entry: &Entry, wish: Option<Share>) -> Result<Share, Response> {
    let share = wish.filter(Share::is_sound).ok_or_else(|| {
        let places = vec![("/bagian".to_owned(), SHARE)];
        problem::with_places("isi-tidak-sesuai", &SHARE, places)
    })?;
    let all = registry::all(&*state.journal)
        .await
        .map_err(|error| problem::journal(&error))?;
    let mut others = all
        .iter()
        .map(|(other, _)| other)
        .filter(|other| other.sistem == entry.sistem);
    let (Some(old), Ok(new)) = (
        others.find(|other| other.versi != entry.versi && other.is_whole()),
        read(&entry.teks),
    ) else {
        return Err(problem::answer("keadaan-tidak-sesuai", &ALONE));
    };
    let published: Vec<(String, Text)> = read(&old.teks)
        .map(|old| registry::changes(&old, &new))
        .unwrap_or_default()
        .into_iter()
        .map(|change| (change.di, Text::owned(change.apa.clone(), change.apa)))
        .collect();
    match published.is_empty() {
        true => Ok(share),
        false => Err(problem::with_places("isi-tidak-sesuai", &DIFFERS, published)),
    }
}

async fn store(state: &OperatorState, entry: &Entry, expected: i64) -> Result<(), Response> {
    match registry::put(&*state.journal, entry, expected).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(problem::answer("keadaan-tidak-sesuai", &MOVED)),
        Err(error) => Err(problem::journal(&error)),
    }
}

pub(super) async fn found(
    state: &OperatorState,
    id: Result<Path<String>, PathRejection>,
) -> Result<(Entry, i64), Response> {
    let unknown = || problem::answer("tidak-ditemukan", &UNKNOWN);
    let Path(id) = id.map_err(|_| unknown())?;
    let found = registry::one(&*state.journal, &id)
        .await
        .map_err(|error| problem::journal(&error))?;
    found.ok_or_else(unknown)
}

/// Nothing unsound goes on; its address is asked about again, since names change theirs.
async fn sound(state: &OperatorState, entry: &Entry) -> Result<(), Response> {
    let desk = state.desk.load_full();
    let (manifest, judgement) = registry::judge(&entry.teks, &desk.schemas).map_err(|flaws| unfit(&flaws))?;
    registry::address(&manifest.alamat, &desk.egress)
        .await
        .map_err(|flaw| unfit(&[flaw]))?;
    if !judgement.keluhan.is_empty() {
        return Err(unfit(&judgement.keluhan));
    }
    let failed = judgement
        .uji
        .into_iter()
        .filter_map(|trial| Some((trial.name, trial.failed?)));
    let failed: Vec<(String, Text)> = failed
        .map(|(name, why)| (name, Text::owned(why.clone(), why)))
        .collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(problem::with_places("isi-tidak-sesuai", &TRIALS, failed)),
    }
}

/// Short form.
fn brief(state: &OperatorState, entry: &Entry) -> Value {
    let desk = state.desk.load();
    let id = entry.id();
    let trouble = desk
        .in_force
        .troubles
        .get(&id)
        .map(|all| all.iter().map(complaint).collect::<Vec<_>>());
    json!({
        "id": id,
        "sistem": entry.sistem,
        "versi": entry.versi,
        "keadaan": entry.keadaan,
        "bagian": entry.bagian,
        "berlaku": desk.in_force.running.contains(&id),
        "keluhan": trouble.unwrap_or_default(),
        "langkah": entry.langkah,
    })
}

/// With text, judgement, and what it changes against the version in force.
async fn whole(state: &OperatorState, entry: &Entry) -> Result<Value, Response> {
    let mut view = brief(state, entry);
    view["manifes"] = json!(entry.teks);
    let desk = state.desk.load_full();
    let (manifest, judgement) = registry::judge(&entry.teks, &desk.schemas).map_err(|flaws| unfit(&flaws))?;
    view["layak"] = json!(judgement.is_sound());
    view["penilaian"] = json!(judgement);
    let all = registry::all(&*state.journal)
        .await
        .map_err(|error| problem::journal(&error))?;
    let other = all
        .iter()
        .map(|(other, _)| other)
        .find(|other| other.sistem == entry.sistem && other.versi != entry.versi && other.is_whole());
    let old: Option<Manifest> = other.and_then(|other| read(&other.teks).ok());
    view["perubahan"] = json!(old.map(|old| registry::changes(&old, &manifest)));
    Ok(view)
}

fn complaint(complaint: &Complaint) -> Value {
    json!({
        "berkas": *complaint.place.file, "baris": complaint.place.line, "kunci": complaint.place.key,
        "apa": complaint.what, "saran": complaint.advice,
    })
}

fn unfit(flaws: &[Flaw]) -> Response {
    let place = |flaw: &Flaw| {
        let line = flaw.line.map_or_else(String::new, |line| format!("baris {line}: "));
        let text = Text::owned(
            format!("{} — {}", flaw.what.id, flaw.advice.id),
            format!("{} — {}", flaw.what.en, flaw.advice.en),
        );
        (format!("{line}{}", flaw.key), text)
    };
    problem::with_places("isi-tidak-sesuai", &UNFIT, flaws.iter().map(place).collect())
}

fn refused(refused: Refused) -> Response {
    match refused {
        Refused::State(_) => problem::answer("keadaan-tidak-sesuai", &STATE),
        Refused::SamePerson => problem::answer("hak-tidak-ada", &SAME),
    }
}

const UNKNOWN: Text = Text::new(
    "Tidak ada konektor dengan nama dan versi itu.",
    "There is no connector of that name and version.",
);
const MOVED: Text = Text::new(
    "Orang lain baru saja mengubah konektor ini. Lihat lagi, lalu ulangi.",
    "Someone else has just changed this connector. Look again, then repeat.",
);
const STATE: Text = Text::new(
    "Keadaan konektor ini tidak mengizinkan langkah itu. Tidak ada yang berubah.",
    "The state of this connector does not allow that step. Nothing changed.",
);
const SAME: Text = Text::new(
    "Yang membuat atau mengajukan tidak boleh menyetujui. Mintalah petugas lain.",
    "Whoever made or submitted it may not approve it. Ask another operator.",
);
const UNFIT: Text = Text::new(
    "Manifes tidak sesuai. Perbaiki yang disebut.",
    "The manifest does not fit. Correct what is named.",
);
const SHARE: Text = Text::new(
    "Tulis bagian: {persen: 1–100} atau {konsumen: [...]}.",
    "Write bagian: {persen: 1–100} or {konsumen: [...]}.",
);
const ALONE: Text = Text::new(
    "Tidak ada versi lain yang berlaku penuh; aktifkan saja.",
    "No other version is in force as a whole; activate this one.",
);
const DIFFERS: Text = Text::new(
    "Yang diterbitkan berbeda, jadi kedua versi tidak dapat berdampingan. Aktifkan langsung, atau terbitkan operasi baru.",
    "What they publish differs, so the two cannot stand side by side. Activate it whole, or publish a new operation.",
);
const TRIALS: Text = Text::new("Ada uji yang gagal.", "Trials failed.");
