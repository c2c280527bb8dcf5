//! The server stack: rooms 1–6 and 15 in order, each with the reason why it stands there. Rooms 7–14 are
//! `gateway_core::pipeline`.

use super::body::Unread;
use super::identify::{Known, identify, outside};
use super::language::Language;
use super::limits::HttpLimits;
use super::open::OpenRecord;
use super::problem::Problem;
use super::routes::{Matched, Routes, Target, Unmatched};
use super::share::Shares;
use super::{
    Answer, akses, asli, lampiran, langganan, masuk, pages, pemakaian, peristiwa, refusals, respond, salinan, status,
    target, token, unduh,
};
use crate::connections::Connections;
use crate::tls::Names;
use arc_swap::ArcSwap;
use bytes::Bytes;
use connector_sdk::{Secret, Text};
use gateway_core::deliver::FlowError;
use gateway_core::files::{FETCH, UPLOAD};
use gateway_core::identity::keyring::Keyring;
use gateway_core::identity::signed::{Once, Unusable};
use gateway_core::pipeline::{self, Call};
use gateway_core::spoken;
use gateway_core::{Refusal, Rooms};
use http::header::{ALLOW, EXPECT, HOST, HeaderName, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, Request, Version};
use serde_json::Map;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// What the edge counts.
pub(super) use crate::telemetry::Meters as EdgeMeters;

/// Everything the edge needs; one per data-plane thread, its parts shared.
pub struct Edge {
    /// The pipeline of this thread.
    pub rooms: Arc<Rooms>,
    /// Keys issued and withdrawn at run time.
    pub keyring: Arc<Keyring>,
    /// Compiled routes, swapped on reload.
    pub routes: Arc<ArcSwap<Routes>>,
    /// Limits.
    pub limits: HttpLimits,
    /// Calls at once, over all threads.
    pub slots: Arc<Semaphore>,
    /// Who has how many of them.
    pub shares: Arc<Shares>,
    /// Connections at once, over all threads.
    pub connections: Arc<Connections>,
    /// Metrics.
    pub meters: Arc<EdgeMeters>,
}

// room 1: listener — connection cap and header time, in `crate::listener`; before all else, since a connection that
// sends nothing must cost next to nothing.
// room 2: tls — in `crate::tls`; under the listener's handshake time.

/// Answers one request. Called by the connection; never fails. What most calls do not need stands in boxes, since the whole is
/// moved for every call.
pub async fn answer<B>(edge: Arc<Edge>, request: Request<B>) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<FlowError>,
{
    // room 3: open-record — first, so that whatever happens next leaves a trace.
    let mut record = OpenRecord::open(&edge.rooms, request.headers(), &edge.meters);
    let language = Language::of(request.headers());
    let exchange = record.exchange;
    let echo = request_id(request.headers());
    // room 4: shed-and-cap — before any work is done for the call; the body's cap waits for room 9.
    let mut answer = match edge.slots.try_acquire() {
        Ok(_slot) => {
            let rooms = through(&edge, &mut record, language, request);
            match tokio::time::timeout(edge.limits.total_time, rooms).await {
                Ok(answer) => answer,
                Err(_) => out_of_time().render(exchange, language),
            }
        }
        Err(_) => busy().render(exchange, language),
    };
    respond::seal(&mut answer, exchange, echo.as_deref());
    record.close(answer.status().as_u16());
    answer
}

