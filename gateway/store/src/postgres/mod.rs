//! The journal on PostgreSQL 15 or newer: one database, any number of nodes, any of which may die.
//!
//! | file | does |
//! |---|---|
//! | `batch` | group commit: what waits shares the next transaction |
//! | `place`, `accept` | stores new exchanges; keys, references and lanes in one order of locks |
//! | `moves` | ends of tries, decisions, evidence; this node's chain |
//! | `lease` | leases by `SKIP LOCKED`, renewals, timers |
//! | `read` | what is asked, and documents |
//! | `files` | files of consumers |
//! | `mirror` | copies of data sets |
//! | `listen` | wakes across nodes |
//! | `tls` | what a connection string asks for, and the encrypted stream |
//! | `connect`, `schema`, `shared` | pool, tables and their versions, what tasks share |
//!
//! Everything runs on a thread of its own with its own runtime: callers live on many, and may stop waiting at any
//! time without cutting a transaction in two.

mod accept;
mod batch;
mod connect;
mod files;
mod journal;
mod lease;
mod listen;
mod mirror;
mod moves;
mod once;
mod options;
mod place;
mod read;
mod rows;
mod schema;
mod shared;
mod target;
mod tls;
mod trouble;

pub use connect::is_plain;
pub use options::{Committed, FailPoint, Options};
pub use schema::VERSION;
pub(crate) use target::Target;
pub use tls::Protection;

use batch::Batcher;
use gateway_core::exchange::NewExchange;
use gateway_core::journal::{Acceptance, JournalError};
use moves::Move;
use shared::Shared;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use trouble::Trouble;

/// See the module.
pub struct PgJournal {
    shared: Arc<Shared>,
    accepts: Batcher<NewExchange, Acceptance>,
    moves: Batcher<Move, ()>,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PgJournal {
    /// Connects, makes or upgrades the tables where needed, and starts the node's tasks.
    pub async fn open(mut options: Options) -> Result<Self, JournalError> {
        let broken = |text: String| JournalError::Broken(text);
        if !connect::is_plain(&options.schema) {
            return Err(broken(
                "the schema's name may hold only lower case letters, digits and _".into(),
            ));
        }
        if options.database.get_application_name().is_none() {
            options.database.application_name(format!("simpul {}", options.node));
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, handle) = oneshot::channel();
        let thread = Builder::new()
            .name("journal-postgres".into())
            .spawn(
                move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => {
                        let _ = started.send(Ok(runtime.handle().clone()));
                        let _ = runtime.block_on(stopped);
                    }
                    Err(error) => {
                        let _ = started.send(Err(error));
                    }
                },
            )
            .map_err(|e| broken(format!("cannot start a thread: {e}")))?;
        let runtime = handle
            .await
            .map_err(|_| broken("the journal's thread ended".into()))?
            .map_err(|e| broken(format!("cannot start a runtime: {e}")))?;
        let opened = runtime.spawn(start(options)).await.map_err(|e| broken(e.to_string()))?;
        let (shared, accepts, moves) = opened.map_err(|trouble| trouble.told())?;
        Ok(Self {
            shared,
            accepts,
            moves,
            runtime,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Runs on the journal's own runtime, to the end even when the caller no longer waits.
    async fn run<T, F, W>(&self, work: W) -> Result<T, JournalError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Trouble>> + Send + 'static,
        W: FnOnce(Arc<Shared>) -> F,
    {
        let task = self.runtime.spawn(work(Arc::clone(&self.shared)));
        match task.await {
            Ok(result) => result.map_err(|trouble| trouble.told()),
            Err(error) => Err(JournalError::Broken(format!("the journal is closed: {error}"))),
        }
    }
}

type Opened = (Arc<Shared>, Batcher<NewExchange, Acceptance>, Batcher<Move, ()>);

async fn start(options: Options) -> Result<Opened, Trouble> {
    let pool = connect::pool(&options)?;
    let mut client = pool.get().await?;
    schema::migrate(&mut client, &options.schema).await?;
    target::is_whole(&client).await?;
    let make = "INSERT INTO chains (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING";
    client.execute(make, &[&options.node, &[0_u8; 32].as_slice()]).await?;
    drop(client);
    let shared = Arc::new(Shared::new(options, pool));
    tokio::spawn(listen::listen(Arc::clone(&shared)));
    tokio::spawn(listen::tell(Arc::clone(&shared)));
    let accepts = Batcher::start(&shared, 2, accept::run);
    let moves = Batcher::start(&shared, 1, moves::run);
    Ok((shared, accepts, moves))
}

impl Drop for PgJournal {
    fn drop(&mut self) {
        // Nobody waits any more: every call borrows the journal.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
