//! The binary from outside: what it prints, what it exits with, that its printed commands work.

#[path = "all/cli.rs"]
mod cli;
