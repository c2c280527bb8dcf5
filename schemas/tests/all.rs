//! The crate's one integration test binary.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "all/codes.rs"]
mod codes;
#[path = "all/gate.rs"]
mod gate;
#[path = "all/lexicon.rs"]
mod lexicon;
#[path = "all/model.rs"]
mod model;
#[path = "all/registration.rs"]
mod registration;
#[path = "all/rujukan.rs"]
mod rujukan;
