//! Salinan: each copy, how old it is, what its last pull did; pull now.

use super::super::mirrors;
use super::super::state::OperatorState;
use super::session::Session;
use super::ui::{badge, broken, count, page as whole, span, text, token, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let all = match mirrors::all(&state).await {
        Ok(all) => all,
        Err(error) => return broken(&session, &error),
    };
    let body = html! {
        @if all.is_empty() {
            p { (session.say("Belum ada salinan. Tulis [[salinan]] di konfigurasi.", "No copies. Write [[salinan]] into the configuration.")) }
        } @else {
            div .gulir tabindex="0" role="region" aria-label=(session.say("Salinan", "Mirrors")) {
                table {
                    caption { (session.say("Salinan data nasional di sini", "Copies of national data kept here")) }
                    thead { tr {
                        th scope="col" { (session.say("Salinan", "Mirror")) }
                        th scope="col" { (session.say("Sistem", "System")) }
                        th scope="col" { (session.say("Rekaman", "Records")) }
                        th scope="col" { (session.say("Umur", "Age")) }
                        th scope="col" { (session.say("Diperbarui", "Updated")) }
                        th scope="col" { (session.say("Keadaan", "State")) }
                        th scope="col" { (session.say("Berikutnya", "Next")) }
                        th scope="col" { (session.say("Tindakan", "Action")) }
                    } }
                    tbody { @for row in &all { (one(&state, &session, row)) } }
                }
            }
        }
    };
    whole(&session, ("Salinan", "Mirrors"), &body)
}

fn one(state: &OperatorState, session: &Session, row: &Value) -> Markup {
    let id = text(row, "id");
    html! { tr {
        th scope="row" { (id) }
        td { (text(row, "sistem")) }
        td .angka-kolom { (count(session, row, "rekaman")) }
        td .angka-kolom { (row["umur_detik"].as_u64().map_or_else(|| "–".to_owned(), |age| span(session, age))) }
        td { (when(session, state, &text(row, "diperbarui_pada"))) }
        td {
            @if row["berjalan"] == true { (badge("netral", "→", session.say("Sedang ditarik", "Being pulled"))) }
            @else if row["gagal_berturut"].as_u64().is_some_and(|failures| failures > 0) {
                (badge("buruk", "✗", session.say("Tarikan gagal", "Pulls fail"))) " " (text(row, "gangguan"))
            }
            @else if row["kedaluwarsa"] == true { (badge("awas", "•", session.say("Kedaluwarsa", "Stale"))) }
            @else { (badge("baik", "✓", session.say("Segar", "Fresh"))) }
        }
        td { (when(session, state, &text(row, "berikut_pada"))) }
        td {
            @if session.role.decides() {
                form method="post" action={ "/salinan/" (id) "/tarik" } {
                    (token(session))
                    button type="submit" aria-label={ (session.say("Tarik sekarang: ", "Pull now: ")) (id) } { (session.say("Tarik sekarang", "Pull now")) }
                }
            }
        }
    } }
}
