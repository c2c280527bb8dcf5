//! `berkas.lihat`: where the signed licence file is. `inqueryFileDS`. Its code is a text, and 400 also means that the
//! file is not merged or signed yet: ask again later. The content is fetched separately with the system's key.

use super::{Plain, ask, reads, text};
use crate::envelope;
use crate::fields::{Kind, Reader};
use crate::screen::FILE_STEP;
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "berkas.lihat",
            Text::new(
                "Menanyakan alamat berkas izin yang sudah ditandatangani.",
                "Asks for the address of the signed licence file.",
            ),
            "izin_kunci",
            "berkas_izin",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            let body = json!({"INQUERYFILEDS": {"id_permohonan_izin": text(input, "id_izin")}});
            Ok(ask(setup, FILE_STEP, "inqueryFileDS", body))
        },
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let mut reader = Reader::new(setup.zone);
    let url = envelope
        .get("url_file_ds")
        .and_then(|url| reader.scalar("url_file_ds", Kind::Link, url));
    let url = url.ok_or_else(|| Fault::drift("`url_file_ds` is not an address"))?;
    let mut out = json!({"id_izin": text(input, "id_izin"), "url": url});
    if let Some(note) = envelope::text(envelope, "keterangan") {
        out["catatan"] = json!(note);
    }
    Ok(out)
}
