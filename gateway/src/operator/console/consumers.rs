//! Konsumen & kunci: who may call what, for which purpose, on which legal basis, until when. Of keys only their public part.

use super::super::state::OperatorState;
use super::session::Session;
use super::ui::{badge, not_yours, page as whole, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use gateway_core::authorize::Grant;
use gateway_core::identity::Consumer;
use jiff::Timestamp;
use maud::{Markup, html};
use std::sync::Arc;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    if !session.role.sees_rights() {
        return not_yours(&session);
    }
    let catalogue = state.catalogue.load();
    let mut all: Vec<&Arc<Consumer>> = catalogue.consumers.values().collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let now = state.clock.now();
    let body = html! {
        @if all.is_empty() { p { (session.say("Belum ada konsumen. Tulis [[konsumen]] di konfigurasi.", "No consumers. Write [[konsumen]] into the configuration.")) } }
        @for consumer in all {
            section .kartu.lebar aria-labelledby={ "k-" (consumer.id) } {
                h2 id={ "k-" (consumer.id) } { (consumer.name) " (" (consumer.id) ")" }
                p {
                    (session.say("Kunci: ", "Keys: "))
                    @for key in &consumer.keys { code { "smp_" (key.prefix) "_…" } " " }
                    a href={ "/pertukaran?konsumen=" (consumer.id) } { (session.say("Pertukarannya", "Its exchanges")) }
                }
                (grants(&state, &session, consumer, now))
            }
        }
    };
    whole(&session, ("Konsumen & kunci", "Consumers & keys"), &body)
}

fn grants(state: &OperatorState, session: &Session, consumer: &Consumer, now: Timestamp) -> Markup {
    let mut grants: Vec<(&String, &Arc<Grant>)> = consumer.grants.iter().collect();
    grants.sort_by(|a, b| a.0.cmp(b.0));
    html! {
        div .gulir tabindex="0" role="region" aria-label={ (session.say("Hak ", "Grants of ")) (consumer.id) } {
            table {
                caption { (session.say("Hak akses", "Grants")) }
                thead { tr {
                    th scope="col" { (session.say("Operasi", "Operation")) }
                    th scope="col" { (session.say("Tujuan", "Purpose")) }
                    th scope="col" { (session.say("Dasar hukum", "Legal basis")) }
                    th scope="col" { (session.say("Perjanjian", "Agreement")) }
                    th scope="col" { (session.say("Berlaku sampai", "Valid until")) }
                } }
                tbody { @for (operation, grant) in grants { tr {
                    th scope="row" { code { (operation) } }
                    td { (grant.purpose) }
                    td { (grant.legal_basis) }
                    td { (grant.agreement) }
                    td {
                        @match grant.until {
                            Some(until) if until <= now => { (badge("buruk", "✗", session.say("Berakhir", "Ended"))) " " (when(session, state, &until.to_string())) },
                            Some(until) => (when(session, state, &until.to_string())),
                            None => (session.say("Tanpa batas", "No end")),
                        }
                    }
                } } }
            }
        }
    }
}
