//! `laksa.tanggapan.daftar`: what agencies answered in LAKSA since an answer, all pages, oldest first. These answers
//! become follow-ups in SP4N-LAPOR!.

use crate::fields::{id, text};
use crate::pages;
use crate::settings::Setup;
use crate::status::canonical_of;
use connector_sdk::{
    Answer, BoxFuture, Call, Complaint, Effect, Fault, NativeReply, NativeRequest, Operation, OperationSpec, Outbound,
    Paging, RelativePath, Text,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Most items of one canonical answer.
const MOST: usize = 1000;

/// The operation.
pub(crate) struct ListAnswers {
    spec: OperationSpec,
    setup: Arc<Setup>,
}

impl ListAnswers {
    /// For one endpoint.
    pub(crate) fn new(setup: &Arc<Setup>) -> Self {
        Self {
            spec: spec(),
            setup: Arc::clone(setup),
        }
    }

    fn page(&self, input: &Value, page: u32) -> NativeRequest {
        let mut request = NativeRequest::get("tanggapan", RelativePath::of(&self.setup.raw.jalur.tanggapan));
        if let Some(since) = text(input, "sejak") {
            request = request.query("sejak", since);
        }
        request.query("halaman", page.to_string())
    }
}

/// The declaration.
pub(crate) fn spec() -> OperationSpec {
    OperationSpec {
        id: "laksa.tanggapan.daftar".into(),
        summary: Text::new(
            "Membaca jawaban OPD di LAKSA sejak jawaban tertentu.",
            "Reads the agencies' answers in LAKSA since a given one.",
        ),
        request_schema: "urn:simpul:skema:laksa_tanggapan_kunci:1".into(),
        reply_schema: "urn:simpul:skema:laksa_tanggapan_daftar:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 30_000,
        paging: Paging::Number,
        follow: None,
    }
}

fn first_page(input: &Value) -> Result<u32, Fault> {
    let Some(mark) = text(input, "halaman") else {
        return Ok(1);
    };
    mark.parse().ok().filter(|page| *page > 0).ok_or_else(|| {
        let text = Text::new(
            "Pakai penanda dari balasan sebelumnya.",
            "Use the mark of the previous reply.",
        );
        Fault::invalid(vec![Complaint {
            pointer: "/halaman".to_owned(),
            text,
        }])
    })
}

fn answer(rows: &[Value], next: Option<u32>) -> Result<Value, Fault> {
    let items = rows.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "butir": items, "halaman_berikut": next.map(|page| page.to_string()) }))
}

fn item(row: &Value) -> Result<Value, Fault> {
    let missing = |what: &str| Fault::drift(format!("an answer without {what}"));
    let mut item = Map::new();
    item.insert(
        "id".to_owned(),
        json!(id(row, &["id"]).ok_or_else(|| missing("an id"))?),
    );
    item.insert(
        "tiket".to_owned(),
        json!(id(row, &["tiket", "ticket"]).ok_or_else(|| missing("a ticket"))?),
    );
    item.insert(
        "kode_opd".to_owned(),
        json!(text(row, "kode_opd").or_else(|| text(row, "opd_code"))),
    );
    item.insert(
        "isi".to_owned(),
        json!(text(row, "isi").or_else(|| text(row, "content")).unwrap_or_default()),
    );
    item.insert(
        "status".to_owned(),
        json!(canonical_of(text(row, "status").unwrap_or_default())),
    );
    let at = text(row, "waktu").or_else(|| text(row, "created_at"));
    let at = at.filter(|at| at.parse::<jiff::Timestamp>().is_ok());
    item.insert("dibuat_pada".to_owned(), json!(at));
    Ok(Value::Object(item))
}

impl Operation for ListAnswers {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        Ok(self.page(input, first_page(input)?))
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = pages::rows(reply)?;
        let next = if rows.is_empty() {
            None
        } else {
            first_page(input)?.checked_add(1)
        };
        answer(&rows, next)
    }

    fn call<'a>(
        &'a self,
        _call: &'a Call<'a>,
        input: &'a Value,
        out: &'a dyn Outbound,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let first = first_page(input)?;
            let pages = pages::read_all(&self.setup, first, MOST, |page| self.page(input, page), out).await?;
            answer(&pages.rows, pages.next)
        })
    }
}
