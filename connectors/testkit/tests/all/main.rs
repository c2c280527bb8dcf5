//! Self-tests: a sound toy connector passes every trial, and for each trial a connector with one flaw fails it.

mod coverage;
mod skips;
mod toy;
