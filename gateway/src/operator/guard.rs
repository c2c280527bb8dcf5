//! Who may see the admin API: the bearer of an operator token. Only hashes are kept, compared in constant time.

use super::problem;
use super::state::OperatorState;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use connector_sdk::Text;
use gateway_core::evidence::sha256;
use std::fmt;

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

    fn fits(&self, hash: &[u8; 32]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.0, hash).is_ok()
    }
}

pub(super) async fn guard(State(state): State<OperatorState>, request: Request, next: Next) -> Response {
    if state.tokens.is_empty() {
        return problem::answer("hak-tidak-ada", &CLOSED);
    }
    let known = bearer(request.headers()).is_some_and(|token| {
        let hash = sha256(token.as_bytes());
        state.tokens.iter().any(|token| token.fits(&hash))
    });
    if known {
        return next.run(request).await;
    }
    tracing::warn!("operator token missing or wrong");
    let mut answer = problem::answer("kunci-tidak-sah", &WRONG);
    answer
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

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
