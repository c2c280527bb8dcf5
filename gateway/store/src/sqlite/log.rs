//! The write-ahead log: copied back into the file by a thread of its own, so that no commit waits for it.
//!
//! The copier can never empty the log while the writer keeps appending. When the log passes its bound the writer
//! itself makes it start over, between two commits, when the copier has just done nearly all of the work.

use super::{Options, connect};
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

const NOTHING: u8 = 0;
const RESTART: u8 = 1;
const EMPTY: u8 = 2;

/// Shared by writer and copier.
#[derive(Default)]
pub(super) struct Log {
    /// Pages in the log after the newest commit.
    pages: AtomicU32,
    /// Pages that were in it when it was last copied.
    copied: AtomicU32,
    /// What the copier wants of the writer.
    turn: AtomicU8,
    asked: AtomicBool,
    state: Mutex<bool>,
    signal: Condvar,
    copy_pages: u32,
    bound_pages: u32,
}

impl Log {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            copy_pages: options.wal_copy_pages,
            bound_pages: options.wal_bound_pages,
            ..Self::default()
        }
    }

    /// Learns the log's size from each commit of this connection.
    pub(super) fn watch(self: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let log = Arc::clone(self);
        connection.wal_hook(Some(move |_: &mut Wal, pages| {
            if log.learn(u32::try_from(pages).unwrap_or(u32::MAX)) {
                log.signal.notify_all();
            }
            Ok(())
        }))
    }

    /// How long the log is now; whether it should be copied.
    fn learn(&self, pages: u32) -> bool {
        self.pages.store(pages, Ordering::Relaxed);
        if pages < self.copied.load(Ordering::Relaxed) {
            // It started over.
            self.copied.store(0, Ordering::Relaxed);
        }
        self.is_due(pages)
    }

    /// Whether enough has come since the last copy: each copy sorts what the log holds, however little is new.
    fn is_due(&self, pages: u32) -> bool {
        let fresh = pages.saturating_sub(self.copied.load(Ordering::Relaxed));
        fresh >= self.copy_pages || pages >= self.bound_pages
    }

    /// Wants the log copied and started over soon: space is short, or it holds what was erased.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.signal.notify_all();
    }

    /// The writer's part, between two commits.
    pub(super) fn turn(&self, connection: &Connection) {
        if self.turn.load(Ordering::Relaxed) == NOTHING {
            return;
        }
        match self.turn.swap(NOTHING, Ordering::Relaxed) {
            RESTART => Self::restart(connection),
            EMPTY => Self::empty(connection),
            _ => {}
        }
    }

    /// Ends the copier's thread.
    pub(super) fn stop(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.signal.notify_all();
    }

    /// Copies what can be copied without holding anybody up.
    pub(super) fn copy(connection: &Connection) -> rusqlite::Result<()> {
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
    }

    /// Copies the rest and makes the log start over. The file keeps its size, so that later commits write over it and
    /// need not grow it. Readers may be in the way; then it is tried again another time.
    pub(super) fn restart(connection: &Connection) {
        Self::checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)");
    }

    /// Copies the rest and empties the log: it holds what was erased, or space is short, or the journal closes.
    pub(super) fn empty(connection: &Connection) {
        Self::checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    fn checkpoint(connection: &Connection, sql: &str) {
        if let Err(error) = connection.query_row(sql, [], |_| Ok(())) {
            tracing::warn!(%error, "journal log could not be started over");
        }
    }

    /// The copier's thread.
    pub(super) fn run(&self, path: &Path, options: &Options) {
        let mut connection = None;
        loop {
            let stopped = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = self.signal.wait_timeout(stopped, Duration::from_millis(100));
            if *wait.unwrap_or_else(PoisonError::into_inner).0 {
                return;
            }
            let asked = self.asked.swap(false, Ordering::Relaxed);
            let pages = self.pages.load(Ordering::Relaxed);
            if !asked && !self.is_due(pages) {
                continue;
            }
            let full = pages >= self.bound_pages;
            let copy = |open: &Connection| {
                Self::copy(open)?;
                // Again what came meanwhile, so that little is left for the writer.
                if full { Self::copy(open) } else { Ok(()) }
            };
            let copied = match &connection {
                Some(open) => copy(open),
                None => connect::copier(path, options).and_then(|open| copy(connection.insert(open))),
            };
            match copied {
                Err(error) => {
                    tracing::warn!(%error, "journal log could not be copied");
                    connection = None;
                }
                Ok(()) => {
                    self.copied.store(pages, Ordering::Relaxed);
                    if asked {
                        self.turn.store(EMPTY, Ordering::Relaxed);
                    } else if full {
                        self.turn.store(RESTART, Ordering::Relaxed);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Log;
    use std::sync::atomic::Ordering;

    #[test]
    fn what_was_copied_is_not_copied_again() {
        let log = Log {
            copy_pages: 50,
            bound_pages: 200,
            ..Log::default()
        };
        assert!(!log.learn(49));
        assert!(log.learn(60));
        log.copied.store(60, Ordering::Relaxed);
        assert!(!log.learn(109));
        assert!(log.learn(110));
        assert!(!log.learn(10), "it started over, and little is in it");
        assert!(log.learn(60));
        log.copied.store(180, Ordering::Relaxed);
        assert!(log.learn(200), "past its bound it is copied until it starts over");
    }
}
