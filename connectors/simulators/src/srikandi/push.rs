//! The optional call-back: changes of the feed, pushed one by one and signed by HMAC-SHA256 over the body, in whatever order
//! a test wants. Written after the contract's text alone.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::Srikandi;
use crate::frame::sha256;

/// Whoever does not answer by then is held not to have taken it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// How call-backs are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// Key shared with the city.
    pub key: String,
    /// Header with the moment of sending, signed before the body; `None` signs the body alone.
    pub moment: Option<&'static str>,
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            key: "kunci-panggil-balik-simulasi".to_owned(),
            moment: Some("x-timestamp"),
        }
    }
}

/// One call-back, ready to be sent as often and as late as one likes.
#[derive(Debug, Clone)]
pub struct CallBack {
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The exact body.
    pub body: Bytes,
}

impl Srikandi {
    /// Every change so far, oldest first, as a call-back sent at this moment (seconds since 1970).
    pub fn call_backs(&self, seconds: i64) -> Vec<CallBack> {
        let all = self.changes.iter().map(|change| self.call_back(change, seconds));
        all.collect()
    }

    /// A change as it would be pushed at this moment (seconds since 1970).
    pub fn call_back(&self, change: &Value, seconds: i64) -> CallBack {
        let body = self.options.dialect.told(change).to_string();
        let signing = &self.options.signing;
        let mut headers = Vec::new();
        let mut signed = Vec::new();
        if let Some(header) = signing.moment {
            headers.push((header, seconds.to_string()));
            signed.extend_from_slice(format!("{seconds}.").as_bytes());
        }
        signed.extend_from_slice(body.as_bytes());
        headers.push(("x-signature", hmac(signing.key.as_bytes(), &signed)));
        CallBack {
            headers,
            body: body.into(),
        }
    }
}

impl CallBack {
    /// Sends it; the status, or `None` when nothing was heard in time.
    pub async fn send(&self, url: &str) -> Option<u16> {
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header("content-type", "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(self.body.clone())).ok()?;
        let answer = tokio::time::timeout(PATIENCE, client.request(request))
            .await
            .ok()?
            .ok()?;
        Some(answer.status().as_u16())
    }
}

/// HMAC-SHA256 in hexadecimal (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> String {
    let mut block = if key.len() > BLOCK { raw(key) } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = raw(&[pad(0x36), message.to_vec()].concat());
    sha256::hex(&[pad(0x5c), inner].concat())
}

fn raw(data: &[u8]) -> Vec<u8> {
    let text = sha256::hex(data);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_that_of_the_rfc() {
        // RFC 4231, test case 2.
        let tag = super::hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
