//! Serves the operator port: few connections, short times, small heads. Every limit fires, since a timer is installed.

use super::state::OperatorState;
use super::{
    access, connection, connectors, console, deadlines, decisions, evidence, exchanges, guard, health, imports, jobs,
    keys, lists, mirrors, problem, protection, queues, reconcile, report, subjects, systems, troubles,
};
use crate::http::Language;
use crate::telemetry::history::EVERY;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Connections at once; further ones are closed at once.
const CONNECTIONS: usize = 64;
/// Time for the head of a request, also between two requests.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// Time for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Largest head and largest body.
const HEAD_BYTES: usize = 16 * 1024;
pub(super) const BODY_BYTES: usize = 64 * 1024;
/// Largest body of all: a manifest with its reason, as JSON text.
pub(super) const LARGEST_BODY: usize = 3 * 1024 * 1024;
/// Most header fields.
const FIELDS: usize = 64;
/// How long answers under way may take at shutdown.
const DRAIN: Duration = Duration::from_secs(5);
/// Pause after a failed accept, so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

fn router(state: OperatorState) -> Router {
    // Manifests are larger than decisions.
    let manifests = Router::new()
        .route("/konektor", get(connectors::list).post(connectors::register))
        .route("/konektor/nilai", post(connectors::dry))
        .layer(DefaultBodyLimit::max(LARGEST_BODY));
    let admin = Router::new()
        .route("/pertukaran", get(exchanges::list))
        .route("/pertukaran/{id}", get(exchanges::one))
        .route("/pertukaran/{id}/isi", get(decisions::look))
        .route("/pertukaran/{id}/kirim-ulang", post(decisions::replay))
        .route("/pertukaran/{id}/batalkan", post(decisions::discard))
        .route("/pertukaran/{id}/nyatakan-berlaku", post(decisions::landed))
        .route("/pertukaran/{id}/setujui", post(decisions::second))
        .route("/kirim-ulang", post(jobs::replay))
        .route("/pekerjaan/{id}", get(jobs::one))
        .route("/pekerjaan/{id}/hentikan", post(jobs::halt))
        .route("/bukti", get(evidence::list))
        .route("/bukti/ikatan", get(evidence::batches).post(evidence::bind))
        .route("/bukti/kunci", get(evidence::keys))
        .route("/bukti/pertukaran/{id}", get(evidence::proofs))
        .route("/antrean", get(queues::list))
        .route("/masalah", get(troubles::list))
        .route("/masalah/berkas", get(troubles::file))
        .route("/laporan/spbe", get(report::show))
        .route("/tenggat", get(deadlines::list))
        .route("/sistem", get(systems::list))
        .route("/rekonsiliasi", get(reconcile::list))
        .route("/rekonsiliasi/{sistem}", get(reconcile::one))
        .route("/rekonsiliasi/{sistem}/jalankan", post(reconcile::run))
        .route("/salinan", get(mirrors::list))
        .route("/salinan/{id}", get(mirrors::one))
        .route("/salinan/{id}/tarik", post(mirrors::pull))
        .merge(manifests)
        .route("/konektor/{id}", get(connectors::one))
        .route("/konektor/{id}/sambungan", post(connection::walk))
        .route("/konektor/{id}/{langkah}", post(connectors::step))
        .route("/akses", get(access::list))
        .route("/akses/{id}", get(access::one))
        .route("/akses/{id}/{langkah}", post(access::decide))
        .route("/daftar", get(lists::list))
        .route("/impor/{sistem}/{kiriman}", post(imports::push))
        .route("/subjek", get(subjects::list))
        .route("/subjek/catatan", post(subjects::history))
        .route("/subjek/batasi", post(subjects::restrict))
        .route("/subjek/lepas", post(subjects::lift))
        .route("/kunci", get(keys::list).post(keys::issue))
        .route("/kunci/{awalan}/cabut", post(keys::withdraw))
        .route("/kunci-token/putar", post(keys::rotate))
        .route("/perlindungan/turunkan", post(protection::lower))
        .fallback(problem::not_found)
        // The guard stands before the routes and before "there is nothing here": a stranger learns no address.
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .nest("/admin/v1", admin)
        .merge(console::router(&state))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::wrong_method)
        // Small bodies only: a decision and its reason.
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        // Outermost: every answer, refusals too, is in time, in the caller's language, and never kept by a cache.
        .layer(middleware::from_fn(in_time))
        .with_state(state)
}

/// Keeps the last hour of figures for the console.
async fn sample(state: OperatorState, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(EVERY));
    loop {
        tokio::select! { () = stop.cancelled() => return, _ = every.tick() => {} }
        if let Ok(text) = state.scraper.text().await {
            state.history.take(&text, state.clock.now());
        }
    }
}

async fn in_time(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let answer = timeout(ANSWER_TIME, next.run(request))
        .await
        .unwrap_or_else(|_| problem::too_slow());
    let mut answer = problem::written(answer, language);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// Serves until `stop`, then lets answers under way finish. Give it a runtime of its own.
///
/// # Errors
/// When the listener cannot be registered with the runtime.
pub async fn serve(listener: std::net::TcpListener, state: OperatorState, stop: CancellationToken) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let sampling = tokio::spawn(sample(state.clone(), stop.clone()));
    let router = router(state);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .max_headers(FIELDS);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!("operator port is full");
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _permit = permit;
            // An error here is the peer's.
            let _ended = connection.await;
        });
    }
    drop(listener);
    sampling.abort();
    // Connections that do not end by themselves end with the runtime.
    let _in_time = timeout(DRAIN, graceful.shutdown()).await;
    Ok(())
}
