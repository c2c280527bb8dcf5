//! The connector's service clock and the simulator's were written apart from the same reference: over thousands of
//! histories, likely and unlikely, they must agree to the second.

use connector_oss::Status;
use connector_oss::clock::{Entry, Rules, State, remaining};
use jiff::Timestamp;
use serde_json::json;
use simulators::oss::days::{Calendar, DAY};
use simulators::oss::service::{Run, ServiceClock, ServiceRule};

const CODES: [&str; 20] = [
    "05", "09", "10", "11", "12", "20", "30", "33", "40", "41", "42", "43", "44", "45", "49", "52", "50", "57", "90",
    "60",
];

/// A small generator, so that a failure can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
fn both_clocks_agree() {
    let days = 14;
    let calendar = Calendar {
        every_day: false,
        holidays: ["2026-03-19", "2026-03-20", "2026-05-01"]
            .iter()
            .filter_map(|day| day.parse().ok())
            .collect(),
    };
    let table = json!({"hari": days, "hitung": "waktu_kerja", "libur": calendar.holidays});
    let rules = Rules::read(Some(&table)).expect("good rules");
    let theirs = ServiceRule::default();
    let mut dice = Dice(671);
    let mut running = 0;
    for round in 0..4_000 {
        let mut clock = ServiceClock::new(days);
        let mut history = Vec::new();
        let mut at = 1_772_000_000 + i64::try_from(dice.below(9_000_000)).unwrap_or(0);
        for _ in 0..dice.below(9) {
            let code = CODES[usize::try_from(dice.below(20)).unwrap_or(0)];
            at += i64::try_from(dice.below(500_000)).unwrap_or(0);
            clock.apply(theirs.effect(code.parse().unwrap_or(0)), at, &calendar);
            history.push(Entry {
                status: Status::from_code(code),
                at: Timestamp::from_second(at).expect("a time"),
            });
        }
        let now = at + i64::try_from(dice.below(2_000_000)).unwrap_or(0);
        let reading = remaining(Timestamp::from_second(now).expect("a time"), &history, "", &rules);
        let left = reading.left.map(|left| left.as_secs());
        assert_eq!(
            left,
            Some(clock.remaining(now, &calendar)),
            "round {round}: {history:?}"
        );
        assert_eq!(
            matches!(clock.run, Run::Running(_)),
            reading.state == State::Running,
            "round {round}"
        );
        if reading.state == State::Running && clock.used < i64::from(days) * DAY {
            running += 1;
            let deadline = reading.deadline.map(|deadline| deadline.as_second());
            assert_eq!(deadline, clock.deadline, "round {round}: {history:?}");
        }
    }
    assert!(running > 500, "only {running} clocks were running");
}