async fn through<B>(edge: &Arc<Edge>, record: &mut OpenRecord, language: Language, request: Request<B>) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<FlowError>,
{
    let exchange = record.exchange;
    let refuse = |problem: &Problem| problem.render(exchange, language);
    let (head, body) = request.into_parts();
    if !is_plain(&head) {
        return refuse(&malformed());
    }
    if !only(&head.headers, EXPECT, "100-continue") {
        return refuse(&expects_more());
    }

    // room 5: match — before the caller is known, so that unknown paths cost no look-up of keys.
    let Matched { target, mut parameters } = match edge.routes.load().find(&head.method, head.uri.path()) {
        Ok(matched) => matched,
        Err(unmatched) => return refuse(&unmatched_problem(unmatched)),
    };
    record.left("match", None);
    // Who asks for a token shows what room 6 would ask for.
    match target {
        Target::Token => return Box::pin(token::issue(edge, &head.headers, body)).await,
        Target::Jwks => return token::jwks(edge),
        _ => {}
    }
    // A push proves its sender itself, and only with part of its body; everything up to `accept` stands in `masuk`.
    if let Target::Push(receiver) = &target {
        return Box::pin(masuk::answer(edge, record, receiver, head, body)).await;
    }
    // The query of a native call is the system's to judge.
    let query = match target {
        Target::Native => Some(Map::new()),
        _ => target::query(&head.uri),
    };
    let Some(query) = query else {
        return refuse(&malformed());
    };
    if let Target::Page(page) = target {
        let asked = pages::Asked {
            head: &head,
            parameters: &parameters,
            query: &query,
            exchange,
            language,
        };
        return pages::answer(edge, page, &asked).unwrap_or_else(|| refuse(&unmatched_problem(Unmatched::Path)));
    }
    // Who asks for access for the first time has nothing to show yet.
    if let Target::Access(ask) = target
        && !shows_something(&head)
    {
        let mut body = Unread::new(&head.headers, body, edge.limits.body_time);
        return akses::stranger(edge, ask, &parameters, &head.headers, &mut body, exchange, language).await;
    }
    // room 6: identify — before the body is read: strangers cannot make us read.
    let catalogue = edge.rooms.catalogue.load_full();
    let known = match identify(edge, &catalogue, &head) {
        None => Box::pin(outside(edge, &catalogue, &head)).await,
        known => known,
    };
    let Some(Known {
        who: identified,
        signed,
    }) = known
    else {
        edge.meters.rejected("unidentified");
        return refuse(&refusals::unidentified());
    };
    // What passes unread cannot be held against what was signed.
    if signed.is_some() && matches!(target, Target::Native | Target::Upload) {
        return refuse(&refusals::unidentified());
    }
    record.consumer = Some(identified.consumer().id.clone());
    record.left("identify", None);
    // Shares of the places of room 4: known only now, and taken before anything is read.
    let Some(_own) = edge.shares.of(&identified.consumer().id) else {
        edge.meters.rejected("share");
        return refuse(&greedy(edge.limits.per_consumer));
    };
    // After the share, so that nobody makes the journal work for more than its own.
    let signed = match signed {
        None => None,
        Some(bound) => {
            if let Err(problem) = Box::pin(used_up(edge, bound.once)).await {
                return refuse(&problem);
            }
            Some(bound.body)
        }
    };
    let reads = match &target {
        Target::Operation(operation) => !operation.spec.effect.writes(),
        Target::Mirror(_) | Target::Chain(_) | Target::Download => true,
        _ => false,
    };
    let place = reads.then(|| edge.shares.reading());
    if let Some(None) = place {
        edge.meters.rejected("reads");
        return refuse(&busy());
    }
    if let Target::Native = target {
        record.operation = Some("asli".into());
        let asked = asli::Asked {
            head,
            exchange,
            trace: record.trace.clone(),
            language,
        };
        return asli::answer(edge, &identified, asked, body).await;
    }
    let operation = match target {
        Target::Operation(operation) => operation,
        Target::Mirror(plan) => {
            record.operation = Some(plan.grant());
            return Box::pin(salinan::mirror(
                edge,
                &identified,
                &plan,
                &head.headers,
                &query,
                exchange,
                language,
            ))
            .await;
        }
        Target::Chain(plan) => {
            record.operation = Some(plan.grant());
            return Box::pin(salinan::chain(edge, &identified, &plan, &query, exchange, language)).await;
        }
        Target::Upload => {
            record.operation = Some(UPLOAD.into());
            return Box::pin(lampiran::upload(
                edge,
                &identified,
                (&head.headers, &query),
                body,
                exchange,
                language,
            ))
            .await;
        }
        Target::Download => {
            record.operation = Some(FETCH.into());
            return Box::pin(unduh::file(
                edge,
                &identified,
                &parameters,
                &head.headers,
                exchange,
                language,
            ))
            .await;
        }
        Target::Access(ask) => {
            let mut body = Unread::new(&head.headers, body, edge.limits.body_time).signed(signed);
            return akses::known(edge, &identified, ask, &parameters, &mut body, exchange, language).await;
        }
        Target::Exchanges => return pemakaian::exchanges(edge, &identified, &query, exchange, language).await,
        Target::Usage => return pemakaian::usage(edge, &identified, exchange, language).await,
        Target::Subscriptions(ask) => {
            let mut body = Unread::new(&head.headers, body, edge.limits.body_time).signed(signed);
            return Box::pin(langganan::answer(
                edge,
                &identified,
                ask,
                &parameters,
                &mut body,
                exchange,
                language,
            ))
            .await;
        }
        Target::Events(ask) => {
            parameters.extend(query);
            let mut body = Unread::new(&head.headers, body, edge.limits.body_time).signed(signed);
            return Box::pin(peristiwa::answer(
                edge,
                &identified,
                ask,
                &parameters,
                &mut body,
                exchange,
                language,
            ))
            .await;
        }
        Target::Exchange | Target::Page(_) | Target::Native | Target::Push(_) | Target::Token | Target::Jwks => {
            return Box::pin(status::exchange(edge, &identified, &parameters, exchange, language)).await;
        }
    };
    record.operation = Some(operation.id.clone());
    if query.keys().any(|name| parameters.contains_key(name)) {
        return refuse(&malformed());
    }
    parameters.extend(query);
    let key = match single(&head.headers, "idempotency-key") {
        // The id of a signed request names the intent as well, so that no node carries it out twice.
        Ok(None) if signed.is_some() => single(&head.headers, "x-external-id").unwrap_or_default(),
        Ok(key) => key,
        Err(()) => return refuse(&malformed()),
    };
    let secret = match single(&head.headers, spoken::HEADER) {
        Ok(secret) => secret.map(Secret::new),
        Err(()) => return refuse(&malformed()),
    };
    let mut body = Unread::new(&head.headers, body, edge.limits.body_time).signed(signed);
    let call = Call {
        exchange,
        operation: Arc::clone(&operation),
        identified,
        parameters,
        key,
        respond_async: prefers_async(&head.headers),
        trace: Some(record.trace.clone()),
        secret,
        body: &mut body,
    };
    let outcome = Box::pin(pipeline::run(&edge.rooms, call)).await;
    record.back();
    // room 15: respond — one exhaustive match from outcome to HTTP.
    let consumer = record.consumer.as_deref().unwrap_or_default();
    let mut answer = respond::respond(&outcome, &operation, consumer, language);
    if let Some(age) = edge.routes.load().reference().ageing(&operation.id) {
        respond::ageing(answer.headers_mut(), age, &operation.id);
    }
    record.left("respond", None);
    answer
}

