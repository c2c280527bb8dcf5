//! The pipeline with a fake connector, a scripted wire, the memory journal and a paused clock.

#![allow(unreachable_pub, reason = "one binary; its modules share freely")]

mod files;
mod follow;
mod journal;
mod lanes;
mod lists;
mod outcomes;
mod refusals;
mod relay;
mod schedule;
mod world;
