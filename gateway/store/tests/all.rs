//! The journals against the suite and against the accidents they are made for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod files;
mod help;
mod postgres;
mod sqlite;
