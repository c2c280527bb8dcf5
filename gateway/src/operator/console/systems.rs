//! Sistem & konektor: each configured system, its way, credentials, breaker, hours and policy.

use super::super::state::OperatorState;
use super::super::systems;
use super::session::Session;
use super::ui::{badge, count, page as whole, said, span, text, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use maud::html;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let all = systems::all(&state);
    let body = html! {
        p { (session.say(
            "Alamat, kredensial dan batas diatur di berkas konfigurasi; periksa sambungannya dengan `simpul doctor`.",
            "Address, credentials and limits are configuration; check the connection with `simpul doctor`.",
        )) }
        div .gulir tabindex="0" role="region" aria-label=(session.say("Sistem", "Systems")) {
            table {
                caption { (session.say("Sistem dari konfigurasi yang berlaku", "Systems of the configuration in force")) }
                thead { tr {
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Konektor", "Connector")) }
                    th scope="col" { (session.say("Alamat", "Address")) }
                    th scope="col" { (session.say("Jalur", "Way")) }
                    th scope="col" { (session.say("Kredensial", "Credential")) }
                    th scope="col" { (session.say("Pemutus", "Breaker")) }
                    th scope="col" { (session.say("Jam layanan", "Hours")) }
                    th scope="col" { (session.say("Percobaan", "Attempts")) }
                } }
                tbody { @for row in &all { tr {
                    th scope="row" { a href={ "/pertukaran?sistem=" (text(row, "id")) } { (text(row, "id")) } }
                    td { (said(&session, &row["judul"])) }
                    td { (text(row, "skema")) "://" (text(row, "host")) ":" (text(row, "port")) }
                    td { (text(row, "jalur")) }
                    td {
                        (text(row, "kredensial"))
                        @if row["kredensial_berakhir_pada"].is_string() {
                            br; (session.say("sampai ", "until ")) (when(&session, &state, &text(row, "kredensial_berakhir_pada")))
                        }
                    }
                    td {
                        @if row["pemutus"]["keadaan"] == "terbuka" { (badge("buruk", "✗", session.say("Terbuka: ditahan", "Open: held back"))) }
                        @else { (badge("baik", "✓", session.say("Tertutup: mengalir", "Closed: flowing"))) }
                    }
                    td {
                        @match row["tutup_detik"].as_u64() {
                            Some(left) => { (badge("netral", "◷", session.say("Buka lagi dalam ", "Opens in "))) (span(&session, left)) },
                            None => (session.say("Buka", "Open")),
                        }
                    }
                    td .angka-kolom { (count(&session, &row["kebijakan"], "percobaan")) }
                } } }
            }
        }
    };
    whole(&session, ("Sistem & konektor", "Systems & connectors"), &body)
}
