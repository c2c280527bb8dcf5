//! Days, pauses, restarts and the guard.

use super::guard::{Reason, Step, check};
use super::*;
use serde_json::json;

fn at(text: &str) -> Timestamp {
    format!("{text}+07:00").parse().expect("a time")
}

fn history(states: &[(&str, &str)]) -> Vec<Entry> {
    let entry = |(code, time): &(&str, &str)| Entry {
        status: Status::from_code(code),
        at: at(time),
    };
    states.iter().map(entry).collect()
}

fn rules(table: &serde_json::Value) -> Rules {
    Rules::read(Some(table)).expect("good rules")
}

fn days(duration: SignedDuration) -> i64 {
    duration.as_hours() / 24
}

/// Monday 3 June 2024 is the first day; 17 June is a holiday.
fn five_working_days() -> Rules {
    rules(&json!({"hari": 5, "libur": ["2024-06-17"], "peringatan_hari": 2, "per_izin": {"033000000012": 10}}))
}

#[test]
fn working_days_skip_weekends_and_holidays_and_the_first_day() {
    let states = history(&[("10", "2024-06-13T10:00:00")]);
    let reading = remaining(at("2024-06-13T18:00:00"), &states, "", &five_working_days());
    assert_eq!((reading.state, days(reading.used)), (State::Running, 0));
    let reading = remaining(at("2024-06-18T08:00:00"), &states, "", &five_working_days());
    assert_eq!((days(reading.used), reading.left.map(days)), (2, Some(3)));
    // Fri 14, (weekend, holiday), Tue 18, Wed 19, Thu 20, Fri 21: the end of that day.
    assert_eq!(reading.deadline, Some(at("2024-06-22T00:00:00")));
    assert_eq!(reading.alert, Alert::None);
    let reading = remaining(at("2024-06-19T08:00:00"), &states, "", &five_working_days());
    assert_eq!(reading.alert, Alert::Near);
    let reading = remaining(at("2024-06-21T23:59:59"), &states, "", &five_working_days());
    assert_eq!((reading.left.map(days), reading.alert), (Some(0), Alert::Near));
    let reading = remaining(at("2024-06-22T00:00:00"), &states, "", &five_working_days());
    assert_eq!(reading.alert, Alert::Passed);
    let longer = remaining(at("2024-06-19T08:00:00"), &states, "033000000012", &five_working_days());
    assert_eq!(longer.left.map(days), Some(7));
}

#[test]
fn a_clarification_pauses_and_resumes() {
    let states = history(&[
        ("10", "2024-06-03T10:00:00"),
        ("41", "2024-06-05T10:00:00"),
        ("42", "2024-06-12T10:00:00"),
    ]);
    let paused = remaining(at("2024-06-10T10:00:00"), &states, "", &five_working_days());
    assert_eq!(
        (paused.state, days(paused.used), paused.deadline),
        (State::Paused, 2, None)
    );
    let running = remaining(at("2024-06-13T10:00:00"), &states, "", &five_working_days());
    assert_eq!((running.state, days(running.used)), (State::Running, 3));
    assert_eq!(running.deadline, Some(at("2024-06-19T00:00:00")));
}

#[test]
fn a_renewed_clarification_restarts_from_zero() {
    let states = history(&[
        ("10", "2024-06-03T10:00:00"),
        ("43", "2024-06-05T10:00:00"),
        ("44", "2024-06-10T10:00:00"),
    ]);
    let reading = remaining(at("2024-06-11T10:00:00"), &states, "", &five_working_days());
    assert_eq!(
        (reading.state, days(reading.used), reading.left.map(days)),
        (State::Running, 1, Some(4))
    );
}

#[test]
fn a_decision_stops_it_for_good() {
    for code in ["50", "57", "90"] {
        let states = history(&[
            ("20", "2024-06-03T10:00:00"),
            (code, "2024-06-05T10:00:00"),
            ("40", "2024-06-06T10:00:00"),
        ]);
        let reading = remaining(at("2024-07-30T10:00:00"), &states, "", &five_working_days());
        assert_eq!(
            (reading.state, days(reading.used), reading.alert),
            (State::Stopped, 2, Alert::None),
            "{code}"
        );
    }
}

#[test]
fn elapsed_time_is_exact_for_clocks_that_run_fast() {
    let fast = rules(&json!({"hari": 3, "hitung": "waktu_berjalan", "detik_sehari": 10, "peringatan_hari": 1}));
    let states = history(&[
        ("10", "2024-06-03T10:00:00"),
        ("41", "2024-06-03T10:00:12"),
        ("42", "2024-06-03T10:01:00"),
    ]);
    let reading = remaining(at("2024-06-03T10:01:05"), &states, "", &fast);
    assert_eq!(reading.used, SignedDuration::from_secs(17));
    assert_eq!(reading.deadline, Some(at("2024-06-03T10:01:18")));
    assert_eq!(
        remaining(at("2024-06-03T10:01:10"), &states, "", &fast).alert,
        Alert::Near
    );
    assert_eq!(
        remaining(at("2024-06-03T10:01:18"), &states, "", &fast).alert,
        Alert::Passed
    );
}

