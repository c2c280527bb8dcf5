//! The edge of Simpul.

pub mod outbound;
