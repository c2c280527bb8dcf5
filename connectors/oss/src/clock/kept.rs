//! The service clock as the gateway keeps it: which outcomes are states of an application, and how its clock is read.
//! A push opens an application that asks something of us; a state that OSS has taken moves it, and so does a licence.

use super::{Alert, Entry, State, remaining_by};
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{ClockAlert, ClockReading, ClockState, ClockStep, Moved, ServiceClock, Str, Workdays};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;

const PUSH: &str = "receiveNIB";
const STATUS: &str = "izin.status.kirim";
const KKPR: &str = "izin.kkpr.kirim";
const LICENCE: &str = "izin.terbitkan";

/// The clock of one endpoint.
pub(crate) struct Kept {
    setup: Arc<Setup>,
    movers: Vec<Str>,
}

impl Kept {
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            setup: Arc::clone(setup),
            movers: [STATUS, KKPR, LICENCE, PUSH].map(Str::from).to_vec(),
        }
    }

    fn reading(&self, now: Timestamp, history: &[Entry], kind: Option<&str>, office: &dyn Workdays) -> super::Reading {
        remaining_by(now, history, kind.unwrap_or_default(), &self.setup.rules, office)
    }

    /// When the alert changes by itself: it only rises while the clock runs, so halving finds the second.
    fn turns(
        &self,
        now: Timestamp,
        history: &[Entry],
        kind: Option<&str>,
        office: &dyn Workdays,
        reading: &super::Reading,
    ) -> Option<Timestamp> {
        let deadline = reading.deadline.filter(|deadline| *deadline > now)?;
        if reading.alert != Alert::None {
            return Some(deadline);
        }
        let (mut low, mut high) = (now.as_second(), deadline.as_second() + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let then = Timestamp::from_second(middle).ok()?;
            if self.reading(then, history, kind, office).alert == Alert::None {
                low = middle;
            } else {
                high = middle;
            }
        }
        Timestamp::from_second(high).ok()
    }
}

impl ServiceClock for Kept {
    fn movers(&self) -> &[Str] {
        &self.movers
    }

    fn moves(&self, mover: &str, input: &Value, reply: &Value, at: Timestamp) -> Vec<Moved> {
        match mover {
            PUSH => applications(reply),
            STATUS | KKPR => {
                let happened = text(input, "terjadi_pada").and_then(|time| time.parse().ok());
                one(input, text(input, "status"), happened.unwrap_or(at), None)
            }
            LICENCE => one(input, text(reply, "status"), at, text(reply, "nomor_izin")),
            _ => Vec::new(),
        }
    }

    fn read(&self, now: Timestamp, steps: &[ClockStep], kind: Option<&str>, days: &dyn Workdays) -> ClockReading {
        let history: Vec<Entry> = steps
            .iter()
            .map(|step| Entry {
                status: Status::from_word(&step.state),
                at: step.at,
            })
            .collect();
        let reading = self.reading(now, &history, kind, days);
        ClockReading {
            state: match reading.state {
                State::NotStarted => ClockState::NotStarted,
                State::Running => ClockState::Running,
                State::Held => ClockState::Held,
                State::Paused => ClockState::Paused,
                State::WillRestart => ClockState::WillRestart,
                State::Stopped => ClockState::Stopped,
            },
            left: reading.left,
            day: self.setup.rules.counting.days(1).max(SignedDuration::from_secs(1)),
            deadline: reading.deadline,
            alert: match reading.alert {
                Alert::None => ClockAlert::None,
                Alert::Near => ClockAlert::Near,
                Alert::Passed => ClockAlert::Passed,
            },
            turns: self.turns(now, &history, kind, days, &reading),
        }
    }
}

/// The applications of a push that ask something of us: those marked `Y`.
fn applications(content: &Value) -> Vec<Moved> {
    let rows = content.get("permohonan").and_then(Value::as_array);
    let asked = rows
        .into_iter()
        .flatten()
        .filter(|row| text(row, "tindakan") == Some("Y"));
    let opened = asked.filter_map(|row| {
        Some(Moved {
            record: text(row, "id_izin")?.to_owned(),
            kind: text(row, "kode_izin").map(str::to_owned),
            step: None,
            number: None,
            opens: true,
        })
    });
    opened.collect()
}

