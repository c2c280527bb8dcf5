//! HTTP towards the systems: the wire behind the core's door.
//!
//! [`HttpTransport`] sends one request once and says exactly whether a byte of it can have arrived. Each data-plane thread
//! has one, with its own connections. Every address is judged by [`Egress`] when it is connected, never by name before.
//!
//! Deliberately absent: redirects, proxies from the environment, repeats of anything that changes something (the door
//! and the worker decide those), decompression, cookies, logs of content.

mod address;
mod connection;
mod dial;
mod egress;
mod passing;
mod pool;
pub mod probe;
mod receiver;
mod transport;
mod watch;

pub mod tls;

pub use address::{BadUrl, Target};
pub use egress::{Egress, Forbidden, Rules};
pub use receiver::ReceiverRule;
pub use transport::{HttpTransport, OutboundLimits};

#[cfg(test)]
mod tests;
