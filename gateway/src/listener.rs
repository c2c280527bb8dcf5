//! Room 1: sockets. One listener per data-plane thread on the same port (`SO_REUSEPORT`). When all places are taken, the longest
//! idle connection gives way; without one the newcomer is closed at once. Heads and idleness have time limits that fire; number of calls
//! and age end a connection with an answer that says so, so that none is lost.

use crate::connections::{ROUND, Watch};
use crate::http::{Edge, Peer, answer};
use crate::stall::Unstalled;
use crate::telemetry::Use;
use crate::tls::{Acceptor, Names};
use http::HeaderValue;
use http::header::CONNECTION;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pending connections the kernel may queue.
const BACKLOG: i32 = 1024;
/// How long connections may finish what they are doing at shutdown.
const DRAIN: Duration = Duration::from_secs(20);
/// Pause after a failed accept (no descriptors left), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Binds one of several listeners on the same address.
///
/// # Errors
/// When the address is taken by another program or not ours.
pub fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let domain = if address.is_ipv4() {
        socket2::Domain::IPV4
    } else {
        socket2::Domain::IPV6
    };
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts and serves until `stop`, then drains.
///
/// # Errors
/// When the listener cannot be registered with the runtime.
pub async fn serve(
    listener: std::net::TcpListener,
    edge: Arc<Edge>,
    tls: Option<Acceptor>,
    stop: CancellationToken,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (open, leave) = (TaskTracker::new(), CancellationToken::new());
    let rounds = tokio::spawn(rounds(Arc::clone(&edge)));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // No descriptors left, most likely: an idle connection holds one.
            edge.meters.rejected("accept");
            edge.connections.make_room(&edge.meters);
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Some(place) = edge.connections.place(&edge.meters).await else {
            edge.meters.rejected("connections");
            continue;
        };
        let (edge, tls, retire) = (Arc::clone(&edge), tls.clone(), leave.child_token());
        let watch = Arc::clone(&place.watch);
        let serving = open.spawn(async move {
            let _open = edge.meters.connection();
            let _ = stream.set_nodelay(true);
            let watch = Arc::clone(&place.watch);
            let stream = Unstalled::new(stream, edge.limits.body_time, Arc::clone(&watch));
            match tls {
                None => connection(stream, (peer.ip(), None), edge, watch, retire).await,
                // In a box: a plain connection keeps no room for it.
                Some(tls) => Box::pin(secured(stream, peer.ip(), &tls, edge, watch, retire)).await,
            }
            drop(place);
        });
        watch.served_by(serving.abort_handle());
    }
    drop(listener);
    leave.cancel();
    open.close();
    let _ = tokio::time::timeout(DRAIN, open.wait()).await;
    rounds.abort();
    Ok(())
}

/// Looks again and again for connections that are out of time.
async fn rounds(edge: Arc<Edge>) {
    loop {
        tokio::time::sleep(ROUND).await;
        edge.connections.sweep(&edge.limits, &edge.meters);
    }
}

async fn secured(
    stream: Unstalled<TcpStream>,
    peer: IpAddr,
    tls: &Acceptor,
    edge: Arc<Edge>,
    watch: Arc<Watch>,
    retire: CancellationToken,
) {
    // room 2: the handshake has a time of its own, so that a silent client cannot hold a connection.
    match tokio::time::timeout(edge.limits.handshake, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let names = Names::of(&stream);
            if let (Some(names), Some(shown)) = (&names, stream.get_ref().1.peer_certificates().and_then(<[_]>::first))
                && let Some(first) = names.iter().next()
            {
                edge.meters.certificates().seen(Use::Consumer, first, shown);
            }
            connection(stream, (peer, names), edge, watch, retire).await;
        }
        Ok(Err(_)) | Err(_) => edge.meters.rejected("handshake"),
    }
}

async fn connection<S>(
    stream: S,
    (peer, names): (IpAddr, Option<Names>),
    edge: Arc<Edge>,
    watch: Arc<Watch>,
    retire: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = edge.limits.clone();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The watch cuts slow heads, and tells them from resting connections.
        .header_read_timeout(None)
        .max_headers(limits.header_count)
        .max_buf_size(limits.header_bytes.max(8192))
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.idle_time)
        .keep_alive_timeout(limits.header_time);
    let leaving = retire.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.to_canonical()));
        if let Some(names) = &names {
            request.extensions_mut().insert(names.clone());
        }
        let edge = Arc::clone(&edge);
        let frames = request.version() == Version::HTTP_2;
        let call = watch.call(frames);
        let last = watch.is_last(&edge.limits);
        if last && frames {
            // Says GOAWAY; what is under way is finished.
            leaving.cancel();
        }
        // In a box: the connection keeps room for it also while it rests, and most connections rest.
        Box::pin(async move {
            let mut answered = answer(edge, request).await;
            if last && !frames {
                answered
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            drop(call);
            Ok::<_, Infallible>(answered)
        })
    });
    // An error here is the peer's: a broken or hostile connection. It was counted where it could be told apart.
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = serving.as_mut() => return,
        () = retire.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
