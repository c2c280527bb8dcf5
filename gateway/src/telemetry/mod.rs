//! What the gateway tells its operator: numbers ([`Meters`], [`Scraper`]), lines ([`logs`]) and the thread that ties a
//! call to others' records ([`trace`]). Called by the edge, the core's observer and the operator port.
//!
//! Deliberately absent: global registries, payloads, paths, ids as label values, personal data.

mod catalogue;
mod certificates;
pub mod history;
mod known;
pub mod logs;
mod meters;
pub mod otlp;
mod scrape;
mod security;
pub mod trace;

pub use catalogue::{METRICS, Metric, page};
pub use certificates::{Certificates, Use};
pub use meters::{Meters, UnderWay};
pub use scrape::Scraper;
pub use security::SecurityEvent;
