//! From a connector's request to bytes: URL below the endpoint, query in the given order, body encoded once; large files
//! are read while the body is sent.

use super::system::System;
use crate::evidence::sha256;
use crate::files::{FileFlow, Loaded, Opened, Sum};
use bytes::Bytes;
use connector_sdk::{Content, Fault, FaultKind, Fill, NativeBody, Origin, Part, Secret, Text};
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemas::canon::to_bytes;
use serde_json::Value;
use std::sync::Arc;

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
    pub body: Encoding,
}

/// A body ready for the wire, with the digest that is recorded of it.
pub(super) enum Encoding {
    /// In memory.
    Whole(Bytes, String),
    /// Made while it is sent; the digest is there once it has been.
    Flow(FileFlow, Sum),
}

impl Encoding {
    /// What is in memory, for credentials that sign it.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes, _) => bytes,
            Self::Flow(..) => &[],
        }
    }
}

/// `application/x-www-form-urlencoded` pairs in the given order.
pub(super) fn form(pairs: &[(String, String)]) -> String {
    let pair =
        |(n, v): &(String, String)| format!("{}={}", utf8_percent_encode(n, QUERY), utf8_percent_encode(v, QUERY));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Encodes a request for a system. Its files have been loaded before, or stand beside it.
pub(super) fn encode(
    system: &System,
    loaded: &Loaded<'_>,
    boundary: &str,
    secret: Option<&Secret>,
) -> Result<Encoded, Fault> {
    let said = Said::Secret(secret);
    let request = &*loaded.request;
    let mut target = request.path.as_str().to_owned();
    if !request.query.is_empty() {
        target.push('?');
        target.push_str(&form(&request.query));
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.extend(system.headers.clone());
    headers.extend(request.headers.clone());
    let whole = |bytes: Bytes| {
        let digest = hex::encode(sha256(&bytes));
        Encoding::Whole(bytes, digest)
    };
    let json = || Some("application/json".to_owned());
    let (content_type, body): (Option<String>, Encoding) = match &request.body {
        NativeBody::Empty => (None, whole(Bytes::new())),
        NativeBody::Json(value) => (json(), whole(Bytes::from(to_bytes(value)))),
        NativeBody::JsonFilled { value, fills } => {
            let bytes = Bytes::from(to_bytes(&filled(value, fills, said)?));
            // The digest as it is recorded: with nothing where the caller's secret stands, so that nobody can try words
            // against it.
            let speaks = fills.iter().any(|(_, fill)| *fill == Fill::CallerSecret);
            let body = if speaks {
                let blank = to_bytes(&filled(value, fills, Said::Blank)?);
                Encoding::Whole(bytes, hex::encode(sha256(&blank)))
            } else {
                whole(bytes)
            };
            (json(), body)
        }
        NativeBody::Form(pairs) => (
            Some("application/x-www-form-urlencoded".into()),
            whole(Bytes::from(form(pairs))),
        ),
        NativeBody::Text { content_type, text } => (Some(content_type.clone()), whole(Bytes::from(text.clone()))),
        NativeBody::Multipart(parts) => (
            Some(format!("multipart/form-data; boundary={boundary}")),
            multipart(parts, &loaded.large, boundary, said)?,
        ),
    };
    if let Some(value) = content_type.and_then(|t| HeaderValue::try_from(t).ok()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let size = match &body {
        Encoding::Whole(bytes, _) => bytes.len() as u64,
        Encoding::Flow(flow, _) => flow.length(),
    };
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

/// One message of parts. With large files it is made while it is sent; the digest leaves the caller's secret out.
fn multipart(
    parts: &[Part],
    large: &[(usize, Arc<Opened>)],
    boundary: &str,
    said: Said<'_>,
) -> Result<Encoding, Fault> {
    let mut flow = FileFlow::new();
    let sum = flow.summed();
    for (number, part) in parts.iter().enumerate() {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        );
        if let Some(name) = &part.file_name {
            head.push_str(&format!("; filename=\"{}\"", quoted(name)));
        }
        if let Some(media_type) = &part.media_type {
            head.push_str(&format!("\r\nContent-Type: {}", quoted(media_type)));
        }
        head.push_str("\r\n\r\n");
        flow.plain(head.into());
        match &part.content {
            Content::Bytes(content) => flow.plain(content.clone()),
            Content::CallerSecret => flow.unsaid(Bytes::copy_from_slice(said.text()?.as_bytes())),
            Content::File { .. } => {
                let file = large.iter().find(|(of, _)| *of == number);
                let (_, file) = file.ok_or_else(|| internal("a file part was not loaded"))?;
                flow.file(file, &(0..file.head().size));
            }
        }
        flow.plain(Bytes::from_static(b"\r\n"));
    }
    flow.plain(format!("--{boundary}--\r\n").into());
    if !large.is_empty() {
        return Ok(Encoding::Flow(flow, sum));
    }
    let bytes = flow.in_memory();
    let digest = sum.get().cloned().unwrap_or_default();
    Ok(Encoding::Whole(bytes, digest))
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
