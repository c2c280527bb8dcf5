//! `izin.status.periksa`: where an application stands according to OSS. `checkLicenseStatus`.

use super::{Plain, lookup, not_found, reads, text};
use crate::canon;
use crate::envelope;
use crate::fields::{Kind, Reader};
use crate::settings::Setup;
use connector_sdk::{Fault, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("nib", "nib", Kind::Nib),
    ("id_proyek", "id_proyek", Kind::Id),
    ("uraian_status", "uraian_status", Kind::Text),
];

/// An application about which nothing was reported.
const NONE_YET: &str = "belum_ada";

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "izin.status.periksa",
            Text::new(
                "Menanyakan keadaan satu permohonan izin menurut OSS.",
                "Asks where one licence application stands according to OSS.",
            ),
            "izin_kunci",
            "izin_keadaan",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| Ok(lookup::ask_status(setup, text(input, "id_izin"))),
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let data = envelope::filled(envelope, &["dataIZIN", "dataIzin"]).ok_or_else(not_found)?;
    let id = text(input, "id_izin");
    if envelope::text(data, "id_izin").is_some_and(|shown| shown != id) {
        return Err(Fault::drift("`dataIZIN.id_izin` is another application"));
    }
    if data.get("kd_status").is_none() {
        return Err(Fault::drift("no `dataIZIN.kd_status`"));
    }
    let mut reader = Reader::new(setup.zone);
    let mut out = reader.object(FIELDS, data);
    out.insert("id_izin".to_owned(), json!(id));
    match envelope::text(data, "kd_status") {
        Some(code) => canon::put_status(setup, &mut out, code),
        None => drop(out.insert("status".to_owned(), json!(NONE_YET))),
    }
    if let Some(file) = envelope::text(data, "file_lampiran").filter(|file| file.len() <= 2048) {
        out.insert("berkas_lampiran".to_owned(), json!(file));
    }
    reader.finish(&mut out);
    Ok(Value::Object(out))
}
