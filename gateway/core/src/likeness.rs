//! Hints at duplicates: a record like one that the same consumer sent shortly before, of the same kind and close by. A
//! hint is put into the reply, where the caller, the status page and the event show it; it never merges, never blocks,
//! and a hint that cannot be made is left out.
//!
//! What is remembered lies in sealed timers (`serupa`), one per kind and square of ground, until the span has passed:
//! names of records, place and time. Records that are protected, or whose flags cannot be read, are neither remembered nor
//! compared. Two that end in the same instant may miss each other.

use crate::catalogue::Catalogue;
use crate::evidence::sha256;
use crate::journal::Timer;
use crate::pipeline::Rooms;
use crate::relay::Ended;
use crate::source::{Documents, Source, put};
use crate::time::later;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Timer kind.
pub(crate) const LIKE: &str = "serupa";
/// Records remembered in one square; the oldest go first.
const MOST: usize = 50;
/// Hints shown at most, the nearest first.
const SHOWN: usize = 5;
/// Metres in one degree of latitude.
const DEGREE: f64 = 111_320.0;

/// Which records of an operation are like each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// Operation.
    pub operation: String,
    /// What must be the same.
    pub same: Vec<Source>,
    /// Latitude and longitude, in degrees.
    pub place: (Source, Source),
    /// How close.
    pub metres: u32,
    /// When it happened; otherwise the time of the outcome.
    pub at: Option<Source>,
    /// How far apart in time.
    pub within: Duration,
    /// What a hint says of the other record: pointers and where they come from. Ids only.
    pub says: Vec<(String, Source)>,
    /// Flags that must plainly be `false`.
    pub open: Vec<Source>,
    /// Pointer in the reply to the list of hints.
    pub into: String,
}

/// One remembered record.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    says: Value,
    lat: f64,
    lon: f64,
    at: Timestamp,
}

/// A record read as the configuration says.
struct Record {
    kind: Value,
    known: Known,
}

impl Likeness {
    fn record(&self, consumer: &str, documents: &Documents<'_>, now: Timestamp) -> Option<Record> {
        let protected = Source::Protected(self.open.clone()).read(documents) != Some(Value::Bool(false));
        if protected {
            return None;
        }
        let same: Option<Vec<Value>> = self.same.iter().map(|source| source.read(documents)).collect();
        let degrees = |source: &Source| source.read(documents)?.as_f64();
        let mut says = json!({});
        for (pointer, source) in &self.says {
            put(&mut says, pointer, source.read(documents)?);
        }
        let own = self.at.as_ref().and_then(|source| source.read(documents));
        let at = own.and_then(|time| time.as_str()?.parse().ok()).unwrap_or(now);
        Some(Record {
            kind: json!([self.operation, consumer, same?]),
            known: Known {
                says,
                lat: degrees(&self.place.0)?,
                lon: degrees(&self.place.1)?,
                at,
            },
        })
    }

    fn side(&self) -> f64 {
        f64::from(self.metres.max(1))
    }

    fn row(&self, lat: f64) -> f64 {
        (lat * DEGREE / self.side()).floor()
    }

    /// Columns are as wide as the span at the latitude of their row, so that they narrow towards the poles.
    fn column(&self, row: f64, lon: f64) -> f64 {
        let lat = (row + 0.5) * self.side() / DEGREE;
        (lon * DEGREE * lat.to_radians().cos().max(0.01) / self.side()).floor()
    }

    fn square(&self, kind: &Value, row: f64, column: f64) -> String {
        let name = json!([kind, format!("{row:.0}"), format!("{column:.0}")]);
        hex::encode(sha256(&schemas::canon::to_bytes(&name)))
    }

    /// The square of a place and the eight around it.
    fn around(&self, record: &Record) -> Vec<String> {
        let row = self.row(record.known.lat);
        let mut squares = Vec::new();
        for row in [row - 1.0, row, row + 1.0] {
            let column = self.column(row, record.known.lon);
            squares.extend([column - 1.0, column, column + 1.0].map(|c| self.square(&record.kind, row, c)));
        }
        squares
    }
}

