//! Copies of procurement and finance over HTTP, both sides playing the same city: one package from budget to payment, and
//! days without an answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may"
)]

mod gangguan;
mod potong;
mod rantai;
mod rencana;
mod setahun;
mod world;
