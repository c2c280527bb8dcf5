//! Connectors from manifests. A manifest declares a system the way a Rust connector's descriptor does, and says as data
//! (mapping rules) what a Rust connector says as code. There is no script engine: what rules cannot say becomes a Rust
//! connector.
//!
//! Read in this order: `manifest` (what is written), `rule` (one rule), `run` (how rules run, and within which bounds),
//! `check` (what is refused when a manifest is loaded), `connector` (the contract over it), `sample` (trials);
//! `openapi` makes a draft from a system's own document.
//!
//! Like every connector it opens nothing, reads no clock and sees no credential. It is linear in its input: a rule visits
//! each value of its source once, nested rules go down and never back, and a budget ends what would still be too much.

mod asking;
mod check;
mod connector;
mod flaw;
mod hook;
mod lineage;
mod lines;
mod lookup;
mod manifest;
mod mirror;
mod openapi;
mod ops;
mod path;
mod reverse;
mod rule;
mod run;
mod sample;
mod shape;
#[cfg(test)]
mod tests;

pub use check::check;
pub use flaw::Flaw;
pub use lineage::{Lineage, lineage};
pub use manifest::{Auth, AuthHeader, Grant, Manifest, Profile, read};
pub use openapi::{Draft, import};
pub use sample::{Judge, Trial, trials};

use connector_sdk::{Built, Factory, SettingComplaint, Settings};
use serde_json::Value;

/// How the gateway builds a connector from a manifest: the settings of the system are the manifest.
pub const FACTORY: Factory = Factory {
    kind: "deklaratif",
    build,
};

fn build(settings: &Settings) -> Built {
    let manifest: Manifest = serde_json::from_value(Value::Object(settings.table().clone())).map_err(|error| {
        vec![SettingComplaint {
            key: String::new(),
            advice: error.to_string(),
        }]
    })?;
    connector::build(manifest, settings).map_err(|flaws| {
        let one = |flaw: Flaw| SettingComplaint {
            advice: format!("{} — {}", flaw.what.id, flaw.advice.id),
            key: flaw.key,
        };
        flaws.into_iter().map(one).collect()
    })
}
