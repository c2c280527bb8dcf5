//! The national systems, played: native formats, quirks and faults over real HTTP.
//!
//! Each module starts one system on a real socket, keeps its state, counts what was done to it, and misbehaves on
//! command (see [`frame::Switchboard`]). Used by connector tests, whole-system tests and the binary `simpul-sim`.
//! This crate imports nothing else of the project, so that a misreading cannot hide on both sides of a wire.

// The documents of some systems have a hundred fields; `json!` counts each.
#![recursion_limit = "512"]

pub mod angkut;
pub mod bsre;
pub mod city;
pub mod eoffice;
pub mod example;
pub mod frame;
pub mod laksa;
pub mod lapor;
pub mod oss;
pub mod sipd;
pub mod spse;
pub mod srikandi;

pub use frame::{Common, Fault, Running};
