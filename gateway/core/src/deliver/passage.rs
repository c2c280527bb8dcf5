//! The native pass-through: rooms 7, 8 and 12–14 for a call whose bodies are streamed and not looked into. Called by the
//! edge for `/asli/{system}/…`. The layers are the door's, in the door's order; what is missing is what needs a whole
//! body: retries, screening, translation. Writes that pass here are not journalled: they are the caller's to repeat.

use super::auth::{self, Generation, Signing};
use super::breaker::Gate;
use super::door::{BREAKER_OPEN, CLOSED, SPARED, not_now, wire_fault};
use super::flow::{Account, Replied, Sent, Tally};
use super::system::System;
use super::transport::{Flow, FlowReply, FlowRequest};
use crate::authorize::permit;
use crate::identity::Identified;
use crate::ids::ExchangeId;
use crate::outcome::Refusal;
use crate::pipeline::Rooms;
use crate::quota::limit;
use crate::record::{self, Party};
use connector_sdk::{Fault, FaultKind};
use http::{HeaderMap, Method};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Longest silence of a system without a deadline of its own.
const SILENCE: Duration = Duration::from_secs(30);

/// What of a system may be called natively.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeRule {
    /// Methods.
    pub methods: Vec<Method>,
    /// Path prefixes below the system's endpoint, each beginning with `/`. A prefix ends at a segment.
    pub paths: Vec<String>,
    /// Largest request body in bytes.
    pub max_request: u64,
}

impl NativeRule {
    fn opens(&self, method: &Method, path: &str) -> bool {
        let below = |prefix: &str| {
            let prefix = prefix.trim_end_matches('/');
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.methods.contains(method) && self.paths.iter().any(|prefix| below(prefix))
    }
}

/// The right to call a system natively, as it stands in a grant.
pub fn right(system: &str) -> String {
    format!("asli.{system}")
}

/// The system named by such a right.
pub fn system_of(right: &str) -> Option<&str> {
    right.strip_prefix("asli.")
}

/// A call that rooms 1–6 let in. Its path is in normal form; hop-by-hop headers and the caller's credentials are gone.
pub struct Passage<'a> {
    /// Id given in room 3.
    pub exchange: ExchangeId,
    /// Caller.
    pub identified: &'a Identified,
    /// System in the path.
    pub system: &'a str,
    /// Method.
    pub method: Method,
    /// The rest of the path, still encoded, beginning with `/`.
    pub path: &'a str,
    /// The query, still encoded.
    pub query: Option<&'a str>,
    /// End-to-end headers.
    pub headers: HeaderMap,
    /// The body; `None` when there is none.
    pub body: Option<Flow>,
    /// Announced length of the body.
    pub length: Option<u64>,
}

/// Why nothing passed.
#[derive(Debug)]
pub enum Stopped {
    /// Not taken on.
    Refused(Refusal),
    /// Tried, and ended in a fault.
    Faulted(Fault),
}

/// Takes a call through. The reply's body carries the record of the exchange: it is written when the body ends.
///
/// # Errors
/// When it was refused, which is recorded like every refusal, or when no reply began.
pub async fn pass(rooms: &Arc<Rooms>, passage: Passage<'_>) -> Result<FlowReply, Stopped> {
    let (exchange, began) = (passage.exchange, rooms.clock.now());
    let (right, system) = (right(passage.system), passage.system);
    let mut party = Party {
        consumer: passage.identified.consumer().id.clone(),
        purpose: String::new(),
    };
    let passed = through(rooms, passage, &right, &mut party).await;
    if let Err(Stopped::Refused(refusal)) = &passed {
        record::turned_away(rooms, exchange, refusal, &right, system, &party, began).await;
    }
    passed
}

