//! Simpul connector for OSS RBA, the national business-licensing system: pushes in, statuses and licences out, look-ups.
//!
//! Built by the gateway through [`FACTORY`]. It translates and only translates. The integration guide contradicts itself
//! in many places, so paths, codes and forms that are not certain are settings, and every scalar is read as text first.
//!
//! Must not: take a licence number twice, report a write of unknown outcome as done, or trust a push before its token.

mod canon;
pub mod clock;
mod connector;
mod descriptor;
mod envelope;
mod exact;
mod fields;
mod hook;
mod mirrors;
mod ops;
mod scalar;
mod screen;
mod settings;
mod status;
mod tables;
#[cfg(test)]
mod tests;
mod zone;

pub use connector::FACTORY;
pub use status::Status;
