//! `referensi.oss.lihat`: one of the code lists 1 to 32. `getDataReferensi`. The gateway keeps the answer a day; list 8
//! (licence codes) is the big one. List 1 also serves as the health probe.

use super::{Plain, ask, reads, text};
use crate::fields::{Kind, Reader, objects};
use crate::settings::Setup;
use connector_sdk::{Fault, NativeRequest, Operation, OperationSpec, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("kode_referensi", "kode", Kind::Id),
    ("uraian_referensi", "nama", Kind::Text),
    ("keterangan_referensi", "keterangan", Kind::Text),
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: OperationSpec {
            deadline_ms: 90_000,
            ..reads(
                "referensi.oss.lihat",
                Text::new("Membaca satu daftar kode OSS.", "Reads one code list of OSS."),
                "referensi_kunci",
                "referensi",
            )
        },
        setup: Arc::clone(setup),
        request: |setup, input| Ok(ask_list(setup, "referensi", text(input, "daftar"))),
        reply,
        lookup: None,
    })
}

/// Asks for one list.
pub(crate) fn ask_list(setup: &Setup, step: &'static str, list: &str) -> NativeRequest {
    ask(
        setup,
        step,
        "getDataReferensi",
        json!({"GETDATAREFERENSI": {"kode": list}}),
    )
}

/// The reading request of the health probe.
pub(crate) fn probe(setup: &Setup) -> NativeRequest {
    ask_list(setup, "sehat", "1")
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    Ok(json!({"daftar": text(input, "daftar"), "butir": reference_rows(setup, envelope)?}))
}

/// The rows of an opened answer, those without a code left out.
pub(crate) fn reference_rows(setup: &Setup, envelope: &Value) -> Result<Vec<Value>, Fault> {
    let rows = envelope
        .get("dataReferensi")
        .filter(|rows| rows.is_array() || rows.is_object());
    let rows = rows.ok_or_else(|| Fault::drift("no `dataReferensi`"))?;
    let mut reader = Reader::new(setup.zone);
    let rows = objects(Some(rows)).map(|row| Value::Object(reader.object(FIELDS, row)));
    Ok(rows.filter(|row| row.get("kode").is_some()).collect())
}
