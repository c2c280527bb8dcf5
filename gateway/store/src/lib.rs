//! The journal on disk: [`SqliteJournal`], one file and one node; [`PgJournal`], one database and any number of nodes.
//!
//! Implements [`gateway_core::journal::Journal`]; the gateway opens one and hands it to the core as a trait object. The
//! suite of `gateway-core` holds it to the trait's promises.
//!
//! Deliberately absent: HTTP, clocks (every time comes from the caller), knowledge of what bodies mean.

mod codes;
mod fresh;
pub mod migrate;
mod mirror_sql;
pub mod postgres;
pub mod sqlite;

pub use postgres::PgJournal;
pub use sqlite::SqliteJournal;
