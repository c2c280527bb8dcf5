//! `pengaduan.limpahkan`: hands a report on to another institution. Trap of the native form (reference §2.4): `reason`
//! carries the institution, the human reason is `reason_description`; booleans are 0 and 1.

use crate::complaints::{Wrong, code};
use crate::envelope::{confirmed, detail, text};
use crate::lihat::report_id;
use crate::settings::{self, Setup};
use connector_sdk::{
    Answer, Call, Effect, Fault, Found, Lookup, NativeBody, NativeReply, NativeRequest, Operation, OperationSpec,
    Paging, Replay, Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct HandOn {
    spec: OperationSpec,
    setup: Arc<Setup>,
    lookup: ByDisposition,
}

impl HandOn {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        let lookup = ByDisposition {
            setup: Arc::clone(setup),
        };
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
            lookup,
        }
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.limpahkan".into(),
        summary: Text::new(
            "Melimpahkan laporan yang bukan wewenang kota ke instansi lain di SP4N-LAPOR!.",
            "Hands a report outside the city's authority on to another institution in SP4N-LAPOR!.",
        ),
        request_schema: "urn:simpul:skema:pengaduan_limpah:1".into(),
        reply_schema: "urn:simpul:skema:pengaduan_limpah:1".into(),
        effect: Effect::Write {
            replay: Replay::ByReference,
        },
        answer: Answer::Immediate,
        reference: vec!["/id_laporan".into(), "/ke_instansi".into()],
        ordering: vec!["/id_laporan".into()],
        deadline_ms: 60_000,
        paging: Paging::None,
        follow: None,
    }
}

/// The report, its new institution and the reason, as they were taken.
fn receipt(input: &Value) -> Value {
    json!({
        "id_laporan": input.get("id_laporan"), "ke_instansi": input.get("ke_instansi"), "alasan": input.get("alasan"),
    })
}

impl Operation for HandOn {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let report = report_id(input, "id_laporan")?;
        let mut wrong = Wrong::default();
        if input.get("ke_instansi").and_then(Value::as_str).is_none() {
            wrong.add(
                "/ke_instansi",
                "Sebutkan kode instansi tujuan.",
                "Name the receiving institution's code.",
            );
        }
        let institution = code(&self.setup, call, input, "ke_instansi", &mut wrong);
        let reason = input
            .get("alasan")
            .and_then(Value::as_str)
            .filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            wrong.add("/alasan", "Tulis alasannya.", "Give the reason.");
        }
        wrong.done()?;
        let body = json!({
            "is_request": 1, "reason": institution, "reason_description": reason, "not_authority": 1,
        });
        let path = settings::with_id(&self.setup.raw.jalur.limpahkan, report);
        Ok(crate::wire::post("limpahkan", path, NativeBody::Json(body)))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        confirmed(reply)?;
        Ok(receipt(input))
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&self.lookup)
    }
}

/// Looks where the report lies now. Elsewhere proves nothing: handing on may wait for the operator's consent.
struct ByDisposition {
    setup: Arc<Setup>,
}

impl Lookup for ByDisposition {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        let report = report_id(input, "id_laporan").ok()?;
        Some(crate::wire::get(
            "lihat",
            settings::with_id(&self.setup.raw.jalur.lihat, report),
        ))
    }

    fn found(&self, call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let wanted = code(&self.setup, call, input, "ke_instansi", &mut Wrong::default());
        let body = reply.json()?;
        let (data, _) = detail(&body).ok_or_else(|| Fault::drift("a detail without `results.data`"))?;
        Ok(match text(data, "disposition_id") {
            Some(now) if now == wanted => Found::Landed(receipt(input)),
            _ => Found::Unclear("the report does not lie with the receiving institution (yet)".into()),
        })
    }
}

#[cfg(test)]
mod tests;
