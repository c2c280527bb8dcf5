//! Coming in, going out, choosing the language. A person comes in with name and password, or with their operator token.

use super::super::guard::Operator;
use super::super::state::OperatorState;
use super::session::{COOKIE_NAME, LANGUAGE, Session, from_here, inside, language, to};
use super::standing::{self, Standing};
use super::ui;
use crate::http::Language;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use gateway_core::evidence::sha256;
use gateway_core::journal::JournalError;
use maud::html;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct After {
    pub(super) ke: String,
}

pub(super) async fn form(
    State(state): State<OperatorState>,
    headers: HeaderMap,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    let after = after.map(|Query(after)| after.ke).unwrap_or_default();
    shown(&state, language(&headers), inside(&after), StatusCode::OK, None)
}

/// The door again, and why.
pub(super) fn refused(state: &OperatorState, language: Language, status: StatusCode, why: (&str, &str)) -> Response {
    shown(state, language, "/", status, Some(why))
}

fn shown(
    state: &OperatorState,
    language: Language,
    after: &str,
    status: StatusCode,
    wrong: Option<(&str, &str)>,
) -> Response {
    let desk = state.desk.load();
    let say = |id: &'static str, en: &'static str| match language {
        Language::Id => id,
        Language::En => en,
    };
    let body = html! {
        main #isi .pintu {
            h1 { "Simpul" }
            p { (say("Konsol petugas gerbang pertukaran data", "Operators' console of the data exchange gateway")) }
            @if let Some((id, en)) = wrong {
                p .peringatan role="alert" { (match language { Language::Id => id, Language::En => en }) }
            }
            form method="post" action="/masuk" {
                input type="hidden" name="ke" value=(after);
                label for="nama" { (say("Nama petugas", "Operator's name")) }
                input #nama name="nama" autocomplete="username" required;
                label for="sandi" { (say("Kata sandi atau token operator", "Password or operator token")) }
                input #sandi name="sandi" type="password" autocomplete="current-password" required;
                label for="kode" { (say("Kode autentikator (bila dipasang)", "Authenticator code (if enrolled)")) }
                input #kode name="kode" inputmode="numeric" autocomplete="one-time-code" maxlength="7";
                button type="submit" .utama { (say("Masuk", "Sign in")) }
            }
            @if let Some(oidc) = &desk.oidc {
                p .tombol {
                    a .utama href={ "/masuk/oidc?ke=" (ui::encoded(after)) } {
                        (say("Masuk dengan ", "Sign in with ")) (oidc.terms().title)
                    }
                }
            }
            p .kecil {
                (say(
                    "Belum punya? Minta admin membuatnya dengan `simpul key create --operator NAMA`.",
                    "None yet? Ask an admin to make one with `simpul key create --operator NAME`.",
                ))
            }
        }
    };
    ui::document(language, say("Masuk", "Sign in"), "/masuk", status, &body)
}

#[derive(Deserialize)]
pub(super) struct Entry {
    nama: String,
    sandi: String,
    #[serde(default)]
    kode: String,
    #[serde(default)]
    ke: String,
}

const WRONG: (&str, &str) = (
    "Nama, kata sandi atau kode salah, atau kode sudah dipakai.",
    "The name, the password or the code is wrong, or the code was used before.",
);
const NOT_LEFT: (&str, &str) = (
    "Sesi belum dapat diakhiri karena jurnal tidak menjawab. Coba lagi.",
    "The session could not be ended because the journal does not answer. Try again.",
);
const NOT_NOW: (&str, &str) = (
    "Masuk belum dapat dilakukan karena jurnal tidak menjawab. Coba lagi.",
    "Signing in is not possible because the journal does not answer. Try again.",
);
const WAIT: (&str, &str) = (
    "Terlalu banyak percobaan. Tunggu lima menit.",
    "Too many tries. Wait five minutes.",
);

