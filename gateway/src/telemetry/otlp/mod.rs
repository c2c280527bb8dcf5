//! Traces and metrics to a collector over OTLP/HTTP, in its JSON form. Off unless configured. The data path only decides
//! whether a trace is kept and hands finished spans to a bounded queue; a queue that is full, or a collector that does not
//! answer, costs spans and nothing else: they are counted and never waited for.

mod metrics;
mod spans;

use super::{Meters, Scraper};
use crate::outbound::{Egress, HttpTransport, OutboundLimits, Rules, Target};
use arc_swap::ArcSwap;
use bytes::Bytes;
use gateway_core::deliver::{Reach, Transport, WireRequest};
use gateway_core::spans::Span;
use gateway_core::time::Clock;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use rustls::ClientConfig;
use spans::Kept;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Where telemetry goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// Base URL of the collector, without `/v1/traces`.
    pub collector: String,
    /// Of a thousand traces that begin here, so many are kept.
    pub per_mille: u32,
    /// How often metrics are sent; `None`: never, they are scraped.
    pub metrics_every: Option<Duration>,
}

/// Spans waiting at most; further ones are dropped.
const WAITING: usize = 8192;
/// Spans in one request at most.
const BATCH: usize = 512;
/// How long a small batch waits for company.
const PATIENCE: Duration = Duration::from_millis(500);
/// Longest wait for the collector.
const ANSWER: Duration = Duration::from_secs(5);
/// Largest answer that is read.
const ANSWER_BYTES: u64 = 64 * 1024;

/// The end that the data path holds.
#[derive(Debug)]
pub struct Spans {
    queue: mpsc::Sender<Kept>,
    /// Traces whose low half lies below it are kept.
    below: u64,
}

impl Spans {
    /// Whether a trace that begins here is kept. Decided by its id, so that every node decides alike.
    pub fn keeps(&self, trace: u128) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "the low half, which is random")]
        let random = (trace as u64) & RANDOM;
        random < self.below
    }

    /// Hands a span over; `false` when it was dropped.
    pub fn hand_over(&self, span: &Span<'_>) -> bool {
        self.queue.try_send(Kept::of(span)).is_ok()
    }
}

/// The random bits of a UUIDv7's low half.
const RANDOM: u64 = (1 << 62) - 1;

/// The end that sends.
#[derive(Debug)]
pub struct Outbox(mpsc::Receiver<Kept>);

/// Both ends.
pub fn ends(settings: &Telemetry) -> (Spans, Outbox) {
    let (queue, waiting) = mpsc::channel(WAITING);
    let below = (RANDOM / 1000 + 1).saturating_mul(u64::from(settings.per_mille.min(1000)));
    (Spans { queue, below }, Outbox(waiting))
}

/// What sending needs.
pub struct Sender {
    /// Where to.
    pub settings: Telemetry,
    /// Name of this node.
    pub node: String,
    /// Trust towards the collector.
    pub tls: Arc<ClientConfig>,
    /// Metrics and their counts of spans.
    pub meters: Arc<Meters>,
    /// The metrics' text.
    pub scraper: Scraper,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Sender {
    /// Sends until `stop`, then what still waits.
    pub async fn run(self, outbox: Outbox, stop: CancellationToken) {
        // A wire of its own, which knows the collector's address alone; nothing here passes the door.
        let named = Target::parse(&self.settings.collector).ok();
        let named = named.map(|target| (target.host().to_owned(), target.port()));
        let rules = Rules::from(Egress::new(named));
        let wire = HttpTransport::new(
            Arc::new(ArcSwap::from_pointee(rules)),
            Arc::clone(&self.tls),
            OutboundLimits::default(),
        );
        tokio::join!(self.spans(&wire, outbox, &stop), self.figures(&wire, &stop));
    }

    async fn spans(&self, wire: &HttpTransport, Outbox(mut waiting): Outbox, stop: &CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                taken = waiting.recv_many(&mut batch, BATCH) => if taken == 0 { return },
                () = stop.cancelled() => {}
            }
            if batch.len() < BATCH && !stop.is_cancelled() {
                tokio::select! { () = self.clock.sleep(PATIENCE) => {}, () = stop.cancelled() => {} }
            }
            while batch.len() < BATCH
                && let Ok(more) = waiting.try_recv()
            {
                batch.push(more);
            }
            if batch.is_empty() {
                return;
            }
            let text = spans::text(&self.node, &batch);
            let sent = self.post(wire, "traces", text).await;
            self.meters.spans(if sent { "sent" } else { "lost" }, batch.len());
            batch.clear();
        }
    }

    async fn figures(&self, wire: &HttpTransport, stop: &CancellationToken) {
        let Some(every) = self.settings.metrics_every else {
            return;
        };
        let began = self.clock.now();
        while !stop.is_cancelled() {
            tokio::select! { () = self.clock.sleep(every) => {}, () = stop.cancelled() => {} }
            if let Ok(text) = self.scraper.text().await {
                let text = metrics::text(&self.node, &text, (began, self.clock.now()));
                self.post(wire, "metrics", text).await;
            }
        }
    }

    async fn post(&self, wire: &HttpTransport, signal: &str, text: String) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let request = WireRequest {
            reach: Reach::System,
            method: Method::POST,
            url: format!("{}/v1/{signal}", self.settings.collector.trim_end_matches('/')),
            headers,
            body: Bytes::from(text),
            max_reply: ANSWER_BYTES,
            timeout: ANSWER,
        };
        match wire.send(request).await {
            Ok(reply) if (200..300).contains(&reply.status) => true,
            Ok(reply) => {
                tracing::warn!(signal, status = reply.status, "the collector refuses telemetry");
                false
            }
            Err(error) => {
                tracing::warn!(signal, why = %error.detail, "the collector does not answer");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_traces_are_kept_as_asked() {
        let share = |per_mille| {
            let (spans, _outbox) = ends(&Telemetry {
                collector: "http://127.0.0.1:4318".into(),
                per_mille,
                metrics_every: None,
            });
            let mut random = fastrand::Rng::with_seed(7);
            (0..10_000).filter(|_| spans.keeps(random.u128(..))).count()
        };
        assert_eq!((share(0), share(1000)), (0, 10_000));
        assert!((800..1200).contains(&share(100)), "{}", share(100));
    }
}
