//! Who may use the admin API: the bearer of an operator token, by name. Only hashes are kept, compared in constant time.

use super::emergency::{self, Pass};
use super::password::PasswordHash;
use super::problem;
use super::server::LARGEST_BODY;
use super::state::OperatorState;
use super::totp::Totp;
use crate::telemetry::SecurityEvent;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use connector_sdk::Text;
use gateway_core::evidence::sha256;
use gateway_core::journal::JournalError;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use std::fmt;
use std::sync::Arc;

/// SHA-256 of an operator token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl TokenHash {
    /// Of a token at hand (the sandbox makes one; settings hold hashes).
    pub fn of(token: &str) -> Self {
        Self(sha256(token.as_bytes()))
    }

    /// From 64 hex digits, as settings hold it.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }

    /// The hex digits for settings.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    pub(super) fn fits(&self, hash: &[u8; 32]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.0, hash).is_ok()
    }
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Looks, decides, replays, opens bodies with a reason.
    Operator,
    /// Looks at what concerns integration; decides nothing.
    Integrator,
    /// Looks at everything, evidence too; decides nothing.
    Auditor,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Operator, Self::Integrator, Self::Auditor];

    /// The word in configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Integrator => "integrator",
            Self::Auditor => "auditor",
        }
    }

    /// Whether it may decide, replay, open bodies, pull copies.
    pub(super) fn decides(self) -> bool {
        match self {
            Self::Admin | Self::Operator => true,
            Self::Integrator | Self::Auditor => false,
        }
    }

    /// Whether it may see who may what, and the evidence.
    pub(super) fn sees_rights(self) -> bool {
        match self {
            Self::Admin | Self::Operator | Self::Auditor => true,
            Self::Integrator => false,
        }
    }
}

/// A person who may use the operator port: one of their tokens, and the password of the console if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Name, as decisions and evidence carry it.
    pub name: Arc<str>,
    /// Token.
    pub token: TokenHash,
    /// What they may do.
    pub role: Role,
    /// Password of the console, as argon2id keeps it.
    pub password: Option<PasswordHash>,
    /// Second factor of the console.
    pub totp: Option<Totp>,
}

impl Operator {
    /// A person with a token, who may do everything.
    pub fn new(name: &str, token: TokenHash) -> Self {
        Self {
            name: name.into(),
            token,
            role: Role::Admin,
            password: None,
            totp: None,
        }
    }
}

/// Who asks; put into the request by the guard, so that no handler can act without a name.
#[derive(Debug, Clone)]
pub(super) struct Who(Arc<str>);

impl Who {
    pub(super) fn new(name: &Arc<str>) -> Self {
        Self(Arc::clone(name))
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

pub(super) async fn guard(State(state): State<OperatorState>, mut request: Request, next: Next) -> Response {
    if let Some(pass) = bearer(request.headers()).and_then(|token| state.emergency.read(token, state.clock.now())) {
        let who = pass.person();
        if let Err(answer) = announced(&state, &who, &pass).await {
            return answer;
        }
        request.extensions_mut().insert(Who(Arc::clone(&who)));
        request.extensions_mut().insert(emergency::ROLE);
        return audited(&state, &who, emergency::ROLE, request, next).await;
    }
    let operators = state.operators.load();
    if operators.is_empty() {
        return problem::answer("hak-tidak-ada", &CLOSED);
    }
    let known = bearer(request.headers()).and_then(|token| {
        let hash = sha256(token.as_bytes());
        operators.iter().find(|operator| operator.token.fits(&hash))
    });
    if let Some(operator) = known {
        let (who, role) = (Arc::clone(&operator.name), operator.role);
        request.extensions_mut().insert(Who(Arc::clone(&who)));
        request.extensions_mut().insert(role);
        drop(operators);
        return audited(&state, &who, role, request, next).await;
    }
    drop(operators);
    state.meters.security(SecurityEvent::OperatorRefused, "-", "-", None);
    let mut answer = problem::answer("kunci-tidak-sah", &WRONG);
    answer
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

/// The first use of a pass, on whatever node, is loud; what cannot be put into the evidence does not happen.
async fn announced(state: &OperatorState, who: &str, pass: &Pass) -> Result<(), Response> {
    let told = async {
        // Later than the pass ends, whatever the clocks say.
        let kept = pass
            .until
            .checked_add(SignedDuration::from_hours(24))
            .unwrap_or(pass.until);
        if state.journal.claim(pass.claim(), kept, state.clock.now()).await? {
            let record = json!({
                "action": "break_glass", "person": who, "reason": pass.reason, "made": pass.made.to_string(),
                "until": pass.until.to_string(), "at": state.clock.now().to_string(),
            });
            state.journal.witness(vec![record.to_string().into()]).await?;
            tracing::error!(%who, until = %pass.until, "break-glass pass in use");
            state.meters.security(SecurityEvent::BreakGlass, who, "-", None);
        }
        Ok::<_, JournalError>(())
    };
    told.await.map_err(|error| {
        tracing::error!(%error, "break-glass pass not announced, so not taken");
        problem::answer("penyimpanan-penuh", &UNTOLD)
    })
}

/// What a call asks of whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Any role.
    Look,
    /// To see who may what, and what was done.
    Rights,
    /// To decide.
    Decision,
}

/// Addresses that show who may what, the evidence, and whose data are restricted.
const RIGHTS: [&str; 5] = ["/bukti", "/kunci", "/akses", "/subjek", "/laporan"];

impl Asks {
    fn of(method: &Method, path: &str) -> Self {
        let path = path.strip_prefix("/admin/v1").unwrap_or(path);
        let rights = RIGHTS.iter().any(|start| path.starts_with(start));
        match (method.is_safe(), rights) {
            (true, true) => Self::Rights,
            (true, false) => Self::Look,
            // Binding evidence changes nothing that anybody could object to.
            (false, _) if path == "/bukti/ikatan" => Self::Rights,
            (false, _) => Self::Decision,
        }
    }

    fn fits(self, role: Role) -> bool {
        match self {
            Self::Look => true,
            Self::Rights => role.sees_rights(),
            Self::Decision => role.decides(),
        }
    }
}

/// Holds the role against what is asked. Whatever is no mere look is evidence, done or refused: who, what, why.
async fn audited(state: &OperatorState, who: &str, role: Role, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let asks = Asks::of(request.method(), &path);
    if request.method().is_safe() || path.ends_with("/bukti/ikatan") {
        if asks.fits(role) {
            return next.run(request).await;
        }
        state.meters.security(SecurityEvent::AdminFailed, who, &path, None);
        return refusal(asks);
    }
    let method = request.method().clone();
    let (parts, body) = request.into_parts();
    // The route's own limit, which is smaller for most, applies after this one.
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return problem::answer("terlalu-besar", &TOO_LARGE);
    };
    let reason = serde_json::from_slice::<Reason>(&body).ok().map(|reason| reason.alasan);
    let answer = match asks.fits(role) {
        true => next.run(Request::from_parts(parts, Body::from(body))).await,
        false => refusal(asks),
    };
    let change = Change {
        method: &method,
        path: &path,
        reason: reason.as_deref(),
        status: answer.status(),
    };
    witness(state, who, &change).await;
    answer
}

/// What a person changed, or failed to change.
pub(super) struct Change<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) status: StatusCode,
}

