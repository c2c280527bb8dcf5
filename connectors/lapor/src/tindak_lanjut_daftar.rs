//! `pengaduan.tindak_lanjut.daftar`: every follow-up of a report, all pages. A page that repeats ends the reading; a cap
//! ends it too, and then the mark of the next page says so.

use crate::lihat::report_id;
use crate::pages::{page, page_number, read_all};
use crate::settings::Setup;
use crate::{envelope, followup};
use connector_sdk::{
    Answer, BoxFuture, Call, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Outbound, Paging,
    Text,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The operation.
pub(crate) struct ListFollowUps {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

impl ListFollowUps {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
        }
    }

    fn answer(&self, report: &str, items: &[Value], next: Option<u32>) -> Value {
        let items: Vec<Value> = items
            .iter()
            .map(|item| followup::canonical(&self.setup, report, item))
            .collect();
        json!({ "butir": items, "halaman_berikut": next.map(|page| page.to_string()) })
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "pengaduan.tindak_lanjut.daftar".into(),
        summary: Text::new(
            "Membaca semua tindak lanjut satu laporan di SP4N-LAPOR!.",
            "Reads every follow-up of one report in SP4N-LAPOR!.",
        ),
        request_schema: "urn:simpul:skema:tindak_lanjut_kunci:1".into(),
        reply_schema: "urn:simpul:skema:tindak_lanjut_daftar:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 60_000,
        paging: Paging::Number,
        follow: None,
    }
}

impl Operation for ListFollowUps {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        Ok(page(&self.setup, report_id(input, "id_laporan")?, page_number(input)?))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = envelope::rows(reply)?;
        let next = if rows.more {
            page_number(input)?.checked_add(1)
        } else {
            None
        };
        Ok(self.answer(report_id(input, "id_laporan")?, &rows.items, next))
    }

    fn call<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let report = report_id(input, "id_laporan")?;
            let pages = read_all(&self.setup, report, page_number(input)?, out).await?;
            Ok(self.answer(report, &pages.items, pages.next))
        })
    }
}

#[cfg(test)]
mod tests;
