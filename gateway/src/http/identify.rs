//! Room 6: finds the credential in the head of the request. The body is not read yet.

use gateway_core::identity::{Identified, Identities};
use http::HeaderMap;

/// The caller by `X-API-Key` or `Authorization: Bearer`. Two credentials at once are none.
pub(super) fn identify(headers: &HeaderMap, identities: &Identities) -> Option<Identified> {
    let mut found = headers
        .get_all("x-api-key")
        .iter()
        .chain(headers.get_all(http::header::AUTHORIZATION));
    let (one, None) = (found.next()?, found.next()) else {
        return None;
    };
    let text = one.to_str().ok()?;
    let key = match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        Some(_) => return None,
        None => text,
    };
    identities.by_key(key)
}
