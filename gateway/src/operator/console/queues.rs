//! Antrean & gagal kirim: how much waits for each system and since when; what was given up or is of unknown outcome.

use super::super::exchanges::{Conditions, page as listed};
use super::super::queues;
use super::super::state::OperatorState;
use super::exchanges::table;
use super::session::Session;
use super::ui::{broken, count, encoded, page as whole, rows, span, state as state_of, text, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::journal::JournalError;
use maud::{Markup, html};
use serde_json::Value;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    match body(&state, &session).await {
        Ok(body) => whole(&session, ("Antrean & gagal kirim", "Queues & dead letters"), &body),
        Err(error) => broken(&session, &error),
    }
}

async fn body(state: &OperatorState, session: &Session) -> Result<Markup, JournalError> {
    let all = queues::all(state).await?;
    let asked = Conditions {
        keadaan: Some("gagal,hasil_tidak_pasti".to_owned()),
        ..Conditions::default()
    };
    let dead = match asked.filter() {
        Some(filter) => listed(state, filter).await?,
        None => Value::Null,
    };
    let letters = rows(&dead["butir"]);
    let replayable = |row: &Value| matches!(row["keadaan"].as_str(), Some("gagal" | "hasil_tidak_pasti"));
    Ok(html! {
        @if all.is_empty() {
            p { (session.say("Tidak ada yang menunggu.", "Nothing waits.")) }
        } @else {
            table {
                caption { (session.say("Yang menunggu, per sistem dan keadaan", "What waits, by system and state")) }
                thead { tr {
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Keadaan", "State")) }
                    th scope="col" { (session.say("Jumlah", "Count")) }
                    th scope="col" { (session.say("Umur tertua", "Oldest")) }
                    th scope="col" { (session.say("Sejak", "Since")) }
                    th scope="col" { (session.say("Tindakan", "Action")) }
                } }
                tbody { @for row in &all { tr {
                    th scope="row" { (text(row, "sistem")) }
                    td { (state_of(session, &text(row, "keadaan"))) }
                    td .angka-kolom {
                        a href={ "/pertukaran?sejak=semua&sistem=" (encoded(&text(row, "sistem"))) "&keadaan=" (text(row, "keadaan")) } { (count(session, row, "jumlah")) }
                    }
                    td .angka-kolom { (span(session, row["umur_detik"].as_u64().unwrap_or_default())) }
                    td { (when(session, state, &text(row, "tertua_pada"))) }
                    td {
                        @if session.role.decides() && replayable(row) {
                            a href={ "/kirim-ulang?sistem=" (encoded(&text(row, "sistem"))) "&keadaan=" (text(row, "keadaan")) } {
                                (session.say("Kirim ulang semua …", "Replay all …"))
                            }
                        }
                    }
                } } }
            }
        }
        h2 #gagal { (session.say("Gagal kirim dan hasil tidak pasti", "Dead letters and unknown outcomes")) }
        @if letters.is_empty() {
            p { (session.say("Tidak ada yang menunggu petugas.", "Nothing waits for a person.")) }
        } @else {
            (table(state, session, letters, session.say("Menunggu petugas, terbaru dulu", "Waiting for a person, newest first")))
        }
    })
}
