//! The pipeline with a fake connector, a scripted wire, the memory journal and a paused clock.

mod events;
mod events_push;
mod journal;
mod lanes;
mod outcomes;
mod refusals;
mod world;
