//! `/admin/v1/masalah`: what is wrong, since when, whose fault, what to do. `…/berkas`: the failed tries of one system as
//! CSV or PDF for its keepers: times, codes, causes; no consumer, no reference, nothing about persons.

use super::pdf::{self, Paper};
use super::state::OperatorState;
use super::{care, problem, view};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::exchange::TryKind;
use gateway_core::journal::{Filter, JournalError};
use gateway_core::trouble::{Cause, Problem, Side, judge};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a journal page, and exchanges that one file looks at.
const PAGE: usize = 200;
const MOST: usize = 5_000;

pub(super) async fn list(State(state): State<OperatorState>) -> Response {
    match all(&state).await {
        Ok(found) => Json(found).into_response(),
        Err(error) => problem::journal(&error),
    }
}

/// Every problem, the ones that go on first, under one sentence.
pub(super) async fn all(state: &OperatorState) -> Result<Value, JournalError> {
    let problems = state.scraper.problems().await?;
    let systems = state.catalogue.load().systems.len();
    let now = state.clock.now();
    let (mut rows, mut loud, mut quiet) = (Vec::new(), Vec::new(), 0);
    for one in problems.iter() {
        let care = care::of(&*state.journal, one).await?;
        let mut row = row(one);
        if let (Some(fields), Some(care)) = (row.as_object_mut(), &care) {
            fields.insert("urus".into(), care.view(now));
        }
        rows.push(row);
        match care.is_some_and(|care| care.quiet(now)) {
            true => quiet += usize::from(one.active),
            false => loud.push(one),
        }
    }
    let sentence = hushed(sentence(&loud, systems, &state.zone), quiet);
    Ok(json!({ "kalimat": text(&sentence), "butir": rows }))
}

fn text(text: &Text) -> Value {
    json!({ "id": text.id, "en": text.en })
}

fn row(problem: &Problem) -> Value {
    let selections: Vec<Value> = [("gagal", problem.dead), ("hasil_tidak_pasti", problem.parked)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| {
            json!({
                "jumlah": count,
                "pilihan": {
                    "sistem": problem.system,
                    "keadaan": state,
                    "sebab": problem.cause.word(),
                    "pihak": problem.side.word(),
                },
            })
        })
        .collect();
    json!({
        "sistem": problem.system,
        "sebab": problem.cause.word(),
        "judul": text(&problem.cause.title()),
        "pihak": problem.side.word(),
        "pihak_judul": text(&problem.side.title()),
        "berlangsung": problem.active,
        "sejak": problem.since.to_string(),
        "terakhir": problem.last.to_string(),
        "percobaan_gagal": problem.failures,
        "menunggu": problem.waiting,
        "gagal": problem.dead,
        "hasil_tidak_pasti": problem.parked,
        "ditolak": problem.refused,
        "lebih": problem.more,
        "contoh": problem.sample.map(|id| id.to_string()),
        "kode": problem.codes.iter().map(|(code, count)| (view::masked(code), json!(count))).collect::<serde_json::Map<_, _>>(),
        "saran": text(&problem.cause.cure(problem.side)),
        "pemeliharaan": problem.planned.as_ref().map(|planned| json!({
            "dari": planned.from.to_string(),
            "sampai": planned.until.to_string(),
            "keterangan": planned.note,
        })),
        "kirim_ulang": selections,
    })
}

/// The sentence, and how many problems it does not speak of because somebody asked for quiet.
fn hushed(said: Text, quiet: usize) -> Text {
    if quiet == 0 {
        return said;
    }
    // "All are running" would be no truth.
    let all = said.id.starts_with("Semua");
    let (id, en) = if all { ("", "") } else { (&*said.id, &*said.en) };
    Text::owned(
        format!("{id} {quiet} masalah didiamkan.").trim().to_owned(),
        format!("{en} {quiet} issues are muted.").trim().to_owned(),
    )
}

/// The state of everything in one sentence.
fn sentence(problems: &[&Problem], systems: usize, zone: &TimeZone) -> Text {
    // A bad body is not a bad system.
    let active: Vec<&Problem> = problems
        .iter()
        .copied()
        .filter(|p| p.active && p.side != Side::Consumer)
        .collect();
    let troubled: BTreeSet<&str> = active.iter().map(|p| p.system.as_str()).collect();
    if active.is_empty() {
        return Text::owned(
            format!("Semua {systems} sistem berjalan."),
            format!("All {systems} systems are running."),
        );
    }
    let (mut id, mut en) = (Vec::new(), Vec::new());
    for system in &troubled {
        let Some(worst) = active.iter().find(|p| p.system == **system) else {
            continue;
        };
        let since = worst.since.to_zoned_datetime(zone.clone());
        let (cause, side) = (worst.cause.title(), worst.side.title());
        let lower = |text: &str| {
            text.chars()
                .next()
                .map(|c| c.to_lowercase().collect::<String>() + &text[c.len_utf8()..])
        };
        let (cause_id, cause_en) = (
            lower(&cause.id).unwrap_or_default(),
            lower(&cause.en).unwrap_or_default(),
        );
        id.push(format!(
            "{system} {cause_id} sejak {} ({})",
            since.strftime("%H.%M"),
            side.id
        ));
        en.push(format!(
            "{system} {cause_en} since {} ({})",
            since.strftime("%H:%M"),
            side.en
        ));
    }
    let count = troubled.len();
    Text::owned(
        format!("{count} dari {systems} sistem bermasalah: {}.", id.join("; ")),
        format!("{count} of {systems} systems in trouble: {}.", en.join("; ")),
    )
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    sistem: String,
    sejak: Option<Timestamp>,
    sampai: Option<Timestamp>,
    #[serde(default)]
    bentuk: Form,
}