#[test]
fn time_within_working_days_goes_over_weekends() {
    let working = rules(&json!({"hari": 1, "hitung": "waktu_kerja", "libur": ["2026-02-10"]}));
    // 2026-02-06 is a Friday.
    let states = history(&[("10", "2026-02-06T12:00:00")]);
    let reading = remaining(at("2026-02-08T09:00:00"), &states, "", &working);
    assert_eq!(reading.used, SignedDuration::from_hours(12));
    assert_eq!(reading.deadline, Some(at("2026-02-09T12:00:00")));
    let two = rules(&json!({"hari": 2, "hitung": "waktu_kerja", "libur": ["2026-02-10"]}));
    assert_eq!(
        remaining(at("2026-02-08T09:00:00"), &states, "", &two).deadline,
        Some(at("2026-02-11T12:00:00"))
    );
}

#[test]
fn only_the_answer_ends_a_pause() {
    for (pause, not_an_answer, answer) in [("41", "40", "42"), ("43", "42", "44"), ("11", "42", "10")] {
        let mut states = vec![
            ("10", "2024-06-03T10:00:00"),
            (pause, "2024-06-04T10:00:00"),
            (not_an_answer, "2024-06-05T10:00:00"),
        ];
        let reading = remaining(at("2024-06-07T10:00:00"), &history(&states), "", &five_working_days());
        assert_ne!(reading.state, State::Running, "{pause} then {not_an_answer}");
        states.push((answer, "2024-06-06T10:00:00"));
        let reading = remaining(at("2024-06-07T10:00:00"), &history(&states), "", &five_working_days());
        assert_eq!(reading.state, State::Running, "{pause} then {answer}");
    }
}

#[test]
fn without_rules_nothing_is_claimed_and_other_states_keep_it() {
    let none = Rules::read(None).expect("no rules");
    let states = history(&[("11", "2024-06-03T10:00:00")]);
    let reading = remaining(at("2025-06-03T10:00:00"), &states, "", &none);
    assert_eq!(
        (reading.state, reading.left, reading.alert),
        (State::NotStarted, None, Alert::None)
    );
    let states = history(&[
        ("10", "2024-06-03T10:00:00"),
        ("99", "2024-06-04T10:00:00"),
        ("30", "2024-06-05T10:00:00"),
    ]);
    let reading = remaining(at("2024-06-06T10:00:00"), &states, "", &none);
    assert_eq!(
        (reading.state, days(reading.used), reading.deadline),
        (State::Running, 3, None)
    );
    let paused = rules(&json!({"pengaruh": {"verifikasi_pembayaran": "jeda"}}));
    assert_eq!(
        remaining(at("2024-06-06T10:00:00"), &states, "", &paused).state,
        State::Paused
    );
}

#[test]
fn states_out_of_order_never_count_time_twice() {
    let states = history(&[
        ("10", "2024-06-05T10:00:00"),
        ("41", "2024-06-03T10:00:00"),
        ("42", "2024-06-04T10:00:00"),
    ]);
    let calendar = rules(&json!({"hari": 5, "hitung": "hari_kalender"}));
    let reading = remaining(at("2024-06-07T10:00:00"), &states, "", &calendar);
    assert_eq!(days(reading.used), 2);
}

#[test]
fn bad_rules_are_complained_about_at_once() {
    let wrong = Rules::read(Some(
        &json!({"zona": "Mars", "pengaruh": {"naga": "jeda"}, "detik_sehari": 0}),
    ));
    assert_eq!(wrong.expect_err("refused").len(), 3);
    assert!(Rules::read(Some(&json!({"harii": 3}))).is_err());
}

fn judged(before: &[&str], next: &str) -> Step {
    let states: Vec<(&str, &str)> = before.iter().map(|code| (*code, "2024-06-03T10:00:00")).collect();
    let next = history(&[(next, "2024-06-03T11:00:00")])[0];
    check(&history(&states), &next)
}

#[test]
fn impossible_sequences_are_refused_and_odd_ones_flagged() {
    for (before, next, expected) in [
        (&["10"][..], "20", Step::Usual),
        (&["10", "41"], "42", Step::Usual),
        (&["10", "43"], "44", Step::Usual),
        (&["41"], "90", Step::Usual),
        (&["50"], "60", Step::Usual),
        (&["50", "60"], "60", Step::Usual),
        (&[], "42", Step::Impossible(Reason::NotAsked)),
        (&["10"], "42", Step::Impossible(Reason::NotAsked)),
        (&["41"], "44", Step::Impossible(Reason::NotAsked)),
        (&["41", "42"], "42", Step::Impossible(Reason::Repeated)),
        (&["10"], "10", Step::Impossible(Reason::Repeated)),
        (&["50"], "40", Step::Impossible(Reason::Decided)),
        (&["50", "60"], "40", Step::Impossible(Reason::Decided)),
        (&["57"], "50", Step::Impossible(Reason::Decided)),
        (&["90"], "50", Step::Impossible(Reason::Decided)),
        (&["10"], "70", Step::Impossible(Reason::NotIssued)),
        (&["10"], "57", Step::Impossible(Reason::OfOss)),
        (&["10"], "91", Step::Impossible(Reason::OfOss)),
        (&[], "50", Step::Suspicious(Reason::Unexamined)),
        (&["41"], "40", Step::Suspicious(Reason::Unanswered)),
        (&["10"], "99", Step::Suspicious(Reason::Unknown)),
        (&["10", "99"], "10", Step::Impossible(Reason::Repeated)),
    ] {
        assert_eq!(judged(before, next), expected, "{before:?} then {next}");
    }
    let earlier = history(&[("20", "2024-06-02T10:00:00")])[0];
    let before = history(&[("10", "2024-06-03T10:00:00")]);
    assert_eq!(check(&before, &earlier), Step::Impossible(Reason::Backwards));
}
