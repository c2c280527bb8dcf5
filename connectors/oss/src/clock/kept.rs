//! The service clock as the gateway keeps it: which outcomes are states of an application, and how its clock is read.
//! A push opens an application that asks something of us; a state that OSS has taken moves it, and so does a licence.

use super::{Alert, Entry, State, guard, remaining_by};
use crate::ops::same_number;
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{
    ClockAlert, ClockReading, ClockRecord, ClockState, ClockStep, ClockVerdict, Complaint, Difference, Moved,
    ServiceClock, Str, Workdays,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

const PUSH: &str = "receiveNIB";
const STATUS: &str = "izin.status.kirim";
const KKPR: &str = "izin.kkpr.kirim";
const LICENCE: &str = "izin.terbitkan";
const ASK_STATE: &str = "izin.status.periksa";
const ASK_LICENCE: &str = "izin.lihat";
/// Canonical word for an application whose state was never reported.
const NONE_YET: &str = "belum_ada";

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
        let history = entries(steps);
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

    fn questions(&self, record: &ClockRecord<'_>) -> Vec<(Str, Value)> {
        let key = json!({ "id_izin": record.id });
        let mut questions = vec![(ASK_STATE.into(), key.clone())];
        // The number stands in the licence itself; without one of ours there is nothing to hold it against.
        if record.number.is_some() {
            questions.push((ASK_LICENCE.into(), key));
        }
        questions
    }

    fn differences(&self, operation: &str, reply: Option<&Value>, record: &ClockRecord<'_>) -> Vec<Difference> {
        let differ = |field: &'static str, ours: Option<&str>, theirs: Option<&str>| Difference {
            field: field.into(),
            ours: ours.map(str::to_owned),
            theirs: theirs.map(str::to_owned),
        };
        let Some(reply) = reply else {
            return vec![differ("permohonan", Some("ada"), Some("tidak_ada"))];
        };
        if operation == ASK_LICENCE {
            let rows = reply.get("permohonan").and_then(Value::as_array);
            let mut rows = rows.into_iter().flatten();
            let row = rows.find(|row| text(row, "id_izin") == Some(record.id));
            let theirs = row.and_then(|row| text(row, "nomor_izin"));
            let same = record
                .number
                .zip(theirs)
                .is_some_and(|(ours, theirs)| same_number(ours, theirs));
            return if same {
                Vec::new()
            } else {
                vec![differ("nomor_izin", record.number, theirs)]
            };
        }
        // "None yet" and nothing said are the same.
        let theirs = text(reply, "status").filter(|word| *word != NONE_YET);
        if theirs == record.state {
            return Vec::new();
        }
        vec![differ("status", record.state, theirs)]
    }

    fn record<'a>(&self, _mover: &str, input: &'a Value) -> Option<&'a str> {
        text(input, "id_izin")
    }

    fn judge(&self, mover: &str, input: &Value, steps: &[ClockStep]) -> ClockVerdict {
        let at = text(input, "terjadi_pada").and_then(|time| time.parse().ok());
        let (STATUS | KKPR, Some(at)) = (mover, at) else {
            return ClockVerdict::Usual;
        };
        let next = Entry {
            status: text(input, "status").and_then(Status::from_word),
            at,
        };
        match guard::check(&entries(steps), &next) {
            guard::Step::Usual => ClockVerdict::Usual,
            guard::Step::Suspicious(reason) => ClockVerdict::Suspicious(reason.text()),
            // The licence itself has stopped the clock already; its state after it shifts nothing.
            guard::Step::Impossible(guard::Reason::Repeated) if next.status == Some(Status::Approved) => {
                ClockVerdict::Suspicious(guard::Reason::Repeated.text())
            }
            guard::Step::Impossible(reason) => ClockVerdict::Impossible(Complaint {
                pointer: match reason {
                    guard::Reason::Backwards => "/terjadi_pada",
                    _ => "/status",
                }
                .to_owned(),
                text: reason.text(),
            }),
        }
    }
}

