//! `nib.stpw.lihat`: a franchise registration. `inqueryNIBSTPW`.

use super::nib_lihat::{key, same};
use super::{Plain, ask, not_found, reads};
use crate::canon;
use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "nib.stpw.lihat",
            Text::new(
                "Melihat satu pendaftaran waralaba (STPW).",
                "Shows one franchise registration (STPW).",
            ),
            "nib_kunci",
            "nib_stpw",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            let key = key(input, &["nib"])?;
            Ok(ask(setup, "stpw", "inqueryNIBSTPW", json!({ "INQUERYNIBSTPW": key })))
        },
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let native = envelope::filled(envelope, &["dataNIBSTPW", "dataNIB"]).ok_or_else(not_found)?;
    let found = canon::stpw(setup, native).ok_or_else(|| Fault::drift("`nib` is not 13 digits"))?;
    same(input, &found)?;
    Ok(found)
}
