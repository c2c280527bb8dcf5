//! The native side of the contract: what a connector asks the door to send, and what came back.

use crate::{Fault, RelativePath};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use std::fmt;

/// Content of one part of a multipart body.
#[derive(Clone)]
pub enum Content {
    /// Bytes made by the connector.
    Bytes(Bytes),
    /// A file held by the gateway; the door streams it. The connector never touches the bytes.
    File {
        /// Id of the file as the canonical message names it.
        id: String,
        /// Take owner, place and device out of the file before it leaves (reports of protected people).
        strip_metadata: bool,
    },
    /// What the caller said beside the body of this call (see [`crate::Operation::takes_secret`]). The door puts it in;
    /// the connector never sees it.
    CallerSecret,
}

/// What only the door can put into a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fill {
    /// The content of a file held by the gateway, in base64.
    FileBase64 {
        /// Id of the file as the canonical message names it.
        id: String,
    },
    /// What the caller said beside the body of this call.
    CallerSecret,
}

/// One part of a multipart body.
#[derive(Clone)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name, already sanitised, when the part is a file.
    pub file_name: Option<String>,
    /// Media type, when the part is a file.
    pub media_type: Option<String>,
    /// What it holds.
    pub content: Content,
}

impl Part {
    /// A plain form field.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            file_name: None,
            media_type: None,
            content: Content::Bytes(value.into().into()),
        }
    }
}

/// Body of a native request.
#[derive(Clone)]
pub enum NativeBody {
    /// None.
    Empty,
    /// JSON, serialised once by the door.
    Json(Value),
    /// JSON with members that the door puts in: each JSON pointer leads to an existing member, whose value is replaced.
    JsonFilled {
        /// The document; what is filled in is `null` here.
        value: Value,
        /// Pointer and what goes there.
        fills: Vec<(String, Fill)>,
    },
    /// `application/x-www-form-urlencoded`, encoded by the door.
    Form(Vec<(String, String)>),
    /// `multipart/form-data`; the door makes the boundary.
    Multipart(Vec<Part>),
    /// Any other text form (XML, CSV), already written and escaped.
    Text {
        /// Full content type.
        content_type: String,
        /// The text.
        text: String,
    },
}

/// One request to a system: a path relative to its configured endpoint, never a host. The door adds the endpoint,
/// credentials, deadlines, limits and recording.
#[derive(Clone)]
pub struct NativeRequest {
    /// Short name of the step, for attempts, metrics and checkpoints: `buat`, `unggah`.
    pub step: &'static str,
    /// Method.
    pub method: Method,
    /// Path below the endpoint.
    pub path: RelativePath,
    /// Query pairs, encoded by the door in this order (some systems need the order).
    pub query: Vec<(String, String)>,
    /// Extra headers. Never credentials: those are the door's.
    pub headers: HeaderMap,
    /// Body.
    pub body: NativeBody,
    /// Whether this step changes anything in the system. A step that only reads may be tried again at will.
    pub writes: bool,
}

impl NativeRequest {
    /// A reading request.
    pub fn get(step: &'static str, path: RelativePath) -> Self {
        Self {
            step,
            method: Method::GET,
            path,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: NativeBody::Empty,
            writes: false,
        }
    }

    /// A writing request.
    pub fn post(step: &'static str, path: RelativePath, body: NativeBody) -> Self {
        Self {
            method: Method::POST,
            body,
            writes: true,
            ..Self::get(step, path)
        }
    }

    /// Adds a query pair.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header; a name or value that is not legal is left out and shows up in the connector's own tests.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.append(name, value);
        }
        self
    }

    /// Marks a request that posts but changes nothing (a search by POST).
    #[must_use]
    pub fn reads_only(mut self) -> Self {
        self.writes = false;
        self
    }
}

impl fmt::Debug for NativeRequest {
    /// Shows step, method and the number of path segments; never the path's values, query, headers or body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "NativeRequest({} {}, {} segments)",
            self.step,
            self.method,
            self.path.as_str().matches('/').count()
        )
    }
}

/// One reply of a system, complete and within the size cap.
#[derive(Clone)]
pub struct NativeReply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl NativeReply {
    /// The body as JSON, whatever the content type claims; otherwise a drift fault that says what came instead.
    pub fn json(&self) -> Result<Value, Fault> {
        // Text is read faster than bytes whose every string must be looked at again.
        let read = match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(&self.body),
        };
        read.map_err(|error| {
            let form = if self.looks_like_html() {
                "an HTML page"
            } else {
                "a body that is not JSON"
            };
            Fault::drift(format!(
                "status {} with {form} ({:?} at line {})",
                self.status,
                error.classify(),
                error.line()
            ))
        })
    }

    /// Whether the body is an HTML page, as proxies and login walls send.
    pub fn looks_like_html(&self) -> bool {
        let head = &self.body[..self.body.len().min(256)];
        let head = String::from_utf8_lossy(head)
            .trim_start_matches('\u{feff}')
            .trim_start()
            .to_ascii_lowercase();
        head.starts_with("<!doctype html") || head.starts_with("<html")
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for NativeReply {
    /// Shows status and size; never headers or body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NativeReply({}, {} bytes)", self.status, self.body.len())
    }
}
