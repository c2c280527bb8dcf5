//! The handles of the hot path: one look-up by names that configuration knows, no allocation, no lock. Series are made
//! when they are first used; a name that is not known counts under `-`, so that nobody outside can grow them.

use gateway_core::Catalogue;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Stands for every name that configuration does not know.
pub(super) const OTHER: &str = "-";
/// Classes of status; the last takes what is none.
pub(super) const CLASSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", OTHER];
/// Words of [`gateway_core::observe::Tried`]; the last takes what is none.
pub(super) const OUTCOMES: [&str; 15] = [
    "ok",
    "looked_up",
    "invalid",
    "rejected",
    "not_found",
    "conflict",
    "credential_expired",
    "misconfigured",
    "throttled",
    "unavailable",
    "out_of_hours",
    "timeout",
    "drift",
    "internal",
    OTHER,
];

/// A histogram whose buckets name the trace that last fell into them.
pub(super) type Timed = HistogramWithExemplars<Vec<(&'static str, String)>>;

/// Series of one operation.
#[derive(Default)]
pub(super) struct OfOperation {
    pub(super) name: String,
    pub(super) system: String,
    pub(super) duration: OnceLock<Timed>,
    pub(super) upstream: OnceLock<Timed>,
    pub(super) outcomes: [OnceLock<Counter>; OUTCOMES.len()],
}

/// Series of one operation and consumer.
#[derive(Default)]
pub(super) struct OfPair {
    pub(super) classes: [OnceLock<Counter>; CLASSES.len()],
}

/// What configuration knows. Position 0 is [`OTHER`] everywhere.
pub(super) struct Known {
    by_operation: HashMap<String, usize>,
    by_consumer: HashMap<String, usize>,
    pub(super) consumers: Vec<String>,
    operations: Vec<OfOperation>,
    /// By consumer, then by operation; made when first called, since most consumers call few operations.
    rows: Vec<OnceLock<Row>>,
}

/// One consumer's series by operation.
type Row = Box<[OnceLock<Box<OfPair>>]>;

impl Default for Known {
    fn default() -> Self {
        Self::new([], [])
    }
}

impl Known {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        Self::new(
            catalogue
                .operations
                .values()
                .map(|o| (o.id.clone(), o.system.clone()))
                .chain(catalogue.flows.mirrors.iter().map(|m| (m.grant(), m.system.clone())))
                .chain(catalogue.flows.chains.iter().map(|c| (c.grant(), "gateway".to_owned()))),
            catalogue.consumers.keys().cloned(),
        )
    }

    /// Operations with their systems, and consumers.
    pub(super) fn new(
        operations: impl IntoIterator<Item = (String, String)>,
        consumers: impl IntoIterator<Item = String>,
    ) -> Self {
        let other = || OTHER.to_owned();
        let operations: Vec<OfOperation> = std::iter::once((other(), other()))
            .chain(operations)
            .map(|(name, system)| OfOperation {
                name,
                system,
                ..OfOperation::default()
            })
            .collect();
        let consumers: Vec<String> = std::iter::once(other()).chain(consumers).collect();
        let index = |names: Vec<&String>| {
            names
                .into_iter()
                .cloned()
                .enumerate()
                .map(|(at, name)| (name, at))
                .collect()
        };
        Self {
            by_operation: index(operations.iter().map(|o| &o.name).collect()),
            by_consumer: index(consumers.iter().collect()),
            rows: std::iter::repeat_with(OnceLock::new).take(consumers.len()).collect(),
            operations,
            consumers,
        }
    }

    /// The operation's series; those of [`OTHER`] when it is not known.
    pub(super) fn operation(&self, name: &str) -> Option<&OfOperation> {
        self.operations.get(self.by_operation.get(name).copied().unwrap_or(0))
    }

    /// Every operation with its series of one consumer; none when the consumer is not known.
    pub(super) fn of_consumer(&self, consumer: &str) -> impl Iterator<Item = (&str, &OfPair)> {
        let consumer = self.by_consumer.get(consumer).copied().filter(|at| *at > 0);
        let row = consumer.and_then(|at| self.rows.get(at)?.get());
        let pairs = row.map(|row| row.iter()).unwrap_or_default();
        let named = self.operations.iter().zip(pairs);
        named.filter_map(|(operation, pair)| Some((operation.name.as_str(), &**pair.get()?)))
    }

    /// The pair's series with its consumer's label.
    pub(super) fn pair(&self, operation: &str, consumer: &str) -> Option<(&OfPair, &str)> {
        let operation = self.by_operation.get(operation).copied().unwrap_or(0);
        let consumer = self.by_consumer.get(consumer).copied().unwrap_or(0);
        let row = self.rows.get(consumer)?.get_or_init(|| {
            std::iter::repeat_with(OnceLock::new)
                .take(self.operations.len())
                .collect()
        });
        Some((
            row.get(operation)?.get_or_init(Box::default),
            self.consumers.get(consumer)?,
        ))
    }
}
