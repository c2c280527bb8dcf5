//! The floor: what hyper and tokio cost when they forward and do nothing else. No key, no limits of time, no record, one
//! upstream; a yardstick, not a gateway.

use crate::Failure;
use http::header::{CONNECTION, HOST};
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::{TcpListener, TcpStream};

struct Upstream {
    address: String,
    idle: Mutex<Vec<SendRequest<Incoming>>>,
}

/// Forwards to `address` until it is killed; prints its own first.
pub(crate) async fn run(address: String) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let upstream = Arc::new(Upstream {
        address,
        idle: Mutex::default(),
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let upstream = Arc::clone(&upstream);
        let service = service_fn(move |request| forward(Arc::clone(&upstream), request));
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn forward(upstream: Arc<Upstream>, mut request: Request<Incoming>) -> Result<Response<Incoming>, Failure> {
    let headers = request.headers_mut();
    headers.remove(CONNECTION);
    headers.insert(HOST, HeaderValue::from_str(&upstream.address)?);
    let mut sender = upstream.take().await?;
    let mut reply = sender.send_request(request).await?;
    reply.headers_mut().remove(CONNECTION);
    upstream.idle().push(sender);
    Ok(reply)
}

impl Upstream {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<SendRequest<Incoming>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self) -> Result<SendRequest<Incoming>, Failure> {
        // One whose reply is still on its way is not ready yet and comes back later.
        let ready = {
            let mut idle = self.idle();
            idle.retain(|sender| !sender.is_closed());
            let at = idle.iter().rposition(SendRequest::is_ready);
            at.map(|at| idle.swap_remove(at))
        };
        if let Some(sender) = ready {
            return Ok(sender);
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}
