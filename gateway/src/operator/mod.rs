//! The operator port: health, readiness, metrics, and the admin API. A listener and a runtime of its own, so that it
//! answers when the data path is full. What persons decide is carried out by the core; this only asks for it by name.
//!
//! Never shows an idempotency key or a credential, and a body only masked, unless a person opens it with a reason, which
//! is evidence. Without an operator token there is no admin API at all.

mod access;
mod body;
mod care;
mod connection;
mod connectors;
mod console;
mod deadlines;
mod decisions;
mod evidence;
mod exchanges;
mod guard;
mod health;
mod imports;
mod jobs;
mod keys;
mod lists;
mod mirrors;
mod oidc;
mod password;
mod pdf;
mod problem;
mod protection;
mod queues;
mod reconcile;
mod report;
mod server;
mod state;
mod subjects;
mod systems;
pub mod totp;
mod troubles;
mod view;

pub(crate) use care::muted;
pub use guard::{Operator, Role, TokenHash};
pub use oidc::{BACK, Oidc, OidcTerms};
pub use password::{Nonsense, PasswordHash};
pub use server::serve;
pub use state::{Desk, OperatorState, Readiness};
#[cfg(test)]
mod tests;
