//! The metrics' own text as OTLP/HTTP JSON: counters become cumulative sums, histograms keep their bounds, all else is a
//! gauge. One source of figures: what is sent here is what a scrape would have read at the same moment.

use super::spans::{nanos, resource};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// One request of metrics. `time` is the start of the counts and now.
pub(super) fn text(node: &str, openmetrics: &str, time: (Timestamp, Timestamp)) -> String {
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    let mut help: BTreeMap<&str, &str> = BTreeMap::new();
    let mut points: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut shapes: BTreeMap<&str, BTreeMap<String, Shape>> = BTreeMap::new();
    for line in openmetrics.lines() {
        if let Some(head) = line.strip_prefix("# ") {
            let mut words = head.splitn(3, ' ');
            match (words.next(), words.next(), words.next()) {
                (Some("TYPE"), Some(name), Some(kind)) => drop(kinds.insert(name, kind)),
                (Some("HELP"), Some(name), Some(text)) => drop(help.insert(name, text)),
                _ => {}
            }
            continue;
        }
        let Some(sample) = sample(line) else { continue };
        let family = |suffix: &str| sample.name.strip_suffix(suffix).filter(|name| kinds.contains_key(name));
        let part = ["_bucket", "_sum", "_count"].into_iter().find_map(|part| {
            let name = family(part)?;
            (kinds.get(name) == Some(&"histogram")).then_some((name, part))
        });
        if let Some((name, part)) = part {
            shapes
                .entry(name)
                .or_default()
                .entry(sample.series())
                .or_default()
                .take(part, &sample);
        } else {
            let name = family("_total").or_else(|| family("_info")).unwrap_or(sample.name);
            points.entry(name).or_default().push(sample.point(time));
        }
    }
    let simple = points.into_iter().map(|(name, points)| {
        let mut metric = head(name, &help);
        let (key, value) = match kinds.get(name) {
            Some(&"counter") => (
                "sum",
                json!({"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": points}),
            ),
            _ => ("gauge", json!({ "dataPoints": points })),
        };
        metric.insert(key.into(), value);
        Value::Object(metric)
    });
    let histograms = shapes.into_iter().map(|(name, series)| {
        let mut metric = head(name, &help);
        let points: Vec<Value> = series.into_values().map(|shape| shape.point(time)).collect();
        metric.insert(
            "histogram".into(),
            json!({"aggregationTemporality": 2, "dataPoints": points}),
        );
        Value::Object(metric)
    });
    let metrics: Vec<Value> = simple.chain(histograms).collect();
    json!({"resourceMetrics": [{
        "resource": resource(node),
        "scopeMetrics": [{"scope": {"name": "simpul"}, "metrics": metrics}],
    }]})
    .to_string()
}

fn head(name: &str, help: &BTreeMap<&str, &str>) -> Map<String, Value> {
    let unit = if name.ends_with("_seconds") { "s" } else { "1" };
    let words = [
        ("name", name),
        ("description", help.get(name).copied().unwrap_or_default()),
        ("unit", unit),
    ];
    words
        .into_iter()
        .map(|(key, word)| (key.to_owned(), json!(word)))
        .collect()
}

/// One line: name, labels, value. What follows the value (an exemplar) is not read.
struct Sample<'t> {
    name: &'t str,
    labels: Vec<(&'t str, String)>,
    value: f64,
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, rest) = line.split_at(line.find(['{', ' '])?);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let value = rest.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Sample { name, labels, value })
}

/// `a="x",b="y"} …`, and what stands behind it.
fn labels(mut rest: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches(',');
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (key, value) = rest.split_once("=\"")?;
        let mut text = String::new();
        let mut letters = value.char_indices();
        loop {
            match letters.next()? {
                (_, '\\') => match letters.next()?.1 {
                    'n' => text.push('\n'),
                    other => text.push(other),
                },
                (at, '"') => {
                    rest = value.get(at + 1..)?;
                    break;
                }
                (_, letter) => text.push(letter),
            }
        }
        labels.push((key, text));
    }
}

