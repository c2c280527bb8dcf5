//! The embedded journal.

mod crash;
mod file;
mod full;

use crate::help::{at, exchange, id, lease, settlement, verified};
use gateway_core::journal::suite;
use gateway_store::SqliteJournal;
use gateway_store::sqlite::Options;
use std::path::Path;
use std::sync::Arc;

#[tokio::test]
async fn suite_holds() {
    for trial in suite::trials() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder.path().join("journal.db"));
        (trial.run)(Arc::new(journal))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
}

#[tokio::test]
async fn mirrors_hold() {
    for trial in gateway_core::mirror::suite::trials() {
        let folder = tempfile::tempdir().unwrap();
        (trial.run)(Arc::new(open(&folder.path().join("journal.db"))))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
}

#[tokio::test]
async fn files_keep() {
    let folder = tempfile::tempdir().unwrap();
    crate::files::keep(&open(&folder.path().join("journal.db"))).await;
}

#[tokio::test]
async fn pieces_keep() {
    let folder = tempfile::tempdir().unwrap();
    crate::files::keep_pieces(&open(&folder.path().join("journal.db"))).await;
}

fn open(path: &Path) -> SqliteJournal {
    SqliteJournal::open(path, Options::default()).unwrap()
}
