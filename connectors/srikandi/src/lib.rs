//! Simpul connector for SRIKANDI, the national system of official letters and archives, and for the e-office of an agency
//! as a second dialect.
//!
//! No partner contract of SRIKANDI is public. The contract here is inferred, so every path, header, field name, code, date
//! form and the rule of acknowledgement is a setting; what is fixed is ANRI's metadata and the life of a letter.
//!
//! Must not: take a success status for an acknowledgement, show a provisional number as the letter's, or guess a class.

mod codes;
mod connector;
mod descriptor;
mod elements;
mod envelope;
mod eoffice;
mod fields;
mod former;
mod hook;
mod letter;
mod life;
mod mirrors;
mod ops;
mod settings;
pub mod sikd;
mod times;

pub use connector::FACTORY;
pub use life::{Event, Life, State};
