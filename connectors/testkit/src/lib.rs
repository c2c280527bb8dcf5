//! The conformance kit for Simpul connectors.
//!
//! A connector's test entry names its factory, test settings, fixtures and simulator; the kit reads the descriptor and
//! generates the trials. Each trial is printed by name with its verdict. A trial may be skipped only with a reason, and
//! a skip that names no trial is itself a failure, so that exceptions cannot outlive what they excused.
//!
//! ```no_run
//! # use connector_testkit::{Kit, Running};
//! # fn entry(factory: connector_sdk::Factory) {
//! connector_testkit::run(
//!     Kit::new(factory, serde_json::json!({}), env!("CARGO_MANIFEST_DIR"))
//!         .simulator(|| async { Ok(Running::new("http://127.0.0.1:8080", ()).effects(|| 0)) })
//!         .skip("operation/contoh.lihat/unknown_codes", "a book has no coded field"),
//! );
//! # }
//! ```
//!
//! Only ever a dev-dependency. It knows no system and no simulator: those come in through [`Running`].

mod context;
mod door;
mod evaluate;
mod fixture;
mod kit;
mod mutate;
mod render;
mod report;
mod running;
mod schema;
mod script;
mod trial;
mod trials;
mod wire;

pub use kit::{Kit, Push};
pub use report::{Report, Verdict};
pub use running::{Misbehave, Running};
pub use schema::{Schemas, Violation};

/// Runs every trial, prints the list and panics when a trial failed, so that one `#[test]` is enough.
///
/// # Panics
/// When a trial failed, or when a skip names no trial or gives no reason.
#[track_caller]
pub fn run(kit: Kit) {
    let report = report(kit);
    report.print();
    report.demand();
}

/// Runs every trial and hands back the verdicts; for self-tests of the kit.
pub fn report(kit: Kit) -> Report {
    trial::run_all(kit)
}
