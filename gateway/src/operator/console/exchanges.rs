//! Pertukaran: the list with its filters and cursor, one exchange with its attempts and what a person may decide, and the
//! look inside, masked unless a person opens it with a reason.

use super::super::exchanges::{Conditions, Found, page as listed, shown};
use super::super::state::OperatorState;
use super::session::{Session, to};
use super::ui::{broken, count, encoded, of_api, page as whole, rows, short, state as state_of, text, token, when};
use crate::operator::{problem, view};
use axum::extract::{Extension, Query, State};
use axum::response::Response;
use gateway_core::exchange::State as Standing;
use gateway_core::ids::ExchangeId;
use gateway_core::person::inspect::{Inspection, inspect};
use jiff::SignedDuration;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// What the form asks; empty fields ask nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    cari: String,
    keadaan: String,
    sistem: String,
    operasi: String,
    konsumen: String,
    rujukan: String,
    sejak: String,
    kursor: String,
}

/// Choices of the period: value, hours, names.
const PERIODS: [(&str, i64, &str, &str); 4] = [
    ("1h", 1, "1 jam", "1 hour"),
    ("24h", 24, "24 jam", "24 hours"),
    ("7d", 168, "7 hari", "7 days"),
    ("semua", 0, "Semua", "All"),
];

impl Asked {
    fn conditions(&self, state: &OperatorState) -> Conditions {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let hours = PERIODS
            .iter()
            .find(|(value, ..)| *value == self.period())
            .map_or(24, |(_, hours, ..)| *hours);
        let since = (hours > 0)
            .then(|| state.clock.now().checked_sub(SignedDuration::from_hours(hours)).ok())
            .flatten();
        Conditions {
            keadaan: given(&self.keadaan),
            sistem: given(&self.sistem),
            operasi: given(&self.operasi),
            konsumen: given(&self.konsumen),
            rujukan: given(&self.rujukan),
            sejak: since,
            kursor: self.kursor.parse().ok(),
            ..Conditions::default()
        }
    }

    /// A reference is looked for at any time.
    fn period(&self) -> &str {
        match self.sejak.as_str() {
            "" if !self.rujukan.trim().is_empty() => "semua",
            "" => "24h",
            other => other,
        }
    }

    fn query(&self) -> String {
        let fields = [
            ("keadaan", &self.keadaan),
            ("sistem", &self.sistem),
            ("operasi", &self.operasi),
            ("konsumen", &self.konsumen),
            ("rujukan", &self.rujukan),
        ];
        let pairs = fields.iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encoded(value.trim())));
        pairs
            .chain([format!("sejak={}", self.period())])
            .collect::<Vec<_>>()
            .join("&")
    }
}

pub(super) async fn list(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Query(mut asked): Query<Asked>,
) -> Response {
    let wanted = asked.cari.trim().to_owned();
    if let Ok(id) = wanted.parse::<ExchangeId>() {
        return to(&format!("/pertukaran/{id}"));
    }
    if !wanted.is_empty() {
        asked.rujukan = wanted;
    }
    let Some(filter) = asked.conditions(&state).filter() else {
        return to("/pertukaran");
    };
    let found = match listed(&state, filter).await {
        Ok(found) => found,
        Err(error) => return broken(&session, &error),
    };
    let exchanges = rows(&found["butir"]);
    let body = html! {
        (form(&state, &session, &asked))
        @if exchanges.is_empty() {
            p { (session.say("Tidak ada pertukaran yang cocok. Perlebar rentang waktunya atau kosongkan saringan.", "No exchange fits. Widen the period or clear a filter.")) }
        } @else {
            (table(&state, &session, exchanges, session.say("Pertukaran, terbaru dulu", "Exchanges, newest first")))
            p .tombol {
                @if !asked.kursor.is_empty() { a href={ "/pertukaran?" (asked.query()) } { (session.say("Terbaru", "Newest")) } }
                @if let Some(next) = found["berikut"].as_i64() {
                    a rel="next" href={ "/pertukaran?" (asked.query()) "&kursor=" (next) } { (session.say("Lebih lama", "Older")) }
                }
            }
        }
    };
    whole(&session, ("Pertukaran", "Exchanges"), &body)
}

