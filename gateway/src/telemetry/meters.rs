//! The numbers. Counters and histograms are moved by the edge and by the core's observer; gauges that mirror the
//! journal are set by the [`super::Scraper`]. The end of each attempt is also written as a log line here, since the
//! observer sees every one. No global: whoever counts holds an `Arc` of this.

use super::catalogue::{PREFIX, metric};
use super::certificates::Certificates;
use super::known::{CLASSES, Known, OTHER, OUTCOMES, Timed};
use super::otlp::Spans;
use super::security::SecurityEvent;
use arc_swap::ArcSwap;
use gateway_core::Catalogue;
use gateway_core::ids::ExchangeId;
use gateway_core::inbound::Taken;
use gateway_core::observe::{EGRESS_REFUSED, Finished, Observer, Tried};
use gateway_core::spans::{self, Span};
use gateway_core::trouble::Live;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

pub(super) type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter>;
type Histograms = Family<Labels, Timed, fn() -> Timed>;
pub(super) type Level = Gauge<f64, AtomicU64>;
pub(super) type Levels = Family<Labels, Level>;

/// Bounds in seconds: from below a millisecond (an answer from memory) to the longest deadlines.
const BOUNDS: [f64; 16] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0,
];

/// Bounds of a group of writes that share one commit.
const GROUPS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// All metrics of one process.
pub struct Meters {
    registry: Registry,
    known: ArcSwap<Known>,
    requests: Counters,
    pushes: Counters,
    request_duration: Histograms,
    upstream_duration: Histograms,
    refusals: Counters,
    attempts: Counters,
    replays: Counter,
    connections: Gauge,
    calls: Gauge,
    config_errors: Gauge,
    pub(super) queue_depth: Levels,
    pub(super) queue_oldest: Levels,
    pub(super) deadlines: Levels,
    pub(super) dead_letters: Levels,
    pub(super) unresolved: Levels,
    pub(super) parked: Levels,
    pub(super) breaker_state: Levels,
    pub(super) credential_left: Levels,
    pub(super) certificate_left: Levels,
    certificates: Arc<Certificates>,
    pub(super) evidence_seq: Levels,
    pub(super) mirror_age: Levels,
    pub(super) mirror_stale: Levels,
    pub(super) mirror_failures: Levels,
    pub(super) subscriptions: Levels,
    pub(super) journal_ready: Gauge,
    journal_group: Histogram,
    pub(super) problem_active: Levels,
    pub(super) problem_exchanges: Levels,
    pub(super) problem_age: Levels,
    pub(super) problem_muted: Levels,
    failures: Counters,
    live: Live,
    erased: Counters,
    security: Counters,
    noted: Counters,
    sent: Counters,
    /// Where spans go; `None`: nobody keeps any.
    spans: Option<Spans>,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// All at zero, nothing known yet.
    pub fn new() -> Self {
        let histogram: fn() -> Timed = || Timed::new(BOUNDS.into_iter());
        let mut meters = Self {
            registry: Registry::with_prefix(PREFIX),
            known: ArcSwap::from_pointee(Known::default()),
            requests: Counters::default(),
            pushes: Counters::default(),
            request_duration: Histograms::new_with_constructor(histogram),
            upstream_duration: Histograms::new_with_constructor(histogram),
            refusals: Counters::default(),
            attempts: Counters::default(),
            replays: Counter::default(),
            connections: Gauge::default(),
            calls: Gauge::default(),
            config_errors: Gauge::default(),
            queue_depth: Levels::default(),
            queue_oldest: Levels::default(),
            deadlines: Levels::default(),
            dead_letters: Levels::default(),
            unresolved: Levels::default(),
            parked: Levels::default(),
            breaker_state: Levels::default(),
            credential_left: Levels::default(),
            certificate_left: Levels::default(),
            certificates: Arc::default(),
            evidence_seq: Levels::default(),
            mirror_age: Levels::default(),
            mirror_stale: Levels::default(),
            mirror_failures: Levels::default(),
            subscriptions: Levels::default(),
            journal_ready: Gauge::default(),
            journal_group: Histogram::new(GROUPS),
            problem_active: Levels::default(),
            problem_exchanges: Levels::default(),
            problem_age: Levels::default(),
            problem_muted: Levels::default(),
            failures: Counters::default(),
            live: Live::default(),
            erased: Counters::default(),
            security: Counters::default(),
            noted: Counters::default(),
            sent: Counters::default(),
            spans: None,
        };
        meters.register();
        meters
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        add(to, "requests", self.requests.clone());
        add(to, "pushes", self.pushes.clone());
        add(to, "request_duration", self.request_duration.clone());
        add(to, "upstream_duration", self.upstream_duration.clone());
        add(to, "refusals", self.refusals.clone());
        add(to, "attempts", self.attempts.clone());
        add(to, "idempotent_replays", self.replays.clone());
        add(to, "connections", self.connections.clone());
        add(to, "calls_under_way", self.calls.clone());
        add(to, "queue_depth", self.queue_depth.clone());
        add(to, "queue_oldest", self.queue_oldest.clone());
        add(to, "deadlines", self.deadlines.clone());
        add(to, "dead_letters", self.dead_letters.clone());
        add(to, "unresolved", self.unresolved.clone());
        add(to, "parked", self.parked.clone());
        add(to, "breaker_state", self.breaker_state.clone());
        add(to, "credential_left", self.credential_left.clone());
        add(to, "certificate_left", self.certificate_left.clone());
        add(to, "evidence_seq", self.evidence_seq.clone());
        add(to, "erased", self.erased.clone());
        add(to, "security_events", self.security.clone());
        add(to, "noted", self.noted.clone());
        add(to, "mirror_age", self.mirror_age.clone());
        add(to, "mirror_stale", self.mirror_stale.clone());
        add(to, "mirror_failures", self.mirror_failures.clone());
        add(to, "subscriptions", self.subscriptions.clone());
        add(to, "journal_ready", self.journal_ready.clone());
        add(to, "journal_group", self.journal_group.clone());
        add(to, "failures", self.failures.clone());
        add(to, "problem_active", self.problem_active.clone());
        add(to, "problem_exchanges", self.problem_exchanges.clone());
        add(to, "problem_age", self.problem_age.clone());
        add(to, "problem_muted", self.problem_muted.clone());
        add(to, "config_errors", self.config_errors.clone());
        add(to, "spans", self.sent.clone());
        add(to, "build", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
    }

    /// Spans of kept traces go there.
    #[must_use]
    pub fn keeping(mut self, spans: Option<Spans>) -> Self {
        self.spans = spans;
        self
    }

    /// Whether a trace that begins here is kept.
    pub fn keeps(&self, trace: u128) -> bool {
        self.spans.as_ref().is_some_and(|spans| spans.keeps(trace))
    }

    /// Counts what became of spans: `sent`, `lost` on the way, `dropped` before it.
    pub(super) fn spans(&self, outcome: &'static str, count: usize) {
        self.sent
            .get_or_create(&vec![("outcome", outcome.to_owned())])
            .inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Until when certificates hold.
    pub fn certificates(&self) -> &Arc<Certificates> {
        &self.certificates
    }

    /// Learns the names that may become label values. Called at start and after each reload; counts go on.
    pub fn learn(&self, catalogue: &Catalogue) {
        self.known.store(Known::of(catalogue).into());
    }

    #[cfg(test)]
    pub(super) fn learn_names(&self, operations: &[(&str, &str)], consumers: &[&str]) {
        let operations = operations.iter().map(|(o, s)| ((*o).to_owned(), (*s).to_owned()));
        self.known
            .store(Known::new(operations, consumers.iter().map(|c| (*c).to_owned())).into());
    }

    /// A call was answered, or ended without an answer (status 499). `-` stands for an operation or consumer that was
    /// not found out. `trace` is the id of a kept trace.
    pub fn answered(&self, operation: &str, consumer: &str, status: u16, took: Duration, trace: Option<u128>) {
        let known = self.known.load();
        let Some(of) = known.operation(operation) else { return };
        of.duration
            .get_or_init(|| {
                self.request_duration
                    .get_or_create_owned(&vec![("operation", of.name.clone())])
            })
            .observe(took.as_secs_f64(), trace.map(exemplar), None);
        let class = usize::from(status / 100).wrapping_sub(1).min(CLASSES.len() - 1);
        let Some((pair, consumer)) = known.pair(operation, consumer) else {
            return;
        };
        let (Some(cell), Some(class)) = (pair.classes.get(class), CLASSES.get(class)) else {
            return;
        };
        cell.get_or_init(|| {
            self.requests.get_or_create_owned(&vec![
                ("operation", of.name.clone()),
                ("consumer", consumer.to_owned()),
                ("code_class", (*class).to_owned()),
            ])
        })
        .inc();
    }

    /// Calls of one consumer since this node started: operation, class of status, how many.
    pub fn calls_of(&self, consumer: &str) -> Vec<(String, &'static str, u64)> {
        let known = self.known.load();
        let mut all: Vec<_> = known
            .of_consumer(consumer)
            .flat_map(|(operation, pair)| {
                let classes = pair.classes.iter().zip(CLASSES);
                classes.filter_map(move |(cell, class)| Some((operation.to_owned(), class, cell.get()?.get())))
            })
            .collect();
        all.sort();
        all
    }

    /// A system pushed something; the operation is one of configuration.
    pub fn pushed(&self, operation: &str, taken: Taken) {
        let labels = vec![
            ("operation", operation.to_owned()),
            ("outcome", taken.word().to_owned()),
        ];
        self.pushes.get_or_create(&labels).inc();
        if taken == Taken::Refused {
            self.security(SecurityEvent::PushForged, "-", operation, None);
        }
    }

    /// A connection or call was turned away before the pipeline. `reason` is a word of the code, never of the caller.
    pub fn rejected(&self, reason: &'static str) {
        self.refused(reason);
        if let Some(event) = SecurityEvent::of_refusal(reason) {
            self.security(event, "-", reason, None);
        }
    }

    /// Counts a security event and writes its line. `who` and `of` name configuration or addresses, never content.
    pub fn security(&self, event: SecurityEvent, who: &str, of: &str, exchange: Option<ExchangeId>) {
        let code = event.code();
        self.security.get_or_create(&vec![("event", code.to_owned())]).inc();
        let exchange = exchange.map(tracing::field::display);
        tracing::warn!(target: "simpul::security", event = code, who, of, exchange, "security event");
    }

    fn refused(&self, reason: &str) {
        self.refusals.get_or_create(&vec![("reason", reason.to_owned())]).inc();
    }

    /// Counts an open connection until the guard is dropped.
    #[must_use]
    pub fn connection(&self) -> UnderWay {
        UnderWay::new(&self.connections)
    }

    /// Counts a call being worked on until the guard is dropped.
    #[must_use]
    pub fn call(&self) -> UnderWay {
        UnderWay::new(&self.calls)
    }

    /// How many complaints the last refused configuration had; 0 when the newest one is in force.
    pub fn config_errors(&self, complaints: usize) {
        self.config_errors.set(i64::try_from(complaints).unwrap_or(i64::MAX));
    }

    /// One commit of the journal made this many writes durable.
    pub fn committed(&self, group: usize) {
        self.journal_group.observe(group as f64);
    }

    /// What this node saw fail lately.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Counts whose fault a failed try was, and remembers the run of failures.
    fn judged(&self, tried: &Tried<'_>, system: &str) {
        let Some(failed) = &tried.failed else {
            return self.live.succeeded(tried.system);
        };
        self.failures
            .get_or_create(&vec![
                ("system", system.to_owned()),
                ("cause", failed.cause.word().to_owned()),
                ("side", failed.side.word().to_owned()),
            ])
            .inc();
        let judged = (failed.cause, failed.side);
        self.live
            .failed(tried.system, judged, failed.code, failed.echo, tried.exchange, tried.at);
    }

    /// OpenMetrics text of everything as it stands.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::with_capacity(16 * 1024);
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Observer for Meters {
    fn finished(&self, finished: &Finished<'_>) {
        if finished.refused {
            self.refused(finished.result);
            if let Some(event) = SecurityEvent::of_refusal(finished.result) {
                self.security(event, finished.consumer, finished.operation, Some(finished.exchange));
            }
        }
        if finished.replayed {
            self.replays.inc();
        }
    }

    fn erased(&self, class: &str, exchanges: u64) {
        self.erased
            .get_or_create(&vec![("class", class.to_owned())])
            .inc_by(exchanges);
    }

    fn noted(&self, what: &'static str, of: &str) {
        if what == EGRESS_REFUSED {
            self.security(SecurityEvent::EgressRefused, "-", of, None);
        }
        self.noted
            .get_or_create(&vec![("what", what.to_owned()), ("of", of.to_owned())])
            .inc();
    }

    fn traces(&self) -> bool {
        self.spans.is_some()
    }

    fn span(&self, span: &Span<'_>) {
        if self.spans.as_ref().is_some_and(|spans| !spans.hand_over(span)) {
            self.spans("dropped", 1);
        }
    }

    fn tried(&self, tried: &Tried<'_>) {
        let known = self.known.load();
        let Some(of) = known.operation(tried.operation) else {
            return;
        };
        let trace = spans::kept(self, tried.trace).map(|scope| scope.trace);
        of.upstream
            .get_or_init(|| {
                let labels = vec![("system", of.system.clone()), ("operation", of.name.clone())];
                self.upstream_duration.get_or_create_owned(&labels)
            })
            .observe(tried.system_time.as_secs_f64(), trace.map(exemplar), None);
        self.judged(tried, &of.system);
        let at = OUTCOMES
            .iter()
            .position(|word| *word == tried.result)
            .unwrap_or(OUTCOMES.len() - 1);
        let (Some(cell), Some(outcome)) = (of.outcomes.get(at), OUTCOMES.get(at)) else {
            return;
        };
        cell.get_or_init(|| {
            self.attempts.get_or_create_owned(&vec![
                ("system", of.system.clone()),
                ("operation", of.name.clone()),
                ("outcome", (*outcome).to_owned()),
            ])
        })
        .inc();
        tracing::info!(
            exchange = %tried.exchange,
            trace_id = tried.trace.and_then(|trace| trace.get(3..35)).unwrap_or("-"),
            operation = tried.operation,
            system = tried.system,
            attempt = tried.attempt,
            result = tried.result,
            landed = tried.landed,
            state = tried.state,
            system_ms = u64::try_from(tried.system_time.as_millis()).unwrap_or(u64::MAX),
            "attempt ended"
        );
    }
}

/// The trace that a bucket names.
fn exemplar(trace: u128) -> Labels {
    vec![("trace_id", format!("{trace:032x}"))]
}

/// Counts one thing while it is held.
#[derive(Debug)]
pub struct UnderWay(Gauge);

impl UnderWay {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Registers under the name, unit and text of the catalogue; a test holds that every name stands there.
fn add(registry: &mut Registry, name: &'static str, it: impl Metric) {
    let entry = metric(name);
    let help = entry.map_or(OTHER, |metric| metric.en);
    match entry.and_then(|metric| metric.unit) {
        Some("seconds") => registry.register_with_unit(name, help, Unit::Seconds, it),
        _ => registry.register(name, help, it),
    }
}

#[cfg(test)]
mod tests;