/// Puts it into the evidence and counts it.
pub(super) async fn witness(state: &OperatorState, who: &str, change: &Change<'_>) {
    let record = json!({
        "action": "admin", "person": who, "method": change.method.as_str(), "path": change.path,
        "status": change.status.as_u16(), "reason": change.reason, "at": state.clock.now().to_string(),
    });
    if let Err(error) = state.journal.witness(vec![record.to_string().into()]).await {
        tracing::error!(%error, "change by a person not put into the evidence");
    }
    let refused = change.status.is_client_error() || change.status.is_server_error();
    let event = if refused {
        SecurityEvent::AdminFailed
    } else {
        SecurityEvent::AdminChanged
    };
    state.meters.security(event, who, change.path, None);
}

/// The reason of a decision, wherever it stands beside other members.
#[derive(Deserialize)]
struct Reason {
    alasan: String,
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

const TOO_LARGE: Text = Text::new(
    "Isi terlalu besar untuk port operator (paling besar 3 MiB), atau terputus.",
    "The body is too large for the operator port (at most 3 MiB), or broke off.",
);
fn refusal(asks: Asks) -> Response {
    match asks {
        Asks::Look | Asks::Decision => problem::answer("hak-tidak-ada", &LOOKS_ONLY),
        Asks::Rights => problem::answer("hak-tidak-ada", &NOT_RIGHTS),
    }
}

const UNTOLD: Text = Text::new(
    "Jurnal tidak dapat ditulis, sehingga kartu darurat tidak diterima.",
    "The journal cannot be written, so the break-glass pass is not taken.",
);
const NOT_RIGHTS: Text = Text::new(
    "Peran Anda tidak melihat hak, bukti dan subjek data; mintalah auditor, operator atau admin.",
    "Your role does not see rights, evidence and data subjects; ask an auditor, an operator or an admin.",
);
pub(super) const LOOKS_ONLY: Text = Text::new(
    "Peran Anda hanya melihat; mintalah operator atau admin memutuskannya.",
    "Your role only looks; ask an operator or an admin to decide.",
);
const CLOSED: Text = Text::new(
    "API admin tertutup karena belum ada token operator. Isi hash token pada konfigurasi port operator.",
    "The admin API is closed because there is no operator token. Put the hash of one into the operator port's configuration.",
);
const WRONG: Text = Text::new(
    "Token operator tidak ada atau salah. Kirim header Authorization: Bearer.",
    "The operator token is missing or wrong. Send the header Authorization: Bearer.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_token_only_and_shows_nothing() {
        let hash = TokenHash::of("token-uji");
        assert!(hash.fits(&sha256(b"token-uji")) && !hash.fits(&sha256(b"token-uj")));
        assert_eq!(TokenHash::from_hex(&hash.to_hex()), Some(hash.clone()));
        assert!(TokenHash::from_hex("abc").is_none());
        assert_eq!(format!("{hash:?}"), "TokenHash(…)");
    }
}
