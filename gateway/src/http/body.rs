//! The body of a call, read only when the pipeline asks: type first, announced length next, then the bytes, all
//! within the operation's cap and the body's time.

use bytes::{Bytes, BytesMut};
use connector_sdk::BoxFuture;
use gateway_core::Refusal;
use gateway_core::validate::Body;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use std::time::Duration;

/// Most bytes of a refused body that are read and dropped, and for how long.
const DISCARDED: usize = 4 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(2);

/// An unread body.
pub(super) struct Unread<B> {
    inner: Option<B>,
    plain_json: bool,
    announced: Option<u64>,
    /// The caller sends nothing before it is told to, so that there is nothing to read away either.
    waits: bool,
    time: Duration,
}

impl<B> Unread<B> {
    /// Keeps what room 9 will want to know of the head.
    pub(super) fn new(headers: &HeaderMap, inner: B, time: Duration) -> Self {
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok());
        Self {
            inner: Some(inner),
            plain_json: is_plain_json(headers),
            announced,
            waits: headers.contains_key(header::EXPECT),
            time,
        }
    }
}

impl<B> Body for Unread<B>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    fn read(&mut self, limit: u64) -> BoxFuture<'_, Result<Bytes, Refusal>> {
        Box::pin(async move {
            if !self.plain_json {
                return Err(Refusal::MediaType);
            }
            let Some(mut body) = self.inner.take() else {
                return Err(Refusal::BodyIncomplete);
            };
            if self.announced.is_some_and(|announced| announced > limit) {
                if !self.waits {
                    discard(&mut body).await;
                }
                return Err(Refusal::BodyTooLarge { limit });
            }
            match tokio::time::timeout(self.time, collect(&mut body, limit)).await {
                Ok(Err(Refusal::BodyTooLarge { limit })) => {
                    discard(&mut body).await;
                    Err(Refusal::BodyTooLarge { limit })
                }
                Ok(result) => result,
                Err(_) => Err(Refusal::BodyIncomplete),
            }
        })
    }
}

/// Reads on without keeping anything, for a while: a caller that is still writing would find its connection broken
/// before it could read why.
pub(super) async fn discard<B>(body: &mut B)
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut left = DISCARDED;
    let reading = async {
        while left > 0 {
            let Some(Ok(frame)) = body.frame().await else { return };
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // Whoever is slower than this is answered all the same.
    let _in_time = tokio::time::timeout(DISCARD_TIME, reading).await;
}

/// Reads a body whole, at most `limit` bytes.
pub(super) async fn collect<B>(body: &mut B, limit: u64) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Refusal::BodyIncomplete);
        };
        let Ok(data) = frame.into_data() else { continue };
        let size = u64::try_from(whole.len() + data.len()).unwrap_or(u64::MAX);
        if size > limit {
            return Err(Refusal::BodyTooLarge { limit });
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// `application/json`, charset absent or UTF-8, not encoded, said once.
fn is_plain_json(headers: &HeaderMap) -> bool {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else {
        return false;
    };
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let json = parts.next().is_some_and(|t| t.eq_ignore_ascii_case("application/json"));
    json && parts
        .filter(|p| !p.is_empty())
        .all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_utf8_json() {
        let with = |name: header::HeaderName, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, "application/json".parse().expect("header"));
            headers.insert(name, value.parse().expect("header"));
            is_plain_json(&headers)
        };
        assert!(with(header::CONTENT_TYPE, "application/json; charset=UTF-8"));
        assert!(!with(header::CONTENT_TYPE, "application/json; charset=latin1"));
        assert!(!with(header::CONTENT_TYPE, "text/json"));
        assert!(!with(header::CONTENT_ENCODING, "gzip"));
    }
}
