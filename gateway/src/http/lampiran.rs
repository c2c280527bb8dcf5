//! `POST /v1/lampiran`: takes one file of a consumer, raw in the body, its name in `?nama_berkas=`. Entered after room 6;
//! takes the rooms of right and quota itself, then hands the bytes to `gateway_core::files`, which judges them.

use super::body::collect;
use super::language::Language;
use super::problem::Problem;
use super::stack::Edge;
use super::{Answer, refusals, respond};
use bytes::Bytes;
use connector_sdk::Text;
use gateway_core::Refusal;
use gateway_core::authorize::permit;
use gateway_core::files::{NotTaken, UPLOAD, take};
use gateway_core::identity::Identified;
use gateway_core::ids::ExchangeId;
use gateway_core::quota::limit;
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Largest file. The national systems take no larger ones.
const LARGEST: u64 = 5 * 1024 * 1024;

/// Takes a file, or says why not.
pub(super) async fn upload<B>(
    edge: &Arc<Edge>,
    identified: &Identified,
    query: &Map<String, Value>,
    mut body: B,
    exchange: ExchangeId,
    language: Language,
) -> Answer
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
{
    let refuse = |refusal: &Refusal| refusals::problem(refusal).render(exchange, language);
    // rooms 7 and 8: a stranger to this right cannot make us read.
    let permitted = match permit(identified, UPLOAD, edge.rooms.clock.now()).and_then(limit) {
        Ok(admitted) => admitted,
        Err(refusal) => return refuse(&refusal),
    };
    let content = match tokio::time::timeout(edge.limits.body_time, collect(&mut body, LARGEST)).await {
        Ok(Ok(content)) => content,
        Ok(Err(refusal)) => return refuse(&refusal),
        Err(_) => return refuse(&Refusal::BodyIncomplete),
    };
    let name = query.get("nama_berkas").and_then(Value::as_str).unwrap_or_default();
    match take(&edge.rooms, &permitted.consumer().id, name, &content).await {
        Ok(receipt) => {
            let receipt = serde_json::to_vec(&receipt).unwrap_or_default();
            respond::json(StatusCode::CREATED, Bytes::from(receipt))
        }
        Err(NotTaken::CannotStore) => refuse(&Refusal::CannotStore),
        Err(NotTaken::Empty | NotTaken::Kind) => kind().render(exchange, language),
    }
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
