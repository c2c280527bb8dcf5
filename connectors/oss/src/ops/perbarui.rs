//! `izin.perbarui`: replaces the technical attachment of an issued licence. `updateLicense`. OSS resets the electronic
//! signature when it takes an update, so a repeat is not harmless: the look-up compares the attachment.

use super::lookup::{ask_status, standing};
use super::{Plain, copied, native_region, tell, text, writes};
use crate::canon;
use crate::envelope;
use crate::settings::Setup;
use crate::status::Status;
use connector_sdk::{Call, Fault, Found, Lookup, NativeReply, NativeRequest, Operation, Text};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: writes(
            "izin.perbarui",
            Text::new(
                "Mengganti lampiran teknis izin yang sudah terbit.",
                "Replaces the technical attachment of an issued licence.",
            ),
            "izin_perubahan",
            "izin_tanda_terima",
            &["/id_izin", "/url_lampiran"],
        ),
        setup: Arc::clone(setup),
        request,
        reply,
        lookup: Some(Box::new(ByAttachment {
            setup: Arc::clone(setup),
        })),
    })
}

fn status(input: &Value) -> Status {
    let refused = text(input, "status") == Status::Rejected.word();
    if refused { Status::Rejected } else { Status::Approved }
}

/// Every field is documented as required; what the input lacks is sent as empty text. Lengths are text here, numbers
/// when a licence is issued.
fn request(setup: &Setup, input: &Value) -> Result<NativeRequest, Fault> {
    let mut body = copied(
        input,
        &[
            ("nib", "nib"),
            ("id_proyek", "id_proyek"),
            ("oss_id", "oss_id"),
            ("id_izin", "id_izin"),
            ("kd_izin", "kode_izin"),
            ("kewenangan", "kewenangan"),
            ("nomor_izin", "nomor_izin"),
            ("tgl_terbit_izin", "tanggal_terbit"),
            ("tgl_berlaku_izin", "berlaku_sampai"),
            ("file_izin", "url_izin"),
            ("file_lampiran", "url_lampiran"),
            ("keterangan", "catatan"),
            ("nomenklatur_nomor_izin", "nomenklatur"),
        ],
    );
    for (native, canonical) in [
        ("bln_berlaku_izin", "bulan_berlaku"),
        ("thn_berlaku_izin", "tahun_berlaku"),
    ] {
        let length = input.get(canonical).and_then(Value::as_u64);
        body.insert(
            native.to_owned(),
            json!(length.map(|n| n.to_string()).unwrap_or_default()),
        );
    }
    let officer = input.get("penandatangan").unwrap_or(&Value::Null);
    body.extend(copied(
        officer,
        &[("nama_ttd", "nama"), ("nip_ttd", "nip"), ("jabatan_ttd", "jabatan")],
    ));
    body.insert("kd_daerah".to_owned(), json!(native_region(input)?));
    body.insert("status_izin".to_owned(), json!(status(input).code()));
    Ok(tell(setup, "perbarui", "updateLicense", json!({ "IZINFINAL": body })))
}

fn receipt(setup: &Setup, input: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("id_izin".to_owned(), json!(text(input, "id_izin")));
    canon::put_status(setup, &mut out, status(input).code());
    out.insert("nomor_izin".to_owned(), json!(text(input, "nomor_izin")));
    out.insert("selesai".to_owned(), json!(true));
    out
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let mut out = receipt(setup, input);
    for (canonical, native) in [
        ("catatan", "keterangan"),
        ("catatan_tanda_tangan", "keterangan_reset_izin_ds"),
    ] {
        if let Some(note) = envelope::text(envelope, native) {
            out.insert(canonical.to_owned(), json!(note));
        }
    }
    Ok(Value::Object(out))
}

struct ByAttachment {
    setup: Arc<Setup>,
}

impl Lookup for ByAttachment {
    fn request(&self, _call: &Call<'_>, input: &Value) -> Option<NativeRequest> {
        Some(ask_status(&self.setup, text(input, "id_izin")))
    }

    fn found(&self, _call: &Call<'_>, input: &Value, reply: &NativeReply) -> Result<Found, Fault> {
        let shown = standing(&self.setup, text(input, "id_izin"), reply)?;
        Ok(match shown.file {
            Some(file) if file == text(input, "url_lampiran") => {
                Found::Landed(Value::Object(receipt(&self.setup, input)))
            }
            // OSS may show an address of its own for a file it has copied.
            _ => Found::Unclear("the attachment shown is not the one sent".into()),
        })
    }
}