async fn through(
    rooms: &Arc<Rooms>,
    passage: Passage<'_>,
    right: &str,
    party: &mut Party,
) -> Result<FlowReply, Stopped> {
    let catalogue = rooms.catalogue.load();
    // rooms 7 and 8
    let admitted = permit(passage.identified, right, rooms.clock.now())
        .and_then(limit)
        .map_err(Stopped::Refused)?;
    party.purpose.clone_from(&admitted.grant().purpose);
    let not_set_up = || {
        Stopped::Refused(Refusal::NotInstalled {
            system: passage.system.to_owned(),
        })
    };
    let system = catalogue.systems.get(passage.system).ok_or_else(not_set_up)?;
    let rule = system.native.as_ref().ok_or_else(not_set_up)?;
    if !rule.opens(&passage.method, passage.path) {
        return Err(Stopped::Refused(Refusal::NotOpen));
    }
    let limit = rule.max_request;
    if passage.length.is_some_and(|length| length > limit) {
        return Err(Stopped::Refused(Refusal::BodyTooLarge { limit }));
    }
    let account = Account::open(
        rooms,
        system,
        right.to_owned(),
        admitted.consumer(),
        admitted.grant(),
        passage.exchange,
    );
    let slot = enter(rooms, system).await.map_err(|fault| account.fault(fault))?;
    let tally = passage.body.is_some().then(Tally::default);
    let url = match passage.query {
        Some(query) => format!("{}{}?{query}", system.endpoint, passage.path),
        None => format!("{}{}", system.endpoint, passage.path),
    };
    let body = match (passage.body, &tally) {
        (Some(body), Some(tally)) => Some(Box::pin(Sent::new(body, limit, tally.clone())) as Flow),
        _ => None,
    };
    let bodiless = body.is_none();
    let request = FlowRequest {
        method: passage.method,
        url,
        headers: passage.headers,
        body,
        length: passage.length,
        timeout: system.policy.deadline.unwrap_or(SILENCE),
    };
    let again = (bodiless && auth::expires(&system.auth)).then(|| request.without_body());
    let writes = !request.method.is_safe();
    let (first, generation) = send(rooms, system, request)
        .await
        .map_err(|fault| account.fault(fault))?;
    // A spent token is thrown away; what carried no body is sent once more with a fresh one.
    let reply = match (generation.filter(|_| spent(&first)), again) {
        (Some(generation), again) => {
            system.tokens.spent(generation).await;
            match again {
                Some(again) => {
                    send(rooms, system, again)
                        .await
                        .map_err(|fault| account.fault(fault))?
                        .0
                }
                None => first,
            }
        }
        (None, _) => first,
    };
    let reply = reply.map_err(|error| {
        let fault = wire_fault(writes, &error);
        if system.breaker.failed(rooms.clock.now()) {
            tracing::warn!(system = %system.id, "breaker opened");
        }
        account.fault(fault)
    })?;
    match reply.status {
        502..=504 => _ = system.breaker.failed(rooms.clock.now()),
        _ => system.breaker.succeeded(),
    }
    let silence = system.policy.deadline.unwrap_or(SILENCE);
    let recorded = Replied::new(reply.body, account.answered(reply.status, writes, tally), slot, silence);
    Ok(FlowReply {
        body: Box::pin(recorded),
        ..reply
    })
}

/// Hours, breaker, bulkhead, pacing: as the door has them. The slot is kept until the reply has ended.
async fn enter(rooms: &Rooms, system: &System) -> Result<OwnedSemaphorePermit, Fault> {
    if let Some(wait) = system.pacing.closed_for(rooms.clock.now()) {
        return Err(not_now(FaultKind::OutOfHours, CLOSED, "hours", wait));
    }
    if let Gate::Open(wait) = system.breaker.ask(rooms.clock.now()) {
        return Err(not_now(FaultKind::Unavailable, SPARED, BREAKER_OPEN, wait));
    }
    let Ok(slot) = Arc::clone(&system.pacing.bulkhead).acquire_owned().await else {
        return Err(Fault::new(FaultKind::Internal, SPARED).internal("bulkhead closed"));
    };
    loop {
        let wait = system.pacing.wait();
        if wait.is_zero() {
            return Ok(slot);
        }
        rooms.clock.sleep(wait).await;
    }
}

type Answered = Result<FlowReply, super::transport::WireError>;

async fn send(
    rooms: &Rooms,
    system: &System,
    mut request: FlowRequest,
) -> Result<(Answered, Option<Generation>), Fault> {
    for (name, value) in &system.headers {
        request.headers.insert(name, value.clone());
    }
    let target = request
        .url
        .strip_prefix(&system.endpoint)
        .unwrap_or_default()
        .to_owned();
    let signing = Signing {
        method: &request.method,
        target: &target,
        body: &[],
    };
    let generation = auth::apply(
        &system.auth,
        &system.tokens,
        &system.endpoint,
        &signing,
        &mut request.headers,
        &*rooms.transport,
        &*rooms.clock,
    )
    .await?;
    Ok((rooms.transport.stream(request).await, generation))
}

fn spent(answered: &Answered) -> bool {
    answered.as_ref().is_ok_and(|reply| reply.status == 401)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_segment() {
        let rule = NativeRule {
            methods: vec![Method::GET],
            paths: vec!["/api/v2/".into(), "/peta".into()],
            max_request: 0,
        };
        assert!(rule.opens(&Method::GET, "/api/v2/tender"));
        assert!(rule.opens(&Method::GET, "/peta"));
        assert!(!rule.opens(&Method::GET, "/api/v22"));
        assert!(!rule.opens(&Method::GET, "/petaku"));
        assert!(!rule.opens(&Method::POST, "/peta"));
    }
}
