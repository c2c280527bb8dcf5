//! Tools of the whole-system tests: the story format with its runner, and what the repository rules share.
//!
//! `tests/rules` and `tests/stories.rs` call this crate; nothing else may. It speaks to a running gateway over
//! HTTP only and knows no type of the gateway, so that a story proves what a consumer would see.

mod expect;
pub mod golden;
pub mod repo;
pub mod run;
pub mod source;
pub mod story;
