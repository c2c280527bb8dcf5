//! The binary from outside: what it prints, what it exits with, that its printed commands work.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    unreachable_pub,
    reason = "tests may"
)]

#[path = "all/access.rs"]
mod access;
#[path = "all/cli.rs"]
mod cli;
#[path = "all/connector.rs"]
mod connector;
#[path = "all/imports.rs"]
mod imports;
#[path = "all/imports_sikd.rs"]
mod imports_sikd;
#[path = "all/mirrors.rs"]
mod mirrors;
#[path = "all/operator.rs"]
mod operator;
#[path = "all/postgres.rs"]
mod postgres;
#[path = "all/problems.rs"]
mod problems;
#[path = "all/procurement.rs"]
mod procurement;
#[path = "all/registered.rs"]
mod registered;
#[path = "all/trials.rs"]
mod trials;
#[path = "all/tutorial.rs"]
mod tutorial;
