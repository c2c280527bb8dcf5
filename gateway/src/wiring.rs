//! From a built set-up to a running gateway, and back down in order. Called by the command line and by tests that need
//! a whole gateway.
//!
//! Down: not ready → no new connections, no new leases → work under way ends, within a bound → evidence is written →
//! the operator port closes → the journal closes.

pub(crate) mod identities;
mod machine;
mod master;
mod seams;
mod shared;
#[cfg(test)]
mod tests;
mod threads;

pub use machine::{RandomIds, SystemClock};
pub(crate) use master::sessions as session_seed;
pub use seams::Seams;

use crate::access;
use crate::config::{Built, Complaint, Node};
use crate::listener;
use crate::registry::{self, Registered};
use crate::tls::Acceptor;
use gateway_core::journal::JournalError;
use shared::Shared;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use threads::Thread;
use tokio_util::sync::CancellationToken;

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The journal does not open.
    #[error("journal {} does not open: {why}", .file.display())]
    Journal {
        /// Its file.
        file: PathBuf,
        /// The reason.
        why: String,
    },
    /// The database of the journal.
    #[error("journal at {place} does not open: {why}")]
    Database {
        /// Host, port, database and schema.
        place: String,
        /// The reason.
        why: String,
    },
    /// The master key of bodies at rest.
    #[error("master key {}: {why}", file.display())]
    MasterKey {
        /// Its file, or where the configuration names it.
        file: PathBuf,
        /// The reason.
        why: String,
    },
    /// Certificates.
    #[error("TLS: {0}")]
    Tls(String),
    /// Paths contradict each other.
    #[error("routes: {0}")]
    Routes(String),
    /// A built-in schema is missing or wrong.
    #[error("schemas: {0}")]
    Schemas(String),
    /// The operating system gives no thread or runtime.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}

/// A running gateway. Dropping it without [`Running::stop`] leaves its threads to end by themselves.
pub struct Running {
    shared: Shared,
    built: Built,
    public: SocketAddr,
    operator: SocketAddr,
    stop: CancellationToken,
    stop_operator: CancellationToken,
    work: Vec<Thread>,
    operator_thread: Option<Thread>,
    tls: Option<Acceptor>,
}

/// Starts everything. Returns once both addresses listen and the journal is open.
///
/// # Errors
/// When an address is taken, the journal does not open, or a certificate is not readable. Nothing is left running.
pub fn start(built: Built) -> Result<Running, StartError> {
    start_with(built, &Seams::default())
}

/// Starts everything with seams for tests that end a gateway on purpose.
///
/// # Errors
/// As [`start`].
pub fn start_with(built: Built, seams: &Seams) -> Result<Running, StartError> {
    let node = built.node.clone();
    // Addresses first: a taken one is the commonest mistake and leaves nothing to undo.
    let listeners = listeners(node.listen, threads_of(node.threads))?;
    let public = address(&listeners, node.listen)?;
    let operator_listener =
        TcpListener::bind(node.operator).map_err(|error| StartError::Listen(node.operator, error))?;
    let operator = operator_listener
        .local_addr()
        .map_err(|error| StartError::Listen(node.operator, error))?;
    let tls = node.tls.as_ref().map(Acceptor::from_files);
    let tls = tls.transpose().map_err(StartError::Tls)?;
    let shared = Shared::new(&built, seams)?;
    if let Some(files) = &node.tls {
        shared.shows(files);
    }
    // Before anything may hold a new lease under the same name.
    shared.recover().map_err(StartError::Thread)?;

    let mut running = Running {
        shared,
        built,
        public,
        operator,
        stop: CancellationToken::new(),
        stop_operator: CancellationToken::new(),
        work: Vec::new(),
        operator_thread: None,
        tls: tls.clone(),
    };
    match running.spawn(&node, listeners, tls.as_ref(), operator_listener) {
        Ok(()) => {
            tracing::info!(%public, %operator, "gateway is up");
            Ok(running)
        }
        Err(error) => {
            running.stop();
            Err(StartError::Thread(error))
        }
    }
}

