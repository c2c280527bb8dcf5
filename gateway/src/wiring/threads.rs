//! The threads of one gateway: data plane (one current-thread runtime each), background (worker and scribe), operator.
//! Each ends by itself once told to stop, within a bound.

use super::shared::Shared;
use crate::operator;
use crate::tls::Acceptor;
use crate::{http::Edge, listener};
use gateway_core::Rooms;
use gateway_core::deliver::supplied;
use gateway_core::events::dispatch;
use gateway_core::mirror;
use gateway_core::person::bulk;
use gateway_core::timekeeper::{self, TimekeeperPolicy};
use gateway_core::worker::{self, WorkerPolicy};
use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use tokio::runtime;
use tokio_util::sync::CancellationToken;

/// Threads of the background runtime.
const BACKGROUND: usize = 2;

/// A thread that ends with a result.
pub(super) type Thread = JoinHandle<io::Result<()>>;

/// One data-plane thread.
pub(super) fn data_plane(
    number: usize,
    listener: TcpListener,
    edge: Arc<Edge>,
    tls: Option<Acceptor>,
    stop: CancellationToken,
    bound: Duration,
) -> io::Result<Thread> {
    current(format!("jalur-{number}"), async move {
        let rooms = Arc::clone(&edge.rooms);
        let served = listener::serve(listener, edge, tls, stop).await;
        drain(&rooms, bound).await;
        served
    })
}

/// The operator port.
pub(super) fn operator(shared: &Shared, listener: TcpListener, stop: CancellationToken) -> io::Result<Thread> {
    // A scribe of its own: the operator port outlives the background, which waits for its own scribe to be let go.
    let (scribe, writing) = gateway_core::record::Scribe::new(shared.journal(), shared.clock());
    let state = shared.operator(scribe);
    current("operator".to_owned(), async move {
        let writing = tokio::spawn(writing);
        let served = operator::serve(listener, state, stop).await;
        writing.abort();
        served
    })
}

/// Worker, timekeeper, keeper of copies, dispatcher of events, persons' jobs, retention and scribe. `released` are cancelled once no other thread writes evidence any more.
pub(super) fn background(
    shared: &Shared,
    policy: WorkerPolicy,
    stop: CancellationToken,
    bound: Duration,
) -> io::Result<(gateway_core::record::Scribe, Thread)> {
    let (scribe, writing) = gateway_core::record::Scribe::new(shared.journal(), shared.clock());
    let rooms = shared.rooms(scribe.clone());
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(BACKGROUND)
        .thread_name("latar")
        .enable_all()
        .build()?;
    let retention = shared.retention(stop.clone());
    // Ends after the scribe, so that the last records are bound too.
    let written = CancellationToken::new();
    let binding = shared.binding(written.clone());
    let keys = shared.keys(stop.clone());
    let quotas = shared.quotas(stop.clone());
    // Ends last, so that the spans of the last exchanges are sent too.
    let told = CancellationToken::new();
    let telemetry = shared.telemetry(scribe.clone(), told.clone());
    let subjects = shared.subjects(stop.clone());
    let work = async move {
        rooms.tasks.spawn(bulk::run(Arc::clone(&rooms), stop.clone()));
        rooms.tasks.spawn(retention);
        rooms.tasks.spawn(keys);
        rooms.tasks.spawn(quotas);
        rooms.tasks.spawn(subjects);
        rooms.tasks.spawn(supplied::watch(Arc::clone(&rooms), stop.clone()));
        rooms.tasks.spawn(mirror::keeper::run(Arc::clone(&rooms), stop.clone()));
        let telemetry = tokio::spawn(telemetry);
        let writing = tokio::spawn(writing);
        let binding = tokio::spawn(binding);
        let keeping = timekeeper::run(Arc::clone(&rooms), TimekeeperPolicy::default(), stop.clone());
        let dispatching = tokio::spawn(dispatch::run(Arc::clone(&rooms), stop.clone()));
        tokio::join!(worker::run(Arc::clone(&rooms), policy, stop), keeping);
        if dispatching.await.is_err() {
            tracing::error!("dispatcher of events broke off");
        }
        drain(&rooms, bound).await;
        told.cancel();
        if tokio::time::timeout(bound, telemetry).await.is_err() {
            tracing::warn!("telemetry not sent in time");
        }
        drop(rooms);
        // Ends when the last thread that writes evidence has let go of its end.
        if tokio::time::timeout(bound, writing).await.is_err() {
            tracing::warn!("evidence not written in time");
        }
        written.cancel();
        if tokio::time::timeout(bound, binding).await.is_err() {
            tracing::warn!("evidence not bound in time");
        }
        Ok(())
    };
    let thread = Builder::new().name("latar".to_owned()).spawn(move || {
        let ended = runtime.block_on(work);
        runtime.shutdown_timeout(Duration::from_secs(1));
        ended
    })?;
    Ok((scribe, thread))
}

fn current(name: String, work: impl Future<Output = io::Result<()>> + Send + 'static) -> io::Result<Thread> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    Builder::new().name(name).spawn(move || {
        let ended = runtime.block_on(work);
        runtime.shutdown_timeout(Duration::from_secs(1));
        ended
    })
}

/// Waits for work that outlives its caller. What is not done in time is taken up again from the journal at the next
/// start.
async fn drain(rooms: &Rooms, bound: Duration) {
    rooms.tasks.close();
    if tokio::time::timeout(bound, rooms.tasks.wait()).await.is_err() {
        tracing::warn!(left = rooms.tasks.len(), "exchanges not finished in time");
    }
}
