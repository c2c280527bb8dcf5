//! A request and an answer, whole in memory, and the endpoints they belong to.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::Value;

use super::form;

/// What an endpoint does, which decides which faults make sense there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reads one thing.
    Read,
    /// Reads a list, perhaps in pages.
    List,
    /// Creates something and answers its id.
    Create,
    /// Changes something.
    Write,
}

/// A named endpoint of a played system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The name used in faults, counts and the log.
    pub name: &'static str,
    /// What it does.
    pub role: Role,
}

impl Endpoint {
    /// A named endpoint.
    pub const fn new(name: &'static str, role: Role) -> Self {
        Self { name, role }
    }
}

/// One request, with its body read.
#[derive(Debug, Clone)]
pub struct Request {
    /// Upper-case method.
    pub method: String,
    /// Path, still percent-encoded.
    pub path: String,
    /// Query string without the question mark.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A header as text; `None` when absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A decoded query parameter.
    pub fn param(&self, name: &str) -> Option<String> {
        form::decode(self.query.as_bytes())
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The page asked for; anything unreadable is page 1, as such systems do.
    pub fn page(&self, name: &str) -> usize {
        self.param(name)
            .and_then(|text| text.parse().ok())
            .filter(|page| *page > 0)
            .unwrap_or(1)
    }

    /// The media type without parameters, lower case.
    pub fn media_type(&self) -> String {
        let full = self.header("content-type").unwrap_or_default();
        full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

/// One answer, before the wire gets at it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers; the content type is always among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// An XML answer.
    pub fn xml(status: u16, body: impl Into<String>) -> Self {
        Self::text(status, "text/xml; charset=UTF-8", body)
    }

    /// An HTML answer, as proxies give.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::text(status, "text/html", body)
    }

    /// Any text.
    pub fn text(status: u16, media_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: Bytes::from(body.into()),
        }
    }

    /// Any bytes.
    pub fn bytes(status: u16, media_type: &str, body: Bytes) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body,
        }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
