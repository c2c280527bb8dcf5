//! The system behind every peer: HTTP/1.1 kept alive, any GET answered with 1 KB of JSON, any POST read whole and answered
//! with the same. `GET /terakhir` shows the last body that arrived, for the checks before a run.

use super::document;
use crate::Failure;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// Serves until it is killed; prints its address first.
pub(crate) async fn run() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let body = Bytes::from(document::answer().to_string());
    let last = Arc::new(Mutex::new(Bytes::new()));
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        let (body, last) = (body.clone(), Arc::clone(&last));
        let service = service_fn(move |request: Request<Incoming>| {
            let (body, last) = (body.clone(), Arc::clone(&last));
            async move { Ok::<_, Infallible>(reply(request, body, &last).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn reply(request: Request<Incoming>, body: Bytes, last: &Mutex<Bytes>) -> Response<Full<Bytes>> {
    let last = || last.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = if request.uri().path() == "/terakhir" {
        last().clone()
    } else {
        if request.method() == Method::POST
            && let Ok(got) = request.into_body().collect().await
        {
            *last() = got.to_bytes();
        }
        body
    };
    let mut response = Response::new(Full::new(answer));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
