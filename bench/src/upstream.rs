//! The system: takes every delivery, counts effects and distinct numbers.

use crate::Failure;
use bytes::Bytes;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

#[derive(Default)]
struct Seen {
    effects: u64,
    distinct: HashSet<String>,
    first: Option<Instant>,
    last: Option<Instant>,
}

/// A running system.
pub(crate) struct Upstream {
    /// Where.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// Starts it.
pub(crate) async fn start() -> Result<Upstream, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&counted);
            let service = service_fn(move |request: http::Request<Incoming>| {
                let seen = Arc::clone(&seen);
                async move {
                    let body = request
                        .into_body()
                        .collect()
                        .await
                        .map(|b| b.to_bytes())
                        .unwrap_or_default();
                    let number = serde_json::from_slice::<serde_json::Value>(&body).ok();
                    let number = number
                        .and_then(|v| v["nomor"].as_str().map(str::to_owned))
                        .unwrap_or_default();
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.effects += 1;
                    seen.distinct.insert(number);
                    let now = Instant::now();
                    seen.first.get_or_insert(now);
                    seen.last = Some(now);
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{\"ok\":true}"))))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(Upstream { address, seen })
}

impl Upstream {
    /// Waits until so many distinct ones arrived, or the bound passed; the time from the first to the last.
    pub(crate) async fn received(&self, count: u64, bound: Duration) -> Duration {
        let begun = Instant::now();
        while self.counts().1 < count && begun.elapsed() < bound {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match (seen.first, seen.last) {
            (Some(first), Some(last)) => (last - first).max(Duration::from_millis(1)),
            _ => bound,
        }
    }

    /// Effects and distinct numbers.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.effects, seen.distinct.len() as u64)
    }
}
