//! `laksa.tindak_lanjut.tulis`: brings a follow-up from SP4N-LAPOR! to its ticket. LAKSA keeps a repeat as a second one,
//! so an unknown outcome is compared with the follow-ups of the ticket first.

use crate::fields::{id, judge, protected, required, text};
use crate::settings::Setup;
use crate::{envelope, wire};
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, Found, Lookup, NativeReply, NativeRequest, Operation, OperationSpec,
    Paging, RelativePath, Replay, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct WriteFollowUp {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByTicket,
}

impl WriteFollowUp {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            lookup: ByTicket {
                setup: Arc::clone(setup),
            },
        }
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "laksa.tindak_lanjut.tulis".into(),
        summary: Text::new(
            "Menulis tindak lanjut SP4N-LAPOR! ke tiket LAKSA.",
            "Writes a SP4N-LAPOR! follow-up to its LAKSA ticket.",
        ),
        request_schema: "urn:simpul:skema:laksa_tindak_lanjut:1".into(),
        reply_schema: "urn:simpul:skema:laksa_tanda_terima:1".into(),
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        answer: Answer::Immediate,
        reference: vec!["/tiket".into(), "/tindak_lanjut/id".into()],
        ordering: vec!["/tiket".into()],
        deadline_ms: 15_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Operation for WriteFollowUp {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let mut wrong: Vec<Complaint> = Vec::new();
        let ticket = required(input, "tiket", &mut wrong);
        let follow_up = input.get("tindak_lanjut").unwrap_or(&Value::Null);
        let mut inner = Vec::new();
        let content = required(follow_up, "isi", &mut inner);
        let number = required(follow_up, "id", &mut inner);
        wrong.extend(inner.into_iter().map(|one| Complaint {
            pointer: format!("/tindak_lanjut{}", one.pointer),
            ..one
        }));
        judge(wrong)?;
        let fields = json!({
            "ticket": ticket, "id": number, "content": content,
            "created_at": text(follow_up, "dibuat_pada").map_or_else(|| call.now.to_string(), str::to_owned),
            "kind": text(follow_up, "jenis"), "institution_from": text(follow_up, "dari_instansi"),
            "institution_to": text(follow_up, "ke_instansi"), "is_secret": protected(follow_up, "rahasia"),
            "detail_status": text(follow_up, "status_baru"), "complaint_id": text(follow_up, "id_laporan"),
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        let path = RelativePath::of(&self.setup.raw.jalur.tindak_lanjut);
        Ok(NativeRequest::post(
            "tindak_lanjut",
            path,
            wire::body(self.setup.raw.bentuk, fields),
        ))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, _reply: &NativeReply) -> Result<Value, Fault> {
        Ok(json!({ "tiket": input.get("tiket") }))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

/// Finds the follow-up among those of the ticket.
struct ByTicket {
    setup: Arc<Setup>,
}

impl Lookup for ByTicket {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        let path = RelativePath::of(&self.setup.raw.jalur.lihat);
        Some(NativeRequest::get("lihat", path).query("tiket", text(input, "tiket")?))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let body = reply.json()?;
        let listed = envelope::first(&body)
            .and_then(|ticket| ticket.get("tindak_lanjut"))
            .and_then(Value::as_array);
        let listed = listed.ok_or_else(|| Fault::drift("a ticket without its list of follow-ups"))?;
        let wanted = input.get("tindak_lanjut").and_then(|follow_up| id(follow_up, &["id"]));
        let same = listed.iter().any(|one| id(one, &["id_tindak_lanjut", "id"]) == wanted);
        Ok(match (wanted.is_some(), same) {
            (false, _) => Found::Unclear("the follow-up has no id".into()),
            (true, true) => Found::Landed(json!({ "tiket": input.get("tiket") })),
            (true, false) => Found::NotLanded,
        })
    }
}

#[cfg(test)]
mod tests;
