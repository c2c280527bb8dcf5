//! `sertifikat.lihat`: a certificate by application. `GET inqueryCertificate/{id}`. Values come rendered ("2 Tahun"), and
//! the date as an instant in UTC for a local day.

use super::{Plain, not_found, reads, text};
use crate::envelope;
use crate::fields::{Kind, Reader};
use crate::settings::Setup;
use connector_sdk::{Fault, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("id_sertifikat", "id_sertifikat", Kind::Id),
    ("nomor_sertifikat", "nomor_sertifikat", Kind::Text),
    ("url_sertifikat", "url_sertifikat", Kind::Link),
    ("tanggal_terbit", "tanggal_terbit", Kind::Date),
    ("masa_berlaku", "masa_berlaku", Kind::Text),
    ("jenis_sertifikat", "jenis_sertifikat", Kind::Text),
    ("keterangan", "catatan", Kind::Text),
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "sertifikat.lihat",
            Text::new(
                "Melihat sertifikat satu permohonan.",
                "Shows the certificate of one application.",
            ),
            "izin_kunci",
            "sertifikat_rincian",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| Ok(ask_certificate(setup, text(input, "id_izin"))),
        reply: |setup, input, envelope| {
            let native = envelope::filled(envelope, &["dataCertificate", "data"]).ok_or_else(not_found)?;
            certificate(setup, text(input, "id_izin"), native)
        },
        lookup: None,
    })
}

/// Asks for the certificate of one application.
pub(super) fn ask_certificate(setup: &Setup, id: &str) -> NativeRequest {
    NativeRequest::get("sertifikat", setup.path("inqueryCertificate").segment(id))
}

/// A canonical certificate out of the native object.
pub(super) fn certificate(setup: &Setup, id: &str, native: &Value) -> Result<Value, Fault> {
    if envelope::text(native, "id_permohonan_izin").is_some_and(|shown| shown != id) {
        return Err(Fault::drift("the certificate belongs to another application"));
    }
    let mut reader = Reader::new(setup.zone);
    let mut out = reader.object(FIELDS, native);
    out.insert("id_izin".to_owned(), json!(id));
    reader.finish(&mut out);
    Ok(Value::Object(out))
}
