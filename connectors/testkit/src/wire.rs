//! One native request as HTTP/1.1 over a fresh loopback connection. Encodes as the gateway's door does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_sdk::{Content, Fill, NativeBody, NativeReply, NativeRequest, Part, RelativePath};
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::time::Duration;
use tokio::net::TcpStream;

/// What the kit says beside the body where an operation asks for it.
pub(crate) const CALLER_SECRET: &str = "kata-sandi-kit";
const PATIENCE: Duration = Duration::from_secs(10);
const BOUNDARY: &str = "----simpul-kit-1f0c9a";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why no reply came.
#[derive(Debug)]
pub(crate) enum Lost {
    /// Nothing was sent.
    BeforeSend(String),
    /// The request was on its way.
    AfterSend(String),
}

/// Sends and waits for the whole reply.
pub(crate) async fn exchange(
    base: &str,
    credentials: &[(String, String)],
    request: &NativeRequest,
) -> Result<NativeReply, Lost> {
    let before = |e: &dyn std::fmt::Display| Lost::BeforeSend(e.to_string());
    let rest = base
        .strip_prefix("http://")
        .ok_or_else(|| before(&"the simulator's base URL must be http://"))?;
    let (authority, prefix) = rest
        .split_once('/')
        .map_or((rest, String::new()), |(a, p)| (a, format!("/{p}")));
    let http_request = build(authority, prefix.trim_end_matches('/'), credentials, request).map_err(|e| before(&e))?;
    let stream = TcpStream::connect(authority).await.map_err(|e| before(&e))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| before(&e))?;
    let driver = tokio::spawn(connection);
    let reply = tokio::time::timeout(PATIENCE, async {
        let response = sender.send_request(http_request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok::<_, hyper::Error>(NativeReply {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    })
    .await;
    driver.abort();
    match reply {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(Lost::AfterSend(error.to_string())),
        Err(_) => Err(Lost::AfterSend("no answer in time".into())),
    }
}

/// Follows a link without credentials.
pub(crate) async fn fetch(link: &str) -> Result<NativeReply, Lost> {
    let at = link.strip_prefix("http://").and_then(|rest| rest.find('/'));
    let Some(at) = at else {
        return Err(Lost::BeforeSend("the link is not http://".into()));
    };
    let (base, target) = link.split_at("http://".len() + at);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // The path builder encodes; what is encoded in the link must not be encoded twice.
    let path = percent_decode_str(path).decode_utf8_lossy();
    let mut request = NativeRequest::get("tautan", RelativePath::of(&path));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request = request.query(name, value);
    }
    exchange(base, &[], &request).await
}

fn build(
    authority: &str,
    prefix: &str,
    credentials: &[(String, String)],
    request: &NativeRequest,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let (content_type, body) = encode(&request.body);
    let placed = credentials.iter().filter(|(name, _)| connector_sdk::is_placed(name));
    let path = placed.fold(request.path.clone(), |path, (name, value)| path.replaced(name, value));
    let mut target = format!("{prefix}{path}");
    if target.is_empty() {
        target.push('/');
    }
    if !request.query.is_empty() {
        target.push('?');
        target.push_str(&pairs(&request.query));
    }
    let mut builder = Request::builder()
        .method(request.method.clone())
        .uri(target)
        .header(header::HOST, authority);
    for (name, value) in credentials.iter().filter(|(name, _)| !connector_sdk::is_placed(name)) {
        builder = builder.header(name, value);
    }
    let mut http_request = builder.body(Full::new(body))?;
    http_request.headers_mut().extend(request.headers.clone());
    if let Some(content_type) = content_type {
        http_request
            .headers_mut()
            .entry(header::CONTENT_TYPE)
            .or_insert(HeaderValue::try_from(content_type)?);
    }
    Ok(http_request)
}

fn encode(body: &NativeBody) -> (Option<String>, Bytes) {
    match body {
        NativeBody::Empty => (None, Bytes::new()),
        NativeBody::Json(value) => (Some("application/json".into()), value.to_string().into()),
        NativeBody::JsonFilled { value, fills } => {
            let mut value = value.clone();
            for (pointer, fill) in fills {
                let filled = match fill {
                    Fill::FileBase64 { id } => STANDARD.encode(stand_in(id)),
                    Fill::CallerSecret => CALLER_SECRET.to_owned(),
                };
                if let Some(place) = value.pointer_mut(pointer) {
                    *place = filled.into();
                }
            }
            (Some("application/json".into()), value.to_string().into())
        }
        NativeBody::Form(form) => (Some("application/x-www-form-urlencoded".into()), pairs(form).into()),
        NativeBody::Multipart(parts) => (
            Some(format!("multipart/form-data; boundary={BOUNDARY}")),
            multipart(parts).into(),
        ),
        NativeBody::Text { content_type, text } => (Some(content_type.clone()), text.clone().into()),
    }
}

fn pairs(pairs: &[(String, String)]) -> String {
    let encode = |s: &str| utf8_percent_encode(s, UNRESERVED).to_string();
    pairs
        .iter()
        .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
        .collect::<Vec<_>>()
        .join("&")
}

fn multipart(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        );
        if let Some(name) = &part.file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(name)));
        }
        if let Some(media_type) = &part.media_type {
            head.push_str(&format!("\r\nContent-Type: {media_type}"));
        }
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
        match &part.content {
            Content::Bytes(bytes) => out.extend_from_slice(bytes),
            // Files are the gateway's; the kit stands in with invented content that names the id.
            Content::File { id, .. } => out.extend_from_slice(stand_in(id).as_bytes()),
            Content::CallerSecret => out.extend_from_slice(CALLER_SECRET.as_bytes()),
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}

/// A PDF that holds nothing but the id.
fn stand_in(id: &str) -> String {
    format!("%PDF-1.7\n% isi rekaan {id}\n%%EOF\n")
}

fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace(['\r', '\n'], "%0A")
}
