//! From a connector's request to bytes: URL below the endpoint, query in the given order, body encoded once.

use super::system::System;
use crate::evidence::sha256;
use bytes::Bytes;
use connector_sdk::{Content, Fault, FaultKind, Fill, NativeBody, NativeRequest, Origin, Part, Secret, Text};
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemas::canon::to_bytes;
use serde_json::Value;

/// Unreserved characters of RFC 3986 stay as they are.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Bytes and headers of one request, before credentials.
pub(super) struct Encoded {
    /// Absolute URL.
    pub url: String,
    /// Path and query, for signatures.
    pub target: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// `application/x-www-form-urlencoded` pairs in the given order.
pub(super) fn form(pairs: &[(String, String)]) -> String {
    let pair =
        |(n, v): &(String, String)| format!("{}={}", utf8_percent_encode(n, QUERY), utf8_percent_encode(v, QUERY));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Encodes a request for a system. Files of multipart bodies must have been loaded into `Content::Bytes` before.
pub(super) fn encode(
    system: &System,
    request: &NativeRequest,
    boundary: &str,
    secret: Option<&Secret>,
) -> Result<Encoded, Fault> {
    let said = Said::Secret(secret);
    let mut target = request.path.as_str().to_owned();
    if !request.query.is_empty() {
        target.push('?');
        target.push_str(&form(&request.query));
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.extend(system.headers.clone());
    headers.extend(request.headers.clone());
    let (content_type, body): (Option<String>, Bytes) = match &request.body {
        NativeBody::Empty => (None, Bytes::new()),
        NativeBody::Json(value) => (Some("application/json".into()), Bytes::from(to_bytes(value))),
        NativeBody::JsonFilled { value, fills } => (
            Some("application/json".into()),
            Bytes::from(to_bytes(&filled(value, fills, said)?)),
        ),
        NativeBody::Form(pairs) => (
            Some("application/x-www-form-urlencoded".into()),
            Bytes::from(form(pairs)),
        ),
        NativeBody::Text { content_type, text } => (Some(content_type.clone()), Bytes::from(text.clone())),
        NativeBody::Multipart(parts) => (
            Some(format!("multipart/form-data; boundary={boundary}")),
            multipart(parts, boundary, said)?,
        ),
    };
    if let Some(value) = content_type.and_then(|t| HeaderValue::try_from(t).ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
    if size > system.policy.max_request {
        return Err(too_large(size, system.policy.max_request));
    }
    Ok(Encoded {
        url: format!("{}{target}", system.endpoint),
        target,
        headers,
        body,
    })
}

/// What stands where the caller's secret belongs.
#[derive(Clone, Copy)]
enum Said<'a> {
    /// The secret, which must be there.
    Secret(Option<&'a Secret>),
    /// Nothing: for the digest that is recorded.
    Blank,
}

impl Said<'_> {
    fn text(&self) -> Result<&str, Fault> {
        match self {
            Self::Blank => Ok(""),
            Self::Secret(Some(secret)) => Ok(secret.expose()),
            Self::Secret(None) => Err(Fault::new(FaultKind::Rejected, UNSAID)
                .origin(Origin::Gateway)
                .native_code("tanpa-rahasia")),
        }
    }
}

/// The digest of the body as it is recorded: over the bytes sent, but with nothing where the caller's secret stands, so
/// that nobody can try words against it.
pub(super) fn digest(request: &NativeRequest, boundary: &str, encoded: &Encoded) -> Result<String, Fault> {
    let blank = match &request.body {
        NativeBody::JsonFilled { value, fills } if fills.iter().any(|(_, fill)| *fill == Fill::CallerSecret) => {
            Bytes::from(filled(value, fills, Said::Blank)?.to_string())
        }
        NativeBody::Multipart(parts) if parts.iter().any(|p| matches!(p.content, Content::CallerSecret)) => {
            multipart(parts, boundary, Said::Blank)?
        }
        _ => encoded.body.clone(),
    };
    Ok(hex::encode(sha256(&blank)))
}

/// The document with everything filled in. Files have been put in before.
fn filled(value: &Value, fills: &[(String, Fill)], said: Said<'_>) -> Result<Value, Fault> {
    let mut value = value.clone();
    for (pointer, fill) in fills {
        let place = value.pointer_mut(pointer);
        let place = place.ok_or_else(|| internal("a member to fill in is not in the document"))?;
        match fill {
            Fill::CallerSecret => *place = Value::from(said.text()?),
            Fill::FileBase64 { .. } => return Err(internal("a file to fill in was not loaded")),
        }
    }
    Ok(value)
}

fn internal(why: &'static str) -> Fault {
    Fault::new(FaultKind::Internal, UNREADABLE).internal(why)
}

fn multipart(parts: &[Part], boundary: &str, said: Said<'_>) -> Result<Bytes, Fault> {
    let mut out = Vec::new();
    for part in parts {
        let content: &[u8] = match &part.content {
            Content::Bytes(content) => content,
            Content::CallerSecret => said.text()?.as_bytes(),
            Content::File { .. } => return Err(internal("a file part was not loaded")),
        };
        out.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
                quoted(&part.name)
            )
            .as_bytes(),
        );
        if let Some(name) = &part.file_name {
            out.extend_from_slice(format!("; filename=\"{}\"", quoted(name)).as_bytes());
        }
        if let Some(media_type) = &part.media_type {
            out.extend_from_slice(format!("\r\nContent-Type: {}", quoted(media_type)).as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(out.into())
}

/// Nothing may break out of a quoted header value.
fn quoted(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| if c == '"' || c == '\\' { '_' } else { c })
        .collect()
}

const UNSAID: Text = Text::new(
    "Kata sandi penanda tangan tidak ada pada percobaan ini dan tidak pernah disimpan. Tidak ada yang dikirim; ajukan lagi.",
    "The signer's passphrase is not there in this try and is never stored. Nothing was sent; submit again.",
);
const UNREADABLE: Text = Text::new(
    "Lampiran tidak dapat dibaca. Tidak ada yang dikirim.",
    "An attachment cannot be read. Nothing was sent.",
);

fn too_large(size: u64, limit: u64) -> Fault {
    Fault::new(
        FaultKind::Invalid,
        Text::owned(
            format!("Isi untuk sistem tujuan {size} bita, melebihi batas {limit} bita."),
            format!("The content for the target system is {size} bytes, above its limit of {limit}."),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_keeps_order_and_encodes() {
        let pairs = vec![("b".to_owned(), "1 &2".to_owned()), ("a".to_owned(), "é".to_owned())];
        assert_eq!(form(&pairs), "b=1%20%262&a=%C3%A9");
    }

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(quoted("a\"\r\nX: y"), "a_X: y");
    }
}
