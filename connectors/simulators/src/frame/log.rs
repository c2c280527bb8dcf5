//! Every request that arrived, word for word, bounded: what a privacy scan and a curious test look at.

use std::collections::{BTreeMap, VecDeque};

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Value, json};

use super::http::Request;

const MOST_REQUESTS: usize = 20_000;
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// One request as it arrived, and how it was answered.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// Running number from 1.
    pub number: u64,
    /// Endpoint name, or `-` for a path the system does not have.
    pub endpoint: &'static str,
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// Status answered; 0 when the connection was closed instead.
    pub status: u16,
    /// Names of the faults played.
    pub faults: Vec<&'static str>,
}

impl LoggedRequest {
    /// The whole request as one text, for searching.
    pub fn raw(&self) -> String {
        let mut raw = format!("{} {}\n", self.method, self.target);
        for (name, value) in &self.headers {
            raw.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        }
        raw.push('\n');
        raw.push_str(&String::from_utf8_lossy(&self.body));
        raw
    }

    pub(crate) fn to_json(&self) -> Value {
        let headers: Vec<Value> = self
            .headers
            .iter()
            .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
            .collect();
        json!({
            "number": self.number, "endpoint": self.endpoint, "method": self.method, "target": self.target,
            "headers": headers, "body": String::from_utf8_lossy(&self.body), "status": self.status,
            "faults": self.faults,
        })
    }
}

#[derive(Default)]
pub(crate) struct Log {
    kept: VecDeque<LoggedRequest>,
    bytes: usize,
    total: u64,
    by_endpoint: BTreeMap<&'static str, BTreeMap<u16, u64>>,
}

impl Log {
    pub(crate) fn add(&mut self, request: &Request, endpoint: &'static str, status: u16, faults: Vec<&'static str>) {
        self.total += 1;
        *self.by_endpoint.entry(endpoint).or_default().entry(status).or_default() += 1;
        self.bytes += request.body.len();
        let target = match request.query.is_empty() {
            true => request.path.clone(),
            false => format!("{}?{}", request.path, request.query),
        };
        self.kept.push_back(LoggedRequest {
            number: self.total,
            endpoint,
            method: request.method.clone(),
            target,
            headers: request.headers.clone(),
            body: request.body.clone(),
            status,
            faults,
        });
        while self.kept.len() > MOST_REQUESTS || self.bytes > MOST_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.body.len();
        }
    }

    pub(crate) fn since(&self, number: u64, limit: usize) -> Vec<LoggedRequest> {
        self.kept
            .iter()
            .filter(|request| request.number > number)
            .take(limit)
            .cloned()
            .collect()
    }

    pub(crate) fn counts(&self) -> Value {
        let counts = self.by_endpoint.iter().map(|(endpoint, statuses)| {
            let total: u64 = statuses.values().sum();
            let by_status = statuses
                .iter()
                .map(|(status, count)| (status.to_string(), json!(count)));
            let by_status = by_status.collect::<serde_json::Map<_, _>>();
            ((*endpoint).to_owned(), json!({"total": total, "by_status": by_status}))
        });
        Value::Object(counts.collect())
    }
}