fn entries(steps: &[ClockStep]) -> Vec<Entry> {
    let entry = |step: &ClockStep| Entry {
        status: Status::from_word(&step.state),
        at: step.at,
    };
    steps.iter().map(entry).collect()
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
    fn a_step_is_judged_by_all_that_went_before() {
        let kept = kept();
        let steps = |words: &[&str]| -> Vec<ClockStep> {
            let step = |(hour, word): (usize, &&str)| ClockStep {
                state: (*word).to_owned(),
                at: at(&format!("2024-06-13T{:02}:00:00", 8 + hour)),
            };
            words.iter().enumerate().map(step).collect()
        };
        let judge = |before: &[&str], word: &str, time: &str| {
            let input = json!({"id_izin": "I-1", "status": word, "terjadi_pada": format!("2024-06-13T{time}+07:00")});
            match kept.judge("izin.status.kirim", &input, &steps(before)) {
                ClockVerdict::Usual => "usual".to_owned(),
                ClockVerdict::Suspicious(_) => "suspicious".to_owned(),
                ClockVerdict::Impossible(complaint) => complaint.pointer,
            }
        };
        assert_eq!(judge(&["dokumen_lengkap"], "validasi", "20:00:00"), "usual");
        assert_eq!(judge(&[], "disetujui", "20:00:00"), "suspicious");
        assert_eq!(judge(&["klarifikasi_diminta"], "pemeriksaan", "20:00:00"), "suspicious");
        assert_eq!(judge(&["disetujui"], "disetujui", "20:00:00"), "suspicious");
        assert_eq!(judge(&["validasi"], "validasi", "20:00:00"), "/status");
        assert_eq!(judge(&["validasi"], "klarifikasi_diterima", "20:00:00"), "/status");
        assert_eq!(judge(&["ditolak"], "validasi", "20:00:00"), "/status");
        assert_eq!(judge(&["validasi"], "peringatan", "20:00:00"), "/status");
        assert_eq!(
            judge(&["validasi", "pemeriksaan"], "disetujui", "08:30:00"),
            "/terjadi_pada"
        );
    }

    #[test]
    fn what_is_kept_is_held_against_what_oss_says() {
        let kept = kept();
        let record = |state, number| ClockRecord {
            id: "I-1",
            state,
            number,
        };
        let fields = |operation: &str, reply: Option<&Value>, record: &ClockRecord<'_>| -> Vec<String> {
            let found = kept.differences(operation, reply, record);
            found
                .into_iter()
                .map(|one| format!("{}:{:?}:{:?}", one.field, one.ours, one.theirs))
                .collect()
        };
        let open = record(Some("validasi"), None);
        assert_eq!(kept.questions(&open).len(), 1);
        assert_eq!(kept.questions(&record(None, Some("1"))).len(), 2);
        let says = |word: &str| json!({"id_izin": "I-1", "status": word});
        assert!(fields(ASK_STATE, Some(&says("validasi")), &open).is_empty());
        assert!(fields(ASK_STATE, Some(&says("belum_ada")), &record(None, None)).is_empty());
        assert_eq!(
            fields(ASK_STATE, Some(&says("disetujui_otomatis")), &open),
            ["status:Some(\"validasi\"):Some(\"disetujui_otomatis\")"]
        );
        assert_eq!(
            fields(ASK_STATE, Some(&says("belum_ada")), &open),
            ["status:Some(\"validasi\"):None"]
        );
        assert_eq!(
            fields(ASK_STATE, None, &open),
            ["permohonan:Some(\"ada\"):Some(\"tidak_ada\")"]
        );
        let issued = record(Some("disetujui"), Some("09990000000070001/CONTOH/PANJANG/2026"));
        let shows = |number: &str| json!({"permohonan": [{"id_izin": "I-1", "nomor_izin": number}]});
        // Answers cut a number to 20 or 30 characters.
        assert!(fields(ASK_LICENCE, Some(&shows("09990000000070001/CO")), &issued).is_empty());
        assert_eq!(fields(ASK_LICENCE, Some(&shows("0999")), &issued).len(), 1);
        assert_eq!(fields(ASK_LICENCE, Some(&json!({"permohonan": []})), &issued).len(), 1);
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
