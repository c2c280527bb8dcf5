//! `penyedia.lihat`: one supplier of the catalogue by its id, from the gateway. A detail look-up, not a list; nothing is
//! kept.

use crate::dataset::DataSet;
use crate::exact;
use crate::request;
use crate::row::{Maker, Turned};
use crate::rows::Rows;
use crate::settings::{Interface, Setup};
use connector_sdk::{
    Answer, Call, Effect, Fault, FaultKind, NativeReply, NativeRequest, Operation, OperationSpec, Paging, Pull, Text,
};
use serde_json::Value;
use std::sync::Arc;

/// The data set that the look-up reads.
const SET: &str = "penyedia_katalog";

/// The operation.
pub(crate) struct Supplier {
    spec: OperationSpec,
    setup: Arc<Setup>,
    set: DataSet,
}

impl Supplier {
    /// On the gateway only.
    pub(crate) fn of(setup: &Arc<Setup>) -> Option<Self> {
        let set = setup.sets.iter().find(|set| set.id == SET)?;
        (setup.raw.antarmuka == Interface::Gerbang).then(|| Self {
            spec: spec(),
            setup: Arc::clone(setup),
            set: set.clone(),
        })
    }

    /// Its specification.
    pub(crate) fn spec(&self) -> &OperationSpec {
        &self.spec
    }
}

fn spec() -> OperationSpec {
    OperationSpec {
        id: "penyedia.lihat".into(),
        summary: Text::new(
            "Melihat satu penyedia di katalog LKPP.",
            "Shows one supplier of LKPP's catalogue.",
        ),
        request_schema: "urn:simpul:skema:penyedia_kunci:1".into(),
        reply_schema: "urn:simpul:skema:penyedia:1".into(),
        effect: Effect::Read,
        answer: Answer::Immediate,
        reference: Vec::new(),
        ordering: Vec::new(),
        deadline_ms: 60_000,
        paging: Paging::None,
        follow: None,
    }
}

impl Operation for Supplier {
    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request(&self, _call: &Call<'_>, input: &Value) -> Result<NativeRequest, Fault> {
        let id = input.get("kode_penyedia").and_then(Value::as_str).unwrap_or_default();
        let year = input.get("tahun_anggaran").and_then(Value::as_i64);
        let mut scope = vec![("id".to_owned(), id.to_owned())];
        scope.extend(year.map(|year| ("tahun".to_owned(), year.to_string())));
        request::page(&self.setup, &self.set, &Pull { scope, cursor: None })
    }

    fn reply(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Value, Fault> {
        let rows = Rows::of(&reply.body).ok_or_else(|| Fault::drift("no list of suppliers"))?;
        let asked = input.get("kode_penyedia").and_then(Value::as_str);
        let mut maker = Maker::new(&self.set, &self.set.kunci, &self.setup.offset);
        let mut any = false;
        for row in rows {
            any = true;
            let row = exact::parse(row).ok_or_else(|| Fault::drift("a row that is not JSON"))?;
            match maker.turn(&row) {
                Turned::Record(made) if made.value.get("kode_penyedia").and_then(Value::as_str) == asked => {
                    return Ok(made.value);
                }
                Turned::Record(_) | Turned::Nothing | Turned::Nameless => {}
            }
        }
        // Another supplier than the one asked for must not pass as the right one.
        match any {
            true => Err(Fault::drift("the rows are about another supplier")),
            false => Err(Fault::new(
                FaultKind::NotFound,
                Text::new(
                    "Penyedia tidak ada di katalog LKPP.",
                    "LKPP's catalogue has no such supplier.",
                ),
            )),
        }
    }
}
