//! Bukti & audit: the chains with their newest link, and the newest records: who asked what of whom, when, with which end.

use super::super::state::OperatorState;
use super::session::Session;
use super::ui::{broken, not_yours, number, page as whole, short, text, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::journal::{EvidenceLink, JournalError};
use maud::{Markup, html};
use serde_json::Value;

/// Newest records shown per chain.
const NEWEST: i64 = 50;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    if !session.role.sees_rights() {
        return not_yours(&session);
    }
    match body(&state, &session).await {
        Ok(body) => whole(&session, ("Bukti & audit", "Evidence & audit"), &body),
        Err(error) => broken(&session, &error),
    }
}

async fn body(state: &OperatorState, session: &Session) -> Result<Markup, JournalError> {
    let mut chains = Vec::new();
    for (chain, head) in state.scraper.heads().await? {
        let limit = usize::try_from(NEWEST).unwrap_or_default();
        let mut links = state
            .journal
            .evidence(chain.clone(), (head - NEWEST).max(0), limit)
            .await?;
        links.reverse();
        chains.push((chain, head, links));
    }
    Ok(html! {
        p { (session.say(
            "Setiap pertukaran meninggalkan catatan yang dirantai dengan hash. Keutuhannya diperiksa di luar gateway ini, tanpa mempercayainya:",
            "Every exchange leaves a record, chained by hashes. Whether it is whole is verified outside this gateway, without trusting it:",
        )) }
        pre tabindex="0" { "simpul evidence export --ke bukti.ndjson\nsimpul evidence verify --help" }
        @for (chain, head, links) in &chains {
            h2 { (session.say("Rantai ", "Chain ")) code { (chain) } ": " (number(session, u64::try_from(*head).unwrap_or_default())) " " (session.say("catatan", "records")) }
            @if let Some(newest) = links.first() { p { (session.say("Hash terakhir: ", "Newest hash: ")) code { (hex::encode(newest.hash)) } } }
            (newest(state, session, links))
        }
    })
}

fn newest(state: &OperatorState, session: &Session, links: &[EvidenceLink]) -> Markup {
    html! {
        div .gulir tabindex="0" role="region" aria-label=(session.say("Catatan terbaru", "Newest records")) {
            table {
                caption { (session.say("Catatan terbaru", "Newest records")) }
                thead { tr {
                    th scope="col" { "#" }
                    th scope="col" { (session.say("Selesai", "Ended")) }
                    th scope="col" { (session.say("Pertukaran", "Exchange")) }
                    th scope="col" { (session.say("Konsumen", "Consumer")) }
                    th scope="col" { (session.say("Operasi", "Operation")) }
                    th scope="col" { (session.say("Tujuan", "Purpose")) }
                    th scope="col" { (session.say("Hasil", "Result")) }
                } }
                tbody { @for link in links {
                    @let record: Value = serde_json::from_slice(&link.record).unwrap_or_default();
                    @let id = text(&record, "exchange");
                    tr {
                        th scope="row" .angka-kolom { (number(session, u64::try_from(link.seq).unwrap_or_default())) }
                        td { (when(session, state, &text(&record, "ended"))) }
                        td { a href={ "/pertukaran/" (id) } { "…" (short(&id)) } }
                        td { (text(&record, "consumer")) }
                        td { code { (text(&record, "operation")) } }
                        td { (text(&record, "purpose")) }
                        td { (text(&record, "result")) }
                    }
                } }
            }
        }
    }
}
