//! Filing: open a dossier, put a letter in, close it.

use super::{Plain, input_id, tell, writes};
use crate::settings::Setup;
use crate::{envelope, fields};
use connector_sdk::{Fault, Landed, NativeBody, NativeReply, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn all(setup: &Arc<Setup>) -> Vec<Box<dyn Operation>> {
    let plain = |spec, request, reply| -> Box<dyn Operation> {
        Box::new(Plain {
            spec,
            setup: Arc::clone(setup),
            request,
            reply,
        })
    };
    vec![
        plain(
            writes(
                setup,
                "berkas.buat",
                Text::new("Membuka satu berkas.", "Opens a file (dossier)."),
                ("berkas", "berkas_tanda_terima"),
                "/rujukan",
            ),
            |setup, _, input| tell(setup, "buat", ("berkas", None), "berkas", input),
            |setup, input, reply| receipt(setup, input, reply, true),
        ),
        plain(
            writes(
                setup,
                "berkas.isi",
                Text::new("Memberkaskan satu naskah.", "Files one letter."),
                ("berkas_isi", "berkas_tanda_terima"),
                "/id",
            ),
            |setup, _, input| {
                let id = input_id(input, "id")?;
                tell(setup, "isi", ("berkas_isi", Some(id)), "berkas_isi", input)
            },
            |setup, input, reply| receipt(setup, input, reply, false),
        ),
        plain(
            writes(
                setup,
                "berkas.tutup",
                Text::new("Menutup satu berkas.", "Closes a file (dossier)."),
                ("berkas_langkah", "berkas_tanda_terima"),
                "/id",
            ),
            |setup, _, input| {
                let path = setup.path("berkas_tutup", Some(input_id(input, "id")?));
                Ok(NativeRequest::post("tutup", path, NativeBody::Json(json!({}))))
            },
            |setup, input, reply| receipt(setup, input, reply, false),
        ),
    ]
}

fn receipt(setup: &Setup, input: &Value, reply: &NativeReply, created: bool) -> Result<Value, Fault> {
    let data = envelope::data(setup, reply, Landed::Unknown)?;
    let id = match created {
        true => envelope::id(setup, &data, Landed::Unknown)?,
        false => input_id(input, "id")?.to_owned(),
    };
    let state = fields::text(setup, "berkas", &data, "status", "status");
    let state = state.ok_or_else(|| Fault::drift("an answer without a state").landed(Landed::Unknown))?;
    let count = fields::get(setup, "berkas", &data, "jumlah_isi", "jumlah_item").and_then(Value::as_u64);
    Ok(json!({"id": id, "status_berkas": setup.codes("status_berkas").canonical(&state), "jumlah_isi": count}))
}