impl Sample<'_> {
    /// Its labels but for a bucket's bound.
    fn series(&self) -> String {
        let named = self.labels.iter().filter(|(key, _)| *key != "le");
        named.map(|(key, value)| format!("{key}={value}\n")).collect()
    }

    fn attributes(&self) -> Vec<Value> {
        let named = self.labels.iter().filter(|(key, _)| *key != "le");
        named
            .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
            .collect()
    }

    fn point(&self, (from, to): (Timestamp, Timestamp)) -> Value {
        json!({
            "attributes": self.attributes(),
            "startTimeUnixNano": nanos(from),
            "timeUnixNano": nanos(to),
            "asDouble": self.value,
        })
    }
}

/// A histogram being put together from its lines.
#[derive(Default)]
struct Shape {
    attributes: Vec<Value>,
    bounds: Vec<f64>,
    /// Cumulative, in the order of the bounds; the last is all.
    below: Vec<u64>,
    sum: f64,
    count: u64,
}

impl Shape {
    fn take(&mut self, part: &str, sample: &Sample<'_>) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts are whole and not negative"
        )]
        let whole = sample.value as u64;
        match part {
            "_bucket" => {
                self.below.push(whole);
                let bound = sample.labels.iter().find(|(key, _)| *key == "le");
                self.bounds.extend(
                    bound
                        .and_then(|(_, text)| text.parse::<f64>().ok())
                        .filter(|b| b.is_finite()),
                );
            }
            "_sum" => self.sum = sample.value,
            _ => self.count = whole,
        }
        if self.attributes.is_empty() {
            self.attributes = sample.attributes();
        }
    }

    fn point(self, (from, to): (Timestamp, Timestamp)) -> Value {
        let mut before = 0;
        let counts: Vec<String> = self
            .below
            .iter()
            .map(|below| {
                let own = below.saturating_sub(before);
                before = *below;
                own.to_string()
            })
            .collect();
        json!({
            "attributes": self.attributes,
            "startTimeUnixNano": nanos(from),
            "timeUnixNano": nanos(to),
            "count": self.count.to_string(),
            "sum": self.sum,
            "bucketCounts": counts,
            "explicitBounds": self.bounds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_keeps_its_meaning() {
        let figures = "# HELP a Calls.\n# TYPE a counter\na_total{x=\"1\\\"2\",y=\"z\"} 3\n# TYPE b gauge\nb 1.5\n\
            # TYPE c_seconds histogram\nc_seconds_sum{o=\"p\"} 4.5\nc_seconds_count{o=\"p\"} 3\n\
            c_seconds_bucket{le=\"0.1\",o=\"p\"} 1 # {trace_id=\"0a\"} 0.05\nc_seconds_bucket{le=\"+Inf\",o=\"p\"} 3\n# EOF\n";
        let at = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let sent: Value = serde_json::from_str(&text("simpul-1", figures, at)).unwrap();
        let metrics = &sent["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
        assert_eq!(metrics[0]["name"], "a");
        assert_eq!(metrics[0]["description"], "Calls.");
        let counted = &metrics[0]["sum"]["dataPoints"][0];
        assert_eq!(counted["asDouble"], 3.0);
        assert_eq!(counted["attributes"][0]["value"]["stringValue"], "1\"2");
        assert_eq!(metrics[1]["gauge"]["dataPoints"][0]["asDouble"], 1.5);
        let shape = &metrics[2]["histogram"]["dataPoints"][0];
        assert_eq!(metrics[2]["unit"], "s");
        assert_eq!(shape["bucketCounts"], json!(["1", "2"]));
        assert_eq!(shape["explicitBounds"], json!([0.1]));
        assert_eq!((&shape["count"], &shape["sum"]), (&json!("3"), &json!(4.5)));
        assert_eq!(
            shape["attributes"],
            json!([{"key": "o", "value": {"stringValue": "p"}}])
        );
    }
}
