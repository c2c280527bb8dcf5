//! `/admin/v1/tenggat`: the open records under a service clock, the nearest deadline first, with how many stand how. Ids,
//! states and times; nothing about persons.

use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use connector_sdk::{ClockAlert, ClockState, Text};
use gateway_core::deadlines::{Standing, each, page};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows unless asked otherwise, and at most.
const ROWS: usize = 50;
const MOST: usize = 1000;

/// Conditions; all hold together.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conditions {
    sistem: Option<String>,
    /// Word of the clock.
    jam: Option<String>,
    /// Word of the warning.
    peringatan: Option<String>,
    /// One record.
    id: Option<String>,
    /// Position (`sistem/id`): every record after it in that order, decided ones too.
    setelah: Option<String>,
    jumlah: Option<usize>,
}

impl Conditions {
    fn are_known(&self) -> bool {
        let state = |word: &String| ClockState::ALL.iter().any(|state| state.word() == word);
        let alert = |word: &String| ClockAlert::ALL.iter().any(|alert| alert.word() == word);
        self.jam.as_ref().is_none_or(state)
            && self.peringatan.as_ref().is_none_or(alert)
            && self.jumlah.is_none_or(|rows| (1..=MOST).contains(&rows))
    }

    fn hold(&self, standing: &Standing) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        is(&self.sistem, &standing.system)
            && is(&self.jam, standing.reading.state.word())
            && is(&self.peringatan, standing.reading.alert.word())
            && is(&self.id, &standing.record)
            // A decided record is shown to whoever asks for it.
            && (standing.is_open() || self.id.is_some() || self.jam.is_some() || self.setelah.is_some())
    }
}

pub(super) async fn list(
    State(state): State<OperatorState>,
    conditions: Result<Query<Conditions>, QueryRejection>,
) -> Response {
    let Some(conditions) = conditions.ok().map(|Query(c)| c).filter(Conditions::are_known) else {
        return problem::answer("parameter-tidak-sesuai", &CONDITIONS);
    };
    let rows = conditions.jumlah.unwrap_or(ROWS);
    if let Some(after) = &conditions.setelah {
        return match page(&state.rooms, after, rows).await {
            Ok(found) => in_order(found, rows, &conditions),
            Err(error) => problem::journal(&error),
        };
    }
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut found = Vec::new();
    let read = each(&state.rooms, |standing| {
        if conditions.hold(&standing) {
            let name = (standing.reading.state.word(), standing.reading.alert.word());
            *counts.entry(name).or_default() += 1;
            found.push(standing);
            // Only the nearest are shown: no more than twice of them are held.
            if found.len() >= 2 * rows {
                nearest(&mut found, rows);
            }
        }
    });
    if let Err(error) = read.await {
        return problem::journal(&error);
    }
    nearest(&mut found, rows);
    let counts: Vec<Value> = counts
        .into_iter()
        .map(|((clock, alert), count)| json!({"jam": clock, "peringatan": alert, "jumlah": count}))
        .collect();
    let rows: Vec<Value> = found.iter().map(view).collect();
    Json(json!({"jumlah": counts, "butir": rows})).into_response()
}

/// A page of all records, for whoever compares them with something else.
fn in_order(found: Vec<(String, Option<Standing>)>, rows: usize, conditions: &Conditions) -> Response {
    let next = (found.len() == rows).then(|| found.last().map(|(position, _)| position.clone()));
    let standings = found.into_iter().filter_map(|(_, standing)| standing);
    let rows: Vec<Value> = standings.filter(|s| conditions.hold(s)).map(|s| view(&s)).collect();
    Json(json!({"butir": rows, "berikut": next.flatten()})).into_response()
}

/// The nearest deadline first; those without one last.
fn nearest(found: &mut Vec<Standing>, rows: usize) {
    found.sort_by_key(|standing| {
        let deadline = standing.reading.deadline;
        (
            deadline.is_none(),
            deadline,
            standing.reading.left,
            standing.record.clone(),
        )
    });
    found.truncate(rows);
}

fn view(standing: &Standing) -> Value {
    let reading = &standing.reading;
    let left = reading.left.map(|left| left.as_secs());
    json!({
        "sistem": standing.system,
        "id": standing.record,
        "jenis": standing.kind,
        "dibuka_pada": standing.opened.to_string(),
        "keadaan": standing.last.as_ref().map(|step| &step.state),
        "sejak": standing.last.as_ref().map(|step| step.at.to_string()),
        "jam": reading.state.word(),
        "sisa_hari": left.map(|left| left.div_euclid(reading.day.as_secs().max(1))),
        "sisa_detik": left,
        "tenggat": reading.deadline.map(|at| at.to_string()),
        "peringatan": reading.alert.word(),
    })
}

const CONDITIONS: Text = Text::new(
    "Pakai sistem, id, jam (belum_mulai, berjalan, ditahan, dijeda, akan_diulang, berhenti), peringatan (tidak_ada, mendekat, lewat), setelah (sistem/id), jumlah (1 sampai 1000).",
    "Use sistem, id, jam (belum_mulai, berjalan, ditahan, dijeda, akan_diulang, berhenti), peringatan (tidak_ada, mendekat, lewat), setelah (sistem/id), jumlah (1 to 1000).",
);

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::ClockReading;
    use jiff::{SignedDuration, Timestamp};

    fn standing(record: &str, state: ClockState, deadline: Option<i64>) -> Standing {
        let deadline = deadline.map(|second| Timestamp::from_second(second).expect("a time"));
        Standing {
            system: "oss".into(),
            record: record.into(),
            kind: None,
            opened: Timestamp::UNIX_EPOCH,
            last: None,
            number: None,
            reading: ClockReading {
                state,
                left: deadline.map(|_| SignedDuration::from_secs(-1)),
                day: SignedDuration::from_hours(24),
                deadline,
                alert: ClockAlert::None,
                turns: None,
            },
        }
    }

    #[test]
    fn the_nearest_deadline_comes_first_and_none_last() {
        let mut found = vec![
            standing("c", ClockState::Paused, None),
            standing("b", ClockState::Running, Some(20)),
            standing("a", ClockState::Running, Some(30)),
        ];
        nearest(&mut found, 2);
        let order: Vec<_> = found.iter().map(|s| s.record.as_str()).collect();
        assert_eq!(order, ["b", "a"]);
        assert_eq!(view(&found[0])["sisa_hari"], -1, "a second too late is a day too late");
    }

    #[test]
    fn decided_records_are_shown_to_whoever_asks_for_them() {
        let decided = standing("a", ClockState::Stopped, None);
        assert!(!Conditions::default().hold(&decided));
        let named = Conditions {
            id: Some("a".into()),
            ..Conditions::default()
        };
        assert!(named.hold(&decided));
        let misspelt = Conditions {
            jam: Some("jalan".into()),
            ..Conditions::default()
        };
        assert!(!misspelt.are_known());
    }
}
