//! `/admin/v1/laporan/spbe`: what the index of electronic government asks for, from live configuration and evidence: APIs by
//! provider and consumer, share of agencies connected, connected applications, service levels, the processing record.

mod paper;

use super::problem;
use super::state::OperatorState;
use crate::http::Language;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::Catalogue;
use gateway_core::deliver::Profile;
use gateway_core::journal::JournalError;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use paper::paper;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Records read at once, and of each chain at most: beyond that the report is of the newest.
const PAGE: usize = 1000;
const MOST: i64 = 200_000;

/// Which month, and how many agencies the city has.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    /// `2026-11`; the month that runs unless told otherwise.
    pub(super) bulan: String,
    #[serde(deserialize_with = "count")]
    pub(super) opd: Option<u64>,
    /// `json` unless told otherwise.
    pub(super) bentuk: Form,
}

/// Form of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    #[default]
    Json,
    Pdf,
}

/// A form sends an empty text for nothing.
fn count<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(from)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(Some).map_err(serde::de::Error::custom)
}

pub(super) async fn show(
    State(state): State<OperatorState>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else {
        return problem::answer("parameter-tidak-sesuai", &ASKED);
    };
    if !asked.bulan.is_empty() && first_day(&asked.bulan).is_none() {
        return problem::answer("parameter-tidak-sesuai", &ASKED);
    }
    match spbe(&state, &asked).await {
        Ok(report) if asked.bentuk == Form::Pdf => printed(&state, &report, Language::of(&headers)),
        Ok(report) => Json(report).into_response(),
        Err(error) => problem::journal(&error),
    }
}

/// The report as a file to keep.
pub(super) fn printed(state: &OperatorState, report: &Value, language: Language) -> Response {
    let mut answer = paper(report, language, &state.zone).into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    let month = report["bulan"].as_str().unwrap_or_default();
    if let Ok(name) = format!("attachment; filename=\"laporan-spbe-{month}.pdf\"").parse() {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    answer
}

fn first_day(month: &str) -> Option<Date> {
    format!("{month}-01").parse().ok()
}

/// The report. A month that is no month is the one that runs.
pub(super) async fn spbe(state: &OperatorState, asked: &Asked) -> Result<Value, JournalError> {
    let today = state.clock.now().to_zoned_datetime(state.zone.clone()).date();
    let first = first_day(&asked.bulan).unwrap_or_else(|| today.first_of_month());
    let next = first.checked_add(1.month()).unwrap_or(first);
    let begin = |day: Date| {
        let midnight = jiff::civil::DateTime::from_parts(day, jiff::civil::Time::midnight());
        state.zone.to_timestamp(midnight).unwrap_or_default()
    };
    let (from, until) = (begin(first), begin(next));
    let catalogue = state.catalogue.load_full();
    let (tally, more) = read(state, from, until).await?;
    let active = tally
        .consumers
        .iter()
        .filter(|id| catalogue.consumers.contains_key(*id))
        .count();
    let connected = u64::try_from(active).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "numbers of agencies")]
    let share = asked
        .opd
        .filter(|all| *all > 0)
        .map(|all| 100.0 * connected as f64 / all as f64);
    let mut through: Vec<&str> = catalogue
        .systems
        .values()
        .filter(|system| system.profile == Profile::Splp)
        .map(|system| system.id.as_str())
        .collect();
    through.sort_unstable();
    Ok(json!({
        "bulan": first.strftime("%Y-%m").to_string(),
        "dari": from.to_string(),
        "sampai": until.to_string(),
        "lebih": more,
        "opd": { "terdaftar": catalogue.consumers.len(), "aktif": active, "jumlah": asked.opd, "persen": share },
        "splp": through,
        "api": interfaces(&catalogue),
        "peta": map(&catalogue),
        "layanan": tally.systems.into_iter().map(|(id, level)| level.view(&id)).collect::<Vec<_>>(),
        "pemrosesan": processing(&catalogue, state.clock.now()),
    }))
}

/// Who may use what.
fn interfaces(catalogue: &Catalogue) -> Vec<Value> {
    let mut all: Vec<_> = catalogue
        .operations
        .values()
        .filter(|one| !catalogue.inbound.contains_key(&one.id))
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.into_iter()
        .map(|one| {
            let provider = catalogue
                .systems
                .get(&one.system)
                .map(|system| &system.connector.descriptor().title);
            json!({
                "operasi": one.id,
                "ringkasan": { "id": one.spec.summary.id, "en": one.spec.summary.en },
                "penyedia": provider.map(|title| json!({ "id": title.id, "en": title.en })),
                "sistem": one.system,
                "konsumen": consumers_of(catalogue, &one.id),
            })
        })
        .collect()
}

fn consumers_of(catalogue: &Catalogue, operation: &str) -> BTreeSet<String> {
    let may = catalogue
        .consumers
        .values()
        .filter(|one| one.grants.contains_key(operation));
    may.map(|one| one.id.clone()).collect()
}

