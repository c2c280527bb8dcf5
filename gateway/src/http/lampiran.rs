//! `POST /v1/lampiran`: takes one file of a consumer, raw in the body, its name in `?nama_berkas=`. Entered after room 6;
//! takes the rooms of right and quota itself, then hands the bytes on piece by piece to `gateway_core::files`, which judges
//! them. Fetching stands in `unduh`.

use super::body::discard;
use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals, respond};
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::Refusal;
use gateway_core::authorize::permit;
use gateway_core::files::{NotTaken, Receipt, Taking, UPLOAD};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use gateway_core::quota::limit;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Takes a file, or says why not.
pub(super) async fn upload<B>(
    edge: &Arc<Edge>,
    identified: &Identified,
    (headers, query): (&HeaderMap, &Map<String, Value>),
    mut body: B,
    exchange: ExchangeId,
    language: Language,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    // rooms 7 and 8: a stranger to this right cannot make us read.
    let permitted = match permit(identified, UPLOAD, edge.rooms.clock.now()).and_then(limit) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusals::problem(&refusal).render(exchange, language),
    };
    let name = query.get("nama_berkas").and_then(Value::as_str).unwrap_or_default();
    let owner = &permitted.consumer().id;
    match taken(edge, owner, name, headers, &mut body).await {
        Ok(receipt) => {
            let receipt = serde_json::to_vec(&receipt).unwrap_or_default();
            respond::json(StatusCode::CREATED, Bytes::from(receipt))
        }
        Err(why) => {
            // Whoever is still writing hears why all the same.
            discard(&mut body).await;
            let problem = match why {
                Why::Refused(refusal) => refusals::problem(&refusal),
                Why::NotTaken(NotTaken::CannotStore) => refusals::problem(&Refusal::CannotStore),
                Why::NotTaken(NotTaken::Empty | NotTaken::Kind) => kind(),
            };
            problem.render(exchange, language)
        }
    }
}

enum Why {
    Refused(Refusal),
    NotTaken(NotTaken),
}

async fn taken<B>(edge: &Edge, owner: &str, name: &str, headers: &HeaderMap, body: &mut B) -> Result<Receipt, Why>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    let limit = edge.limits.file_bytes;
    let too_large = || Why::Refused(Refusal::BodyTooLarge { limit });
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced: Option<u64> = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut taking = Taking::begin(&edge.rooms, owner).map_err(Why::NotTaken)?;
    // The whole of it has the time of a call; a caller that falls silent has less.
    while let Some(frame) = tokio::time::timeout(edge.limits.body_time, body.frame())
        .await
        .map_err(|_| Why::Refused(Refusal::BodyIncomplete))?
    {
        let frame = frame.map_err(|_| Why::Refused(Refusal::BodyIncomplete))?;
        let Ok(data) = frame.into_data() else { continue };
        if taking.size() + data.len() as u64 > limit {
            return Err(too_large());
        }
        taking.push(&data).await.map_err(Why::NotTaken)?;
    }
    taking.finish(name).await.map_err(Why::NotTaken)
}

fn kind() -> Problem {
    Problem::consumer(
        "jenis-isi-tidak-didukung",
        Text::new(
            "Berkas harus JPG, PNG, PDF, DOC atau DOCX menurut isinya, bukan menurut namanya.",
            "The file must be JPG, PNG, PDF, DOC or DOCX by its content, not by its name.",
        ),
    )
}