fn distance(a: &Known, b: &Known) -> f64 {
    let north = (a.lat - b.lat) * DEGREE;
    let east = (a.lon - b.lon) * DEGREE * ((a.lat + b.lat) / 2.0).to_radians().cos();
    north.hypot(east)
}

async fn remembered_in(rooms: &Rooms, square: &str) -> Vec<Known> {
    match rooms.journal.timer(LIKE.into(), square.to_owned()).await {
        Ok(Some(timer)) => rooms
            .sealer
            .open(&timer.body, square)
            .ok()
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default(),
        Ok(None) => Vec::new(),
        Err(error) => {
            tracing::warn!(%error, "hints at duplicates not read");
            Vec::new()
        }
    }
}

/// Puts hints into the reply of a record that has taken effect.
pub(crate) async fn hint(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Option<Value> {
    let mut reply = None;
    for likeness in catalogue
        .flows
        .likenesses
        .iter()
        .filter(|l| l.operation == ended.operation)
    {
        let documents = Documents::of(ended.input, ended.reply);
        let Some(record) = likeness.record(ended.consumer, &documents, ended.at) else {
            continue;
        };
        let mut like = Vec::new();
        for square in likeness.around(&record) {
            for known in remembered_in(rooms, &square).await {
                let away = distance(&known, &record.known);
                let apart = known.at.duration_since(record.known.at).unsigned_abs();
                if away <= likeness.side() && apart <= likeness.within && known.says != record.known.says {
                    like.push((away, known));
                }
            }
        }
        if like.is_empty() {
            continue;
        }
        like.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        like.truncate(SHOWN);
        let hints = like.into_iter().map(|(away, known)| {
            let mut hint = known.says;
            put(&mut hint, "/terjadi_pada", json!(known.at));
            // To ten metres: a position is no more exact than that.
            put(
                &mut hint,
                "/jarak_meter",
                json!(format!("{:.0}", (away / 10.0).ceil() * 10.0).parse::<u32>().ok()),
            );
            hint
        });
        let hints = Value::Array(hints.collect());
        let reply = reply.get_or_insert_with(|| ended.reply.clone());
        put(reply, &likeness.into, hints);
        rooms.observer.noted("likeness_hint", &likeness.operation);
    }
    let fits = |reply: &Value| {
        catalogue
            .operations
            .get(ended.operation)
            .is_some_and(|o| o.reply.is_valid(reply))
    };
    match reply {
        Some(reply) if fits(&reply) => Some(reply),
        Some(_) => {
            tracing::error!(exchange = %ended.exchange, "hints do not fit the reply's schema and are left out");
            None
        }
        None => None,
    }
}

/// The timers that remember a record.
pub(crate) async fn remembered(rooms: &Rooms, catalogue: &Catalogue, ended: &Ended<'_>) -> Vec<Timer> {
    let mut timers = Vec::new();
    for likeness in catalogue
        .flows
        .likenesses
        .iter()
        .filter(|l| l.operation == ended.operation)
    {
        let documents = Documents::of(ended.input, ended.reply);
        let Some(record) = likeness.record(ended.consumer, &documents, ended.at) else {
            continue;
        };
        let row = likeness.row(record.known.lat);
        let square = likeness.square(&record.kind, row, likeness.column(row, record.known.lon));
        let mut all = remembered_in(rooms, &square).await;
        let newest = all.iter().map(|k| k.at).fold(record.known.at, Timestamp::max);
        all.retain(|known| {
            known.says != record.known.says && newest.duration_since(known.at).unsigned_abs() <= likeness.within
        });
        all.push(record.known);
        let too_many = all.len().saturating_sub(MOST);
        all.drain(..too_many);
        let sealed = serde_json::to_vec(&all)
            .ok()
            .and_then(|body| rooms.sealer.seal(&body, &square).ok());
        let Some(body) = sealed else {
            tracing::error!(exchange = %ended.exchange, "record not remembered for hints");
            continue;
        };
        timers.push(Timer {
            kind: LIKE.into(),
            id: square,
            due: later(newest.max(ended.at), likeness.within),
            body: Bytes::from(body.to_vec()),
        });
    }
    timers
}