fn one(input: &Value, word: Option<&str>, at: Timestamp, number: Option<&str>) -> Vec<Moved> {
    let (Some(record), Some(word)) = (text(input, "id_izin"), word) else {
        return Vec::new();
    };
    // Measures come after the issue; alone they tell nothing about a clock.
    let measure = matches!(
        Status::from_word(word),
        Some(Status::Warning | Status::Suspension | Status::Fine)
    );
    vec![Moved {
        record: record.to_owned(),
        kind: text(input, "kode_izin").map(str::to_owned),
        step: Some(ClockStep {
            state: word.to_owned(),
            at,
        }),
        number: number.map(str::to_owned),
        opens: !measure,
    }]
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_sdk::Settings;
    use jiff::civil::Date;
    use serde_json::json;

    struct Office;

    impl Workdays for Office {
        fn works(&self, day: Date) -> bool {
            day.weekday().to_monday_one_offset() <= 5 && day != jiff::civil::date(2024, 6, 17)
        }
    }

    fn kept() -> Kept {
        let table = json!({"kode_instansi": "367", "tenggat": {"hari": 5, "peringatan_hari": 2}});
        let settings = Settings::new(table.as_object().expect("a table").clone());
        Kept::new(&Arc::new(Setup::read(&settings).expect("good settings")))
    }

    fn at(text: &str) -> Timestamp {
        format!("{text}+07:00").parse().expect("a time")
    }

    #[test]
    fn the_citys_calendar_counts_and_the_alert_is_told_when_it_turns() {
        let kept = kept();
        let steps = [ClockStep {
            state: "dokumen_lengkap".to_owned(),
            at: at("2024-06-13T10:00:00"),
        }];
        let read = |now: &str| kept.read(at(now), &steps, None, &Office);
        let first = read("2024-06-13T18:00:00");
        assert_eq!((first.state, first.alert), (ClockState::Running, ClockAlert::None));
        // Friday 14, (weekend, holiday), Tuesday 18, Wednesday 19: two days are left from its first moment on.
        assert_eq!(first.turns, Some(at("2024-06-19T00:00:00")));
        let near = read("2024-06-19T00:00:00");
        assert_eq!(near.alert, ClockAlert::Near);
        assert_eq!(near.turns, Some(at("2024-06-22T00:00:00")));
        assert_eq!(near.turns, near.deadline);
        let passed = read("2024-06-22T00:00:00");
        assert_eq!((passed.alert, passed.turns), (ClockAlert::Passed, None));
    }

    #[test]
    fn a_push_opens_what_is_asked_of_us_and_outcomes_move_it() {
        let kept = kept();
        let push = json!({"permohonan": [
            {"id_izin": "I-1", "kode_izin": "033000000012", "tindakan": "Y"},
            {"id_izin": "I-2", "tindakan": "T"},
        ]});
        let opened = kept.moves("receiveNIB", &Value::Null, &push, at("2024-06-10T09:00:00"));
        assert_eq!(opened.len(), 1);
        assert_eq!((opened[0].record.as_str(), &opened[0].step), ("I-1", &None));
        let input = json!({"id_izin": "I-1", "status": "validasi", "terjadi_pada": "2024-06-12T09:30:00+07:00"});
        let moved = kept.moves("izin.status.kirim", &input, &json!({}), at("2024-06-12T10:00:00"));
        let step = moved[0].step.as_ref().expect("a step");
        assert_eq!((step.state.as_str(), step.at), ("validasi", at("2024-06-12T09:30:00")));
        let reply = json!({"status": "disetujui", "nomor_izin": "0001"});
        let issued = kept.moves(
            "izin.terbitkan",
            &json!({"id_izin": "I-1"}),
            &reply,
            at("2024-06-13T10:00:00"),
        );
        assert_eq!(issued[0].number.as_deref(), Some("0001"));
        assert!(
            kept.moves("izin.lihat", &input, &reply, at("2024-06-13T10:00:00"))
                .is_empty()
        );
    }
}
