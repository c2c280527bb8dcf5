//! `laksa.tiket.buat`: a SP4N-LAPOR! report disposed to the city becomes a ticket. A report that came from the city is
//! refused: it has a ticket already. LAKSA would make a second ticket of a repeat, so an unknown outcome is looked up by
//! the report's id in the list of tickets first.

mod lookup;

use crate::fields::{id, judge, protected, required, text};
use crate::settings::Setup;
use crate::{envelope, wire};
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Landed, Lookup, NativeReply, NativeRequest, Operation, OperationSpec,
    Paging, RelativePath, Replay, Text,
};
use lookup::ByReport;
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct MakeTicket {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByReport,
}

impl MakeTicket {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            lookup: ByReport {
                setup: Arc::clone(setup),
            },
        }
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "laksa.tiket.buat".into(),
        summary: Text::new(
            "Membuat tiket LAKSA dari laporan SP4N-LAPOR! yang didisposisikan ke kota.",
            "Makes a LAKSA ticket of a SP4N-LAPOR! report disposed to the city.",
        ),
        request_schema: "urn:simpul:skema:pengaduan_masuk:1".into(),
        reply_schema: "urn:simpul:skema:laksa_tanda_terima:1".into(),
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        answer: Answer::Immediate,
        reference: vec!["/id_laporan".into()],
        ordering: vec!["/id_laporan".into()],
        deadline_ms: 15_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Operation for MakeTicket {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let mut wrong = Vec::new();
        let report = required(input, "id_laporan", &mut wrong);
        let title = required(input, "judul", &mut wrong);
        let body = required(input, "isi", &mut wrong);
        if !matches!(input.get("asal_kota"), Some(Value::Bool(false))) {
            let text = Text::new(
                "Laporan ini berasal dari kota dan sudah punya tiket.",
                "This report came from the city and has its ticket.",
            );
            wrong.push(Complaint {
                pointer: "/asal_kota".to_owned(),
                text,
            });
        }
        judge(wrong)?;
        let submitted = text(input, "dibuat_pada").map_or_else(|| call.now.to_string(), str::to_owned);
        let lapor = input.get("lapor");
        let of_lapor = |field: &str| lapor.and_then(|lapor| text(lapor, field));
        let fields = json!({
            "complaint_id": report, "title": title, "body": body, "submitted_at": submitted, "source": "lapor",
            "is_anonymous": protected(input, "anonim"), "is_secret": protected(input, "rahasia"),
            "detail_status": text(input, "status"),
            "lapor": {"complaint_id": report, "tracking_id": of_lapor("tracking_id"), "url": of_lapor("url")},
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let path = RelativePath::of(&self.setup.raw.jalur.tiket);
        Ok(NativeRequest::post(
            "tiket",
            path,
            wire::body(self.setup.raw.bentuk, fields),
        ))
    }

    fn reply(&self, _call: &Call<'_>, _input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
        let ticket = envelope::first(&body)
            .and_then(|row| id(row, &["tiket", "ticket"]))
            .ok_or_else(|| Fault::drift("a success answer without a ticket").landed(Landed::Unknown))?;
        Ok(json!({ "tiket": ticket }))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

#[cfg(test)]
mod tests;
