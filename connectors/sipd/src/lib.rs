//! Simpul connector for SIPD, the national system of regional planning, budget and treasury, in its four generations
//! and through a local copy: mirrors of budget, treasury and accounting; plans pushed where the ministry documents it.
//!
//! Built by the gateway through [`FACTORY`]. It translates and only translates. Data sets are files under
//! `src/datasets/`, read by one mirror; what the interface leaves open is a setting.
//!
//! Must not: log in, solve a captcha, make the web page's key, hurry past a limit, read money as a binary fraction, or
//! take the receipt of a push for its success.

mod connector;
mod cursor;
mod dataset;
mod descriptor;
mod digest;
mod exact;
mod extra;
mod fields;
mod mirror;
mod obfuscated;
mod ops;
mod plan;
mod rows;
mod screen;
mod settings;
#[cfg(test)]
mod tests;
mod value;
mod wording;

pub use connector::FACTORY;
