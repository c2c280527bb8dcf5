//! Replaying a whole group: first the count and a sample, then, with a reason, a job that can be watched and stopped.

use super::super::jobs::unfit;
use super::super::problem;
use super::super::state::OperatorState;
use super::session::{Session, to};
use super::ui::{broken, number, of_api, page as whole, refused, short, stale, state as as_badge, token};
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use gateway_core::person::PersonError;
use gateway_core::person::bulk::{Job, Selection, begin as began, job as found, preview as counted, stop};
use maud::{Markup, html};
use serde::Deserialize;

/// The selection as fields of a form or query; empty ones ask nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    sistem: String,
    operasi: String,
    keadaan: String,
    sebab: String,
    pihak: String,
    alasan: String,
}

impl Asked {
    fn selection(&self) -> Selection {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Selection {
            sistem: given(&self.sistem),
            operasi: given(&self.operasi),
            keadaan: self.keadaan.clone(),
            sebab: given(&self.sebab),
            pihak: given(&self.pihak),
            sejak: None,
            sampai: None,
        }
    }
}

pub(super) async fn preview(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Query(asked): Query<Asked>,
) -> Response {
    let selection = asked.selection();
    if let Some(no) = unfit(&selection) {
        return of_api(&session, no);
    }
    let preview = match counted(&state.rooms, &selection).await {
        Ok(preview) => preview,
        Err(error) => return of_api(&session, problem::person(&error)),
    };
    let more = if preview.lebih { "≥ " } else { "" };
    let body = html! {
        p .kalimat role="status" {
            (more) strong #jumlah { (number(&session, preview.jumlah)) } " "
            (session.say("pertukaran akan dicoba lagi; yang perlu dua orang dilewati.", "exchanges will be tried again; those that need two people are left out."))
        }
        (chosen(&session, &selection))
        @if !preview.contoh.is_empty() {
            p { (session.say("Contoh: ", "Samples: ")) }
            ul { @for id in &preview.contoh { @let id = id.to_string(); li { a href={ "/pertukaran/" (id) } { "…" (short(&id)) } } } }
        }
        @if !session.role.decides() {
            p { (session.say("Peran Anda hanya melihat.", "Your role only looks.")) }
        } @else if preview.jumlah == 0 {
            p { (session.say("Tidak ada yang perlu dikirim ulang.", "There is nothing to replay.")) }
        } @else {
            form .kartu.lebar method="post" action="/kirim-ulang" {
                (token(&session))
                @for (name, value) in [("sistem", &asked.sistem), ("operasi", &asked.operasi), ("keadaan", &asked.keadaan), ("sebab", &asked.sebab), ("pihak", &asked.pihak)] {
                    input type="hidden" name=(name) value=(value);
                }
                label for="alasan" { (session.say("Alasan (masuk ke bukti, 5–500 huruf)", "Reason (goes into the evidence, 5–500 characters)")) }
                input #alasan name="alasan" required minlength="5" maxlength="500";
                button #jalankan type="submit" .utama { (session.say("Kirim ulang ", "Replay ")) (more) (number(&session, preview.jumlah)) }
            }
        }
    };
    whole(&session, ("Kirim ulang: periksa dulu", "Replay: check first"), &body)
}

fn chosen(session: &Session, of: &Selection) -> Markup {
    let plain = |value: &Option<String>| value.as_ref().map(|value| html! { (value) });
    let pairs = [
        (session.say("Sistem", "System"), plain(&of.sistem)),
        (session.say("Operasi", "Operation"), plain(&of.operasi)),
        (
            session.say("Keadaan", "State"),
            Some(as_badge(session, of.keadaan.as_str())),
        ),
        (session.say("Sebab", "Cause"), plain(&of.sebab)),
        (session.say("Pihak", "Whose"), plain(&of.pihak)),
    ];
    html! { dl .baris { @for (name, value) in pairs { @if let Some(value) = value { div { dt { (name) } dd { (value) } } } } } }
}

pub(super) async fn begin(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    form: Result<Form<Asked>, FormRejection>,
) -> Response {
    let Ok(Form(asked)) = form else {
        return stale(&session);
    };
    let selection = asked.selection();
    if let Some(no) = unfit(&selection) {
        return of_api(&session, no);
    }
    match began(&state.rooms, selection, session.name.to_string(), asked.alasan).await {
        Ok(id) => to(&format!("/pekerjaan/{id}")),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}

pub(super) async fn job(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    match found(&state.rooms, &id).await {
        Ok(Some(job)) => whole(
            &session,
            ("Pekerjaan kirim ulang", "Replay job"),
            &progress(&session, &id, &job),
        ),
        Ok(None) => refused(
            &session,
            StatusCode::NOT_FOUND,
            "Tidak ada pekerjaan dengan nomor ini; yang selesai dapat dilihat tujuh hari.",
            "There is no job with this number; finished ones can be seen for seven days.",
        ),
        Err(PersonError::Journal(error)) => broken(&session, &error),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}

fn progress(session: &Session, id: &str, job: &Job) -> Markup {
    let done = job.diulang + job.dilewati;
    let word = match job.keadaan.as_str() {
        "berjalan" => session.say("Berjalan", "Running"),
        "selesai" => session.say("Selesai", "Finished"),
        _ => session.say("Dihentikan", "Stopped"),
    };
    let runs = job.keadaan == "berjalan";
    html! {
        div #kemajuan data-segarkan=[runs.then_some("1000")] aria-live="polite" {
            p .kalimat {
                strong #keadaan { (word) } ": " (number(session, job.diulang)) " " (session.say("dikirim ulang", "replayed")) ", "
                (number(session, job.dilewati)) " " (session.say("dilewati", "left out")) " " (session.say("dari", "of")) " " (number(session, job.jumlah)) "."
            }
            label for="batang" { (session.say("Kemajuan", "Progress")) }
            progress #batang max=(job.jumlah.max(1)) value=(done) { (done) }
        }
        (chosen(session, &job.pilihan))
        p { (session.say("Oleh ", "By ")) (job.oleh) " – " (job.alasan) }
        @if runs && session.role.decides() {
            form method="post" action={ "/pekerjaan/" (id) "/hentikan" } {
                (token(session))
                button type="submit" { (session.say("Hentikan pekerjaan", "Stop the job")) }
            }
        }
        p { a href="/masalah" { (session.say("Kembali ke masalah", "Back to the issues")) } }
    }
}

pub(super) async fn halt(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    match stop(&state.rooms, &id).await {
        Ok(()) => to(&format!("/pekerjaan/{id}")),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}
