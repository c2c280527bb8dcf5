//! The last hour of this node, for the console's charts: a few figures of the metrics' own text, kept every quarter of a
//! minute. Nothing here is counted twice: what the charts show is what a collector would have read.

use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Samples kept: an hour of quarter minutes, and the one they are compared with.
const KEPT: usize = 241;

/// Seconds between two samples.
pub const EVERY: u64 = 15;

/// Figures of one moment; counts rise from the start of the process.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sample {
    at: Timestamp,
    /// Calls answered well, refused, failed.
    calls: [u64; 3],
    /// Cumulative counts per upper bound in seconds, as text sorts are not numbers: in micros.
    requests: BTreeMap<u64, u64>,
    upstream: BTreeMap<u64, u64>,
    /// Failed tries by side.
    failures: BTreeMap<String, u64>,
    waiting: f64,
    oldest: f64,
}

/// What happened between two moments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span {
    /// Its end.
    pub at: Timestamp,
    /// Its length in seconds.
    pub seconds: u64,
    /// Calls answered well, refused, failed.
    pub calls: [u64; 3],
    /// Whole calls: 50, 95 and 99 of a hundred were quicker than so many seconds.
    pub requests: Option<[f64; 3]>,
    /// Waiting for systems, the same way.
    pub upstream: Option<[f64; 3]>,
    /// Failed tries by side.
    pub failures: BTreeMap<String, u64>,
    /// Exchanges waiting at its end.
    pub waiting: f64,
    /// Age of the oldest, in seconds.
    pub oldest: f64,
}

/// The last hour.
#[derive(Debug, Default)]
pub struct History(Mutex<VecDeque<Sample>>);

impl History {
    /// Takes the figures out of the metrics' text.
    pub fn take(&self, text: &str, at: Timestamp) {
        let mut samples = self.lock();
        if samples.len() == KEPT {
            samples.pop_front();
        }
        samples.push_back(read(text, at));
    }

    /// Calls between the oldest and the newest sample.
    pub fn calls_of_last_hour(&self) -> u64 {
        let samples = self.lock();
        let sum = |sample: &Sample| sample.calls.iter().sum::<u64>();
        match (samples.front(), samples.back()) {
            (Some(first), Some(last)) => sum(last).saturating_sub(sum(first)),
            _ => 0,
        }
    }

