//! The system behind every peer: HTTP/1.1 kept alive, any GET answered with 1 KB of JSON, any POST read whole and answered
//! with the same. `GET /terakhir` shows the last body that arrived, for the checks before a run. `POST /buang` counts what
//! arrives and keeps nothing; `GET /isi/{bytes}` sends so many.

use super::document;
use crate::Failure;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
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

async fn reply(
    mut request: Request<Incoming>,
    body: Bytes,
    last: &Mutex<Bytes>,
) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let last = || last.lock().unwrap_or_else(PoisonError::into_inner);
    let path = request.uri().path();
    let wanted = path.strip_prefix("/isi/").and_then(|bytes| bytes.parse().ok());
    let answer = match (path, wanted) {
        (_, Some(left)) => return Response::new(Many { left }.boxed_unsync()),
        ("/buang", _) => {
            let mut taken = 0;
            while let Some(Ok(frame)) = request.frame().await {
                taken += frame.data_ref().map_or(0, Bytes::len);
            }
            Bytes::from(taken.to_string())
        }
        ("/terakhir", _) => last().clone(),
        _ => {
            if request.method() == Method::POST
                && let Ok(got) = request.into_body().collect().await
            {
                *last() = got.to_bytes();
            }
            body
        }
    };
    let mut response = Response::new(Full::new(answer).boxed_unsync());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// So many zeros, a piece at a time.
pub(super) struct Many {
    pub(super) left: u64,
}

static ZEROS: [u8; 16_384] = [0; 16_384];

impl Body for Many {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.left.min(ZEROS.len() as u64);
        self.left -= piece;
        let piece = usize::try_from(piece).unwrap_or(0);
        Poll::Ready((piece > 0).then(|| Ok(Frame::data(Bytes::from_static(&ZEROS[..piece])))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
