//! `nib.publik.lihat`: the public look-up of the OSS site. Not a contract for host-to-host use and closed whenever its
//! public key is changed, so it exists only where `cek_publik` names its path.

use super::nib_lihat::{key, same};
use super::{Plain, not_found, reads};
use crate::envelope;
use crate::fields::{Kind, Reader};
use crate::settings::Setup;
use connector_sdk::{Fault, NativeBody, NativeRequest, Operation, RelativePath, Text};
use serde_json::{Value, json};
use std::sync::Arc;

const FIELDS: &[crate::fields::Field] = &[
    ("nib", "nib", Kind::Nib),
    ("nama", "nama", Kind::Text),
    ("status_aktif", "status_nib", Kind::Code),
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: reads(
            "nib.publik.lihat",
            Text::new(
                "Melihat NIB lewat layanan umum situs OSS.",
                "Looks a NIB up through the public OSS site.",
            ),
            "nib_kunci",
            "nib_ringkas",
        ),
        setup: Arc::clone(setup),
        request: |setup, input| {
            let path = RelativePath::of(setup.raw.cek_publik.as_deref().unwrap_or_default());
            let body = json!({ "dataNib": key(input, &["nib"])? });
            Ok(NativeRequest::post("publik", path, NativeBody::Json(body)).reads_only())
        },
        reply,
        lookup: None,
    })
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let native = envelope::filled(envelope, &["data"]).ok_or_else(not_found)?;
    let found = Value::Object(Reader::new(setup.zone).object(FIELDS, native));
    same(input, &found)?;
    if found.get("nib").is_none() {
        return Err(Fault::drift("`data.nib` is not 13 digits"));
    }
    Ok(found)
}
