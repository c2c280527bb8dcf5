//! The short run: every target, its corpus and some thousands of inputs from a fixed seed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

use fuzz::drive::{Measure, once, run};
use fuzz::{TARGETS, Target};
use std::time::Duration;

#[test]
fn no_input_breaks_a_target() {
    for target in TARGETS {
        let measure = Measure {
            inputs: 5_000,
            time: Duration::from_millis(1500),
            seed: 7,
        };
        let report = run(target, measure).unwrap();
        println!("{}: {} inputs, {} answers", target.name, report.tried, report.answers);
        if let Some((input, said)) = report.broken {
            panic!("{}: {said}\nhex {}", target.name, hex::encode(&input));
        }
        assert!(report.tried > 5 && report.answers > 1, "{} does nothing", target.name);
    }
}

#[test]
fn a_target_that_breaks_is_found() {
    let target = Target {
        name: "uji",
        words: &["pecah"],
        seeds: || Ok(vec![b"utuh".to_vec()]),
        run: |input| {
            assert!(!input.windows(5).any(|w| w == b"pecah"), "found");
            input.len().to_string()
        },
    };
    let measure = Measure {
        inputs: 100_000,
        time: Duration::from_secs(20),
        seed: 1,
    };
    let (input, said) = run(&target, measure).unwrap().broken.unwrap();
    assert_eq!(said, "found");
    assert!(once(&target, &input).is_err(), "and again from the same input");
}
