//! The web console at `/`: pages made on the server from what the admin API gives, no second logic. Indonesian first,
//! English complete. Works without scripts; the small script only refreshes and moves the focus.
//!
//! Nothing is loaded from elsewhere, and the policy of each answer says so. Who acts is the session's person.

mod actions;
mod board;
mod catalogue;
mod chart;
mod consumers;
mod door;
mod events;
mod evidence;
mod exchanges;
mod home;
mod performance;
mod problems;
mod queues;
mod replay;
mod report;
mod session;
mod settings;
mod sso;
mod standing;
mod systems;
mod ui;

pub(super) use session::Sessions;

use super::state::OperatorState;
use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

/// Only our own files, no frames, no inline anything.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Every page, each behind a session but for the door itself.
pub(super) fn router(state: &OperatorState) -> Router<OperatorState> {
    let inside = Router::new()
        .route("/", get(home::page))
        .route("/masalah", get(problems::page))
        .route("/masalah/berkas", get(super::troubles::file))
        .route("/masalah/{sistem}/{sebab}/{pihak}/urus", post(actions::care))
        .route("/pertukaran", get(exchanges::list))
        .route("/pertukaran/{id}", get(exchanges::one))
        .route("/pertukaran/{id}/isi", get(exchanges::masked).post(actions::reveal))
        .route("/pertukaran/{id}/putuskan", post(actions::decide))
        .route("/antrean", get(queues::page))
        .route("/kirim-ulang", get(replay::preview).post(replay::begin))
        .route("/pekerjaan/{id}", get(replay::job))
        .route("/pekerjaan/{id}/hentikan", post(replay::halt))
        .route("/sistem", get(systems::page))
        .route("/peristiwa", get(events::page))
        .route("/salinan", get(board::page))
        .route("/salinan/{id}/tarik", post(actions::pull))
        .route("/konsumen", get(consumers::page))
        .route("/bukti", get(evidence::page))
        .route("/kinerja", get(performance::page))
        .route("/katalog", get(catalogue::page))
        .route("/laporan", get(report::page))
        .route("/pengaturan", get(settings::page))
        .route(session::LEAVE, post(door::leave))
        .layer(middleware::from_fn_with_state(state.clone(), session::guard));
    Router::new()
        .merge(inside)
        .route("/masuk", get(door::form).post(door::enter))
        .route("/masuk/oidc", get(sso::begin))
        .route(super::oidc::BACK, get(sso::back))
        .route("/bahasa/{tag}", get(door::choose))
        .route(
            "/konsol.css",
            get(async || asset("text/css; charset=utf-8", include_str!("assets/konsol.css"))),
        )
        .route(
            "/konsol.js",
            get(async || asset("text/javascript; charset=utf-8", include_str!("assets/konsol.js"))),
        )
        .layer(middleware::from_fn(guarded))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let mut answer = text.into_response();
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

async fn guarded(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    answer
}
