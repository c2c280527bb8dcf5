//! `sertifikat.kirim`: a halal or similar certificate. `receiveCertificate`. The guide names two root keys for
//! it, so the one to send is a setting; the curl sample's is the default.

use super::sertifikat_lihat::{ask_certificate, certificate};
use super::{Plain, copied, tell, text, writes};
use crate::envelope;
use crate::settings::Setup;
use connector_sdk::{Call, Fault, Found, Lookup, NativeReply, NativeRequest, Operation, Text};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: writes(
            "sertifikat.kirim",
            Text::new(
                "Mengirim sertifikat halal atau sejenisnya ke OSS.",
                "Sends a halal or similar certificate to OSS.",
            ),
            "sertifikat",
            "sertifikat_rincian",
            &["/id_izin", "/nomor_sertifikat"],
        ),
        setup: Arc::clone(setup),
        request,
        reply,
        lookup: Some(Box::new(ByNumber {
            setup: Arc::clone(setup),
        })),
    })
}

fn request(setup: &Setup, input: &Value) -> Result<NativeRequest, Fault> {
    let mut body = copied(
        input,
        &[
            ("id_permohonan_izin", "id_izin"),
            ("nomor_sertifikat", "nomor_sertifikat"),
            ("url_sertifikat", "url_sertifikat"),
            ("tanggal_terbit", "tanggal_terbit"),
            ("satuan_waktu", "satuan_waktu"),
            ("jenis_sertifikat", "jenis_sertifikat"),
        ],
    );
    let length = input.get("lama_berlaku").and_then(Value::as_u64).unwrap_or_default();
    body.insert("masa_berlaku".to_owned(), json!(length.to_string()));
    let root = setup.raw.akar_sertifikat.as_str();
    Ok(tell(setup, "sertifikat", "receiveCertificate", json!({ root: body })))
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    // The answer repeats what was sent, beside the code or in an object of its own.
    let native = envelope::filled(envelope, &["dataCertificate", "data"]).unwrap_or(envelope);
    certificate(setup, text(input, "id_izin"), native)
}

/// Reconciles by the certificate's number.
struct ByNumber {
    setup: Arc<Setup>,
}

impl Lookup for ByNumber {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        Some(ask_certificate(&self.setup, text(input, "id_izin")))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let opened = envelope::open(reply)?;
        let native = envelope::filled(&opened, &["dataCertificate", "data"]);
        let Some(native) = native else {
            return Ok(Found::NotLanded);
        };
        let found = certificate(&self.setup, text(input, "id_izin"), native)?;
        Ok(match found.get("nomor_sertifikat").and_then(Value::as_str) {
            Some(number) if number == text(input, "nomor_sertifikat") => Found::Landed(found),
            Some(_) => Found::Unclear("OSS shows another certificate of this application".into()),
            None => Found::Unclear("OSS shows a certificate without a number".into()),
        })
    }
}
