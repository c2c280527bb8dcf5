//! Uploads the evidence of a report before it is created. The ids are kept under a checkpoint, so that a later attempt
//! does not upload again. A report is not sent as if complete: a failed upload stops it, unless the route allows
//! sending without evidence, and then the receipt says so.

use crate::native_id::id_text;
use crate::privacy::Protection;
use crate::settings::Setup;
use connector_sdk::{Fault, FaultKind, Landed, NativeBody, NativeReply, Outbound, Part, RelativePath};
use serde_json::{Value, json};

/// Name of the checkpoint.
const DOCUMENTS: &str = "dokumen";

/// What the create may refer to.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Native ids in the order of the files.
    pub(super) documents: Vec<String>,
    /// What to tell the caller when evidence is missing.
    pub(super) note: Option<String>,
}

/// Uploads, or recalls what an earlier attempt uploaded.
pub(super) async fn evidence(setup: &Setup, input: &Value, out: &dyn Outbound) -> Result<Evidence, Fault> {
    let files = parts(setup, input)?;
    if files.is_empty() {
        return Ok(Evidence::default());
    }
    if let Some(documents) = out.recall(DOCUMENTS).as_ref().and_then(ids) {
        return Ok(Evidence { documents, note: None });
    }
    let count = files.len();
    let request = crate::wire::post(
        "unggah",
        RelativePath::of(&setup.raw.jalur.unggah),
        NativeBody::Multipart(files),
    );
    match out.send(request).await.and_then(|reply| stored(&reply, count)) {
        Ok(documents) => {
            out.checkpoint(DOCUMENTS, json!(documents)).await?;
            Ok(Evidence { documents, note: None })
        }
        Err(fault) if fault.kind == FaultKind::Rejected && setup.raw.kirim_tanpa_lampiran => Ok(Evidence {
            documents: Vec::new(),
            note: Some(setup.raw.teks.tanpa_lampiran.clone()),
        }),
        // Files may have been stored, but the report was not: nothing has landed.
        Err(fault) => Err(fault.landed(Landed::No)),
    }
}

fn parts(setup: &Setup, input: &Value) -> Result<Vec<Part>, Fault> {
    let anonymous = Protection::of(input).anonymous;
    let files = input
        .get("lampiran")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    files
        .iter()
        .enumerate()
        .map(|(at, file)| crate::files::part(setup, "attachments[]", file, at, anonymous))
        .collect()
}

fn stored(reply: &NativeReply, count: usize) -> Result<Vec<String>, Fault> {
    let body = reply.json()?;
    let documents = ["/results/docs", "/data/results/docs", "/data/docs", "/docs"]
        .iter()
        .find_map(|place| body.pointer(place)?.as_array())
        .ok_or_else(|| Fault::drift("an upload answer without `results.docs[]`"))?;
    let ids: Vec<String> = documents.iter().filter_map(|doc| id_text(doc.get("id")?)).collect();
    if ids.len() == count {
        Ok(ids)
    } else {
        Err(Fault::drift(
            "an upload answer with another number of files than were sent",
        ))
    }
}

fn ids(value: &Value) -> Option<Vec<String>> {
    value
        .as_array()?
        .iter()
        .map(|id| id.as_str().map(str::to_owned))
        .collect()
}
