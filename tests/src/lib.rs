//! Tools of the whole-system tests: the story format with its runner, a whole gateway with simulated neighbours, and
//! what the repository rules share.
//!
//! `tests/rules`, `tests/stories.rs` and the other tests here call this crate; nothing else may. A gateway is started
//! from files and spoken to over HTTP only, so that a test proves what a consumer would see.

pub mod child;
pub mod client;
mod expect;
pub mod golden;
pub mod inside;
pub mod izin;
pub mod neighbours;
pub mod repo;
pub mod run;
pub mod setup;
pub mod source;
pub mod story;
