//! The operator port: health, readiness, metrics, and the admin API. A listener and a runtime of its own, so that it
//! answers when the data path is full. Reads only; decisions of persons come with the console.
//!
//! Never shows a body, an idempotency key or a credential. Without an operator token there is no admin API at all.

mod exchanges;
mod guard;
mod health;
mod problem;
mod queues;
mod server;
mod state;
mod systems;
mod view;

pub use guard::TokenHash;
pub use server::serve;
pub use state::{OperatorState, Readiness};
#[cfg(test)]
mod tests;
