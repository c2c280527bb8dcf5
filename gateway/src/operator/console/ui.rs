//! What every page is made of: the frame with its ways, words for states and sides, times, numbers, refusals. Meaning is
//! never in colour alone.

use super::super::problem;
use super::super::state::OperatorState;
use super::session::Session;
use crate::http::Language;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gateway_core::journal::JournalError;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Address, Indonesian, English; whether only those who see rights may go there.
const WAYS: [(&str, &str, &str, bool); 13] = [
    ("/", "Beranda", "Overview", false),
    ("/masalah", "Masalah", "Issues", false),
    ("/pertukaran", "Pertukaran", "Exchanges", false),
    ("/antrean", "Antrean & gagal kirim", "Queues & dead letters", false),
    ("/sistem", "Sistem & konektor", "Systems & connectors", false),
    ("/peristiwa", "Peristiwa", "Events", false),
    ("/salinan", "Salinan", "Mirrors", false),
    ("/konsumen", "Konsumen & kunci", "Consumers & keys", true),
    ("/bukti", "Bukti & audit", "Evidence & audit", true),
    ("/kinerja", "Kinerja", "Performance", false),
    ("/katalog", "Katalog", "Catalogue", false),
    ("/laporan", "Laporan SPBE", "SPBE report", true),
    ("/pengaturan", "Pengaturan", "Settings", true),
];

/// A page inside the frame.
pub(super) fn page(session: &Session, title: (&str, &str), body: &Markup) -> Response {
    framed(session, StatusCode::OK, title, body)
}

pub(super) fn framed(session: &Session, status: StatusCode, title: (&str, &str), body: &Markup) -> Response {
    let path = session.here.split('?').next().unwrap_or("/");
    let active = |way: &str| if way == "/" { path == "/" } else { path.starts_with(way) };
    let framed = html! {
        header .atas {
            a .nama href="/" { "Simpul" }
            form .cari action="/pertukaran" method="get" role="search" {
                label .tersembunyi for="cari" { (session.say("Cari nomor pertukaran atau rujukan", "Find an exchange or reference")) }
                input #cari name="cari" type="search" placeholder=(session.say("Nomor pertukaran atau rujukan", "Exchange number or reference")) aria-keyshortcuts="Control+K";
                button type="submit" { (session.say("Cari", "Find")) }
            }
            span .siapa { (session.name) " · " (session.role.word()) }
            form method="post" action="/keluar" {
                (token(session))
                button type="submit" { (session.say("Keluar", "Sign out")) }
            }
        }
        div .badan {
            nav aria-label=(session.say("Halaman", "Pages")) {
                ul {
                    @for (way, id, en, rights) in WAYS {
                        @if !rights || session.role.sees_rights() {
                            li { a href=(way) aria-current=[active(way).then_some("page")] { (session.say(id, en)) } }
                        }
                    }
                }
            }
            main #isi tabindex="-1" {
                h1 { (session.say(title.0, title.1)) }
                (body)
            }
        }
    };
    document(
        session.language,
        session.say(title.0, title.1),
        &session.here,
        status,
        &framed,
    )
}

/// A whole document.
pub(super) fn document(language: Language, title: &str, here: &str, status: StatusCode, body: &Markup) -> Response {
    let (other, name) = match language {
        Language::Id => ("en", "English"),
        Language::En => ("id", "Bahasa Indonesia"),
    };
    let skip = match language {
        Language::Id => "Langsung ke isi",
        Language::En => "Skip to content",
    };
    let back = utf8_percent_encode(here, NON_ALPHANUMERIC);
    let text = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Simpul" }
                link rel="stylesheet" href="/konsol.css";
                script src="/konsol.js" defer {}
            }
            body {
                a .lewati href="#isi" { (skip) }
                (body)
                footer {
                    span { "Simpul " (env!("CARGO_PKG_VERSION")) }
                    " · "
                    a href={ "/bahasa/" (other) "?ke=" (back) } lang=(other) hreflang=(other) { (name) }
                }
            }
        }
    };
    let mut answer = (status, text.into_string()).into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    answer
}

/// A refusal as a page.
pub(super) fn refused(session: &Session, status: StatusCode, id: &str, en: &str) -> Response {
    let body = html! {
        p .peringatan role="alert" { (session.say(id, en)) }
        p { a href="/" { (session.say("Kembali ke beranda", "Back to the overview")) } }
    };
    framed(session, status, ("Tidak dapat dilakukan", "Cannot be done"), &body)
}

/// A refusal that the admin API would give.
pub(super) fn of_api(session: &Session, answer: Response) -> Response {
    match problem::told(&answer, session.language) {
        Some((status, title, detail)) => {
            let body = html! {
                p .peringatan role="alert" { strong { (title) } ": " (detail) }
                p { a href="/" { (session.say("Kembali ke beranda", "Back to the overview")) } }
            };
            framed(session, status, ("Tidak dapat dilakukan", "Cannot be done"), &body)
        }
        None => answer,
    }
}