pub(super) async fn enter(
    State(state): State<OperatorState>,
    headers: HeaderMap,
    entry: Result<Form<Entry>, FormRejection>,
) -> Response {
    let language = language(&headers);
    let Ok(Form(entry)) = entry else {
        return shown(&state, language, "/", StatusCode::BAD_REQUEST, Some(WRONG));
    };
    let after = inside(&entry.ke).to_owned();
    if !from_here(&headers) {
        return shown(&state, language, "/", StatusCode::FORBIDDEN, Some(WRONG));
    }
    let now = state.clock.now();
    let people = state.operators.load_full();
    let of_name: Vec<Operator> = people
        .iter()
        .filter(|one| *one.name == *entry.nama.trim())
        .cloned()
        .collect();
    let known = !of_name.is_empty();
    // One at a time, so that tries at once are counted one after the other.
    let Ok(_turn) = state.sessions.trying.acquire().await else {
        return shown(&state, language, &after, StatusCode::SERVICE_UNAVAILABLE, Some(WAIT));
    };
    if known {
        match standing::read(&state, entry.nama.trim()).await {
            Ok(standing) if standing.must_wait(now) => {
                return shown(&state, language, &after, StatusCode::TOO_MANY_REQUESTS, Some(WAIT));
            }
            Ok(_) => {}
            Err(error) => return uncounted(&state, language, &after, &error),
        }
    }
    let name = entry.nama.trim().to_owned();
    let code = entry.kode.clone();
    let found = tokio::task::spawn_blocking(move || {
        let hash = sha256(entry.sandi.as_bytes());
        of_name.into_iter().find(|one| {
            one.token.fits(&hash)
                || one
                    .password
                    .as_ref()
                    .is_some_and(|password| password.fits(&entry.sandi))
        })
    });
    let found = match found.await.ok().flatten() {
        Some(person) => second_factor(&state, person, &code).await,
        None => None,
    };
    if known && let Err(error) = standing::tried(&state, &name, found.is_some()).await {
        return uncounted(&state, language, &after, &error);
    }
    let Some(person) = found else {
        tracing::warn!("console sign-in refused");
        return shown(&state, language, &after, StatusCode::UNAUTHORIZED, Some(WRONG));
    };
    tracing::info!(by = %person.name, "console sign-in");
    let value = state.sessions.open(&person, now);
    with_cookie(
        to(&after),
        &format!("{COOKIE_NAME}={value}; Path=/; HttpOnly; SameSite=Strict"),
    )
}

/// Nobody comes in where wrong tries cannot be counted.
fn uncounted(state: &OperatorState, language: Language, after: &str, error: &JournalError) -> Response {
    tracing::error!(%error, "sign-in not possible: tries cannot be counted");
    shown(state, language, after, StatusCode::SERVICE_UNAVAILABLE, Some(NOT_NOW))
}

/// The person again when the code is theirs and was never taken; persons without a second factor need none.
async fn second_factor(state: &OperatorState, person: Operator, code: &str) -> Option<Operator> {
    let Some(totp) = &person.totp else {
        return Some(person);
    };
    let now = state.clock.now();
    let taken = standing::change(state, &person.name, |standing| {
        let step = totp.step_of(code, now, standing.step)?;
        Some(Standing { step, ..standing })
    });
    match taken.await {
        Ok(true) => Some(person),
        Ok(false) => None,
        Err(error) => {
            tracing::error!(%error, "one-time code not taken");
            None
        }
    }
}

/// Ends every session of the person, on all nodes.
pub(super) async fn leave(State(state): State<OperatorState>, Extension(session): Extension<Session>) -> Response {
    let now = state.clock.now().as_millisecond();
    let left = standing::change(&state, &session.name, |standing| {
        Some(Standing {
            over: standing.over.max(now),
            ..standing
        })
    });
    match left.await {
        Ok(true) => {}
        Ok(false) | Err(_) => {
            return ui::refused(&session, StatusCode::SERVICE_UNAVAILABLE, NOT_LEFT.0, NOT_LEFT.1);
        }
    }
    let gone = format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    with_cookie(to("/masuk"), &gone)
}

/// Chooses the language and goes back to where one was. Changes nothing else, so a link will do.
pub(super) async fn choose(Path(tag): Path<String>, after: Result<Query<After>, QueryRejection>) -> Response {
    let after = after.map(|Query(after)| after.ke).unwrap_or_default();
    let tag = if tag == "en" { "en" } else { "id" };
    with_cookie(
        to(inside(&after)),
        &format!("{LANGUAGE}={tag}; Path=/; SameSite=Lax; Max-Age=31536000"),
    )
}

pub(super) fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}
