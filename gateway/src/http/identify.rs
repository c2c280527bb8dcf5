//! Room 6: finds the credential in the head of the request. The body is not read yet.

use super::stack::Edge;
use gateway_core::Catalogue;
use gateway_core::identity::{Identified, tokens};
use http::HeaderMap;

/// The caller by `X-API-Key` or `Authorization: Bearer` (a key, or a token of ours). Two credentials at once are none.
pub(super) fn identify(edge: &Edge, catalogue: &Catalogue, headers: &HeaderMap) -> Option<Identified> {
    let mut found = headers
        .get_all("x-api-key")
        .iter()
        .chain(headers.get_all(http::header::AUTHORIZATION));
    let (one, None) = (found.next()?, found.next()) else {
        return None;
    };
    let text = one.to_str().ok()?;
    let credential = match text.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        Some(_) => return None,
        None => text,
    };
    let now = edge.rooms.clock.now();
    if tokens::is_token(credential) {
        return edge.keyring.by_token(credential, &catalogue.consumers, now);
    }
    edge.keyring
        .by_key(credential, &catalogue.identities, &catalogue.consumers, now)
}
