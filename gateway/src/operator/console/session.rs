//! Sessions of the console: a signed cookie that names the person. The key is derived from the master key, so that nodes
//! behind a load balancer take each other's. A person who is gone from configuration, whose password, token or second
//! factor changed, or who left on any node has no session any more. Every change needs the form token.

use super::super::guard::{Change, Operator, Role, Who, witness};
use super::super::oidc::Oidc;
use super::super::server::BODY_BYTES;
use super::super::state::OperatorState;
use super::super::totp::Totp;
use super::{standing, ui};
use crate::http::Language;
use aws_lc_rs::{hmac, rand};
use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::header::{COOKIE, HOST, LOCATION, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gateway_core::evidence::sha256;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::fmt;
use std::sync::Arc;

/// Name of the session's cookie, and of the language's.
pub(super) const COOKIE_NAME: &str = "simpul_sesi";
pub(super) const LANGUAGE: &str = "simpul_bahasa";
/// Where a session is left.
pub(super) const LEAVE: &str = "/keluar";
/// Begins what a session of the identity provider rests on; the mark of a person of configuration is hexadecimal.
const BY_PROVIDER: &str = "o-";
/// A session ends so many seconds after it began.
const LASTS: i64 = 8 * 3600;

/// Signs sessions.
pub(in super::super) struct Sessions {
    key: hmac::Key,
    /// One password is tried at a time: each costs memory on purpose.
    pub(super) trying: tokio::sync::Semaphore,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(…)")
    }
}

/// A cookie that holds.
struct Read {
    name: Arc<str>,
    role: Role,
    /// The token of its forms.
    form_token: String,
    /// When it was opened, in milliseconds.
    opened: i64,
}

/// Whoever asks, and how they are to be answered.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) name: Arc<str>,
    pub(super) role: Role,
    pub(super) language: Language,
    /// What every form of this session carries.
    pub(super) form_token: String,
    /// Address of the page, for the language switch.
    pub(super) here: String,
}

impl Session {
    pub(super) fn say<'t>(&self, id: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Id => id,
            Language::En => en,
        }
    }
}

impl Sessions {
    pub(in super::super) fn new(seed: &[u8; 32]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, seed),
            trying: tokio::sync::Semaphore::new(1),
        }
    }

    /// The cookie's value for a person of configuration.
    pub(super) fn open(&self, operator: &Operator, now: Timestamp) -> String {
        self.opened(&operator.name, &of_person(operator), now)
    }

    /// The cookie's value for a person whom the identity provider named.
    pub(super) fn open_by(&self, name: &str, role: Role, oidc: &Oidc, now: Timestamp) -> String {
        self.opened(name, &format!("{BY_PROVIDER}{}-{}", role.word(), oidc.mark()), now)
    }

    fn opened(&self, name: &str, person: &str, now: Timestamp) -> String {
        let mut nonce = [0; 16];
        // A nonce that stays zero makes form tokens alike, never a session valid.
        let _filled = rand::SecureRandom::fill(&rand::SystemRandom::new(), &mut nonce);
        let body = format!(
            "{}.{}.{}.{person}",
            hex::encode(name.as_bytes()),
            now.as_millisecond() + LASTS * 1000,
            hex::encode(nonce),
        );
        self.sealed("sesi", &body)
    }

    /// A text with our signature for one use.
    pub(super) fn sealed(&self, what: &str, body: &str) -> String {
        format!("{body}.{}", self.sign(what, body))
    }

    /// The text again, if it is ours.
    pub(super) fn unsealed<'t>(&self, what: &str, text: &'t str) -> Option<&'t str> {
        let (body, signature) = text.rsplit_once('.')?;
        self.signed(what, body, signature).then_some(body)
    }

    /// The person behind a cookie, as configuration knows them now, and the token of their forms.
    fn read(&self, cookie: &str, operators: &[Operator], oidc: Option<&Oidc>, now: Timestamp) -> Option<Read> {
        let body = self.unsealed("sesi", cookie)?;
        let mut parts = body.split('.');
        let name = String::from_utf8(hex::decode(parts.next()?).ok()?).ok()?;
        let until: i64 = parts.next()?.parse().ok()?;
        let (_nonce, person) = (parts.next()?, parts.next()?);
        if until <= now.as_millisecond() {
            return None;
        }
        let role = match person.strip_prefix(BY_PROVIDER) {
            Some(said) => {
                let (word, mark) = said.split_once('-')?;
                let role = Role::ALL.into_iter().find(|role| role.word() == word)?;
                (oidc?.mark() == mark).then_some(role)?
            }
            None => {
                let mut known = operators.iter();
                known.find(|one| *one.name == *name && of_person(one) == person)?.role
            }
        };
        Some(Read {
            name: name.into(),
            role,
            form_token: self.sign("formulir", body),
            opened: until - LASTS * 1000,
        })
    }

    fn sign(&self, what: &str, body: &str) -> String {
        hex::encode(hmac::sign(&self.key, format!("{what}:{body}").as_bytes()))
    }

    fn signed(&self, what: &str, body: &str, signature: &str) -> bool {
        let Ok(signature) = hex::decode(signature) else {
            return false;
        };
        hmac::verify(&self.key, format!("{what}:{body}").as_bytes(), &signature).is_ok()
    }
}

/// Changes when the person's token, password, second factor or role does.
fn of_person(operator: &Operator) -> String {
    let password = operator.password.as_ref().map_or("", |password| password.as_str());
    let second = operator.totp.as_ref().map(Totp::mark).unwrap_or_default();
    let all = format!(
        "{}:{}:{password}:{second}",
        operator.token.to_hex(),
        operator.role.word()
    );
    hex::encode(&sha256(all.as_bytes())[..12])
}

