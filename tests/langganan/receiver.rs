//! A receiver of pushes as a subscriber would write one: plain HTTP, and Standard Webhooks checked by the letter.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use e2e::client::until;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How it answers.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Status(u16),
    /// Takes its time.
    Slow(Duration),
}

/// One arrival.
#[derive(Clone)]
pub(crate) struct Hit {
    pub(crate) at: Instant,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What it answered.
    pub(crate) status: u16,
}

impl Hit {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// As the specification says: HMAC-SHA256 over `id.timestamp.body`, any of the signatures may fit.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut signed = format!("{}.{}.", self.header("webhook-id"), self.header("webhook-timestamp")).into_bytes();
        signed.extend_from_slice(&self.body);
        self.header("webhook-signature").split(' ').any(|one| {
            let tag = STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
            hmac::verify(&key, &signed, &tag).is_ok()
        })
    }
}

#[derive(Default)]
struct Inner {
    next: VecDeque<Act>,
    always: Option<Act>,
    hits: Vec<Hit>,
    /// Taken and not answered yet.
    open: usize,
}

/// A running receiver.
pub(crate) struct Receiver {
    address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Mutex::new(Inner::default()));
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&shared);
                let service = service_fn(move |request| answer(request, Arc::clone(&inner)));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, inner }
    }

    pub(crate) fn place(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/peristiwa", self.address)
    }

    pub(crate) fn next(&self, acts: impl IntoIterator<Item = Act>) {
        self.inner.lock().unwrap().next.extend(acts);
    }

    pub(crate) fn always(&self, act: Act) {
        self.inner.lock().unwrap().always = Some(act);
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.inner.lock().unwrap().hits.clone()
    }

    /// Nothing is taken and unanswered.
    pub(crate) fn is_idle(&self) -> bool {
        self.inner.lock().unwrap().open == 0
    }

    pub(crate) async fn wait(&self, count: usize) {
        let here = until(Duration::from_secs(20), async || {
            let found = self.hits().len();
            (found >= count)
                .then_some(())
                .ok_or_else(|| format!("{found} of {count} arrived"))
        });
        here.await.unwrap();
    }
}

async fn answer(
    request: http::Request<Incoming>,
    inner: Arc<Mutex<Inner>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let at = Instant::now();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let act = {
        let mut inner = inner.lock().unwrap();
        inner.next.pop_front().or(inner.always).unwrap_or(Act::Status(200))
    };
    let status = match act {
        Act::Status(status) => status,
        Act::Slow(_) => 200,
    };
    inner.lock().unwrap().hits.push(Hit {
        at,
        headers: head.headers,
        body,
        status,
    });
    if let Act::Slow(wait) = act {
        inner.lock().unwrap().open += 1;
        tokio::time::sleep(wait).await;
        inner.lock().unwrap().open -= 1;
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    if (300..400).contains(&status) {
        response
            .headers_mut()
            .insert("location", http::HeaderValue::from_static("/lain"));
    }
    Ok(response)
}