fn form(state: &OperatorState, session: &Session, asked: &Asked) -> Markup {
    let catalogue = state.catalogue.load();
    let mut systems: Vec<&String> = catalogue.systems.keys().collect();
    systems.sort();
    let field = |name: &str, id: &'static str, en: &'static str, value: &str| {
        html! { div { label for={ "f-" (name) } { (session.say(id, en)) } input id={ "f-" (name) } name=(name) value=(value); } }
    };
    html! {
        form .saring method="get" action="/pertukaran" aria-label=(session.say("Saring", "Filter")) {
            div {
                label for="f-keadaan" { (session.say("Keadaan", "State")) }
                select id="f-keadaan" name="keadaan" {
                    option value="" { (session.say("Semua", "All")) }
                    @for one in Standing::ALL {
                        option value=(one.word()) selected[asked.keadaan == one.word()] { (state_word(session, one.word())) }
                    }
                }
            }
            div {
                label for="f-sistem" { (session.say("Sistem", "System")) }
                select id="f-sistem" name="sistem" {
                    option value="" { (session.say("Semua", "All")) }
                    @for id in systems { option value=(id) selected[asked.sistem == **id] { (id) } }
                }
            }
            (field("operasi", "Operasi", "Operation", &asked.operasi))
            (field("konsumen", "Konsumen", "Consumer", &asked.konsumen))
            (field("rujukan", "Rujukan", "Reference", &asked.rujukan))
            div {
                label for="f-sejak" { (session.say("Rentang", "Period")) }
                select id="f-sejak" name="sejak" {
                    @for (value, _, id, en) in PERIODS {
                        option value=(value) selected[asked.period() == value] { (session.say(id, en)) }
                    }
                }
            }
            button type="submit" .utama { (session.say("Saring", "Filter")) }
        }
    }
}

fn state_word(session: &Session, word: &str) -> String {
    // Without its icon: an option holds text only.
    match word {
        "diterima" => session.say("Diterima", "Accepted"),
        "dikirim" => session.say("Dikirim", "Sending"),
        "menunggu_ulang" => session.say("Menunggu ulang", "Waiting to retry"),
        "hasil_belum_pasti" => session.say("Hasil belum pasti", "Being looked up"),
        "hasil_tidak_pasti" => session.say("Hasil tidak pasti", "Outcome unknown"),
        "terkirim" => session.say("Terkirim", "Delivered"),
        "ditolak" => session.say("Ditolak", "Rejected"),
        "gagal" => session.say("Gagal", "Failed"),
        "dibatalkan" => session.say("Dibatalkan", "Cancelled"),
        other => other,
    }
    .to_owned()
}

/// Exchanges as rows.
pub(super) fn table(state: &OperatorState, session: &Session, exchanges: &[Value], caption: &str) -> Markup {
    html! {
        div .gulir tabindex="0" role="region" aria-label=(caption) {
            table .baris-pilih {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (session.say("Nomor", "Number")) }
                    th scope="col" { (session.say("Waktu", "Time")) }
                    th scope="col" { (session.say("Keadaan", "State")) }
                    th scope="col" { (session.say("Konsumen → operasi", "Consumer → operation")) }
                    th scope="col" { (session.say("Sistem", "System")) }
                    th scope="col" { (session.say("Rujukan", "Reference")) }
                    th scope="col" { (session.say("Percobaan", "Attempts")) }
                    th scope="col" { (session.say("Kode", "Code")) }
                } }
                tbody { @for row in exchanges {
                    @let id = text(row, "id");
                    tr {
                        th scope="row" { a href={ "/pertukaran/" (id) } { "…" (short(&id)) } }
                        td { (when(session, state, &text(row, "dibuat_pada"))) }
                        td { (state_of(session, &text(row, "keadaan"))) }
                        td { (text(row, "konsumen")) " → " (text(row, "operasi")) }
                        td { (text(row, "sistem")) }
                        td { (text(row, "rujukan")) }
                        td .angka-kolom { (count(session, row, "jumlah_percobaan")) }
                        td { (text(&row["masalah"], "kode_asli")) }
                    }
                } }
            }
        }
    }
}

