//! Fuzz targets. Each is a plain function over bytes that must not panic and that checks what must always hold; it answers with a
//! short word for what it came to. The driver (`drive`) mutates the corpus from a seed and keeps inputs that led to a word not seen
//! before, so that it digs where answers are new. A short run is part of `cargo test`; long ones are `cargo run -p fuzz`.
//!
//! No coverage is measured: this runs on the stable compiler of the repository, and coverage needs another one.

pub mod corpus;
pub mod drive;
pub mod mutate;
pub mod targets;

pub use targets::{TARGETS, Target};
