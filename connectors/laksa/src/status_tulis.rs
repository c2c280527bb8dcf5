//! `laksa.status.tulis`: sets the status of a ticket. Setting the same status again changes nothing, so repeating is
//! safe.

use crate::settings::Setup;
use crate::{envelope, wire};
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Landed, NativeReply, NativeRequest, Operation, OperationSpec, Paging,
    RelativePath, Replay, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct WriteStatus {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

impl WriteStatus {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
        }
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "laksa.status.tulis".into(),
        summary: Text::new(
            "Menulis status laporan kembali ke tiket LAKSA.",
            "Writes a report's status back to its LAKSA ticket.",
        ),
        request_schema: "urn:simpul:skema:pengaduan_status:1".into(),
        reply_schema: "urn:simpul:skema:laksa_tanda_terima:1".into(),
        effect: Effect::Write { replay: Replay::Native },
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: vec!["/tiket".into()],
        deadline_ms: 15_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The native fields of reference §5.1.
fn fields(setup: &Setup, call: &Call<'_>, input: &Value) -> Result<Map<String, Value>, Fault> {
    let mut wrong = Vec::new();
    let ticket = text(input, "tiket");
    if ticket.is_none() {
        let text = Text::new("Sebutkan nomor tiket LAKSA.", "Name the LAKSA ticket.");
        wrong.push(Complaint {
            pointer: "/tiket".to_owned(),
            text,
        });
    }
    let canonical = text(input, "status");
    let status = canonical.and_then(|status| setup.status(status));
    if status.is_none() {
        let text = Text::new(
            "Status ini tidak punya padanan di LAKSA. Petakan dahulu di konfigurasi bila memang perlu ditulis.",
            "This status has no counterpart in LAKSA. Map it in configuration if it is to be written.",
        );
        wrong.push(Complaint {
            pointer: "/status".to_owned(),
            text,
        });
    }
    if !wrong.is_empty() {
        return Err(Fault::invalid(wrong));
    }
    let occurred_at = text(input, "terjadi_pada").map_or_else(|| call.now.to_string(), str::to_owned);
    let lapor = input.get("lapor").filter(|lapor| lapor.is_object()).map(|lapor| {
        json!({
            "complaint_id": lapor.get("id_laporan"), "tracking_id": lapor.get("tracking_id"), "url": lapor.get("url"),
        })
    });
    let body = json!({
        "ticket": ticket, "status": status.map(crate::status::LaksaStatus::word), "detail_status": canonical,
        "note": text(input, "catatan"), "occurred_at": occurred_at, "opd_code": text(input, "kode_opd"),
        "lapor": lapor, "source": text(input, "sumber"),
    });
    Ok(body.as_object().cloned().unwrap_or_default())
}

fn text<'a>(input: &'a Value, field: &str) -> Option<&'a str> {
    input.get(field).and_then(Value::as_str).filter(|text| !text.is_empty())
}

impl Operation for WriteStatus {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let fields = fields(&self.setup, call, input)?;
        let path = RelativePath::of(&self.setup.raw.jalur.status);
        Ok(NativeRequest::post(
            "status",
            path,
            wire::body(self.setup.raw.bentuk, fields),
        ))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
        let row = envelope::first(&body);
        let said = row.and_then(|row| ["tiket", "ticket"].iter().find_map(|field| row.get(*field)?.as_str()));
        let ticket = text(input, "tiket");
        if said.is_some() && said != ticket {
            return Err(Fault::drift("the answer names another ticket").landed(Landed::Unknown));
        }
        Ok(json!({ "tiket": ticket, "status": input.get("status") }))
    }
}

#[cfg(test)]
mod tests;
