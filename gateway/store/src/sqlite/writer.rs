//! The one writer: drains what waits, does it in one transaction, syncs once, and only then answers.
//!
//! A piece of work checks before it writes: a refusal leaves nothing behind. When the file itself gives trouble the
//! whole transaction is undone and each piece is tried alone, so that one that does not fit fails alone. When a commit
//! or a sync fails nothing of it is acknowledged and the connection is given up: the file is opened anew before
//! anything else is written, since after a failed sync nobody knows what the disk holds.

use super::heads::Heads;
use super::log::Log;
use super::trouble::{Trouble, breaks_connection, told};
use super::{Options, connect};
use gateway_core::journal::JournalError;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot};

/// What a piece of work writes with.
pub(super) struct Writing<'a> {
    pub(super) connection: &'a Connection,
    pub(super) heads: &'a mut Heads,
}

/// Something to write, with somebody who waits for it.
pub(super) trait Work: Send {
    /// May run twice: the first time may have been undone.
    fn run(&mut self, tx: &mut Writing<'_>) -> Result<(), rusqlite::Error>;
    /// Tells the one who waits; `Err` when it was not stored.
    fn answer(self: Box<Self>, outcome: Result<(), JournalError>);
}

/// A closure as work.
pub(super) struct Job<T, F> {
    work: F,
    result: Option<Result<T, JournalError>>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T, F> Job<T, F>
where
    T: Send,
    F: FnMut(&mut Writing<'_>) -> Result<T, Trouble> + Send,
{
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, JournalError>>) {
        let (reply, receiver) = oneshot::channel();
        (
            Self {
                work,
                result: None,
                reply,
            },
            receiver,
        )
    }
}

impl<T, F> Work for Job<T, F>
where
    T: Send,
    F: FnMut(&mut Writing<'_>) -> Result<T, Trouble> + Send,
{
    fn run(&mut self, tx: &mut Writing<'_>) -> Result<(), rusqlite::Error> {
        self.result = match (self.work)(tx) {
            Ok(value) => Some(Ok(value)),
            Err(Trouble::Refused(error)) => Some(Err(error)),
            Err(Trouble::Storage(error)) => return Err(error),
        };
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), JournalError>) {
        let result = match outcome {
            Ok(()) => self
                .result
                .unwrap_or_else(|| Err(JournalError::Broken("the work was not done".into()))),
            Err(error) => Err(error),
        };
        // A caller that has gone away does not undo what is durable.
        let _ = self.reply.send(result);
    }
}

/// A commit or its parts failed.
struct Failure {
    error: rusqlite::Error,
    /// At the commit itself: the connection is not trusted any more.
    at_commit: bool,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self {
            error,
            at_commit: false,
        }
    }
}

/// The writer's thread.
pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    /// `None` after it broke, until the file could be opened anew.
    pub(super) connection: Option<Connection>,
    pub(super) heads: Heads,
    pub(super) notify: Arc<Notify>,
    pub(super) log: Arc<Log>,
    pub(super) retry: Option<Instant>,
}

impl Writer {
    /// Until every sender is gone; then what waits is still done.
    pub(super) fn run(mut self, mut work: mpsc::Receiver<Box<dyn Work>>) {
        let mut batch = Vec::new();
        while let Some(first) = work.blocking_recv() {
            batch.push(first);
            while batch.len() < self.options.batch {
                match work.try_recv() {
                    Ok(next) => batch.push(next),
                    Err(_) => break,
                }
            }
            self.process(std::mem::take(&mut batch));
            if let Some(connection) = &self.connection {
                self.log.turn(connection);
            }
        }
        if let Some(connection) = self.connection.take() {
            Log::empty(&connection);
        }
    }

    fn process(&mut self, mut batch: Vec<Box<dyn Work>>) {
        match self.attempt(&mut batch) {
            Ok(()) => self.answer(batch, || Ok(())),
            Err(failure) if batch.len() > 1 && !failure.at_commit && self.connection.is_some() => {
                for work in batch {
                    let mut alone = vec![work];
                    let outcome = self.attempt(&mut alone).map_err(|f| told(&f.error));
                    let mut outcome = Some(outcome);
                    self.answer(alone, || outcome.take().unwrap_or(Ok(())));
                }
            }
            Err(failure) => self.answer(batch, || Err(told(&failure.error))),
        }
    }

    fn answer(&self, batch: Vec<Box<dyn Work>>, mut outcome: impl FnMut() -> Result<(), JournalError>) {
        self.point("before_answer");
        for work in batch {
            work.answer(outcome());
        }
    }

    /// One transaction over the batch; durable when it returns `Ok`.
    fn attempt(&mut self, batch: &mut [Box<dyn Work>]) -> Result<(), Failure> {
        self.reopen()?;
        let Some(connection) = self.connection.take() else {
            return Err(unopened().into());
        };
        let mut heads = self.heads.clone();
        match self.commit(&connection, &mut heads, batch) {
            Ok(()) => {
                self.connection = Some(connection);
                if let Some(committed) = &self.options.committed {
                    committed(batch.len());
                }
                if std::mem::take(&mut heads.wake) {
                    self.notify.notify_waiters();
                    self.notify.notify_one();
                }
                if std::mem::take(&mut heads.erased) {
                    self.log.ask();
                }
                self.heads = heads;
                Ok(())
            }
            Err(failure) => {
                let undone = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
                let full = failure.error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
                if full {
                    self.log.ask();
                }
                if undone && !breaks_connection(&failure.error) && (!failure.at_commit || full) {
                    self.connection = Some(connection);
                } else {
                    tracing::error!(error = %failure.error, "journal connection given up, the file will be opened anew");
                }
                Err(failure)
            }
        }
    }

    fn commit(&self, connection: &Connection, heads: &mut Heads, batch: &mut [Box<dyn Work>]) -> Result<(), Failure> {
        self.point("before_begin");
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for work in batch {
            work.run(&mut Writing { connection, heads })?;
        }
        heads.flush(connection)?;
        self.point("after_exec");
        let mut commit = connection.prepare_cached("COMMIT")?;
        self.point("before_commit");
        commit.execute([]).map_err(|error| Failure { error, at_commit: true })?;
        self.point("after_commit");
        Ok(())
    }

    /// Opens the file anew after the connection broke, at most once a second.
    fn reopen(&mut self) -> Result<(), Failure> {
        if self.connection.is_some() {
            return Ok(());
        }
        let now = Instant::now();
        if self.retry.is_some_and(|at| now < at) {
            return Err(unopened().into());
        }
        self.retry = Some(now + Duration::from_secs(1));
        let mut connection = connect::writer(&self.path, &self.options)?;
        // Everything acknowledged goes to the file and is synced there, or we stay closed.
        Log::copy(&connection)?;
        self.heads = Heads::load(&connection).map_err(|text| {
            tracing::error!(error = %text, "journal cannot be read");
            unopened()
        })?;
        self.log.watch(&mut connection)?;
        self.connection = Some(connection);
        self.retry = None;
        tracing::info!("journal opened anew");
        Ok(())
    }

    fn point(&self, name: &'static str) {
        if let Some(fail) = &self.options.fail {
            fail(name);
        }
    }
}

fn unopened() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
    rusqlite::Error::SqliteFailure(code, Some("the journal's file could not be opened again".into()))
}
