//! `pengaduan.lihat`: where a report stands. The raw status code and name travel beside the canonical one; changes are
//! ordered by their own time, newest first.

mod history;

use crate::envelope::{detail, text};
use crate::kirim::reference;
use crate::settings::{self, Setup};
use crate::status::Status;
use crate::times::rfc3339;
use connector_sdk::{
    Answer, Call, Complaint, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Paging, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct Look {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

impl Look {
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
        id: "pengaduan.lihat".into(),
        summary: Text::new(
            "Membaca keadaan satu laporan di SP4N-LAPOR! beserta riwayat statusnya.",
            "Reads where one report in SP4N-LAPOR! stands, with its status history.",
        ),
        request_schema: "urn:simpul:skema:pengaduan_kunci:1".into(),
        reply_schema: "urn:simpul:skema:pengaduan_status:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 30_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The report id of an input, or a complaint.
pub(crate) fn report_id<'a>(input: &'a Value, field: &str) -> Result<&'a str, Fault> {
    input
        .get(field)
        .and_then(Value::as_str)
        .filter(|id| !id.trim().is_empty())
        .ok_or_else(|| {
            Fault::invalid(vec![Complaint {
                pointer: format!("/{field}"),
                text: Text::new("Sebutkan id laporan SP4N-LAPOR!.", "Name the report's SP4N-LAPOR! id."),
            }])
        })
}

impl Operation for Look {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let id = report_id(input, "id")?;
        Ok(crate::wire::get(
            "lihat",
            settings::with_id(&self.setup.raw.jalur.lihat, id),
        ))
    }

    fn reply(&self, call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let id = report_id(input, "id")?;
        let body = reply.json()?;
        let (data, holder) = detail(&body).ok_or_else(|| Fault::drift("a detail without `results.data`"))?;
        let (code, name) = (text(data, "status_code"), text(data, "status_name"));
        if code.is_none() && name.is_none() {
            return Err(Fault::drift("a detail without `status_code` and `status_name`"));
        }
        let status = self.setup.statuses.canonical(name.as_deref(), code.as_deref());
        let notes = history::notes(&self.setup, data);
        let changes = history::changes(&self.setup, holder, &notes);
        let latest = notes.first();
        let moment = latest.and_then(|note| note.at.as_ref());
        let moment = moment.or_else(|| changes.iter().find_map(|change| change.at.as_ref()));

        let mut answer = Map::new();
        let ours = data.get("content").and_then(Value::as_str);
        if let Some(reference) = ours.and_then(|content| self.setup.marker.read(&crate::texts::plain(content))) {
            answer.insert("tiket".to_owned(), json!(reference.ticket));
            if crate::marker::SOURCES.contains(&reference.source.as_str()) {
                answer.insert("sumber".to_owned(), json!(reference.source));
            }
        }
        answer.insert("status".to_owned(), json!(status.word()));
        answer.insert("status_asli".to_owned(), json!({ "kode": code, "nama": name }));
        answer.insert("catatan".to_owned(), json!(latest.map(|note| &note.text)));
        answer.insert("terjadi_pada".to_owned(), json!(moment.map(rfc3339)));
        answer.insert("kode_opd".to_owned(), json!(self.agency(call, data)));
        answer.insert(
            "lapor".to_owned(),
            reference(&self.setup, id, text(data, "tracking_id")),
        );
        let changes: Vec<Value> = changes.iter().map(history::Change::canonical).collect();
        answer.insert("riwayat".to_owned(), Value::Array(changes));
        Ok(Value::Object(answer))
    }
}

impl Look {
    fn agency(&self, call: &Call<'_>, data: &Value) -> Option<String> {
        let native = text(data, "disposition_id")?;
        let configured = self.setup.agency_code(&native).map(str::to_owned);
        configured.or_else(|| call.lists.canonical("lapor.instansi", &native))
    }
}

/// Raw status beside the canonical one.
pub(crate) fn raw_status(name: Option<&str>) -> Value {
    json!({ "kode": null, "nama": name })
}

/// Canonical word of a raw name.
pub(crate) fn status_of(setup: &Setup, name: Option<&str>) -> Status {
    setup.statuses.canonical(name, None)
}

#[cfg(test)]
mod tests;
