//! `nib.periksa`: whether a NIB exists, whose it is and its status. `checkNIB`.

use super::nib_lihat::{key, same};
use super::{Plain, ask, not_found, reads};
use crate::envelope;
use crate::fields::{Kind, Reader};
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("nib", "nib", Kind::Nib),
    ("nama_perusahaan", "nama", Kind::Text),
    ("status", "status_nib", Kind::Code),
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "nib.periksa",
            Text::new(
                "Memeriksa keberadaan dan status satu NIB.",
                "Checks whether a NIB exists and its status.",
            ),
            "nib_kunci",
            "nib_ringkas",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            Ok(ask(
                setup,
                "cek",
                "checkNIB",
                json!({ "CHECKNIB": key(input, &["nib"])? }),
            ))
        },
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let native = envelope::filled(envelope, &["dataNIB"]).ok_or_else(not_found)?;
    let found = Value::Object(Reader::new(setup.zone).object(FIELDS, native));
    if found.get("nib").is_none() {
        return Err(Fault::drift("`dataNIB.nib` is not 13 digits"));
    }
    same(input, &found)?;
    Ok(found)
}
