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
mod oss;
mod oss_city;
mod oss_clock;
mod oss_licence;
mod oss_push;
mod oss_quirks;
mod oss_year;
mod spse;
