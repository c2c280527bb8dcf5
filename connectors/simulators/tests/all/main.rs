//! The simulators, driven over HTTP: each quirk and each fault switch is shown to do what it says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

mod client;
mod example;
mod faults;
mod generator;
mod laksa;
mod lapor;
mod lapor_create;
mod lapor_read;