/// Lets in whoever has a session; everybody else is shown the door. Changes must come from our own forms.
pub(super) async fn guard(State(state): State<OperatorState>, mut request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let found = cookie(request.headers(), COOKIE_NAME).and_then(|cookie| {
        let oidc = state.desk.load().oidc.clone();
        let people = state.operators.load();
        state.sessions.read(cookie, &people, oidc.as_deref(), state.clock.now())
    });
    let found = match found {
        // Left here or on another node; where that cannot be known, nobody is in.
        Some(read) => match standing::read(&state, &read.name).await {
            Ok(standing) => (read.opened > standing.over).then_some(read),
            Err(error) => {
                tracing::error!(%error, "whether a session is over cannot be known");
                None
            }
        },
        None => None,
    };
    let Some(Read {
        name, role, form_token, ..
    }) = found
    else {
        let after = if request.method() == Method::GET {
            here.as_str()
        } else {
            "/"
        };
        return to(&format!("/masuk?ke={}", utf8_percent_encode(after, NON_ALPHANUMERIC)));
    };
    let session = Session {
        name,
        role,
        language,
        form_token,
        here,
    };
    if request.method() != Method::GET && !from_here(request.headers()) {
        return ui::refused(&session, StatusCode::FORBIDDEN, FOREIGN.0, FOREIGN.1);
    }
    request.extensions_mut().insert(Who::new(&session.name));
    request.extensions_mut().insert(session.clone());
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    changed(&state, &session, request, next).await
}

/// What every form of ours carries.
#[derive(Deserialize)]
struct Common {
    formulir: String,
    alasan: Option<String>,
}

/// A change: only with the session's form token, only by a role that decides, and done or refused it is evidence. Leaving
/// is no change.
async fn changed(state: &OperatorState, session: &Session, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return ui::stale(session);
    };
    let again = || Request::from_parts(parts.clone(), Body::from(body.clone()));
    let form = Form::<Common>::from_request(again(), &())
        .await
        .ok()
        .map(|Form(form)| form);
    let ours = form.as_ref().is_some_and(|form| ui::ours(session, &form.formulir));
    let leaves = parts.uri.path() == LEAVE;
    let answer = match (ours, leaves || session.role.decides()) {
        (false, _) => ui::stale(session),
        (true, false) => ui::not_yours(session),
        (true, true) => next.run(again()).await,
    };
    if !leaves {
        let change = Change {
            method: &parts.method,
            path: parts.uri.path(),
            reason: form.as_ref().and_then(|form| form.alasan.as_deref()),
            status: answer.status(),
        };
        witness(state, &session.name, &change).await;
    }
    answer
}

const FOREIGN: (&str, &str) = (
    "Permintaan ini bukan dari konsol. Muat ulang halamannya, lalu ulangi.",
    "This request does not come from the console. Reload the page and try again.",
);

/// Whether a form was sent from our own pages: browsers name the origin.
pub(super) fn from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(&ORIGIN) else {
        return headers
            .get("sec-fetch-site")
            .is_none_or(|site| site == "same-origin" || site == "none");
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(&HOST)
}

/// The language somebody chose, else the browser's.
pub(super) fn language(headers: &HeaderMap) -> Language {
    match cookie(headers, LANGUAGE) {
        Some("id") => Language::Id,
        Some("en") => Language::En,
        _ => Language::of(headers),
    }
}

pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|all| all.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// See other.
pub(super) fn to(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    let mut answer = StatusCode::SEE_OTHER.into_response();
    answer.headers_mut().insert(LOCATION, place);
    answer
}

/// A path of ours, or the first page.
pub(super) fn inside(path: &str) -> &str {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::super::super::guard::TokenHash;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + second).unwrap()
    }

    #[test]
    fn a_session_is_its_persons_and_ends() {
        let sessions = Sessions::new(&[7; 32]);
        let person = Operator::new("Petugas Satu", TokenHash::of("a"));
        let cookie = sessions.open(&person, at(0));
        let people = [person.clone()];
        let read = |sessions: &Sessions, cookie: &str, people: &[Operator], second| {
            sessions.read(cookie, people, None, at(second))
        };
        let found = read(&sessions, &cookie, &people, LASTS - 1).unwrap();
        assert_eq!(
            (found.name, found.role, found.opened),
            (person.name, person.role, at(0).as_millisecond())
        );
        assert!(
            read(&Sessions::new(&[7; 32]), &cookie, &people, 1).is_some(),
            "another node"
        );
        assert!(read(&sessions, &cookie, &people, LASTS).is_none(), "over");
        assert!(
            read(&Sessions::new(&[8; 32]), &cookie, &people, 1).is_none(),
            "another key"
        );
        let changed = [Operator::new("Petugas Satu", TokenHash::of("b"))];
        assert!(read(&sessions, &cookie, &changed, 1).is_none(), "the token changed");
        let mut forged = cookie;
        forged.replace_range(0..2, "51");
        assert!(read(&sessions, &forged, &people, 1).is_none());
        assert!(read(&sessions, "", &people, 1).is_none());
    }

    #[test]
    fn only_paths_of_ours_are_gone_to() {
        for (path, place) in [
            ("/masalah?a=1", "/masalah?a=1"),
            ("//jahat.invalid", "/"),
            ("https://jahat.invalid", "/"),
            ("/\\jahat", "/"),
        ] {
            assert_eq!(inside(path), place);
        }
    }

    #[test]
    fn forms_of_others_are_told_by_their_origin() {
        let of = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8081"));
            headers.insert(ORIGIN, origin.parse().unwrap());
            from_here(&headers)
        };
        assert!(of("http://127.0.0.1:8081"));
        assert!(!of("http://jahat.invalid") && !of("null") && !of("http://127.0.0.1:9000"));
    }
}
