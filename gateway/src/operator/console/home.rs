//! Beranda: is everything running? One sentence, four numbers, the systems worst first, the open issues.

use super::super::state::OperatorState;
use super::super::{queues, systems, troubles};
use super::session::Session;
use super::ui::{badge, broken, count, number, page as whole, rows, said, span, text, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::journal::JournalError;
use maud::{Markup, html};
use serde_json::Value;

/// Issues shown here; the rest is one step away.
const ISSUES: usize = 5;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    match body(&state, &session).await {
        Ok(body) => whole(&session, ("Beranda", "Overview"), &body),
        Err(error) => broken(&session, &error),
    }
}

async fn body(state: &OperatorState, session: &Session) -> Result<Markup, JournalError> {
    let problems = troubles::all(state).await?;
    let queues = queues::all(state).await?;
    let issues = rows(&problems["butir"]);
    let sum = |states: &[&str], field: &str| -> u64 {
        let of = |row: &&Value| states.iter().any(|state| row["keadaan"] == *state);
        queues.iter().filter(of).filter_map(|row| row[field].as_u64()).sum()
    };
    let open = ["diterima", "dikirim", "menunggu_ulang", "hasil_belum_pasti"];
    let waiting = sum(&open, "jumlah");
    let oldest = queues
        .iter()
        .filter(|row| open.iter().any(|state| row["keadaan"] == *state))
        .filter_map(|row| row["umur_detik"].as_u64())
        .max();
    let action = sum(&["gagal", "hasil_tidak_pasti"], "jumlah");
    let active = issues
        .iter()
        .any(|row| row["berlangsung"] == true && row["pihak"] != "konsumen");
    let calls = state.history.calls_of_last_hour();
    Ok(html! {
        p class=(if active { "kalimat buruk" } else { "kalimat baik" }) role="status" {
            span aria-hidden="true" { (if active { "✗ " } else { "✓ " }) }
            (said(session, &problems["kalimat"]))
        }
        dl .angka {
            div { dt { (session.say("Panggilan satu jam ini (node ini)", "Calls of the last hour (this node)")) } dd { (number(session, calls)) } }
            div { dt { (session.say("Menunggu di antrean", "Waiting in queues")) } dd { a href="/antrean" { (number(session, waiting)) } } }
            div { dt { (session.say("Yang tertua menunggu", "The oldest has waited")) } dd { (oldest.map_or_else(|| "–".to_owned(), |age| span(session, age))) } }
            div { dt { (session.say("Perlu tindakan", "Need action")) } dd { a href="/antrean#gagal" { (number(session, action)) } } }
        }
        h2 { (session.say("Masalah terbuka", "Open issues")) }
        @if issues.is_empty() {
            p { (session.say("Tidak ada masalah.", "No issues.")) }
        } @else {
            ul .daftar {
                @for row in issues.iter().take(ISSUES) {
                    li {
                        (now(session, row)) " "
                        a href={ "/masalah#" (text(row, "sistem")) "-" (text(row, "sebab")) "-" (text(row, "pihak")) } {
                            strong { (text(row, "sistem")) } ": " (said(session, &row["judul"]))
                        }
                        " · " (said(session, &row["pihak_judul"])) " · "
                        (session.say("sejak", "since")) " " (when(session, state, &text(row, "sejak")))
                    }
                }
            }
            @if issues.len() > ISSUES {
                p { a href="/masalah" { (session.say("Semua masalah", "All issues")) } }
            }
        }
        h2 { (session.say("Sistem", "Systems")) }
        (grid(state, session, issues, &queues))
    })
}

/// Whether an issue goes on.
pub(super) fn now(session: &Session, row: &Value) -> Markup {
    match (row["berlangsung"] == true, row["pihak"].as_str()) {
        (true, Some("pemeliharaan")) => badge("netral", "◷", session.say("Terencana", "Planned")),
        (true, _) => badge("buruk", "✗", session.say("Berlangsung", "Going on")),
        (false, _) => badge("awas", "•", session.say("Menyisakan antrean", "Left a backlog")),
    }
}

fn grid(state: &OperatorState, session: &Session, issues: &[Value], queues: &[Value]) -> Markup {
    let mut cards: Vec<(u8, Value, Option<&Value>)> = systems::all(state)
        .into_iter()
        .map(|system| {
            let issue = issues.iter().find(|row| row["sistem"] == system["id"]);
            let rank = match issue {
                Some(row) if row["berlangsung"] == true => 0,
                _ if system["pemutus"]["keadaan"] == "terbuka" => 0,
                Some(_) => 1,
                None => 2,
            };
            (rank, system, issue)
        })
        .collect();
    cards.sort_by_key(|(rank, ..)| *rank);
    html! {
        ul .kisi {
            @for (rank, system, issue) in &cards {
                @let id = text(system, "id");
                li .kartu {
                    h3 { a href={ "/pertukaran?sistem=" (id) } { (id) } }
                    p { (said(session, &system["judul"])) }
                    p {
                        @match rank {
                            0 => { (badge("buruk", "✗", session.say("Bermasalah", "In trouble"))) },
                            1 => { (badge("awas", "•", session.say("Ada sisa antrean", "Backlog left"))) },
                            _ => { (badge("baik", "✓", session.say("Berjalan", "Running"))) },
                        }
                    }
                    @if let Some(issue) = issue { p .kecil { (said(session, &issue["judul"])) } }
                    @for queue in queues.iter().filter(|queue| queue["sistem"] == id.as_str()) {
                        p .kecil { (super::ui::state(session, &text(queue, "keadaan"))) " " (count(session, queue, "jumlah")) }
                    }
                    @if system["tutup_detik"].is_u64() {
                        p .kecil { (badge("netral", "◷", session.say("Di luar jam layanan", "Outside hours"))) }
                    }
                }
            }
        }
    }
}
