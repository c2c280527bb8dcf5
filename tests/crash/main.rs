//! The crash harness: a gateway is ended at every step and at random moments, its disk fills up, its clock jumps, its
//! journal is damaged, its neighbour flaps. The simulators run in this process, survive, and are asked at the end what
//! really happened. `docs/crash-results.md` says what each scenario means.
//!
//! `SIMPUL_CRASH_ROUNDS=1000` sets the number of random kills, `SIMPUL_CRASH_SEED` their seed. Every scenario prints
//! one line of the result table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may"
)]

mod account;
mod clock;
mod damage;
mod disk;
mod kills;
mod neighbour;
mod nodes;
mod power;
mod steps;
mod trace;
mod world;
