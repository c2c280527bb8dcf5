//! `izin.status.kirim`: one change of state of an application. `receiveLicenseStatus`.
//!
//! A late, lost or doubled state shifts the legal clock. So it travels in the lane of its application, is refused when
//! the step is impossible, and is never repeated before `checkLicenseStatus` has been asked.

use super::lookup::StatusLookup;
use super::{Plain, complaint, copied, native_time, tell, text, writes};
use crate::canon;
use crate::clock::guard;
use crate::envelope;
use crate::settings::{RevenueForm, Setup};
use crate::status::Status;
use connector_sdk::{Fault, NativeRequest, Operation, Text};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: writes(
            "izin.status.kirim",
            Text::new(
                "Melaporkan satu perubahan keadaan permohonan izin ke OSS, berurutan per permohonan.",
                "Reports one change of state of a licence application to OSS, in order per application.",
            ),
            "status_izin",
            "izin_tanda_terima",
            &["/id_izin", "/status", "/terjadi_pada"],
        ),
        setup: Arc::clone(setup),
        request,
        reply,
        lookup: Some(Box::new(StatusLookup::new(setup))),
    })
}

/// The state of an input, refused when it is not a city's to send or cannot follow the one before.
pub(super) fn status(input: &Value) -> Result<Status, Fault> {
    let status = Status::from_word(text(input, "status")).filter(|status| !status.is_for_oss_only());
    let status = status.ok_or_else(|| {
        complaint(
            "/status",
            "Keadaan ini tidak dikenal atau hanya ditetapkan OSS.",
            "This state is unknown or set by OSS alone.",
        )
    })?;
    let Some(word) = input.get("status_sebelum").and_then(Value::as_str) else {
        return Ok(status);
    };
    let before = Status::from_word(word).ok_or_else(|| {
        complaint(
            "/status_sebelum",
            "Keadaan ini tidak dikenal.",
            "This state is unknown.",
        )
    })?;
    match guard::step(Some(before), status) {
        guard::Step::Impossible(reason) => Err(Fault::invalid(vec![connector_sdk::Complaint {
            pointer: "/status".to_owned(),
            text: reason.text(),
        }])),
        guard::Step::Usual | guard::Step::Suspicious(_) => Ok(status),
    }
}

fn request(setup: &Setup, input: &Value) -> Result<NativeRequest, Fault> {
    let status = status(input)?;
    let mut body = copied(
        input,
        &[
            ("nib", "nib"),
            ("id_produk", "id_produk"),
            ("id_proyek", "id_proyek"),
            ("oss_id", "oss_id"),
            ("id_izin", "id_izin"),
            ("kd_izin", "kode_izin"),
            ("keterangan", "catatan"),
        ],
    );
    let officer = input.get("petugas").unwrap_or(&Value::Null);
    body.extend(copied(officer, &[("nip_status", "nip"), ("nama_status", "nama")]));
    body.insert("kd_instansi".to_owned(), json!(setup.raw.kode_instansi));
    body.insert("kd_status".to_owned(), json!(status.code()));
    body.insert("tgl_status".to_owned(), json!(native_time(setup, input)?));
    if let Some(agreed) = input.get("persetujuan_form").filter(|value| value.is_boolean()) {
        body.insert("persetujuan_form".to_owned(), agreed.clone());
    }
    if let Some(file) = input.get("berkas_lampiran").and_then(Value::as_str) {
        body.insert("file_lampiran".to_owned(), json!(file));
    }
    if let Some(revenue) = input.get("pnbp") {
        let one = revenue_fields(revenue)?;
        let form = match setup.raw.bentuk_pnbp {
            RevenueForm::Objek => one,
            RevenueForm::Daftar => json!([one]),
        };
        body.insert("data_pnbp".to_owned(), form);
    }
    Ok(tell(
        setup,
        "status",
        "receiveLicenseStatus",
        json!({ "IZINSTATUS": body }),
    ))
}

/// The amount is documented as a number; whole rupiah are written as one, exactly.
fn revenue_fields(revenue: &Value) -> Result<Value, Fault> {
    let mut fields = copied(
        revenue,
        &[
            ("kd_akun", "kode_akun"),
            ("kd_penerimaan", "kode_penerimaan"),
            ("kd_billing", "kode_billing"),
            ("tgl_billing", "tanggal_billing"),
            ("tgl_expire", "tanggal_kedaluwarsa"),
            ("url_dokumen", "url_dokumen"),
        ],
    );
    let amount: u64 = text(revenue, "nominal").parse().map_err(|_| {
        complaint(
            "/pnbp/nominal",
            "Tulis nominal dalam rupiah utuh.",
            "Write the amount in whole rupiah.",
        )
    })?;
    fields.insert("nominal".to_owned(), json!(amount));
    Ok(Value::Object(fields))
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let mut out = receipt(setup, input, status(input)?);
    if let Some(note) = envelope::text(envelope, "keterangan") {
        out.insert("catatan".to_owned(), json!(note));
    }
    Ok(Value::Object(out))
}

/// The receipt of a state that OSS has taken.
pub(super) fn receipt(setup: &Setup, input: &Value, status: Status) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("id_izin".to_owned(), json!(text(input, "id_izin")));
    canon::put_status(setup, &mut out, status.code());
    out.insert("selesai".to_owned(), json!(true));
    out
}
