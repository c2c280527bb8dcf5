//! The pipeline with a fake connector, a scripted wire, the memory journal and a paused clock.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::type_complexity,
    reason = "tests may"
)]

mod deadlines;
mod events;
mod events_push;
mod files;
mod follow;
mod journal;
mod lanes;
mod likeness;
mod lists;
mod mirrors;
mod mirrors_ask;
mod order;
mod outcomes;
mod person;
mod refusals;
mod relay;
mod retention;
mod schedule;
mod world;
