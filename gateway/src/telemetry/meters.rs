//! The numbers. Counters and histograms are moved by the edge and by the core's observer; gauges that mirror the
//! journal are set by the [`super::Scraper`]. The end of each attempt is also written as a log line here, since the
//! observer sees every one. No global: whoever counts holds an `Arc` of this.

use super::catalogue::{PREFIX, metric};
use super::certificates::Certificates;
use super::known::{CLASSES, Known, OTHER, OUTCOMES};
use super::security::SecurityEvent;
use arc_swap::ArcSwap;
use gateway_core::Catalogue;
use gateway_core::ids::ExchangeId;
use gateway_core::inbound::Taken;
use gateway_core::observe::{EGRESS_REFUSED, Finished, Observer, Tried};
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
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;
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
    failures: Counters,
    live: Live,
    erased: Counters,
    security: Counters,
    noted: Counters,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// All at zero, nothing known yet.
    pub fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS);
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
            failures: Counters::default(),
            live: Live::default(),
            erased: Counters::default(),
            security: Counters::default(),
            noted: Counters::default(),
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
        add(to, "config_errors", self.config_errors.clone());
        add(to, "build", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
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
    /// not found out.
    pub fn answered(&self, operation: &str, consumer: &str, status: u16, took: Duration) {
        let known = self.known.load();
        let Some(of) = known.operation(operation) else { return };
        of.duration
            .get_or_init(|| {
                self.request_duration
                    .get_or_create_owned(&vec![("operation", of.name.clone())])
            })
            .observe(took.as_secs_f64());
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
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
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

    fn tried(&self, tried: &Tried<'_>) {
        let known = self.known.load();
        let Some(of) = known.operation(tried.operation) else {
            return;
        };
        of.upstream
            .get_or_init(|| {
                let labels = vec![("system", of.system.clone()), ("operation", of.name.clone())];
                self.upstream_duration.get_or_create_owned(&labels)
            })
            .observe(tried.system_time.as_secs_f64());
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
mod tests {
    use super::super::catalogue::METRICS;
    use super::*;

    fn tried(operation: &'static str, result: &'static str) -> Tried<'static> {
        Tried {
            exchange: ExchangeId(uuid::Uuid::nil()),
            operation,
            system: "lapor",
            attempt: 1,
            result,
            landed: "no",
            state: "gagal",
            system_time: Duration::from_millis(20),
            at: jiff::Timestamp::UNIX_EPOCH,
            failed: None,
        }
    }

    #[test]
    fn what_concerns_security_is_counted_by_a_closed_list() {
        let meters = Meters::new();
        meters.pushed("oss.masuk", Taken::Refused);
        meters.pushed("oss.masuk", Taken::New);
        meters.noted(EGRESS_REFUSED, "oss");
        meters.noted("overdue", "oss");
        meters.rejected("handshake");
        meters.rejected("idle");
        let text = meters.text().unwrap();
        for event in ["push_forged", "egress_refused", "connection_refused"] {
            assert!(
                text.contains(&format!("simpul_security_events_total{{event=\"{event}\"}} 1")),
                "{text}"
            );
        }
        assert_eq!(text.matches("simpul_security_events_total{").count(), 3, "{text}");
    }

    #[test]
    fn published_names_kinds_and_help_are_those_of_the_catalogue() {
        let meters = Meters::new();
        meters.answered("x", "y", 200, Duration::ZERO);
        meters.tried(&tried("x", "ok"));
        meters.rejected("unidentified");
        meters.pushed("masuk.uji.kabar", Taken::New);
        for levels in [
            &meters.queue_depth,
            &meters.queue_oldest,
            &meters.dead_letters,
            &meters.unresolved,
        ] {
            let _made = levels.get_or_create_owned(&vec![("system", OTHER.to_owned())]);
        }
        for levels in [&meters.mirror_age, &meters.mirror_stale, &meters.mirror_failures] {
            let _made = levels.get_or_create_owned(&vec![("mirror", OTHER.to_owned())]);
        }
        for levels in [
            &meters.parked,
            &meters.breaker_state,
            &meters.credential_left,
            &meters.evidence_seq,
            &meters.deadlines,
            &meters.problem_active,
            &meters.problem_exchanges,
            &meters.problem_age,
            &meters.subscriptions,
        ] {
            let _made = levels.get_or_create_owned(&vec![("system", OTHER.to_owned())]);
        }
        meters.tried(&Tried {
            failed: Some(gateway_core::observe::Failed {
                cause: gateway_core::trouble::Cause::Down,
                side: gateway_core::trouble::Side::System,
                code: None,
                echo: false,
            }),
            ..tried("x", "unavailable")
        });
        meters.erased("uji", 1);
        meters.noted("relay_unfit", "uji");
        meters.noted("relay_unfit", "uji");
        let text = meters.text().unwrap();
        let published: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
            .collect();
        let bare = |metric: &super::super::Metric| {
            let series = metric.series();
            series.trim_end_matches("_total").trim_end_matches("_info").to_owned()
        };
        let listed: Vec<(String, &str)> = METRICS.iter().map(|metric| (bare(metric), metric.kind)).collect();
        assert_eq!(published.len(), listed.len());
        for ((name, kind), (listed_name, listed_kind)) in published.iter().zip(&listed) {
            assert_eq!((*name, *kind), (listed_name.as_str(), *listed_kind));
        }
        assert!(!text.contains(&format!(" {OTHER}.\n")), "a metric has no help text");
        assert!(
            text.contains("simpul_noted_total{what=\"relay_unfit\",of=\"uji\"} 2"),
            "{text}"
        );
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn calls_and_attempts_are_counted_by_known_names_only() {
        let meters = Meters::new();
        meters.learn_names(&[("pengaduan.kirim", "lapor")], &["dinas-uji"]);
        meters.answered("pengaduan.kirim", "dinas-uji", 202, Duration::from_millis(3));
        meters.answered("pengaduan.kirim", "dinas-uji", 201, Duration::from_millis(3));
        meters.answered("jalur.asing", "orang asing\n", 404, Duration::from_millis(3));
        meters.answered("pengaduan.kirim", "dinas-uji", 0, Duration::ZERO);
        meters.tried(&tried("pengaduan.kirim", "timeout"));
        meters.tried(&tried("pengaduan.kirim", "kata baru"));
        let text = meters.text().unwrap();
        for line in [
            r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="2xx"} 2"#,
            r#"simpul_requests_total{operation="-",consumer="-",code_class="4xx"} 1"#,
            r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="-"} 1"#,
            r#"simpul_request_duration_seconds_count{operation="pengaduan.kirim"} 3"#,
            r#"simpul_attempts_total{system="lapor",operation="pengaduan.kirim",outcome="timeout"} 1"#,
            r#"simpul_attempts_total{system="lapor",operation="pengaduan.kirim",outcome="-"} 1"#,
            r#"simpul_upstream_duration_seconds_bucket{le="0.025",system="lapor",operation="pengaduan.kirim"} 2"#,
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
        assert!(!text.contains("asing"));
    }

    #[test]
    fn counts_go_on_after_new_names_are_learnt() {
        let meters = Meters::new();
        for _ in 0..2 {
            meters.learn_names(&[("pengaduan.kirim", "lapor")], &["dinas-uji"]);
            meters.answered("pengaduan.kirim", "dinas-uji", 200, Duration::ZERO);
        }
        let line = r#"simpul_requests_total{operation="pengaduan.kirim",consumer="dinas-uji",code_class="2xx"} 2"#;
        assert!(meters.text().unwrap().contains(line));
    }

    #[test]
    fn refusals_replays_and_things_under_way() {
        let meters = Meters::new();
        let finished = |result, refused, replayed| Finished {
            exchange: ExchangeId(uuid::Uuid::nil()),
            operation: "pengaduan.kirim",
            consumer: "dinas-uji",
            result,
            refused,
            replayed,
        };
        meters.finished(&finished("over_quota", true, false));
        meters.finished(&finished("ok", false, true));
        meters.rejected("unidentified");
        meters.config_errors(3);
        let first = meters.connection();
        let call = meters.call();
        drop(meters.connection());
        let text = meters.text().unwrap();
        for line in [
            "simpul_refusals_total{reason=\"over_quota\"} 1",
            "simpul_refusals_total{reason=\"unidentified\"} 1",
            "simpul_idempotent_replays_total 1",
            "simpul_connections 1",
            "simpul_calls_under_way 1",
            "simpul_config_errors 3",
            concat!("simpul_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
        drop((first, call));
        assert!(meters.text().unwrap().contains("simpul_connections 0"));
    }
}
