//! The edge of Simpul: sockets, TLS, HTTP in and out, configuration, wiring. No business decisions: those are the
//! core's. The binary `simpul` is a thin shell around [`cli`].

pub mod config;
/// Limits only, until the data plane joins.
pub mod http {
    mod limits;
    pub use limits::HttpLimits;
}
pub mod outbound;
pub mod telemetry;
