//! `pengaduan.kirim`: one report to SP4N-LAPOR!. Evidence is uploaded first, in its own step with a checkpoint, then
//! the report is created. Creating is not idempotent upstream, so an unknown outcome is looked up by the marker at the
//! head of the text before anything is sent again.

mod codes;
pub(crate) mod fields;
mod lookup;
mod upload;

use crate::envelope::{created_id, unclear};
use crate::settings::Setup;
use connector_sdk::{
    Answer, BoxFuture, Call, Effect, Fault, Follow, Landed, Lookup, NativeBody, NativeReply, NativeRequest, Operation,
    OperationSpec, Outbound, Paging, RelativePath, Replay, Text,
};
pub(crate) use lookup::ByMarker;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct Send {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByMarker,
}

impl Send {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            lookup: ByMarker::new(setup),
        }
    }

    fn create(&self, call: &Call<'_>, input: &Value, documents: &[String]) -> Result<NativeRequest, Fault> {
        let body = fields::create(&self.setup, call, input, documents)?;
        let path = RelativePath::of(&self.setup.raw.jalur.buat);
        Ok(crate::wire::post("buat", path, NativeBody::Json(body)))
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.kirim".into(),
        summary: Text::new(
            "Mengirim satu pengaduan ke SP4N-LAPOR!, sekali saja per tiket.",
            "Sends one complaint to SP4N-LAPOR!, exactly once per ticket.",
        ),
        request_schema: "urn:simpul:skema:pengaduan:1".into(),
        reply_schema: "urn:simpul:skema:pengaduan_status:1".into(),
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        answer: Answer::Immediate,
        reference: vec!["/sumber".into(), "/tiket".into()],
        ordering: vec!["/tiket".into()],
        deadline_ms: 90_000,
        paging: Paging::None,
        follow: Some(Follow {
            read: "pengaduan.lihat".into(),
            id: "/lapor/id_laporan".into(),
            state: "/status".into(),
            until: vec!["selesai".into(), "diarsipkan".into(), "ditolak".into()],
            every_s: 1800,
            grace_s: 14 * 24 * 3600,
        }),
    }
}

/// The canonical reply for a report that exists upstream under `id`.
fn receipt(setup: &Setup, input: &Value, id: &str) -> Value {
    receipt_with(setup, input, id, None)
}

/// The same, with the public number when the system gave one.
pub(crate) fn receipt_with(setup: &Setup, input: &Value, id: &str, tracking: Option<String>) -> Value {
    let mut reply = Map::new();
    for field in ["tiket", "sumber"] {
        if let Some(value) = input.get(field) {
            reply.insert(field.to_owned(), value.clone());
        }
    }
    reply.insert("status".to_owned(), json!("diterima"));
    reply.insert("lapor".to_owned(), reference(setup, id, tracking));
    Value::Object(reply)
}

/// How a report is named to others. The public number is a guess unless configuration says that both are the same.
pub(crate) fn reference(setup: &Setup, id: &str, tracking: Option<String>) -> Value {
    let tracking = tracking.or_else(|| setup.raw.id_adalah_nomor_lacak.then(|| id.to_owned()));
    let page = setup.raw.url_publik.as_ref().zip(tracking.as_ref());
    let url = page.map(|(template, number)| template.replace("{id}", number));
    json!({ "id_laporan": id, "tracking_id": tracking, "url": url })
}

impl Operation for Send {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    /// The create without evidence; with evidence `call` uploads first and puts the ids in.
    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        self.create(call, input, &[])
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = reply.json().map_err(|fault| fault.landed(Landed::Unknown))?;
        let id = created_id(&body).ok_or_else(|| unclear("a success answer to a create without an id"))?;
        Ok(receipt(&self.setup, input, &id))
    }

    fn call<'a>(
        &'a self,
        call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            // Everything that can be refused is refused before the first upload.
            self.create(call, input, &[])?;
            let evidence = upload::evidence(&self.setup, input, out).await?;
            let reply = out.send(self.create(call, input, &evidence.documents)?).await?;
            let mut receipt = self.reply(call, input, &reply)?;
            if let (Some(note), Some(fields)) = (evidence.note, receipt.as_object_mut()) {
                fields.insert("catatan".to_owned(), Value::String(note));
            }
            Ok(receipt)
        })
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

#[cfg(test)]
mod tests;
