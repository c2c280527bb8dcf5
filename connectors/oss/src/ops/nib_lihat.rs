//! `nib.lihat`: a whole NIB by its number, by OSS id or by tax number. `inqueryNIB`.

use super::{Plain, ask, not_found, reads, text};
use crate::canon;
use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "nib.lihat",
            Text::new(
                "Melihat satu NIB dengan pelaku usaha, proyek dan perizinannya.",
                "Shows one NIB with its business actor, projects and licences.",
            ),
            "nib_kunci",
            "nib",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            let key = key(input, &["nib", "oss_id", "npwp"])?;
            Ok(ask(setup, "nib", "inqueryNIB", json!({ "INQUERYNIB": key })))
        },
        reply,
        lookup: None,
    })
}

/// The one identifier of the input, if this method takes it.
pub(super) fn key(input: &Value, taken: &[&str]) -> Result<Value, Fault> {
    let given = taken.iter().find_map(|name| Some((*name, input.get(*name)?.clone())));
    given.map(|(name, value)| json!({ name: value })).ok_or_else(|| {
        super::complaint(
            "",
            "Layanan OSS ini tidak mencari dengan pengenal tersebut.",
            "This OSS method does not look up by that identifier.",
        )
    })
}

/// The NIB must be the one asked for, if a NIB was asked for.
pub(super) fn same(input: &Value, found: &Value) -> Result<(), Fault> {
    let asked = text(input, "nib");
    if asked.is_empty() || found.get("nib").and_then(Value::as_str) == Some(asked) {
        return Ok(());
    }
    Err(Fault::drift("`nib` is another number than the one asked for"))
}

/// A canonical NIB out of the native object.
pub(super) fn nib(setup: &Setup, input: &Value, native: &Value) -> Result<Value, Fault> {
    let found = canon::nib(setup, native).ok_or_else(|| Fault::drift("`nib` is not 13 digits"))?;
    same(input, &found)?;
    Ok(found)
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    nib(
        setup,
        input,
        envelope::filled(envelope, &["dataNIB"]).ok_or_else(not_found)?,
    )
}

/// A native object with the number that was asked for, where an answer leaves it out.
pub(super) fn numbered(native: &Value, nib: &str) -> Value {
    let mut fields: Map<String, Value> = native.as_object().cloned().unwrap_or_default();
    fields.entry("nib").or_insert_with(|| json!(nib));
    Value::Object(fields)
}
