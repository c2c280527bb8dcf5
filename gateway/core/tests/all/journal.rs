//! The memory journal keeps the promises of the shared suite.

use gateway_core::journal::{Journal, MemoryJournal, suite};
use std::sync::Arc;

#[tokio::test]
async fn memory_journal_passes_the_suite() {
    for trial in suite::trials() {
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
        if let Err(error) = (trial.run)(journal).await {
            panic!("{}: {error}", trial.name);
        }
    }
}
