//! Before a run: does the peer really do the work that its figure will stand for?

use super::document;
use super::peers::{Peer, Started};
use super::run::Setting;
use crate::Failure;
use crate::setup::KEY;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;

/// Fails with what the peer did not do.
pub(crate) async fn works(peer: &Started, setting: Setting, upstream: &str) -> Result<(), Failure> {
    let url = peer.url(setting);
    let name = peer.peer.name();
    if setting.secured() {
        // The load generators do not verify certificates; that it answers over TLS at all shows in their counts.
        return Ok(());
    }
    let posts = !matches!(setting, Setting::Get);
    let good = document::document(u64::from(std::process::id())).to_string();
    let (status, reply) = patient(&url, KEY, posts.then_some(&good))
        .await
        .map_err(|error| format!("{name} does not answer: {error}"))?;
    if !(200..300).contains(&status) {
        return Err(format!("{name}: {status} to a good request: {reply}").into());
    }
    if !reply.contains("Warga Rekaan Satu") {
        return Err(format!("{name}: not the upstream's answer: {reply}").into());
    }
    let guarded = peer.peer == Peer::Simpul || matches!(setting, Setting::Policy | Setting::Durable);
    if guarded {
        let (status, _) = call(&url, "smp_salah_0", posts.then_some(&good)).await?;
        if status != 401 {
            return Err(format!("{name}: {status} to a wrong key").into());
        }
    }
    if matches!(setting, Setting::Policy | Setting::Durable) {
        let (_, seen) = call(&format!("http://{upstream}/terakhir"), KEY, None).await?;
        let seen: Value = serde_json::from_str(&seen)?;
        let mapped = seen.get("full_name").is_some() && seen.get("pengirim").is_some();
        if !mapped || seen.get("jejak").is_some() || seen.get("nama").is_some() {
            return Err(format!("{name}: the document was not mapped: {seen}").into());
        }
        let mut bad = document::document(u64::from(std::process::id()) + 1);
        bad["penghasilan"][3]["bulan"] = "maret".into();
        let (status, _) = call(&url, KEY, Some(&bad.to_string())).await?;
        if status != 422 {
            return Err(format!("{name}: {status} to an invalid document").into());
        }
    }
    Ok(())
}

/// A peer may need a moment to start.
async fn patient(url: &str, key: &str, body: Option<&String>) -> Result<(u16, String), Failure> {
    let mut tries = 0;
    loop {
        match call(url, key, body).await {
            Ok(answer) => return Ok(answer),
            Err(_) if tries < 50 => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(error) => return Err(error),
        }
        tries += 1;
    }
}

async fn call(url: &str, key: &str, body: Option<&String>) -> Result<(u16, String), Failure> {
    let uri: http::Uri = url.parse()?;
    let authority = uri.authority().ok_or("no host")?.as_str();
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(if body.is_some() { "POST" } else { "GET" })
        .uri(uri.path())
        .header("host", authority)
        .header("x-api-key", key)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.cloned().unwrap_or_default())))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