pub(super) async fn one(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Found(id): Found,
) -> Response {
    let row = match shown(&state, id).await {
        Ok(row) => row,
        Err(refused) => return of_api(&session, refused),
    };
    let body = html! {
        p { (state_of(&session, &text(&row, "keadaan"))) " " code #nomor { (id) } }
        (facts(&state, &session, &row))
        @if !row["masalah"].is_null() { (fault(&session, &row["masalah"])) }
        (timeline(&state, &session, &row))
        (super::actions::forms(&session, &row))
        p { a href={ "/pertukaran/" (id) "/isi" } { (session.say("Lihat isi dan terjemahan (data pribadi tertutup)", "Look at content and translation (personal data masked)")) } }
    };
    whole(&session, ("Rincian pertukaran", "Exchange in detail"), &body)
}

fn facts(state: &OperatorState, session: &Session, row: &Value) -> Markup {
    let plain = |id: &'static str, en: &'static str, name: &str| {
        html! { div { dt { (session.say(id, en)) } dd { (text(row, name)) } } }
    };
    html! {
        dl .baris {
            (plain("Konsumen", "Consumer", "konsumen"))
            (plain("Operasi", "Operation", "operasi"))
            (plain("Sistem", "System", "sistem"))
            (plain("Tujuan", "Purpose", "tujuan"))
            (plain("Rujukan", "Reference", "rujukan"))
            (plain("Percobaan", "Attempts", "jumlah_percobaan"))
            (plain("Pencarian", "Look-ups", "jumlah_pencarian"))
            div { dt { (session.say("Diterima", "Accepted")) } dd { (when(session, state, &text(row, "dibuat_pada"))) } }
            div { dt { (session.say("Berubah", "Changed")) } dd { (when(session, state, &text(row, "diperbarui_pada"))) } }
            @if row["percobaan_berikut_pada"].is_string() {
                div { dt { (session.say("Percobaan berikut", "Next attempt")) } dd { (when(session, state, &text(row, "percobaan_berikut_pada"))) } }
            }
            @if row["alasan"].is_string() { (plain("Alasan", "Reason", "alasan")) }
            @if let Some(cause) = row["sebab"].as_str() {
                div { dt { (session.say("Disebabkan oleh", "Caused by")) } dd { a href={ "/pertukaran/" (cause) } { "…" (short(cause)) } } }
            }
            (plain("Jejak (trace)", "Trace", "trace"))
        }
    }
}

fn fault(session: &Session, fault: &Value) -> Markup {
    let detail = match session.language.tag() {
        "en" => text(fault, "detail_en"),
        _ => text(fault, "detail"),
    };
    let side = match fault["origin"].as_str() {
        Some("consumer") => session.say("konsumen", "consumer"),
        Some("gateway") => "gateway",
        Some("connector") => session.say("konektor", "connector"),
        _ => session.say("sistem tujuan", "the target system"),
    };
    let landed = match fault["landed"].as_str() {
        Some("yes") => session.say("sudah masuk", "it landed"),
        Some("no") => session.say("tidak masuk, aman diulang", "it did not land; safe to repeat"),
        _ => session.say(
            "belum pasti masuk; jangan kirim ulang di luar gateway",
            "it may have landed; do not repeat it outside the gateway",
        ),
    };
    html! {
        section .kartu.lebar aria-labelledby="j-masalah" {
            h2 #j-masalah { (session.say("Mengapa", "Why")) }
            p { (detail) }
            p { strong { (session.say("Pihak: ", "Whose: ")) } (side) " · " (landed) " · "
                (session.say("kode asli ", "native code ")) (text(fault, "kode_asli")) }
            @if fault["internal"].is_string() { p .kecil { (text(fault, "internal")) } }
            @if !rows(&fault["pointer"]).is_empty() {
                ul { @for pointer in rows(&fault["pointer"]) { li { code { (pointer.as_str().unwrap_or_default()) } } } }
            }
        }
    }
}

fn timeline(state: &OperatorState, session: &Session, row: &Value) -> Markup {
    let attempts = rows(&row["percobaan"]);
    if attempts.is_empty() {
        return html! { p { (session.say("Belum ada percobaan.", "No attempts yet.")) } };
    }
    html! {
        table {
            caption { (session.say("Percobaan, dari yang pertama", "Attempts, from the first")) }
            thead { tr {
                th scope="col" { "#" }
                th scope="col" { (session.say("Jenis", "Kind")) }
                th scope="col" { (session.say("Mulai", "Began")) }
                th scope="col" { (session.say("Langkah", "Step")) }
                th scope="col" { (session.say("Lama sistem", "System time")) }
                th scope="col" { "HTTP" }
                th scope="col" { (session.say("Hasil", "Result")) }
                th scope="col" { (session.say("Oleh", "By")) }
            } }
            tbody { @for attempt in attempts { tr {
                th scope="row" { (text(attempt, "nomor")) }
                td { (kind(session, &text(attempt, "jenis"))) }
                td { (when(session, state, &text(attempt, "mulai_pada"))) }
                td { (text(attempt, "langkah")) }
                td .angka-kolom { (count(session, attempt, "sistem_ms")) " ms" }
                td { (text(attempt, "status_asli")) }
                td {
                    @if attempt["masalah"].is_null() { (super::ui::badge("baik", "✓", session.say("baik", "well"))) }
                    @else { (super::ui::badge("buruk", "✗", &text(&attempt["masalah"], "jenis"))) " " (text(&attempt["masalah"], "kode_asli")) }
                }
                td { (text(attempt, "oleh")) }
            } } }
        }
    }
}

pub(super) async fn masked(
    State(state): State<OperatorState>,
    Extension(session): Extension<Session>,
    Found(id): Found,
) -> Response {
    match inspect(&state.rooms, id, None).await {
        Ok(inspection) => opened(&session, id, &inspection),
        Err(error) => of_api(&session, problem::person(&error)),
    }
}

/// What is inside, masked or not, as the core gave it.
pub(super) fn opened(session: &Session, id: ExchangeId, inspection: &Inspection) -> Response {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    // What a system said may quote a number.
    let mut failed = inspection.langkah_gagal.clone();
    view::masked_all(&mut failed);
    let body = html! {
        p { a href={ "/pertukaran/" (id) } { (session.say("Kembali ke rincian", "Back to the details")) } }
        @if inspection.terbuka {
            p .peringatan role="alert" { (session.say("Data pribadi terbuka. Pembukaan ini tercatat sebagai bukti dengan nama dan alasan Anda.", "Personal data are open. This look is evidence, with your name and reason.")) }
        } @else if session.role.decides() {
            form .kartu.lebar method="post" action={ "/pertukaran/" (id) "/isi" } {
                (token(session))
                label for="alasan" { (session.say("Alasan membuka data pribadi (tercatat sebagai bukti)", "Reason for opening personal data (kept as evidence)")) }
                input #alasan name="alasan" required minlength="5" maxlength="500";
                button type="submit" { (session.say("Tampilkan data pribadi", "Show personal data")) }
            }
        }
        h2 { (session.say("Masukan kanonik", "Canonical input")) }
        pre tabindex="0" { (pretty(&inspection.masukan)) }
        h2 { (session.say("Terjemahan sekarang", "Translation now")) }
        pre tabindex="0" { (pretty(&inspection.terjemahan)) }
        @if let Some(differences) = &inspection.perbedaan {
            h2 { (session.say("Beda dari yang terakhir dikirim", "Differences from what was sent last")) }
            @if differences.is_empty() { p { (session.say("Tidak ada.", "None.")) } }
            ul { @for one in differences { li { code { (one.penunjuk) } " " (one.jenis) } } }
        }
        @if !inspection.langkah_gagal.is_null() {
            h2 { (session.say("Langkah yang gagal", "The step that failed")) }
            pre tabindex="0" { (pretty(&failed)) }
        }
    };
    whole(session, ("Isi pertukaran", "Content of the exchange"), &body)
}

/// The kind of a try as a word of the reader's language.
fn kind<'t>(session: &Session, word: &'t str) -> &'t str {
    match word {
        "kirim" => session.say("kirim", "delivery"),
        "cari" => session.say("cari", "look-up"),
        "susulan" => session.say("susulan", "late answer"),
        "petugas" => session.say("petugas", "a person"),
        other => other,
    }
}
