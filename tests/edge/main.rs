//! The edge over HTTP, as hostile and careless callers find it: who may see which fields, with which credentials, and what
//! malformed, slow or greedy calls come to. One gateway per story, spoken to byte by byte where it matters.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "tests may"
)]

mod certificates;
mod egress;
mod fields;
mod http;
mod identities;
mod json;
mod keys;
mod load;
mod nodes;
mod oidc;
mod outside;
mod signed;
mod subjects;
mod wire;
mod world;
