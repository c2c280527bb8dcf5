//! `nib.ambil`: a NIB with the licences of its projects. `fetchNIB`. Here `kbli` is a list, elsewhere a scalar.

use super::nib_lihat::{key, nib};
use super::{Plain, ask, not_found, reads};
use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "nib.ambil",
            Text::new(
                "Mengambil ringkasan NIB dengan nomor izin tiap proyek.",
                "Fetches a NIB with the licence numbers of each project.",
            ),
            "nib_kunci",
            "nib",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            let key = match input.get("npwp") {
                Some(npwp) => json!({ "npwp_perusahaan": npwp }),
                None => key(input, &["nib"])?,
            };
            Ok(ask(setup, "ambil", "fetchNIB", json!({ "FETCHNIB": key })))
        },
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    nib(
        setup,
        input,
        envelope::filled(envelope, &["dataNIB"]).ok_or_else(not_found)?,
    )
}
