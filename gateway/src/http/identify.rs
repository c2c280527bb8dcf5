//! Room 6: finds the credential in the head of the request. The body is not read yet; of a signed one the digest that it must
//! have is handed on.

use super::stack::Edge;
use crate::tls::Names;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_core::Catalogue;
use gateway_core::evidence::sha256;
use gateway_core::identity::outside::by_outside_token;
use gateway_core::identity::signed::{Once, Signed};
use gateway_core::identity::{Identified, tokens};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;

/// A caller, and what it signed.
pub(super) struct Known {
    pub(super) who: Identified,
    /// What holds of a signed request; `None` for all others.
    pub(super) signed: Option<Bound>,
}

/// What a signature binds.
pub(super) struct Bound {
    /// SHA-256 that the body must have.
    pub(super) body: [u8; 32],
    /// Its id, to be used up before anything is done.
    pub(super) once: Once,
}

impl Known {
    fn plain(who: Identified) -> Self {
        Self { who, signed: None }
    }
}

/// The caller by one credential: an API key, a token of ours, a signature, or the certificate of the connection. Two credentials
/// in the head are none; a certificate beside one must be of the same consumer.
pub(super) fn identify(edge: &Edge, catalogue: &Catalogue, head: &Parts) -> Option<Known> {
    let shown = head.extensions.get::<Names>();
    let certified = shown.map(|names| catalogue.identities.by_certificate(names.iter()));
    let said = match (bearer(head), head.headers.contains_key("x-signature")) {
        (Err(()), _) | (Ok(Some(_)), true) => return None,
        (Ok(Some(credential)), false) => Some(by_credential(edge, catalogue, credential)?),
        (Ok(None), true) => Some(by_signature(edge, catalogue, head)?),
        (Ok(None), false) => None,
    };
    match (said, certified) {
        (Some(known), None | Some(None)) => Some(known),
        (Some(known), Some(Some(who))) if who.consumer().id == known.who.consumer().id => Some(known),
        (None, Some(Some(who))) => Some(Known::plain(who)),
        (Some(_), Some(Some(_))) | (None, None | Some(None)) => None,
    }
}

/// The caller by a token of an outside issuer, where none of our own credentials fits.
pub(super) async fn outside(edge: &Edge, catalogue: &Catalogue, head: &Parts) -> Option<Known> {
    if catalogue.issuers.is_empty() || head.headers.contains_key("x-signature") {
        return None;
    }
    let token = bearer(head).ok()?.filter(|text| tokens::is_token(text))?;
    let (rooms, now) = (&edge.rooms, edge.rooms.clock.now());
    let who = by_outside_token(token, &catalogue.issuers, &*rooms.transport, &catalogue.consumers, now).await?;
    let shown = head.extensions.get::<Names>();
    let certified = shown.and_then(|names| catalogue.identities.by_certificate(names.iter()));
    let agreed = certified.is_none_or(|other| other.consumer().id == who.consumer().id);
    agreed.then(|| Known::plain(who))
}

/// `X-API-Key` or `Authorization: Bearer`, once.
fn bearer(head: &Parts) -> Result<Option<&str>, ()> {
    let mut found = head
        .headers
        .get_all("x-api-key")
        .iter()
        .chain(head.headers.get_all(AUTHORIZATION));
    let one = match (found.next(), found.next()) {
        (None, _) => return Ok(None),
        (Some(one), None) => one.to_str().map_err(|_| ())?,
        (Some(_), Some(_)) => return Err(()),
    };
    match one.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(rest.trim())),
        Some(_) => Err(()),
        None => Ok(Some(one)),
    }
}

fn by_credential(edge: &Edge, catalogue: &Catalogue, credential: &str) -> Option<Known> {
    let now = edge.rooms.clock.now();
    let who = if tokens::is_token(credential) {
        edge.keyring.by_token(credential, &catalogue.consumers, now)
    } else {
        edge.keyring
            .by_key(credential, &catalogue.identities, &catalogue.consumers, now)
    };
    who.map(Known::plain)
}

fn by_signature(edge: &Edge, catalogue: &Catalogue, head: &Parts) -> Option<Known> {
    let one = |name: &str| {
        let mut values = head.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    };
    let empty = head.headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0")
        && !head.headers.contains_key(TRANSFER_ENCODING);
    let body = match (empty, head.headers.contains_key("content-digest")) {
        (true, false) => sha256(b""),
        _ => digest(one("content-digest")?)?,
    };
    let signed = Signed {
        partner: one("x-partner-id")?,
        timestamp: one("x-timestamp")?,
        external: one("x-external-id")?,
        signature: one("x-signature")?,
        method: head.method.as_str(),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()),
        digest: body,
    };
    let now = edge.rooms.clock.now();
    let (who, once) = edge.keyring.by_signature(&signed, &catalogue.consumers, now)?;
    Some(Known {
        who,
        signed: Some(Bound { body, once }),
    })
}

/// `sha-256=:…:` (RFC 9530).
fn digest(header: &str) -> Option<[u8; 32]> {
    let coded = header.trim().strip_prefix("sha-256=:")?.strip_suffix(':')?;
    STANDARD.decode(coded).ok()?.try_into().ok()
}
