//! Pengaturan: what is in force on this node. Settings are files, changed there and reloaded; here they are read.

use super::super::guard::Operator;
use super::super::state::OperatorState;
use super::session::Session;
use super::ui::{badge, not_yours, page as whole, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use maud::html;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    if !session.role.sees_rights() {
        return not_yours(&session);
    }
    let people = state.operators.load();
    let mut people: Vec<&Operator> = people.iter().collect();
    people.sort_by(|a, b| a.name.cmp(&b.name));
    let catalogue = state.catalogue.load();
    let body = html! {
        dl .baris {
            div { dt { "Node" } dd { (state.rooms.node) } }
            div { dt { (session.say("Versi", "Version")) } dd { (env!("CARGO_PKG_VERSION")) } }
            div { dt { (session.say("Waktu gateway", "The gateway's time")) } dd { (when(&session, &state, &state.clock.now().to_string())) } }
            div { dt { (session.say("Sistem", "Systems")) } dd { (catalogue.systems.len()) } }
            div { dt { (session.say("Operasi", "Operations")) } dd { (catalogue.operations.len()) } }
            div { dt { (session.say("Konsumen", "Consumers")) } dd { (catalogue.consumers.len()) } }
            div { dt { (session.say("Konfigurasi", "Configuration")) } dd {
                @if state.readiness.is_refused() { (badge("buruk", "✗", session.say("Yang terbaru ditolak; yang lama berlaku", "The newest was refused; the old one holds"))) }
                @else { (badge("baik", "✓", session.say("Yang terbaru berlaku", "The newest is in force"))) }
            } }
        }
        table {
            caption { (session.say("Petugas dan perannya", "Operators and their roles")) }
            thead { tr {
                th scope="col" { (session.say("Nama", "Name")) }
                th scope="col" { (session.say("Peran", "Role")) }
                th scope="col" { (session.say("Kata sandi konsol", "Console password")) }
            } }
            tbody { @for one in people { tr {
                th scope="row" { (one.name) }
                td { (one.role.word()) }
                td { (if one.password.is_some() { session.say("ada", "yes") } else { session.say("tidak ada; hanya token", "none; token only") }) }
            } } }
        }
        h2 { (session.say("Mengubah", "Changing")) }
        p { (session.say(
            "Semua pengaturan adalah berkas: ubah, periksa, lalu muat ulang. Yang salah ditolak dan yang lama tetap berlaku.",
            "All settings are files: change, check, reload. A bad one is refused and the old one holds.",
        )) }
        pre tabindex="0" { "simpul check --config /etc/simpul\nsystemctl reload simpul" }
    };
    whole(&session, ("Pengaturan", "Settings"), &body)
}
