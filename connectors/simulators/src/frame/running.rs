//! A simulator that is up: its address, its switchboard, its state; it goes down when dropped.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::clock::SimClock;
use super::log::{Log, LoggedRequest};
use super::switchboard::Switchboard;
use super::wire::{Scissors, Socket};
use super::{System, clock, serve};

/// What every simulator is started with.
#[derive(Debug, Clone)]
pub struct Common {
    /// Where to listen; port 0 picks a free one.
    pub addr: SocketAddr,
    /// What the simulator's clock shows at the start.
    pub start: jiff::Timestamp,
    /// How fast the clock runs; 1 is real time, 0 stands still.
    pub speed: f64,
}

impl Default for Common {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            start: clock::default_start(),
            speed: 1.0,
        }
    }
}

pub(crate) struct Shared<S> {
    system: Mutex<S>,
    log: Mutex<Log>,
    pub(crate) faults: Switchboard,
    pub(crate) clock: Arc<SimClock>,
}

impl<S> Shared<S> {
    pub(crate) fn system(&self) -> MutexGuard<'_, S> {
        self.system.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: System> Shared<S> {
    pub(crate) fn reset(&self) {
        self.system().reset();
        self.faults.reset();
        *self.log() = Log::default();
    }

    pub(crate) fn effects(&self) -> Value {
        let mut effects = self.system().effects();
        effects["requests"] = self.log().counts();
        effects["faults_played"] = json!(self.faults.fired());
        effects
    }
}

/// A running simulator. Dropping it closes its listener and lets open connections finish.
pub struct Running<S> {
    addr: SocketAddr,
    prefix: String,
    shared: Arc<Shared<S>>,
    server: Option<Server>,
}

struct Server {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl<S: System> Running<S> {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL of the played API, prefix included, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.addr, self.prefix)
    }

    /// The base URL of the control API (`…/__sim`).
    pub fn control_url(&self) -> String {
        format!("http://{}/__sim", self.addr)
    }

    /// The fault switchboard.
    pub fn faults(&self) -> &Switchboard {
        &self.shared.faults
    }

    /// The simulator's clock.
    pub fn clock(&self) -> &SimClock {
        &self.shared.clock
    }

    /// Looks at the state, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut self.shared.system())
    }

    /// What was done, counted; the same as `GET /__sim/effects`.
    pub fn effects(&self) -> Value {
        self.shared.effects()
    }

    /// What is stored; the same as `GET /__sim/state`.
    pub fn state(&self) -> Value {
        self.shared.system().state()
    }

    /// Every request that arrived (bounded), oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log().since(0, usize::MAX)
    }

    /// Back to the beginning: state, faults, log.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Goes down: new connections are refused, open ones may finish. The state stays.
    pub async fn down(&mut self) {
        if let Some(server) = self.server.take() {
            let _ = server.stop.send(());
            let _ = server.task.await;
        }
    }

    /// Comes up again at the same address with the same state.
    pub async fn up(&mut self) -> io::Result<()> {
        self.down().await;
        let listener = TcpListener::bind(self.addr).await?;
        self.server = Some(listen(listener, &self.shared));
        Ok(())
    }
}

impl<S> Drop for Running<S> {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            let _ = server.stop.send(());
        }
    }
}

/// Starts a system. `build` gets the clock and the base URL it will be reached at.
pub async fn start<S: System>(
    common: &Common,
    prefix: &str,
    build: impl FnOnce(Arc<SimClock>, String) -> S,
) -> io::Result<Running<S>> {
    let listener = TcpListener::bind(common.addr).await?;
    let addr = listener.local_addr()?;
    let clock = Arc::new(SimClock::new(common.start, common.speed));
    let system = build(Arc::clone(&clock), format!("http://{addr}{prefix}"));
    let shared = Arc::new(Shared {
        system: Mutex::new(system),
        log: Mutex::new(Log::default()),
        faults: Switchboard::default(),
        clock,
    });
    let server = Some(listen(listener, &shared));
    Ok(Running {
        addr,
        prefix: prefix.to_owned(),
        shared,
        server,
    })
}

fn listen<S: System>(listener: TcpListener, shared: &Arc<Shared<S>>) -> Server {
    let app = Router::new()
        .fallback(serve::answer::<S>)
        .with_state(Arc::clone(shared));
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(Socket(listener), app.into_make_service_with_connect_info::<Scissors>());
    let task = tokio::spawn(async move {
        let stopped = async move {
            let _ = stopped.await;
        };
        // The accept loop has no error of its own: broken connections are the client's business.
        let _ = server.with_graceful_shutdown(stopped).await;
    });
    Server { stop, task }
}
