//! Consumers: so many kept-alive connections, each sending the next body as soon as it has its answer.

use crate::Failure;
use crate::setup::{Gateway, KEY};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// When to stop.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// After this time.
    Time(Duration),
    /// After this many.
    Count(u64),
}

/// What was measured.
pub(crate) struct Measured {
    /// Acknowledged per second.
    pub per_second: f64,
    /// Median time to the acknowledgement.
    pub p50: Duration,
    /// 99th percentile.
    pub p99: Duration,
}

/// Sends until told.
pub(crate) async fn send(gateway: &Gateway, clients: usize, size: usize, until: Until) -> Result<Measured, Failure> {
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let mut work = tokio::task::JoinSet::new();
    for _ in 0..clients {
        work.spawn(client(gateway.address, size, until, begun, Arc::clone(&next)));
    }
    let mut times = Vec::new();
    while let Some(done) = work.join_next().await {
        times.append(&mut done??);
    }
    let took = begun.elapsed();
    times.sort_unstable();
    let at = |share: f64| {
        times
            .get(((times.len() as f64 - 1.0) * share) as usize)
            .copied()
            .unwrap_or_default()
    };
    Ok(Measured {
        per_second: times.len() as f64 / took.as_secs_f64(),
        p50: at(0.5),
        p99: at(0.99),
    })
}

async fn client(
    address: SocketAddr,
    size: usize,
    until: Until,
    begun: Instant,
    next: Arc<AtomicU64>,
) -> Result<Vec<Duration>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut times = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let over = match until {
            Until::Time(time) => begun.elapsed() >= time,
            Until::Count(count) => number >= count,
        };
        if over {
            return Ok(times);
        }
        let head = format!("{{\"nomor\":\"B-{number}\",\"isi\":\"");
        let body = format!("{head}{}\"}}", "x".repeat(size.saturating_sub(head.len() + 2)));
        let request = Request::post("/v1/beban")
            .header("host", "beban.invalid")
            .header("x-api-key", KEY)
            .header("content-type", "application/json")
            .header("prefer", "respond-async")
            .body(Full::new(Bytes::from(body)))?;
        let one = Instant::now();
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::ACCEPTED {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into());
        }
        times.push(one.elapsed());
    }
}
