//! What may be set when a journal is opened, with the values that fit a city.

use std::fmt;
use std::sync::Arc;

/// Called at each named step of the write path; see [`Options::fail`].
pub type FailPoint = Arc<dyn Fn(&'static str) + Send + Sync>;

/// Called with the number of pieces of work that one commit made durable; see [`Options::committed`].
pub type Committed = Arc<dyn Fn(usize) + Send + Sync>;

/// Settings of a [`SqliteJournal`](super::SqliteJournal).
#[derive(Clone)]
pub struct Options {
    /// Most writes that wait in memory; more callers wait for room.
    pub queue: usize,
    /// Most writes that share one commit.
    pub batch: usize,
    /// Threads that read.
    pub readers: usize,
    /// Page cache of the writer in KiB; each reader has an eighth of it.
    pub cache_kib: u32,
    /// Pages (4 KiB) in the write-ahead log from which it is copied back into the file, beside the writer.
    pub wal_copy_pages: u32,
    /// Pages from which the writer itself makes the log start over, so that it cannot grow without bound.
    pub wal_bound_pages: u32,
    /// Most pages of the file; a full journal answers [`Full`](gateway_core::journal::JournalError::Full).
    pub max_pages: Option<u32>,
    /// For crash tests: called with `before_begin`, `after_exec`, `before_commit`, `after_commit` and `before_answer`
    /// by the writer, so that a test program can end itself exactly there. `None` in production.
    pub fail: Option<FailPoint>,
    /// Called after each commit with how much work it made durable at once: the size of the group. For metrics.
    pub committed: Option<Committed>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 2048,
            batch: 512,
            readers: 2,
            cache_kib: 64 * 1024,
            wal_copy_pages: 2_000,
            wal_bound_pages: 64_000,
            max_pages: None,
            fail: None,
            committed: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("queue", &self.queue)
            .field("batch", &self.batch)
            .field("readers", &self.readers)
            .field("cache_kib", &self.cache_kib)
            .field("wal_copy_pages", &self.wal_copy_pages)
            .field("wal_bound_pages", &self.wal_bound_pages)
            .field("max_pages", &self.max_pages)
            .finish_non_exhaustive()
    }
}
