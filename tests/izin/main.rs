//! The licensing line through accidents: a licence number is taken once whatever ends between its two steps; pushes around
//! midnight; what is refused before it is read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests may"
)]

mod cadangan;
mod dua_langkah;
mod mendarat;
mod rekonsiliasi;
mod tengah_malam;
