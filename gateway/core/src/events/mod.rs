//! Events: what happened, told to whoever subscribed. An outcome puts its events into the journal in the transaction
//! that records it (`emit`). A dispatcher moves each subscription's cursor over them (`dispatch`): a pushed event becomes
//! an exchange of the operation [`DELIVERY`], so that it is delivered, retried, paced and proved by the same worker and
//! the same rooms as everything else; a pulled one waits for its reader (`pull`).
//!
//! Subscriptions and their standing are documents of the journal (`registry`), managed by their owners (`manage`).
//! What this module must not do: open sockets. Whether an address may be called is asked of [`Egress`] when a
//! subscription is made, and judged again by the transport at every connect.

pub mod dispatch;
mod emit;
mod envelope;
pub mod manage;
mod policy;
pub mod pull;
mod registry;
pub mod signature;
mod standing;
mod status;
mod subscription;
pub mod verifier;
mod webhook;

pub use emit::{Emit, LIFECYCLE, emitted, event_id, permitted};
pub(crate) use emit::{Ended, of_outcome, sealed, still_heard};
pub use envelope::{LARGEST_FULL, cloud_event};
pub use policy::PushPolicy;
pub use registry::{Events, Live};
pub use standing::Standing;
pub(crate) use standing::turn;
pub use status::{status, summary};
pub use subscription::{Mode, SealedSecret, Subscription};
pub use webhook::{delivery, system_id};

use connector_sdk::{BoxFuture, Text};

/// Operation that pushes one event to one subscriber.
pub const DELIVERY: &str = "langganan.kirim";
/// Kind of the documents that hold subscriptions.
pub const SUBSCRIPTIONS: &str = "langganan";
/// Kind of the documents that hold how a subscription's deliveries fare.
pub const STANDINGS: &str = "langganan_keadaan";
/// Type of the event that a subscriber asks for to try its receiver. Never in the journal's list of events.
pub const TEST_EVENT: &str = "langganan.uji";

/// Whether an address may be called. Implemented by the edge with the egress rule of its transport.
pub trait Egress: Send + Sync {
    /// Judges the URL of a receiver when it is registered; says what is wrong with it, without repeating it.
    fn judge<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<(), Text>>;
}
