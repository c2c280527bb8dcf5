//! The edge of Simpul: sockets, TLS, HTTP in and out, configuration, wiring. No business decisions: those are the
//! core's. The binary `simpul` is a thin shell around the command line.

pub mod access;
pub mod cli;
pub mod config;
mod connections;
pub mod http;
pub mod listener;
pub mod operator;
pub mod outbound;
pub mod payload;
pub mod reference;
pub mod registry;
mod stall;
pub mod telemetry;
pub mod tls;
pub mod wiring;

pub use connector_sdk as sdk;
pub use gateway_core as core;
