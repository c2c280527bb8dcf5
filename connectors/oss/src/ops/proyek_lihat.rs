//! `proyek.lihat`: one project of a NIB. `inqueryProyek`: request and answer are flat, names differ from the other
//! methods, and two members are objects in the guide's table but lists in its example.

use super::nib_lihat::{nib, numbered};
use super::{Plain, ask, not_found, reads, text};
use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Fault, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "proyek.lihat",
            Text::new(
                "Melihat satu proyek dengan investasi, izin dan fasilitasnya.",
                "Shows one project with its investment, licences and facilities.",
            ),
            "proyek_kunci",
            "nib",
        ),
        setup: Arc::clone(setup),
        request,
        reply,
        lookup: None,
    })
}

fn request(setup: &Setup, input: &Value) -> Result<NativeRequest, Fault> {
    let mut body = json!({"nib": text(input, "nib"), "id_proyek": text(input, "id_proyek")});
    if let Some(kbli) = input.get("kbli") {
        body["kbli"] = kbli.clone();
    }
    Ok(ask(setup, "proyek", "inqueryProyek", body))
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let data = envelope::filled(envelope, &["data"]).ok_or_else(not_found)?;
    // Projects stand in `data_proyek`; an answer without it is the project itself.
    let native = numbered(data, text(input, "nib"));
    nib(setup, input, &native)
}
