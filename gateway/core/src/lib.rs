//! The exchange: authorize, limit, validate, accept, route, deliver, record.
//!
//! Start with [`pipeline`]: one short function that reads as the list of rooms. Each room lives in its own module and
//! takes the product of the room before it by type, so none can be skipped.
//!
//! Deliberately absent: HTTP servers and clients, TLS, consumer-facing status codes, sockets, environment, files.
//! The edge brings a [`deliver::Transport`], a [`journal::Journal`], a [`time::Clock`] and [`ids::Ids`].

pub mod accept;
pub mod authority;
pub mod authorize;
pub mod beside;
pub mod calendar;
pub mod catalogue;
pub mod deadlines;
pub mod deliver;
pub mod events;
pub mod evidence;
pub mod exchange;
pub mod fallback;
pub mod fields;
pub mod files;
pub mod flows;
pub mod follow;
pub mod guard;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod inbound;
pub mod journal;
pub mod likeness;
pub mod link;
pub mod lists;
pub mod metadata;
pub mod mirror;
pub mod newest;
pub mod observe;
mod origin;
pub mod outcome;
pub mod person;
pub mod pipeline;
pub mod quota;
pub mod reconcile;
pub mod record;
pub mod relay;
pub mod restrict;
mod resume;
pub mod retention;
pub mod route;
pub mod schedule;
pub mod seal;
pub mod source;
pub mod spoken;
pub mod steps;
pub mod subject;
pub mod time;
pub mod timekeeper;
pub mod trouble;
pub mod validate;
pub mod worker;

pub use catalogue::Catalogue;
pub use connector_sdk as sdk;
pub use outcome::{Outcome, Provenance, Refusal, Verdict};
pub use pipeline::Rooms;
