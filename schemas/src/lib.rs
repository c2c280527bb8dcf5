//! The canonical model of Simpul: JSON Schemas (2020-12), code lists and the gate every body passes.
//!
//! Bodies come in through [`gate`], are held against a [`Schema`] of the [`Registry`], then against the
//! [`CodeLists`] and the reference-code rules of [`rujukan`]; [`canon`] writes the bytes that digests are taken of.
//! The core calls this crate on both ends of an exchange. It knows no connector and no HTTP, reads no clock and
//! no file, and no text it produces repeats a value it was given: values may be personal data.

pub mod canon;
pub mod codes;
mod embedded;
mod findings;
pub mod gate;
mod pointer;
mod registry;
pub mod rujukan;
mod rules;
mod scan;
mod schema;
mod subject;
mod texts;
mod walk;

pub use codes::{CodeListError, CodeLists, Verdict};
pub use findings::{Findings, MAX_VIOLATIONS, Violation};
pub use registry::{Registry, SchemaError};
pub use schema::{PersonalClass, PersonalField, Schema};
pub use subject::{Subject, SubjectKind};
