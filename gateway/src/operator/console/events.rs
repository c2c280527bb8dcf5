//! Peristiwa: who listens to what and how their deliveries fare; the newest events, without their data.

use super::super::state::OperatorState;
use super::super::view;
use super::session::Session;
use super::ui::{badge, broken, number, page as whole, rows, text, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::events::summary;
use gateway_core::journal::JournalError;
use maud::{Markup, html};
use serde_json::Value;

/// Newest events shown.
const NEWEST: i64 = 50;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    match body(&state, &session).await {
        Ok(body) => whole(&session, ("Peristiwa", "Events"), &body),
        Err(error) => broken(&session, &error),
    }
}

async fn body(state: &OperatorState, session: &Session) -> Result<Markup, JournalError> {
    let mut subscriptions: Vec<(String, Value)> = state
        .rooms
        .events
        .all()
        .iter()
        .map(|live| (live.subscription.consumer.clone(), summary(&state.rooms, live)))
        .collect();
    subscriptions.sort_by(|a, b| (&a.0, text(&a.1, "nama")).cmp(&(&b.0, text(&b.1, "nama"))));
    let last = state.journal.last_event().await?;
    let limit = usize::try_from(NEWEST).unwrap_or_default();
    let mut events = state.journal.events((last - NEWEST).max(0), Vec::new(), limit).await?;
    events.reverse();
    Ok(html! {
        h2 { (session.say("Langganan", "Subscriptions")) }
        @if subscriptions.is_empty() {
            p { (session.say("Belum ada langganan. Konsumen membuatnya di POST /v1/langganan.", "No subscriptions. Consumers make them at POST /v1/langganan.")) }
        } @else {
            table {
                caption { (session.say("Langganan konsumen", "Subscriptions of consumers")) }
                thead { tr {
                    th scope="col" { (session.say("Nama", "Name")) }
                    th scope="col" { (session.say("Konsumen", "Consumer")) }
                    th scope="col" { (session.say("Jenis", "Types")) }
                    th scope="col" { (session.say("Cara", "Way")) }
                    th scope="col" { (session.say("Keadaan", "Standing")) }
                    th scope="col" { (session.say("Sejak", "Since")) }
                } }
                tbody { @for (consumer, row) in &subscriptions { tr {
                    th scope="row" { (text(row, "nama")) }
                    td { (consumer) }
                    td { @for kind in rows(&row["jenis"]) { code { (kind.as_str().unwrap_or_default()) } " " } }
                    td { (text(row, "moda")) }
                    td { (standing(session, &text(row, "keadaan"))) }
                    td { (when(session, state, &text(row, "sejak"))) }
                } } }
            }
        }
        h2 { (session.say("Peristiwa terbaru", "Newest events")) }
        @if events.is_empty() {
            p { (session.say("Belum ada peristiwa.", "No events yet.")) }
        } @else {
            table {
                caption { (session.say("Isi peristiwa tidak ditampilkan di sini", "The data of events are not shown here")) }
                thead { tr {
                    th scope="col" { (session.say("Posisi", "Position")) }
                    th scope="col" { (session.say("Waktu", "Time")) }
                    th scope="col" { (session.say("Jenis", "Type")) }
                    th scope="col" { (session.say("Subjek", "Subject")) }
                    th scope="col" { (session.say("Asal", "Source")) }
                } }
                tbody { @for one in &events { tr {
                    th scope="row" .angka-kolom { (number(session, u64::try_from(one.seq).unwrap_or_default())) }
                    td { (when(session, state, &one.event.at.to_string())) }
                    td { code { (one.event.kind) } }
                    td { (view::masked(&one.event.subject)) }
                    td { (one.event.source) }
                } } }
            }
        }
    })
}

fn standing(session: &Session, word: &str) -> Markup {
    match word {
        "aktif" => badge("baik", "✓", session.say("Aktif", "Active")),
        "dijeda" => badge("buruk", "✗", session.say("Dijeda", "Paused")),
        other => badge("awas", "•", other),
    }
}
