//! Short-lived links in a system's answers (an object store's signed address): followed at once, without credentials, and
//! only to where the configuration of the system allows. What comes is taken in piece by piece. Called by the door.

use super::System;
use super::transport::{FlowRequest, Phase, WireKind};
use crate::files::{self, Taking};
use crate::pipeline::Rooms;
use connector_sdk::{Fault, FaultKind, KeptFile, Text};
use http::{HeaderMap, Method};
use std::sync::Arc;
use tokio::time::Instant;

/// Keeps the content behind a link as a file of `owner`.
pub(super) async fn follow(
    rooms: &Arc<Rooms>,
    system: &System,
    owner: &str,
    (name, link): (&str, &str),
    until: Instant,
) -> Result<KeptFile, Fault> {
    if !allowed(&system.links, link) {
        return Err(Fault::new(FaultKind::Misconfigured, NOT_ALLOWED).native_code("tautan-tidak-diizinkan"));
    }
    let request = FlowRequest {
        method: Method::GET,
        url: link.to_owned(),
        headers: HeaderMap::new(),
        body: None,
        length: None,
        timeout: until.saturating_duration_since(Instant::now()),
    };
    let reply = rooms.transport.stream(request).await.map_err(|error| {
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
        200 => {}
        401 | 403 => return Err(Fault::new(FaultKind::Unavailable, EXPIRED).native_code("tautan-kedaluwarsa")),
        404 | 410 => return Err(Fault::new(FaultKind::NotFound, NOT_FETCHED).native_code("tautan-kosong")),
        status => return Err(Fault::new(FaultKind::Unavailable, NOT_FETCHED).native_code(format!("http-{status}"))),
    }
    // What a system takes it may also give.
    let most = system.policy.max_reply.max(system.policy.max_request);
    let broken = |why: &str| Fault::new(FaultKind::Unavailable, NOT_FETCHED).internal(format!("link: {why}"));
    let announced = reply.headers.get(http::header::CONTENT_LENGTH);
    let announced: Option<u64> = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    let mut taking = match Taking::begin(rooms, owner) {
        Ok(taking) => taking,
        Err(why) => return files::kept(Err(why)),
    };
    let mut body = reply.body;
    let reading = async {
        while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            // Never with the error's own words: they may hold the address.
            let frame = frame.map_err(|_| broken("broke off"))?;
            let Ok(data) = frame.into_data() else { continue };
            if taking.size() + data.len() as u64 > most {
                return Err(Fault::new(FaultKind::Drift, NOT_FETCHED).internal("link: larger than allowed"));
            }
            if let Err(why) = taking.push(&data).await {
                return files::kept(Err(why)).map(drop);
            }
        }
        Ok(())
    };
    let whole = tokio::time::timeout_at(until, reading).await;
    whole.map_err(|_| Fault::new(FaultKind::Timeout, NOT_FETCHED))??;
    if taking.size() == 0 || announced.is_some_and(|length| length != taking.size()) {
        return Err(broken("empty or cut short"));
    }
    files::kept(taking.finish(name).await)
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
