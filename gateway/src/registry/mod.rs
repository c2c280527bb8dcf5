//! Connectors registered at run time: manifests in the journal, each version with its state and who decided what, and how
//! those in force are laid over the configuration. A manifest goes through the same reading, judging and building as a
//! file of configuration would; one that does not fit is left out, listed with its complaints, and disturbs nothing else.
//!
//! Called by the operator port (`crate::operator`), which changes states, and by the command line's main loop, which
//! reloads when the journal shows a change.

mod changes;
mod entry;
mod judge;
mod overlay;
mod store;
#[cfg(test)]
mod tests;

pub use changes::{Change, changes};
pub use entry::{Entry, Refused, Share, State, Step, Verb};
pub use judge::{Judgement, address, judge};
pub use overlay::{InForce, Registered, Troubles, assemble};
pub use store::{KIND, Read, all, changed, one, put};
