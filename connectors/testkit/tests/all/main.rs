//! Self-tests: a sound toy connector passes every trial, and for each trial a connector with one flaw fails it.

#![expect(clippy::expect_used, reason = "helpers of tests; a failed one is a failed test")]

mod coverage;
mod skips;
mod toy;
