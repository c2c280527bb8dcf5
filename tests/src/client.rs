//! A consumer for tests that need more than a story: many at once, answers byte for byte, a gateway that may die.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client as Inner, Client as Legacy};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::time::Duration;

/// No call takes longer than this, unless it is let.
const BOUND: Duration = Duration::from_secs(20);

/// Said when no connection came about: nothing was sent.
pub const NO_CONNECTION: &str = "no connection";

/// A consumer with its key.
#[derive(Clone)]
pub struct Client {
    http: Inner<HttpConnector, Full<Bytes>>,
    key: String,
    patience: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Location`, where there is one.
    pub location: Option<String>,
    /// All headers.
    pub headers: http::HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Reply {
    /// A header, if it is there and a text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; `null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Client {
    /// With the whole value of the `Authorization` header.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self {
            http: Legacy::builder(TokioExecutor::new()).build_http(),
            key: key.to_owned(),
            patience: BOUND,
        }
    }

    /// The same, for what takes its time.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Asks for a path, with headers.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get_with(&self, url: &str, headers: &[(&str, &str)]) -> Result<Reply, String> {
        self.send("GET", url, headers, Bytes::new()).await
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn get(&self, url: &str) -> Result<Reply, String> {
        self.send("GET", url, &[], Bytes::new()).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// When no whole answer came: the gateway may or may not have taken it on.
    pub async fn post(&self, url: &str, headers: &[(&str, &str)], body: &Value) -> Result<Reply, String> {
        self.send("POST", url, headers, Bytes::from(body.to_string())).await
    }

    /// Sends a file as it is.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn upload(&self, url: &str, file: Bytes) -> Result<Reply, String> {
        self.send("POST", url, &[], file).await
    }

    async fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Reply, String> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", &self.key)
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let exchange = async {
            let response = self
                .http
                .request(request)
                .await
                .map_err(|error| match error.is_connect() {
                    true => NO_CONNECTION.to_owned(),
                    false => format!("{error:?}"),
                })?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            let location = head.headers.get("location").and_then(|value| value.to_str().ok());
            let location = location.map(str::to_owned);
            Ok(Reply {
                status: head.status.as_u16(),
                location,
                headers: head.headers,
                body,
            })
        };
        tokio::time::timeout(self.patience, exchange)
            .await
            .map_err(|_| format!("no answer within {:?}", self.patience))?
    }
}

/// A valid anonymous complaint under a ticket number.
#[must_use]
pub fn complaint(ticket: &str) -> Value {
    json!({
        "tiket": ticket, "sumber": "laksa", "dikirim_pada": "2026-02-03T08:00:00+07:00", "klasifikasi": "pengaduan",
        "kategori": "lampu_jalan", "judul": "Lampu jalan padam",
        "isi": "Lampu penerangan jalan padam sejak tiga hari.", "anonim": true, "rahasia": false,
    })
}

/// Asks until an answer satisfies, at most `within`.
///
/// # Errors
/// The last answer, when none did.
pub async fn until<T, F>(within: Duration, mut ask: impl FnMut() -> F) -> Result<T, String>
where
    F: Future<Output = Result<T, String>>,
{
    let deadline = tokio::time::Instant::now() + within;
    let mut pause = Duration::from_millis(5);
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(why) if tokio::time::Instant::now() + pause > deadline => {
                return Err(format!("not within {within:?}: {why}"));
            }
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