/// Uses up the id of a signed request; when that cannot be known, the request is not taken.
async fn used_up(edge: &Edge, once: Once) -> Result<(), Problem> {
    match once.spend(&*edge.rooms.journal, edge.rooms.clock.now()).await {
        Ok(()) => Ok(()),
        Err(Unusable::Repeated) => {
            edge.meters.rejected("repeated");
            Err(refusals::repeated())
        }
        Err(Unusable::Untold(error)) => {
            tracing::error!(%error, "ids of signed requests cannot be used up");
            Err(refusals::problem(&Refusal::CannotStore))
        }
    }
}

/// Whether a head means one thing: one host, one frame, a path in normal form.
pub(super) fn is_plain(head: &http::request::Parts) -> bool {
    one_host(head) && plain_framing(&head.headers) && target::is_normal(head.uri.path())
}

/// Whether there is anything that could identify the caller.
fn shows_something(head: &http::request::Parts) -> bool {
    let said = ["x-api-key", "authorization", "x-signature"];
    said.iter().any(|name| head.headers.contains_key(*name))
        || head
            .extensions
            .get::<Names>()
            .is_some_and(|names| names.iter().next().is_some())
}

/// Exactly one authority: `Host` in HTTP/1, `:authority` in HTTP/2; where both stand they agree.
fn one_host(head: &http::request::Parts) -> bool {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (host, more) = (hosts.next(), hosts.next().is_some());
    let target = head.uri.authority();
    let needed = match head.version {
        Version::HTTP_2 => target.is_none(),
        Version::HTTP_11 => true,
        _ => false,
    };
    let Some(host) = host else { return !needed };
    let plain = host
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Authority>().ok())
        .filter(|authority| !authority.as_str().contains('@'));
    let agreed = |host: &Authority| target.is_none_or(|target| target == host);
    !more && plain.as_ref().is_some_and(agreed)
}

