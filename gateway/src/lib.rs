//! The edge of Simpul.

pub mod outbound;
pub mod telemetry;
