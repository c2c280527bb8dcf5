//! What the gateway under measurement says about itself at `/metrics`.

use crate::Failure;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Sizes of the groups that shared a commit.
pub(crate) struct Groups {
    sum: f64,
    count: f64,
    /// Upper bound as published, and how many groups were at most as large.
    buckets: Vec<(String, f64)>,
}

impl Groups {
    /// Writes per commit.
    pub(crate) fn mean(&self) -> f64 {
        if self.count == 0.0 { 0.0 } else { self.sum / self.count }
    }

    /// The bucket in which this share of the groups ends.
    pub(crate) fn bound(&self, share: f64) -> &str {
        let wanted = self.count * share;
        let found = self.buckets.iter().find(|(_, count)| *count >= wanted);
        found.map_or("?", |(bound, _)| bound)
    }
}

/// Asks for the sizes.
pub(crate) async fn groups(operator: SocketAddr) -> Result<Groups, Failure> {
    let text = text(operator).await?;
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse::<f64>().ok())
    };
    let bucket = |line: &str| {
        let (bound, count) = line
            .strip_prefix("simpul_journal_group_bucket{le=\"")?
            .split_once("\"} ")?;
        Some((bound.to_owned(), count.trim().parse().ok()?))
    };
    Ok(Groups {
        sum: value("simpul_journal_group_sum").ok_or("the gateway publishes no sizes of groups")?,
        count: value("simpul_journal_group_count").ok_or("the gateway publishes no sizes of groups")?,
        buckets: text.lines().filter_map(bucket).collect(),
    })
}

/// The whole page.
pub(crate) async fn text(operator: SocketAddr) -> Result<String, Failure> {
    let stream = TcpStream::connect(operator).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/metrics")
        .header("host", operator.to_string())
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    Ok(String::from_utf8(
        answer.into_body().collect().await?.to_bytes().to_vec(),
    )?)
}
