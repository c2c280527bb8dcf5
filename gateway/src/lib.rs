//! The edge of Simpul.

pub mod operator;
pub mod outbound;
pub mod telemetry;