/// Form of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Csv,
    Pdf,
}

pub(super) async fn file(State(state): State<OperatorState>, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let known = |asked: &Asked| state.catalogue.load().systems.contains_key(&asked.sistem);
    let Some(asked) = asked.ok().map(|Query(asked)| asked).filter(known) else {
        return problem::answer("parameter-tidak-sesuai", &ASKED);
    };
    let (kind, ending) = match asked.bentuk {
        Form::Csv => ("text/csv; charset=utf-8", "csv"),
        Form::Pdf => ("application/pdf", "pdf"),
    };
    match tries(&state, &asked).await {
        Ok(rows) => {
            let mut answer = match asked.bentuk {
                Form::Csv => csv(&rows).into_response(),
                Form::Pdf => paper(&state, &asked, &rows).into_response(),
            };
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            let name = format!("attachment; filename=\"bukti-gangguan-{}.{ending}\"", asked.sistem);
            if let Ok(name) = name.parse() {
                headers.insert(CONTENT_DISPOSITION, name);
            }
            answer
        }
        Err(error) => problem::journal(&error),
    }
}

const HEAD: [&str; 11] = [
    "mulai",
    "selesai",
    "operasi",
    "pertukaran",
    "percobaan",
    "langkah",
    "status_http",
    "kode",
    "sebab",
    "pihak",
    "lama_ms",
];
/// Places of cause and side among them.
const CAUSE: usize = 8;
const SIDE: usize = 9;

/// The failed tries of a system, newest exchange first.
async fn tries(state: &OperatorState, asked: &Asked) -> Result<Vec<Vec<String>>, JournalError> {
    let catalogue = state.catalogue.load_full();
    let (mut out, mut before, mut seen) = (Vec::new(), None, 0);
    loop {
        let filter = Filter {
            system: Some(asked.sistem.clone()),
            since: asked.sejak,
            until: asked.sampai,
            before_seq: before,
            limit: PAGE,
            ..Filter::default()
        };
        let page = state.journal.list(filter).await?;
        for stored in &page {
            for attempt in state.journal.attempts(stored.id).await? {
                let Some(fault) = &attempt.fault else { continue };
                if attempt.kind == TryKind::Person {
                    continue;
                }
                let (cause, side): (Cause, Side) = judge(&catalogue.flows, &stored.system, fault, attempt.ended);
                out.push(vec![
                    moment(state, attempt.started),
                    moment(state, attempt.ended),
                    stored.operation.clone(),
                    stored.id.to_string(),
                    attempt.number.to_string(),
                    attempt.step.clone().unwrap_or_default(),
                    attempt.status.map(|status| status.to_string()).unwrap_or_default(),
                    view::masked(fault.native_code.as_deref().unwrap_or_default()),
                    cause.word().to_owned(),
                    side.word().to_owned(),
                    attempt.system_ms.to_string(),
                ]);
            }
        }
        seen += page.len();
        before = page.last().map(|stored| stored.seq);
        if page.len() < PAGE || seen >= MOST {
            return Ok(out);
        }
    }
}

fn moment(state: &OperatorState, at: Timestamp) -> String {
    at.to_zoned_datetime(state.zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

fn csv(rows: &[Vec<String>]) -> String {
    let mut out = HEAD.join(",") + "\n";
    for row in rows {
        let fields: Vec<String> = row.iter().map(|text| field(text)).collect();
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

/// The same for a printer: how often each cause, whose it was, then every try.
fn paper(state: &OperatorState, asked: &Asked, rows: &[Vec<String>]) -> Vec<u8> {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in rows {
        if let (Some(cause), Some(side)) = (row.get(CAUSE), row.get(SIDE)) {
            *counts.entry((cause, side)).or_default() += 1;
        }
    }
    let edge = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| moment(state, at));
    let mut before = vec![
        format!(
            "Masa / period: {} sampai / to {}",
            edge(asked.sejak),
            edge(asked.sampai)
        ),
        format!("Dibuat / made: {}", moment(state, state.clock.now())),
        format!("Percobaan gagal / failed tries: {}", rows.len()),
    ];
    before.extend(
        counts
            .iter()
            .map(|((cause, side), count)| format!("  {count} x {cause} (pihak / side: {side})")),
    );
    before.push("Tanpa data pribadi, konsumen dan isi. / Without personal data, consumers and content.".to_owned());
    pdf::paper(&Paper {
        title: &format!("Bukti gangguan / evidence of failures: {}", asked.sistem),
        before: &before,
        head: &HEAD,
        rows,
    })
}

/// A field as RFC 4180 wants it; what a spreadsheet would take for a formula becomes text.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

const ASKED: Text = Text::new(
    "Sebutkan sistem yang ada, dan bila perlu sejak dan sampai (RFC 3339).",
    "Name a system that exists, and if you like sejak and sampai (RFC 3339).",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_never_formulas() {
        assert_eq!(field("a"), "a");
        assert_eq!(field("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(field("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    }

    #[test]
    fn nothing_wrong_is_said_in_one_sentence() {
        let said = sentence(&[], 7, &TimeZone::UTC);
        assert_eq!(
            (said.id.as_ref(), said.en.as_ref()),
            ("Semua 7 sistem berjalan.", "All 7 systems are running.")
        );
    }
}