fn map(catalogue: &Catalogue) -> Value {
    let consumers: BTreeSet<&String> = catalogue.consumers.keys().collect();
    let systems: BTreeSet<&String> = catalogue.systems.keys().collect();
    json!({ "konsumen": consumers, "sistem": systems })
}

/// Grants that hold now on operations whose schemas mark personal data: who, what for, on which basis, which elements.
fn processing(catalogue: &Catalogue, now: Timestamp) -> Vec<Value> {
    let mut rows = BTreeMap::new();
    for consumer in catalogue.consumers.values() {
        for (operation, grant) in &consumer.grants {
            let over = grant.until.is_some_and(|until| until <= now);
            let Some(published) = catalogue.operations.get(operation).filter(|_| !over) else {
                continue;
            };
            let schemas = [&published.request, &published.reply];
            let elements: BTreeSet<&str> = schemas
                .iter()
                .flat_map(|schema| schema.personal_fields())
                .map(|field| field.pointer_pattern.as_str())
                .collect();
            if elements.is_empty() {
                continue;
            }
            let row = json!({
                "konsumen": consumer.id,
                "operasi": operation,
                "tujuan": grant.purpose,
                "dasar_hukum": grant.legal_basis,
                "perjanjian": grant.agreement,
                "unsur": elements,
            });
            rows.insert((consumer.id.clone(), operation.clone()), row);
        }
    }
    rows.into_values().collect()
}

#[derive(Default)]
struct Tally {
    consumers: BTreeSet<String>,
    systems: BTreeMap<String, Level>,
}

/// How a system was served.
#[derive(Default)]
struct Level {
    well: u64,
    /// Not well, by whom.
    system: u64,
    gateway: u64,
    consumer: u64,
    millis: Vec<u32>,
}

impl Level {
    #[expect(clippy::cast_precision_loss, reason = "counts of a month")]
    fn view(mut self, id: &str) -> Value {
        let all = self.well + self.system + self.gateway + self.consumer;
        let available = |lost: u64| format!("{:.3}", 100.0 * (all - lost) as f64 / all.max(1) as f64);
        self.millis.sort_unstable();
        let at = |part: usize| {
            self.millis
                .get((self.millis.len() * part / 100).min(self.millis.len().saturating_sub(1)))
        };
        json!({
            "sistem": id,
            "percobaan": all,
            "berhasil": self.well,
            "gagal_sistem": self.system,
            "gagal_gateway": self.gateway,
            "gagal_konsumen": self.consumer,
            "ketersediaan_sistem": available(self.system),
            "ketersediaan_gateway": available(self.gateway),
            "p50_ms": at(50),
            "p95_ms": at(95),
        })
    }
}

/// What a record of the evidence says here.
#[derive(Deserialize)]
struct Line {
    consumer: String,
    system: String,
    result: String,
    started: Timestamp,
    ended: Timestamp,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    attempt: u32,
}

async fn read(state: &OperatorState, from: Timestamp, until: Timestamp) -> Result<(Tally, bool), JournalError> {
    let (mut tally, mut more) = (Tally::default(), false);
    for (chain, head) in state.scraper.heads().await? {
        let mut after = (head - MOST).max(0);
        let mut first = true;
        loop {
            let links = state.journal.evidence(chain.clone(), after, PAGE).await?;
            for link in &links {
                let Ok(line) = serde_json::from_slice::<Line>(&link.record) else {
                    continue;
                };
                // Older ones than could be read were in the month, too.
                more |= first && after > 0 && line.ended >= from;
                first = false;
                if line.ended >= from && line.ended < until {
                    tally.count(line);
                }
            }
            match links.last() {
                Some(last) if links.len() == PAGE => after = last.seq,
                _ => break,
            }
        }
    }
    Ok((tally, more))
}

impl Tally {
    fn count(&mut self, line: Line) {
        let level = self.systems.entry(line.system).or_default();
        match line.origin.as_deref() {
            None if line.result == "ok" || line.attempt > 0 => level.well += 1,
            Some("system") if line.result == "not_found" => level.well += 1,
            Some("system") => level.system += 1,
            Some("gateway" | "connector") => level.gateway += 1,
            // Refused before anything was sent.
            _ => level.consumer += 1,
        }
        let took = line.ended.as_millisecond() - line.started.as_millisecond();
        if line.attempt > 0 || line.origin.is_none() {
            level.millis.push(u32::try_from(took.max(0)).unwrap_or(u32::MAX));
        }
        self.consumers.insert(line.consumer);
    }
}

const ASKED: Text = Text::new(
    "Pakai bulan (seperti 2026-11), opd (jumlah OPD kota) dan bentuk (json atau pdf).",
    "Use bulan (such as 2026-11), opd (the number of the city's agencies) and bentuk (json or pdf).",
);
