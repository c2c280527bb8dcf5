//! What a person decides in the console: replay, discard, confirm, open a body, pull a copy. The session's guard has
//! judged form and role before; the core checks and carries out, as for the admin API.

use super::super::care;
use super::super::exchanges::Found;
use super::super::problem;
use super::super::state::OperatorState;
use super::session::{Session, to};
use super::ui::{of_api, rows, stale, text, token};
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Path, State};
use axum::response::Response;
use gateway_core::person::inspect::inspect;
use gateway_core::person::{Proposal, Wish, confirm, decide as decided};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// The forms that an exchange's state allows; why not, where none does.
pub(super) fn forms(session: &Session, row: &Value) -> Markup {
    let state = row["keadaan"].as_str().unwrap_or_default();
    let id = text(row, "id");
    if !session.role.decides() {
        return html! { p .kecil { (session.say("Peran Anda hanya melihat.", "Your role only looks.")) } };
    }
    let replays = matches!(state, "gagal" | "ditolak" | "hasil_tidak_pasti" | "menunggu_ulang");
    let discards = matches!(
        state,
        "gagal" | "hasil_tidak_pasti" | "menunggu_ulang" | "hasil_belum_pasti"
    );
    let proposal = &row["usulan"];
    html! {
        @if !proposal.is_null() {
            form .kartu.lebar method="post" action={ "/pertukaran/" (id) "/putuskan" } {
                h2 { (session.say("Menunggu orang kedua", "Waits for a second person")) }
                (token(session))
                p { (text(proposal, "oleh")) ": " (text(proposal, "tindakan")) " – " (text(proposal, "alasan")) }
                input type="hidden" name="alasan" value="";
                button type="submit" name="tindakan" value="setujui" .utama { (session.say("Setujui", "Confirm")) }
            }
        }
        @if replays || discards {
            form .kartu.lebar method="post" action={ "/pertukaran/" (id) "/putuskan" } {
                h2 { (session.say("Putuskan", "Decide")) }
                (token(session))
                label for="alasan-putus" { (session.say("Alasan (masuk ke bukti, 5–500 huruf)", "Reason (goes into the evidence, 5–500 characters)")) }
                input #alasan-putus name="alasan" required minlength="5" maxlength="500";
                p .tombol {
                    @if replays { button type="submit" name="tindakan" value="kirim_ulang" .utama { (session.say("Kirim ulang", "Replay")) } }
                    @if discards { button type="submit" name="tindakan" value="batalkan" { (session.say("Batalkan", "Discard")) } }
                }
            }
        } @else {
            p .kecil {
                @match state {
                    "terkirim" => (session.say("Sudah terkirim; tidak ada yang perlu diputuskan.", "Delivered; there is nothing to decide.")),
                    "dibatalkan" => (session.say("Sudah dibatalkan; kirim permintaan baru bila perlu.", "Discarded; send a new request if needed.")),
                    _ => (session.say("Gateway sedang mengerjakannya; tunggu.", "The gateway is working on it; wait.")),
                }
            }
        }
        @for follow in rows(&row["diikuti"]) { p .kecil { (session.say("Diikuti: ", "Followed: ")) (follow.to_string()) } }
    }
}

#[derive(Deserialize)]
pub(super) struct Decision {
    tindakan: String,
    #[serde(default)]
    alasan: String,
}

pub(super) async fn decide(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Found(id): Found,
    form: Result<Form<Decision>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return stale(&session);
    };
    let wish = match form.tindakan.as_str() {
        "kirim_ulang" => Wish::KirimUlang { paksa: false },
        "batalkan" => Wish::Batalkan,
        "setujui" => {
            return match confirm(&state.rooms, id, &session.name).await {
                Ok(()) => to(&format!("/pertukaran/{id}")),
                Err(error) => of_api(&session, problem::person(&error)),
            };
        }
        _ => return stale(&session),
    };
    let proposal = Proposal {
        wish,
        by: session.name.to_string(),
        reason: form.alasan,
        at: state.clock.now(),
    };
    match decided(&state.rooms, id, proposal).await {
        Ok(_) => to(&format!("/pertukaran/{id}")),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}

#[derive(Deserialize)]
pub(super) struct Reveal {
    alasan: String,
}

pub(super) async fn reveal(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Found(id): Found,
    form: Result<Form<Reveal>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return stale(&session);
    };
    match inspect(&state.rooms, id, Some((&session.name, &form.alasan))).await {
        Ok(inspection) => super::exchanges::opened(&session, id, &inspection),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}

pub(super) async fn pull(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    match state.rooms.mirrors.hurry(id.clone(), state.clock.now()).await {
        Ok(_) => {
            tracing::info!(mirror = %id, by = %session.name, "pull of a mirror asked for");
            to("/salinan")
        }
        Err(error) => super::ui::broken(&session, &error),
    }
}

/// Assigns or mutes a problem.
pub(super) async fn care(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Path(named): Path<care::Named>,
    wish: Result<Form<care::Wish>, FormRejection>,
) -> Response {
    let Ok(Form(wish)) = wish else { return stale(&session) };
    match care::take(&state, &session.name, &named, wish).await {
        Ok(Some(_)) => to("/masalah"),
        Ok(None) => stale(&session),
        Err(error) => of_api(&session, problem::journal(&error)),
    }
}