/// The journal did not answer.
pub(super) fn broken(session: &Session, error: &JournalError) -> Response {
    of_api(session, problem::journal(error))
}

/// A role may not do this.
pub(super) fn not_yours(session: &Session) -> Response {
    refused(
        session,
        StatusCode::FORBIDDEN,
        "Peran Anda tidak boleh melakukan ini. Mintalah operator atau admin.",
        "Your role may not do this. Ask an operator or an admin.",
    )
}

/// The form is of another session.
pub(super) fn stale(session: &Session) -> Response {
    refused(
        session,
        StatusCode::FORBIDDEN,
        "Formulir ini sudah tidak berlaku. Muat ulang halamannya, lalu ulangi.",
        "This form is no longer valid. Reload the page and try again.",
    )
}

/// Whether a form belongs to this session.
pub(super) fn ours(session: &Session, token: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(session.form_token.as_bytes(), token.as_bytes()).is_ok()
}

/// The field that makes a form this session's.
pub(super) fn token(session: &Session) -> Markup {
    html! { input type="hidden" name="formulir" value=(session.form_token); }
}

/// The text at a name, or a dash.
pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "–".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The half of a `{id, en}` text that is read.
pub(super) fn said<'v>(session: &Session, value: &'v Value) -> &'v str {
    value[session.language.tag()].as_str().unwrap_or_default()
}

/// An array, or nothing.
pub(super) fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A state as icon and word.
pub(super) fn state(session: &Session, word: &str) -> Markup {
    let (icon, class, id, en) = match word {
        "diterima" => ("○", "netral", "Diterima", "Accepted"),
        "dikirim" => ("→", "netral", "Dikirim", "Sending"),
        "menunggu_ulang" => ("↻", "awas", "Menunggu ulang", "Waiting to retry"),
        "hasil_belum_pasti" => ("?", "awas", "Hasil belum pasti", "Being looked up"),
        "hasil_tidak_pasti" => ("?", "buruk", "Hasil tidak pasti", "Outcome unknown"),
        "terkirim" => ("✓", "baik", "Terkirim", "Delivered"),
        "ditolak" => ("⊘", "awas", "Ditolak", "Rejected"),
        "gagal" => ("✗", "buruk", "Gagal – perlu tindakan", "Failed – needs action"),
        "dibatalkan" => ("–", "netral", "Dibatalkan", "Cancelled"),
        other => ("·", "netral", other, other),
    };
    badge(class, icon, session.say(id, en))
}

/// An icon with its word.
pub(super) fn badge(class: &str, icon: &str, word: &str) -> Markup {
    html! { span class={ "tanda " (class) } { span aria-hidden="true" { (icon) } " " (word) } }
}

const MONTHS: [(&str, &str); 12] = [
    ("Jan", "Jan"),
    ("Feb", "Feb"),
    ("Mar", "Mar"),
    ("Apr", "Apr"),
    ("Mei", "May"),
    ("Jun", "Jun"),
    ("Jul", "Jul"),
    ("Agu", "Aug"),
    ("Sep", "Sep"),
    ("Okt", "Oct"),
    ("Nov", "Nov"),
    ("Des", "Dec"),
];

/// A time for people, in the city's zone, to the second; machines read the whole.
pub(super) fn when(session: &Session, state: &OperatorState, text: &str) -> Markup {
    let Ok(at) = text.parse::<Timestamp>() else {
        return html! { "–" };
    };
    html! { time datetime=(at.to_string()) { (moment(session, state, at)) } }
}

pub(super) fn moment(session: &Session, state: &OperatorState, at: Timestamp) -> String {
    let local = at.to_zoned_datetime(state.zone.clone());
    let month = usize::try_from(local.month() - 1)
        .ok()
        .and_then(|month| MONTHS.get(month));
    let (id, en) = month.copied().unwrap_or_default();
    let clock = match session.language {
        Language::Id => local.strftime("%H.%M.%S %Z").to_string(),
        Language::En => local.strftime("%H:%M:%S %Z").to_string(),
    };
    format!("{} {} {} {clock}", local.day(), session.say(id, en), local.year())
}

/// A span in the largest unit that fits.
pub(super) fn span(session: &Session, seconds: u64) -> String {
    let (count, id, en) = match seconds {
        0..120 => (seconds, "dtk", "s"),
        120..7200 => (seconds / 60, "mnt", "min"),
        7200..172_800 => (seconds / 3600, "jam", "h"),
        _ => (seconds / 86_400, "hari", "days"),
    };
    format!("{count} {}", session.say(id, en))
}

/// A number with its thousands marked as the language does.
pub(super) fn number(session: &Session, count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(match session.language {
                Language::Id => '.',
                Language::En => ',',
            });
        }
        shown.push(digit);
    }
    shown
}

/// The count at a name.
pub(super) fn count(session: &Session, value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_u64)
        .map_or_else(|| "–".to_owned(), |count| number(session, count))
}

/// A value for a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The end of a UUID, by which people tell exchanges apart.
pub(super) fn short(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}
