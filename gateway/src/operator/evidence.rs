//! `/admin/v1/bukti`: links of an evidence chain, page by page; signed batches; the public keys; proofs for one exchange.
//! What exports are made of. Records hold digests, never bodies.

use super::exchanges::Found;
use super::problem;
use super::state::OperatorState;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::evidence::batch::Batch;
use gateway_core::evidence::{binder, proof, search};
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
fn row(chain: &str, link: &EvidenceLink) -> Value {
    json!({
        "rantai": chain,
        "seq": link.seq,
        "sebelum": hex::encode(link.previous),
        "hash": hex::encode(link.hash),
        "catatan": String::from_utf8_lossy(&link.record),
        "bita": std::str::from_utf8(&link.record).is_err().then(|| hex::encode(&link.record)),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    #[serde(default)]
    setelah: i64,
}

pub(super) async fn batches(
    State(state): State<OperatorState>,
    page: Result<Query<After>, QueryRejection>,
) -> Response {
    let Ok(Query(After { setelah })) = page else {
        return problem::answer("parameter-tidak-sesuai", &PAGE);
    };
    match state.journal.batches(setelah, BATCHES).await {
        Ok(batches) => {
            let next = batches
                .last()
                .filter(|_| batches.len() == BATCHES)
                .map(|last| last.number);
            let rows: Vec<Value> = batches.iter().map(batch_row).collect();
            Json(json!({ "butir": rows, "berikut": next })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

fn batch_row(batch: &Batch) -> Value {
    json!({
        "nomor": batch.number,
        "pernyataan": String::from_utf8_lossy(&batch.statement),
        "tanda_tangan": hex::encode(batch.signature),
        "hash": hex::encode(batch.hash()),
    })
}

/// Binds what is there now, so that an export that follows holds it.
pub(super) async fn bind(State(state): State<OperatorState>) -> Response {
    let bound = binder::bind(&*state.journal, &*state.clock, &state.signer).await;
    let last = match bound {
        Ok(_) => state.journal.last_batch().await,
        Err(error) => return problem::journal(&error),
    };
    match last {
        Ok(last) => Json(json!({ "terakhir": last.as_ref().map(batch_row) })).into_response(),
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn keys(State(state): State<OperatorState>) -> Response {
    match state.journal.documents(0).await {
        Ok(documents) => {
            let bodies = documents.into_iter().filter(|document| document.kind == binder::KEYS);
            let keys: Vec<Value> = bodies
                .filter_map(|document| serde_json::from_slice(&document.body?).ok())
                .collect();
            Json(json!({ "butir": keys, "berlaku": hex::encode(state.signer.public()) })).into_response()
        }
        Err(error) => problem::journal(&error),
    }
}

pub(super) async fn proofs(State(state): State<OperatorState>, Found(id): Found) -> Response {
    let found = match search::of_exchange(&*state.journal, id).await {
        Ok(found) => found,
        Err(error) => return problem::journal(&error),
    };
    let mut proofs = Vec::new();
    for (batch, links, chain, seq) in &found {
        proofs.extend(proof::prove(batch, links, chain, *seq));
    }
    if proofs.is_empty() {
        return problem::answer("tidak-ditemukan", &UNBOUND);
    }
    Json(json!({ "pertukaran": id.to_string(), "bukti": proofs })).into_response()
}

/// Batches per page; one may cover thousands of records but is itself a few lines.
const BATCHES: usize = 500;

const UNBOUND: Text = Text::new(
    "Tidak ada catatan yang sudah ditandatangani untuk pertukaran ini. Catatan baru ditandatangani berkala; minta segera dengan POST /admin/v1/bukti/ikatan.",
    "There is no signed record of this exchange. New records are signed on a schedule; ask for it at once by POST /admin/v1/bukti/ikatan.",
);

const PAGE: Text = Text::new(
    "Yang berlaku: rantai (tanpa ini: daftar rantai) dan setelah (nomor urut).",
    "Allowed: rantai (left out: the list of chains) and setelah (a position).",
);
