//! The door by the city's identity provider, where one is configured: away with state, nonce and PKCE in a signed cookie, back
//! with a code. Each way counts once: a person's newest way ends all that began before it, on every node.

use super::super::oidc::{BACK, Refused, Start};
use super::super::state::OperatorState;
use super::door::{After, refused, with_cookie};
use super::session::{COOKIE_NAME, cookie, inside, language, to};
use super::standing::{self, Standing};
use super::ui;
use crate::http::Language;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use maud::html;
use serde::Deserialize;

/// Cookie of a way under way; it is sent along when the provider leads back, so it cannot be `Strict`.
const WAY: &str = "simpul_oidc";
/// Milliseconds that a way may take.
const LASTS: i64 = 10 * 60 * 1000;

pub(super) async fn begin(
    State(state): State<OperatorState>,
    headers: HeaderMap,
    after: Result<Query<After>, QueryRejection>,
) -> Response {
    let after = after.map(|Query(after)| after.ke).unwrap_or_default();
    let Some(oidc) = state.desk.load().oidc.clone() else {
        return to("/masuk");
    };
    let Some(start) = Start::draw(inside(&after), state.clock.now()) else {
        return refused(&state, language(&headers), StatusCode::SERVICE_UNAVAILABLE, PROVIDER);
    };
    let body = hex::encode(serde_json::to_vec(&start).unwrap_or_default());
    let value = state.sessions.sealed("oidc", &body);
    with_cookie(
        to(&oidc.address(&start)),
        &format!("{WAY}={value}; Path={BACK}; HttpOnly; SameSite=Lax; Max-Age=600"),
    )
}

/// What the provider sends along.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Back {
    code: String,
    state: String,
}

pub(super) async fn back(
    State(state): State<OperatorState>,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let language = language(&headers);
    let gone = format!("{WAY}=; Path={BACK}; HttpOnly; SameSite=Lax; Max-Age=0");
    let answer = match come(&state, &headers, back.map(|Query(back)| back).unwrap_or_default()).await {
        Ok((session, after)) => {
            let cookie = format!("{COOKIE_NAME}={session}; Path=/; HttpOnly; SameSite=Strict");
            with_cookie(onward(language, &after), &cookie)
        }
        Err((status, why)) => {
            tracing::warn!("console sign-in by the identity provider refused");
            refused(&state, language, status, why)
        }
    };
    with_cookie(answer, &gone)
}

type Why = (&'static str, &'static str);

/// The cookie of a session and where the person wanted to.
async fn come(state: &OperatorState, headers: &HeaderMap, back: Back) -> Result<(String, String), (StatusCode, Why)> {
    let refuse = |why| (StatusCode::UNAUTHORIZED, why);
    let now = state.clock.now();
    let oidc = state.desk.load().oidc.clone().ok_or(refuse(OVER))?;
    let start: Start = cookie(headers, WAY)
        .and_then(|value| state.sessions.unsealed("oidc", value))
        .and_then(|body| serde_json::from_slice(&hex::decode(body).ok()?).ok())
        .ok_or(refuse(OVER))?;
    let ours = aws_lc_rs::constant_time::verify_slices_are_equal(start.state.as_bytes(), back.state.as_bytes()).is_ok();
    if !ours || now.as_millisecond() - start.at > LASTS {
        return Err(refuse(OVER));
    }
    if back.code.is_empty() {
        return Err(refuse(PROVIDER));
    }
    let transport = &*state.rooms.transport;
    let (name, role) = oidc.person(transport, &back.code, &start, now).await.map_err(|why| {
        refuse(match why {
            Refused::Provider => PROVIDER,
            Refused::Name => NAME,
            Refused::Role => ROLE,
        })
    })?;
    // One person must not be two, and nobody becomes somebody of the configuration by a name.
    if state.operators.load().iter().any(|known| *known.name == *name) {
        return Err(refuse(TAKEN));
    }
    let once = standing::change(state, &name, |standing| {
        (start.at > standing.way).then_some(Standing {
            way: start.at,
            ..standing
        })
    });
    match once.await {
        Ok(true) => {}
        Ok(false) => return Err(refuse(OVER)),
        Err(error) => {
            tracing::error!(%error, "a way by the identity provider not taken");
            return Err((StatusCode::SERVICE_UNAVAILABLE, PROVIDER));
        }
    }
    tracing::info!(by = %name, "console sign-in by the identity provider");
    Ok((
        state.sessions.open_by(&name, role, &oidc, now),
        inside(&start.after).to_owned(),
    ))
}

/// A page of ours that leads on: a cookie that is only sent from our own pages does not pass a way that began elsewhere.
fn onward(language: Language, after: &str) -> Response {
    let (title, go) = match language {
        Language::Id => ("Masuk berhasil", "Lanjut ke konsol"),
        Language::En => ("Signed in", "Go on to the console"),
    };
    let body = html! {
        main #isi .pintu {
            h1 { (title) }
            p { a href=(after) { (go) } }
        }
    };
    let mut answer = ui::document(language, title, "/", StatusCode::OK, &body);
    if let Ok(value) = HeaderValue::from_str(&format!("0;url={after}")) {
        answer.headers_mut().insert(REFRESH, value);
    }
    answer
}

const OVER: Why = (
    "Percobaan masuk ini sudah tidak berlaku. Mulai lagi.",
    "This try to sign in is no longer valid. Begin again.",
);
const PROVIDER: Why = (
    "Penyedia identitas tidak memberi bukti masuk yang sah. Coba lagi, atau masuk dengan kata sandi.",
    "The identity provider gave no valid proof. Try again, or sign in with a password.",
);
const NAME: Why = (
    "Penyedia identitas tidak menyebut nama yang dapat dipakai. Minta admin memeriksa `klaim_nama`.",
    "The identity provider gives no usable name. Ask an admin to check `klaim_nama`.",
);
const ROLE: Why = (
    "Anda belum punya peran di Simpul. Minta admin menambahkan grup Anda ke `peran`.",
    "You have no role in Simpul yet. Ask an admin to add your group to `peran`.",
);
const TAKEN: Why = (
    "Nama ini milik petugas di konfigurasi; masuklah dengan kata sandinya.",
    "This name is that of an operator in the configuration; sign in with the password.",
);
