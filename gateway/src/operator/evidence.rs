//! `/admin/v1/bukti`: links of an evidence chain, page by page, for export. Records hold digests, never bodies.

use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::journal::EvidenceLink;
use serde::Deserialize;
use serde_json::{Value, json};

const MOST: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    rantai: Option<String>,
    #[serde(default)]
    setelah: i64,
}

pub(super) async fn list(State(state): State<OperatorState>, page: Result<Query<Page>, QueryRejection>) -> Response {
    let Ok(Query(page)) = page else {
        return problem::answer("parameter-tidak-sesuai", &PAGE);
    };
    let Some(chain) = page.rantai else {
        return match state.journal.chains().await {
            Ok(chains) => Json(json!({ "rantai": chains })).into_response(),
            Err(error) => problem::journal(&error),
        };
    };
    match state.journal.evidence(chain.clone(), page.setelah, MOST).await {
        Ok(links) => {
            let next = links.last().filter(|_| links.len() == MOST).map(|last| last.seq);
            let rows: Vec<Value> = links.iter().map(|link| row(&chain, link)).collect();
            Json(json!({ "butir": rows, "berikut": next })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

/// One link as exports hold it: hashes in hex, the record as the very bytes that were chained, in hex.
pub(crate) fn row(chain: &str, link: &EvidenceLink) -> Value {
    json!({
        "rantai": chain,
        "seq": link.seq,
        "sebelum": hex::encode(link.previous),
        "hash": hex::encode(link.hash),
        "catatan": String::from_utf8_lossy(&link.record),
        "bita": std::str::from_utf8(&link.record).is_err().then(|| hex::encode(&link.record)),
    })
}

const PAGE: Text = Text::new(
    "Yang berlaku: rantai (tanpa ini: daftar rantai) dan setelah (nomor urut).",
    "Allowed: rantai (left out: the list of chains) and setelah (a position).",
);
