//! Configuration: files are gathered (`load`), read with every place kept (`raw`), judged with all complaints at once
//! (`check`, pure), then built with secrets (`build`). The command line and the wiring call these four; nothing else
//! reads configuration, and only `secrets` sees the environment.

mod build;
pub mod check;
mod complaint;
mod connectors;
mod load;
pub mod raw;
mod reader;
mod secrets;
#[cfg(test)]
mod tests;
mod units;

pub use build::{Built, build};
pub use check::{Checked, Journal, LogSettings, Node, SystemTls, TlsFiles, check};
pub use complaint::{Complaint, Place, Placed};
pub use connectors::CONNECTORS;
pub use load::load;
pub use raw::{Files, Raw, parse};
pub use reader::{Source, Tree};
pub(crate) use secrets::environment;
pub use secrets::{Given, Machine, SecretRef, Vault};
pub(crate) use units::duration;

/// Everything from files on disk to parts that run.
///
/// # Errors
/// All complaints of the first stage that has any.
pub fn from_disk(path: &std::path::Path, vault: &dyn Vault, previous: Option<&Built>) -> Result<Built, Vec<Complaint>> {
    build(check(&parse(&load(path)?), CONNECTORS)?, vault, previous)
}
