//! Masalah: what is broken, who has to mend it, since when, what to do; replay of the whole group; evidence file.

use super::super::state::OperatorState;
use super::super::troubles;
use super::home::now;
use super::session::Session;
use super::ui::{broken, count, encoded, page as whole, rows, said, short, text, token, when};
use axum::extract::{Extension, State};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

pub(super) async fn page(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let problems = match troubles::all(&state).await {
        Ok(problems) => problems,
        Err(error) => return broken(&session, &error),
    };
    let issues = rows(&problems["butir"]);
    let catalogue = state.catalogue.load();
    let planned = &catalogue.flows.maintenance;
    let body = html! {
        p .kalimat role="status" { (said(&session, &problems["kalimat"])) }
        @if issues.is_empty() {
            p { (session.say("Tidak ada yang rusak dan tidak ada yang menunggu tindakan.", "Nothing is broken and nothing waits for action.")) }
        }
        @for row in issues { (card(&state, &session, row)) }
        h2 { (session.say("Pemeliharaan terencana", "Planned maintenance")) }
        @if planned.is_empty() {
            p { (session.say("Belum ada. Tulis [[pemeliharaan]] di konfigurasi bila diumumkan.", "None. Write [[pemeliharaan]] into the configuration when one is announced.")) }
        } @else {
            table {
                caption { (session.say("Jadwal dari konfigurasi", "As configured")) }
                thead { tr {
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Dari", "From")) }
                    th scope="col" { (session.say("Sampai", "Until")) }
                    th scope="col" { (session.say("Keterangan", "Note")) }
                } }
                tbody { @for one in planned { tr {
                    th scope="row" { (one.system) }
                    td { (when(&session, &state, &one.from.to_string())) }
                    td { (when(&session, &state, &one.until.to_string())) }
                    td { (one.note) }
                } } }
            }
        }
    };
    whole(&session, ("Masalah", "Issues"), &body)
}

fn card(state: &OperatorState, session: &Session, row: &Value) -> Markup {
    let system = text(row, "sistem");
    let id = format!("{system}-{}-{}", text(row, "sebab"), text(row, "pihak"));
    let more = if row["lebih"] == true { "≥ " } else { "" };
    html! {
        section .kartu.lebar id=(id) aria-labelledby={ "j-" (id) } {
            h2 id={ "j-" (id) } { (system) ": " (said(session, &row["judul"])) }
            p { (now(session, row)) " " strong { (session.say("Pihak: ", "Whose: ")) (said(session, &row["pihak_judul"])) } }
            dl .baris {
                div { dt { (session.say("Sejak", "Since")) } dd { (when(session, state, &text(row, "sejak"))) } }
                div { dt { (session.say("Terakhir", "Last")) } dd { (when(session, state, &text(row, "terakhir"))) } }
                div { dt { (session.say("Percobaan gagal", "Failed tries")) } dd { (count(session, row, "percobaan_gagal")) } }
                div { dt { (session.say("Menunggu", "Waiting")) } dd { (count(session, row, "menunggu")) } }
                div { dt { (session.say("Gagal", "Given up")) } dd { (more) (count(session, row, "gagal")) } }
                div { dt { (session.say("Hasil tidak pasti", "Outcome unknown")) } dd { (more) (count(session, row, "hasil_tidak_pasti")) } }
                div { dt { (session.say("Ditolak 24 jam", "Rejected in 24 h")) } dd { (count(session, row, "ditolak")) } }
                @if let Some(sample) = row["contoh"].as_str() {
                    div { dt { (session.say("Contoh", "Sample")) } dd { a href={ "/pertukaran/" (sample) } { "…" (short(sample)) } } }
                }
                @for (code, times) in row["kode"].as_object().into_iter().flatten() {
                    div { dt { (session.say("Kode ", "Code ")) (code) } dd { (times) "×" } }
                }
            }
            @if let Some(note) = row["pemeliharaan"]["keterangan"].as_str() {
                p { (session.say("Diumumkan: ", "Announced: ")) (note) }
            }
            p { strong { (session.say("Yang dilakukan: ", "What to do: ")) } (said(session, &row["saran"])) }
            p .tombol {
                @if session.role.decides() {
                    @for replay in rows(&row["kirim_ulang"]) {
                        @let of = &replay["pilihan"];
                        a .utama href={
                            "/kirim-ulang?sistem=" (encoded(&text(of, "sistem"))) "&sebab=" (text(of, "sebab"))
                            "&pihak=" (text(of, "pihak")) "&keadaan=" (text(of, "keadaan"))
                        } {
                            (session.say("Kirim ulang ", "Replay ")) (count(session, replay, "jumlah")) " "
                            @if of["keadaan"] == "gagal" { (session.say("yang gagal", "given up")) }
                            @else { (session.say("yang tidak pasti", "of unknown outcome")) }
                        }
                    }
                }
                a href={ "/masalah/berkas?sistem=" (encoded(&system)) } download {
                    (session.say("Unduh berkas bukti (CSV)", "Download the evidence file (CSV)"))
                }
                a href={ "/masalah/berkas?bentuk=pdf&sistem=" (encoded(&system)) } download {
                    (session.say("Berkas bukti (PDF)", "Evidence file (PDF)"))
                }
            }
            (care(state, session, row, &id))
        }
    }
}

/// Who takes care of it, until when it is quiet, and the form for both.
fn care(state: &OperatorState, session: &Session, row: &Value, id: &str) -> Markup {
    let taken = &row["urus"];
    let place = ["sistem", "sebab", "pihak"].map(|name| encoded(&text(row, name)));
    html! {
        @if taken.is_object() {
            p .kecil {
                @let name = taken["penanggung"].as_str().unwrap_or_default();
                @if !name.is_empty() { (session.say("Diurus oleh ", "Taken care of by ")) strong { (name) } ". " }
                @if taken["diam_sampai"].is_string() {
                    (session.say("Didiamkan sampai ", "Muted until ")) (when(session, state, &text(taken, "diam_sampai"))) ". "
                }
                (text(taken, "oleh")) ", " (when(session, state, &text(taken, "pada"))) ": " (text(taken, "alasan"))
            }
        }
        @if session.role.decides() {
            details {
                summary { (session.say("Tugaskan atau diamkan", "Assign or mute")) }
                form method="post" action={ "/masalah/" (place.join("/")) "/urus" } {
                    (token(session))
                    label for={ "p-" (id) } { (session.say("Penanggung jawab", "Assigned to")) }
                    input id={ "p-" (id) } name="penanggung" maxlength="64" value=(taken["penanggung"].as_str().unwrap_or_default());
                    label for={ "d-" (id) } { (session.say("Diamkan selama", "Mute for")) }
                    select id={ "d-" (id) } name="diam_jam" {
                        @for (hours, id, en) in [("0", "tidak", "not"), ("1", "1 jam", "1 hour"), ("8", "8 jam", "8 hours"), ("24", "1 hari", "1 day"), ("168", "7 hari", "7 days")] {
                            option value=(hours) { (session.say(id, en)) }
                        }
                    }
                    label for={ "a-" (id) } { (session.say("Alasan (masuk ke bukti, 5–500 huruf)", "Reason (goes into the evidence, 5–500 characters)")) }
                    input id={ "a-" (id) } name="alasan" required minlength="5" maxlength="500";
                    p .tombol { button type="submit" { (session.say("Simpan", "Save")) } }
                }
            }
        }
    }
}