impl Running {
    fn spawn(
        &mut self,
        node: &Node,
        listeners: Vec<TcpListener>,
        tls: Option<&Acceptor>,
        operator: TcpListener,
    ) -> io::Result<()> {
        let bound = node.stop_within;
        let (scribe, background) = threads::background(&self.shared, node.worker.clone(), self.stop.clone(), bound)?;
        self.work.push(background);
        for (number, listener) in listeners.into_iter().enumerate() {
            let edge = self.shared.edge(self.shared.rooms(scribe.clone()));
            let thread = threads::data_plane(number, listener, edge, tls.cloned(), self.stop.clone(), bound)?;
            self.work.push(thread);
        }
        self.operator_thread = Some(threads::operator(&self.shared, operator, self.stop_operator.clone())?);
        Ok(())
    }

    /// Where consumers call.
    pub fn public(&self) -> SocketAddr {
        self.public
    }

    /// Where the operator looks.
    pub fn operator(&self) -> SocketAddr {
        self.operator
    }

    /// What runs now; the next set-up is built over it, so that unchanged systems keep their state.
    pub fn built(&self) -> &Built {
        &self.built
    }

    /// Everything that is registered or was asked for, when something changed after `known`; moves `known` on.
    ///
    /// # Errors
    /// When the journal does not answer.
    pub async fn registered(&self, known: &mut i64) -> Result<Option<Registered>, JournalError> {
        let journal = self.shared.journal();
        let (changed, newest) = registry::changed(&*journal, *known).await?;
        let registered = match changed {
            true => {
                let entries = registry::all(&*journal).await?.into_iter();
                let accesses = access::all(&*journal).await?.into_iter();
                Some(Registered {
                    entries: entries.map(|(entry, _)| entry).collect(),
                    accesses: accesses.map(|(access, _)| access).collect(),
                })
            }
            false => None,
        };
        *known = newest;
        Ok(registered)
    }

    /// Certificates are read anew with every reload: they are renewed under the same name.
    fn certificates(&self, built: &Built) -> Result<(), StartError> {
        match (&self.tls, &built.node.tls) {
            (Some(acceptor), Some(files)) => {
                acceptor.renew(files).map_err(StartError::Tls)?;
                self.shared.shows(files);
                Ok(())
            }
            // Switching TLS on or off takes a start; `replace` says so.
            _ => Ok(()),
        }
    }

    /// Puts a newer set-up in force, or keeps the old one and says why.
    pub fn reload(&mut self, newer: Result<Built, Vec<Complaint>>) {
        match newer {
            Ok(built) => match self.certificates(&built).and_then(|()| self.shared.replace(&built)) {
                Ok(()) => self.built = built,
                Err(error) => {
                    tracing::error!(%error, "configuration refused");
                    self.shared.refuse(&[]);
                }
            },
            Err(complaints) => self.shared.refuse(&complaints),
        }
    }

    /// Stops in order and waits for the end; at most about twice the configured bound.
    pub fn stop(mut self) {
        tracing::info!("gateway is stopping");
        self.shared.stopping();
        self.stop.cancel();
        for thread in self.work.drain(..) {
            ended(thread);
        }
        self.stop_operator.cancel();
        if let Some(thread) = self.operator_thread.take() {
            ended(thread);
        }
        tracing::info!("gateway is down");
    }
}

fn ended(thread: Thread) {
    let name = thread.thread().name().unwrap_or_default().to_owned();
    match thread.join() {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(thread = name, %error, "thread failed"),
        Err(_) => tracing::error!(thread = name, "thread panicked"),
    }
}

fn threads_of(configured: usize) -> usize {
    match configured {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        some => some,
    }
}

/// One listener per thread on the same port; the first fixes a port that was left open.
fn listeners(wanted: SocketAddr, count: usize) -> Result<Vec<TcpListener>, StartError> {
    let wrong = |error| StartError::Listen(wanted, error);
    // Sharing a port with our own threads must not hide that another program has it.
    if wanted.port() != 0 {
        drop(TcpListener::bind(wanted).map_err(wrong)?);
    }
    let first = listener::bind(wanted).map_err(wrong)?;
    let actual = first.local_addr().map_err(wrong)?;
    let mut listeners = vec![first];
    for _ in 1..count {
        listeners.push(listener::bind(actual).map_err(wrong)?);
    }
    Ok(listeners)
}

fn address(listeners: &[TcpListener], wanted: SocketAddr) -> Result<SocketAddr, StartError> {
    let address = listeners.first().map(TcpListener::local_addr).transpose();
    Ok(address
        .map_err(|error| StartError::Listen(wanted, error))?
        .unwrap_or(wanted))
}
