//! Katalog: every published operation with its address, system, effect and schemas.

use super::super::state::OperatorState;
use super::session::Session;
use super::ui::page as whole;
use axum::extract::{Extension, State};
use axum::response::Response;
use connector_sdk::{Effect, Replay};
use gateway_core::catalogue::Published;
use maud::html;
use std::sync::Arc;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let catalogue = state.catalogue.load();
    let mut all: Vec<&Arc<Published>> = catalogue
        .operations
        .values()
        .filter(|one| !catalogue.inbound.contains_key(&one.id))
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let effect = |effect: Effect| match effect {
        Effect::Read => session.say("membaca", "reads"),
        Effect::Write { replay: Replay::Native } => session.say("menulis, aman diulang", "writes, safe to repeat"),
        Effect::Write {
            replay: Replay::ByReference,
        } => session.say("menulis, dicari dulu", "writes, looked up first"),
        Effect::Write { replay: Replay::Unsafe } => {
            session.say("menulis, tidak diulang sendiri", "writes, never repeated by itself")
        }
    };
    let body = html! {
        p { (all.len()) " " (session.say("operasi diterbitkan.", "operations are published.")) }
        div .gulir tabindex="0" role="region" aria-label=(session.say("Operasi", "Operations")) {
            table {
                caption { (session.say("Operasi yang diterbitkan", "Published operations")) }
                thead { tr {
                    th scope="col" { (session.say("Operasi", "Operation")) }
                    th scope="col" { (session.say("Ringkasan", "Summary")) }
                    th scope="col" { (session.say("Alamat", "Address")) }
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Sifat", "Effect")) }
                    th scope="col" { (session.say("Skema", "Schemas")) }
                } }
                tbody { @for one in all { tr {
                    th scope="row" { code { (one.id) } }
                    td { (session.language.pick(&one.spec.summary)) }
                    td { code { (one.method.as_str()) " " (one.path) } }
                    td { (one.system) }
                    td { (effect(one.spec.effect)) }
                    td { (name(&one.spec.request_schema)) " → " (name(&one.spec.reply_schema)) }
                } } }
            }
        }
    };
    whole(&session, ("Katalog", "Catalogue"), &body)
}

/// `urn:simpul:skema:pengaduan:1` as people say it.
fn name(urn: &str) -> &str {
    urn.strip_prefix("urn:simpul:skema:").unwrap_or(urn)
}