/// A body is either of one length or chunked and nothing else.
fn plain_framing(headers: &HeaderMap) -> bool {
    only(headers, TRANSFER_ENCODING, "chunked")
}

/// Whether a header is absent, or stands once and says this word.
fn only(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => value.as_bytes().eq_ignore_ascii_case(word.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// RFC 7240.
fn prefers_async(headers: &HeaderMap) -> bool {
    let lines = headers.get_all("prefer").iter().filter_map(|v| v.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case("respond-async"))
}

/// The caller's own `X-Request-Id`, echoed when it is short and harmless.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = single(headers, "x-request-id").ok()??;
    let harmless = value.len() <= 128 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    (harmless && !value.is_empty()).then(|| value.to_owned())
}

fn malformed() -> Problem {
    Problem::consumer(
        "permintaan-tidak-sah",
        Text::new(
            "Permintaan HTTP tidak sah: periksa Host, alamat (tanpa //, .., %2F), parameter ganda dan header ganda.",
            "Malformed HTTP request: check Host, the path (no //, .., %2F), repeated parameters and repeated headers.",
        ),
    )
}

fn expects_more() -> Problem {
    Problem::consumer(
        "harapan-tidak-didukung",
        Text::new(
            "Header Expect hanya boleh berisi 100-continue. Permintaan tidak dikerjakan; hapus header itu.",
            "The header Expect may only say 100-continue. The request was not carried out; leave that header out.",
        ),
    )
}

fn busy() -> Problem {
    Problem {
        after: Some(Duration::from_secs(1)),
        ..Problem::gateway(
            "gateway-sibuk",
            Text::new(
                "Gateway sedang penuh. Permintaan tidak diterima; ulangi sebentar lagi.",
                "The gateway is full. The request was not accepted; try again in a moment.",
            ),
        )
    }
}

fn greedy(most: usize) -> Problem {
    Problem {
        retry: true,
        after: Some(Duration::from_secs(1)),
        ..Problem::consumer(
            "batas-terlampaui",
            Text::owned(
                format!("Sudah {most} panggilan Anda dikerjakan bersamaan. Tunggu jawabannya, lalu ulangi."),
                format!("{most} of your calls are being worked on at once. Wait for their answers, then try again."),
            ),
        )
    }
}

fn out_of_time() -> Problem {
    Problem {
        landed: connector_sdk::Landed::Unknown,
        retry: false,
        ..Problem::gateway(
            "hasil-belum-pasti",
            Text::new(
                "Waktu habis sebelum hasil diketahui. Ikuti alamat instance; ulangi hanya dengan kunci yang sama.",
                "Time ran out before the outcome was known. Follow the instance; repeat only with the same key.",
            ),
        )
    }
}

fn unmatched_problem(unmatched: Unmatched) -> Problem {
    match unmatched {
        Unmatched::Path => Problem::consumer(
            "tidak-ditemukan",
            Text::new(
                "Alamat ini tidak ada. Periksa ejaan dan versinya.",
                "There is nothing at this address. Check its spelling and version.",
            ),
        ),
        Unmatched::Method(allowed) => Problem {
            header: Some((ALLOW, allowed.clone())),
            ..Problem::consumer(
                "metode-tidak-boleh",
                Text::owned(
                    format!("Metode ini tidak berlaku untuk alamat itu. Yang berlaku: {allowed}."),
                    format!("This method does not apply to that address. Allowed: {allowed}."),
                ),
            )
        },
        Unmatched::Ended => Problem::consumer(
            "versi-berakhir",
            Text::new(
                "Versi ini tidak dilayani lagi. Pakai versi terbaru di katalog.",
                "This version is no longer served. Use the latest in the catalogue.",
            ),
        ),
    }
}
