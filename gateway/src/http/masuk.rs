//! `/masuk/{system}/{hook}` and its aliases: what systems push to us. The hook stands in the place of room 6 (it says who
//! the sender is) and answers in the system's own form; the rest of the path is `gateway_core::inbound`. Decides nothing.

use super::Answer;
use super::body::{collect, discard};
use super::open::OpenRecord;
use super::stack::Edge;
use bytes::Bytes;
use connector_sdk::Acknowledgement;
use gateway_core::Refusal;
use gateway_core::inbound::{self, Head, Receiver, TURN, Taken};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use std::net::IpAddr;
use std::sync::Arc;

/// Address of the other end of a connection, put into each of its requests by the listener.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Takes one push.
pub(super) async fn answer<B>(
    edge: &Edge,
    record: &mut OpenRecord,
    receiver: &Arc<Receiver>,
    parts: Parts,
    mut body: B,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    record.operation = Some(receiver.published.id.clone());
    let length = parts.headers.get(header::CONTENT_LENGTH);
    let announced = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let head = Head {
        query: parts.uri.query().unwrap_or_default().to_owned(),
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        headers: parts.headers,
    };
    let (taken, answer) = match inbound::admit(&edge.rooms, receiver, &head) {
        // Nothing of the body was read, and nothing will be.
        Err(refused) => (Taken::Refused, refused),
        Ok(()) => match bytes(edge, receiver, announced, &mut body).await {
            Err(status) => (Taken::NotTaken, receiver.not_taken(status)),
            Ok((body, _place)) => {
                let (exchange, trace) = (record.exchange, Some(record.trace.clone()));
                inbound::receive(&edge.rooms, receiver, head, body, exchange, trace).await
            }
        },
    };
    edge.meters.pushed(&receiver.published.id, taken);
    render(answer)
}

/// The body within its size and time, and a place among those held at once; or what HTTP says about it.
async fn bytes<'a, B>(
    edge: &Edge,
    receiver: &'a Receiver,
    announced: Option<u64>,
    body: &mut B,
) -> Result<(Bytes, tokio::sync::SemaphorePermit<'a>), u16>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let limit = receiver.max_body;
    if announced.is_some_and(|announced| announced > limit) {
        discard(body).await;
        return Err(413);
    }
    let place = tokio::time::timeout(TURN, receiver.places.acquire()).await;
    let Ok(Ok(place)) = place else { return Err(503) };
    match tokio::time::timeout(edge.limits.body_time, collect(body, limit)).await {
        Ok(Ok(bytes)) => Ok((bytes, place)),
        Ok(Err(Refusal::BodyTooLarge { .. })) => {
            discard(body).await;
            Err(413)
        }
        Ok(Err(_)) => Err(400),
        Err(_) => Err(408),
    }
}

fn render(answer: Acknowledgement) -> Answer {
    let mut response = Answer::new(answer.body.into());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = HeaderValue::try_from(answer.content_type.as_ref()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
