//! `pengaduan.tindak_lanjut.kirim`: adds a follow-up to a report. Adding is not idempotent upstream, so an unknown
//! outcome is compared with the whole follow-up list first.

mod evidence;
mod lookup;

use crate::complaints::{Wrong, code};
use crate::envelope;
use crate::lihat::report_id;
use crate::settings::Setup;
use connector_sdk::{
    Answer, Call, Effect, Fault, Lookup, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec, Paging,
    Part, RelativePath, Replay, Text,
};
use evidence::evidence;
use lookup::ByText;
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct AddFollowUp {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByText,
}

impl AddFollowUp {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            lookup: ByText::new(setup),
        }
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.tindak_lanjut.kirim".into(),
        summary: Text::new(
            "Menambahkan tindak lanjut pada satu laporan di SP4N-LAPOR!.",
            "Adds a follow-up to one report in SP4N-LAPOR!.",
        ),
        request_schema: "urn:simpul:skema:tindak_lanjut_masukan:1".into(),
        reply_schema: "urn:simpul:skema:tindak_lanjut:1".into(),
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        answer: Answer::Immediate,
        reference: vec!["/id_laporan".into(), "/rujukan".into()],
        ordering: vec!["/id_laporan".into()],
        deadline_ms: 60_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The parts of reference §2.5: 0 and 1 for booleans, files as `attachment[0]`, `attachment[1]` … (singular here).
fn parts(setup: &Setup, call: &Call<'_>, input: &Value) -> Result<Vec<Part>, Fault> {
    let report = report_id(input, "id_laporan")?;
    let mut wrong = Wrong::default();
    let content = input.get("isi").and_then(Value::as_str).unwrap_or_default();
    let cap = setup.raw.batas_tindak_lanjut;
    if content.trim().is_empty() {
        wrong.add("/isi", "Isi teksnya.", "Give the text.");
    } else if content.chars().count() > cap {
        wrong.too_long("/isi", cap);
    }
    let kind = input.get("jenis").and_then(Value::as_str).unwrap_or_default();
    let template = input.get("kode_templat").and_then(Value::as_str).or(setup
        .raw
        .templat
        .get(kind)
        .map(String::as_str));
    if template.is_none() {
        wrong.unmapped("/jenis");
    }
    let from = code(setup, call, input, "dari_instansi", &mut wrong);
    let to = code(setup, call, input, "ke_instansi", &mut wrong);
    let secret = !matches!(input.get("rahasia"), Some(Value::Bool(false)));
    let files = evidence(setup, input, secret, &mut wrong)?;
    wrong.done()?;
    let mut parts = vec![
        Part::text("complaint_id", report),
        Part::text("user_id", setup.raw.id_pengguna.text()),
        Part::text("institution_from_id", from),
        Part::text("institution_to_id", to),
        Part::text("template_code", template.unwrap_or_default()),
        Part::text(
            "rating",
            input.get("nilai").and_then(Value::as_u64).unwrap_or(0).to_string(),
        ),
        Part::text("is_secret", if secret { "1" } else { "0" }),
        Part::text("content", content),
    ];
    parts.extend(files);
    Ok(parts)
}

/// The follow-up as sent, with the id the system gave, if any.
fn receipt(input: &Value, id: Option<String>) -> Value {
    let mut receipt = input.clone();
    if let Some(fields) = receipt.as_object_mut() {
        fields.remove("rujukan");
        fields.extend(id.map(|id| ("id".to_owned(), json!(id))));
    }
    receipt
}

impl Operation for AddFollowUp {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let parts = parts(&self.setup, call, input)?;
        let path = RelativePath::of(&self.setup.raw.jalur.tindak_lanjut_tambah);
        Ok(crate::wire::post("tambah", path, NativeBody::Multipart(parts)))
    }

    /// The system confirms without an id; should one come, it is kept.
    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let body = envelope::confirmed(reply)?;
        let places = ["/results/followup", "/results/data", "/results"];
        let id = places
            .iter()
            .find_map(|place| envelope::text(body.pointer(place)?, "id"));
        Ok(receipt(input, id))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

#[cfg(test)]
mod tests;
