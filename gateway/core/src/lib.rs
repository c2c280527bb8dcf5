//! The exchange.

pub mod evidence;
pub mod exchange;
pub mod ids;
pub mod journal;
pub mod time;
