//! The binary from outside: what it prints, what it exits with, that its printed commands work.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic")]

#[path = "all/cli.rs"]
mod cli;
