//! The embedded journal.

use gateway_core::journal::suite;
use gateway_store::SqliteJournal;
use gateway_store::sqlite::Options;
use std::sync::Arc;

#[tokio::test]
async fn suite_holds() {
    for trial in suite::trials() {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(folder.path().join("journal.db"), Options::default()).unwrap();
        (trial.run)(Arc::new(journal))
            .await
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", trial.name));
    }
}
