//! Short-lived links in a system's answers (an object store's signed address): followed at once, without credentials, and
//! only to where the configuration of the system allows. Called by the door.

use super::System;
use super::transport::{Phase, WireKind, WireRequest};
use crate::pipeline::Rooms;
use bytes::Bytes;
use connector_sdk::{Fault, FaultKind, Text};
use http::{HeaderMap, Method};
use std::time::Duration;

/// The content behind a link.
pub(super) async fn follow(rooms: &Rooms, system: &System, link: &str, timeout: Duration) -> Result<Bytes, Fault> {
    if !allowed(&system.links, link) {
        return Err(Fault::new(FaultKind::Misconfigured, NOT_ALLOWED).native_code("tautan-tidak-diizinkan"));
    }
    let request = WireRequest {
        reach: system.reach,
        method: Method::GET,
        url: link.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        max_reply: system.policy.max_reply,
        timeout,
    };
    let reply = rooms.transport.send(request).await.map_err(|error| {
        let kind = match (error.kind, error.phase) {
            (WireKind::TooLarge, _) => FaultKind::Drift,
            (WireKind::Egress, _) => FaultKind::Misconfigured,
            (WireKind::Timeout, Phase::BeforeSend | Phase::AfterSend) => FaultKind::Timeout,
            (WireKind::Dns | WireKind::Connect | WireKind::Tls | WireKind::Closed, _) => FaultKind::Unavailable,
        };
        // The detail names the host only; the link itself is a key and is said nowhere.
        Fault::new(kind, NOT_FETCHED).internal(format!("link: {:?} {}", error.kind, error.detail))
    })?;
    match reply.status {
        200 if !reply.body.is_empty() => Ok(reply.body),
        401 | 403 => Err(Fault::new(FaultKind::Unavailable, EXPIRED).native_code("tautan-kedaluwarsa")),
        404 | 410 => Err(Fault::new(FaultKind::NotFound, NOT_FETCHED).native_code("tautan-kosong")),
        status => Err(Fault::new(FaultKind::Unavailable, NOT_FETCHED).native_code(format!("http-{status}"))),
    }
}

/// Scheme, host and port must be equal, and the path must lie below.
fn allowed(links: &[String], link: &str) -> bool {
    links.iter().any(|start| {
        let rest = link.strip_prefix(start.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/') && !rest.contains("/../") && !rest.contains('\\'))
    })
}

const NOT_ALLOWED: Text = Text::new(
    "Tautan berkas dari sistem tujuan tidak ada di daftar alamat yang diizinkan.",
    "The file link of the target system is not among the addresses allowed.",
);
const NOT_FETCHED: Text = Text::new(
    "Berkas tidak dapat diambil dari sistem tujuan.",
    "The file cannot be fetched from the target system.",
);
const EXPIRED: Text = Text::new(
    "Tautan berkas sudah kedaluwarsa. Minta lagi.",
    "The file link has expired. Ask again.",
);

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn a_link_leads_only_below_what_is_allowed() {
        let links = ["https://s3.contoh.invalid/prod/".to_owned()];
        assert!(allowed(
            &links,
            "https://s3.contoh.invalid/prod/x.pdf?X-Amz-Signature=1"
        ));
        for other in [
            "https://s3.contoh.invalid.jahat.invalid/prod/x",
            "https://s3.contoh.invalid/prodx/x",
            "http://s3.contoh.invalid/prod/x",
            "https://s3.contoh.invalid/prod/../x",
            "https://s3.contoh.invalid@jahat.invalid/prod/x",
        ] {
            assert!(!allowed(&links, other), "{other}");
        }
    }
}