    /// At most so many spans, from the oldest; neighbours are put together to fit.
    pub fn spans(&self, most: usize) -> Vec<Span> {
        let samples = self.lock();
        let step = samples.len().saturating_sub(1).div_ceil(most.max(1)).max(1);
        let marks: Vec<&Sample> = samples.iter().step_by(step).collect();
        marks.windows(2).map(|pair| between(pair[0], pair[1])).collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn between(from: &Sample, to: &Sample) -> Span {
    let calls = [0, 1, 2].map(|class| to.calls[class].saturating_sub(from.calls[class]));
    let failures = to.failures.iter().map(|(side, count)| {
        let before = from.failures.get(side).copied().unwrap_or_default();
        (side.clone(), count.saturating_sub(before))
    });
    Span {
        at: to.at,
        seconds: u64::try_from(to.at.as_second() - from.at.as_second()).unwrap_or_default(),
        calls,
        requests: quantiles(&from.requests, &to.requests),
        upstream: quantiles(&from.upstream, &to.upstream),
        failures: failures.filter(|(_, count)| *count > 0).collect(),
        waiting: to.waiting,
        oldest: to.oldest,
    }
}

/// The bound below which 50, 95 and 99 of a hundred lie, between its neighbours by proportion.
#[expect(clippy::cast_precision_loss, reason = "counts and micros of an hour")]
fn quantiles(from: &BTreeMap<u64, u64>, to: &BTreeMap<u64, u64>) -> Option<[f64; 3]> {
    let grown: Vec<(u64, u64)> = to
        .iter()
        .map(|(bound, count)| {
            (
                *bound,
                count.saturating_sub(from.get(bound).copied().unwrap_or_default()),
            )
        })
        .collect();
    let all = grown.last()?.1;
    if all == 0 {
        return None;
    }
    let at = |share: f64| {
        let wanted = share * all as f64;
        let (mut low, mut below) = (0, 0);
        for (bound, count) in &grown {
            if *count as f64 >= wanted && *count > below {
                let high = if *bound == u64::MAX { low } else { *bound };
                let part = (wanted - below as f64) / (count - below) as f64;
                return (low as f64 + part * (high - low) as f64) / 1e6;
            }
            (low, below) = (*bound, *count);
        }
        low as f64 / 1e6
    };
    Some([at(0.5), at(0.95), at(0.99)])
}

fn read(text: &str, at: Timestamp) -> Sample {
    let mut sample = Sample {
        at,
        ..Sample::default()
    };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        // What follows ` # ` is an exemplar.
        let line = line.split(" # ").next().unwrap_or(line);
        let Some((series, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let Ok(value) = value.parse::<f64>() else { continue };
        match name {
            "simpul_requests_total" => {
                let class = match label(labels, "code_class") {
                    Some("1xx" | "2xx" | "3xx") => 0,
                    Some("4xx") => 1,
                    _ => 2,
                };
                sample.calls[class] += whole(value);
            }
            "simpul_request_duration_seconds_bucket" => add(&mut sample.requests, labels, value),
            "simpul_upstream_duration_seconds_bucket" => add(&mut sample.upstream, labels, value),
            "simpul_failures_total" => {
                let side = label(labels, "side").unwrap_or("-").to_owned();
                *sample.failures.entry(side).or_default() += whole(value);
            }
            "simpul_queue_depth" if !matches!(label(labels, "state"), Some("gagal" | "hasil_tidak_pasti")) => {
                sample.waiting += value;
            }
            "simpul_queue_oldest_seconds" => sample.oldest = sample.oldest.max(value),
            _ => {}
        }
    }
    sample
}

fn add(to: &mut BTreeMap<u64, u64>, labels: &str, value: f64) {
    let bound = match label(labels, "le") {
        Some("+Inf") => u64::MAX,
        Some(bound) => bound.parse::<f64>().map_or(u64::MAX, |bound| whole(bound * 1e6)),
        None => return,
    };
    *to.entry(bound).or_default() += whole(value);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and bounds are not negative"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

/// Labels here are ids and words without quotes inside.
fn label<'l>(labels: &'l str, name: &str) -> Option<&'l str> {
    let at = labels.find(&format!("{name}=\""))? + name.len() + 2;
    labels[at..].split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + second).unwrap()
    }

    fn text(good: u64, quick: u64) -> String {
        format!(
            "# TYPE simpul_requests counter\n\
             simpul_requests_total{{operation=\"a\",consumer=\"b\",code_class=\"2xx\"}} {good}\n\
             simpul_requests_total{{operation=\"a\",consumer=\"b\",code_class=\"5xx\"}} 1\n\
             simpul_request_duration_seconds_bucket{{operation=\"a\",le=\"0.01\"}} {quick} # {{trace_id=\"x\"}} 0.002\n\
             simpul_request_duration_seconds_bucket{{operation=\"a\",le=\"0.1\"}} {good}\n\
             simpul_request_duration_seconds_bucket{{operation=\"a\",le=\"+Inf\"}} {good}\n\
             simpul_failures_total{{system=\"a\",cause=\"lambat\",side=\"sistem\"}} {quick}\n\
             simpul_queue_depth{{system=\"a\",state=\"menunggu_ulang\"}} 4\n\
             simpul_queue_depth{{system=\"a\",state=\"gagal\"}} 9\n"
        )
    }

    #[test]
    fn spans_are_differences_of_what_a_collector_reads() {
        let history = History::default();
        history.take(&text(0, 0), at(0));
        history.take(&text(100, 50), at(15));
        let spans = history.spans(60);
        assert_eq!(spans.len(), 1);
        let span = &spans[0];
        assert_eq!((span.seconds, span.calls, span.waiting), (15, [100, 0, 0], 4.0));
        assert_eq!(span.failures["sistem"], 50);
        let [half, most, _] = span.requests.unwrap();
        assert!(
            (half - 0.01).abs() < 1e-6 && (0.05..0.1).contains(&most),
            "{half} {most}"
        );
        assert_eq!(span.upstream, None);
        assert_eq!(history.calls_of_last_hour(), 100);
    }

    #[test]
    fn an_hour_is_kept_and_put_together_to_fit() {
        let history = History::default();
        for n in 0..500 {
            history.take(&text(n, 0), at(i64::try_from(n).unwrap() * 15));
        }
        let spans = history.spans(60);
        assert_eq!(spans.len(), 60);
        assert_eq!(spans.iter().map(|span| span.calls[0]).sum::<u64>(), 240);
    }
}
