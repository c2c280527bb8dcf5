//! The embedded journal: one SQLite file, one writer thread with group commit, a few reader threads.
//!
//! | file | does |
//! |---|---|
//! | `writer` | one transaction and one sync for all that waits; answers only then |
//! | `write/` | what each call writes |
//! | `readers`, `read` | what each call reads, on threads of their own |
//! | `list` | the list of exchanges, by index |
//! | `files` | files of consumers |
//! | `mirror` | copies of data sets |
//! | `log` | copies the write-ahead log back, beside the writer |
//! | `heads` | newest positions, kept in memory |
//! | `backup` | copies a file beside a running gateway, and back |
//! | `audit` | reads the evidence of a file without taking it |
//! | `connect`, `schema` | opening, the lock, tables and their versions |

mod audit;
mod backup;
mod connect;
mod files;
mod heads;
mod journal;
mod list;
mod log;
mod mirror;
mod options;
mod read;
mod readers;
mod rows;
mod schema;
mod source;
mod trouble;
mod write;
mod writer;

pub use audit::EvidenceFile;
pub use backup::{Copied, backup, restore};
pub use options::{Committed, FailPoint, Options};
pub use schema::VERSION;
pub(crate) use source::{Counters, Source};

use gateway_core::journal::JournalError;
use heads::Heads;
use log::Log;
use readers::Readers;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use tokio::sync::{Notify, mpsc};
use trouble::{Trouble, told};
use writer::{Job, Work, Writer, Writing};

/// See the module. Closing happens on drop: what waits is still written, then the log is folded into the file.
pub struct SqliteJournal {
    work: Option<mpsc::Sender<Box<dyn Work>>>,
    readers: Readers,
    notify: Arc<Notify>,
    log: Arc<Log>,
    writer: Option<JoinHandle<()>>,
    copier: Option<JoinHandle<()>>,
    /// Held until everything else has ended.
    _lock: File,
}

impl SqliteJournal {
    /// Opens the file, making or upgrading it where needed, and starts the threads. Only one process at a time may
    /// have it open.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, JournalError> {
        let path = path.as_ref();
        let broken = JournalError::Broken;
        let lock = connect::lock(path).map_err(broken)?;
        let cut_short = connect::was_cut_short(path);
        let mut connection = connect::writer(path, &options).map_err(|e| told(&e))?;
        if cut_short {
            connect::look_through(path, &connection).map_err(broken)?;
        }
        schema::migrate(&mut connection).map_err(broken)?;
        if source::is_moved(&connection).map_err(|e| told(&e))? {
            return Err(broken(
                "this journal was moved to a database; the gateway must run on that".into(),
            ));
        }
        connect::sync_folder(path).map_err(broken)?;
        let heads = Heads::load(&connection).map_err(broken)?;
        let log = Arc::new(Log::new(&options));
        log.watch(&mut connection).map_err(|e| told(&e))?;

        let thread = |e: std::io::Error| JournalError::Broken(format!("cannot start a thread: {e}"));
        let readers = Readers::start(path, &options).map_err(thread)?;
        let copier = {
            let (log, path, options) = (Arc::clone(&log), path.to_owned(), options.clone());
            Builder::new()
                .name("journal-log".into())
                .spawn(move || log.run(&path, &options))
                .map_err(thread)?
        };
        let notify = Arc::new(Notify::new());
        let (sender, receiver) = mpsc::channel(options.queue);
        let writer = Writer {
            path: path.to_owned(),
            options,
            connection: Some(connection),
            heads,
            notify: Arc::clone(&notify),
            log: Arc::clone(&log),
            retry: None,
        };
        let writer = Builder::new()
            .name("journal-write".into())
            .spawn(move || writer.run(receiver))
            .map_err(thread)?;
        Ok(Self {
            work: Some(sender),
            readers,
            notify,
            log,
            writer: Some(writer),
            copier: Some(copier),
            _lock: lock,
        })
    }

    /// Hands work to the writer and waits until it is durable.
    async fn write<T, F>(&self, work: F) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing<'_>) -> Result<T, Trouble> + Send + 'static,
    {
        let gone = || JournalError::Broken("the journal is closed".into());
        let (job, answer) = Job::new(work);
        self.work
            .as_ref()
            .ok_or_else(gone)?
            .send(Box::new(job))
            .await
            .map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        self.readers.stop();
        self.log.stop();
        self.work = None;
        for thread in [self.copier.take(), self.writer.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }
}
