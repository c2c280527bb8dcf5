//! `izin.kkpr.kirim`: the result of a spatial conformity assessment. `receiveLicenseKKPR`. The message has no NIB.

use super::lookup::StatusLookup;
use super::{Plain, copied, native_time, status_kirim, tell, text, writes};
use crate::scalar;
use crate::settings::Setup;
use connector_sdk::{Complaint, Fault, NativeRequest, Operation, Text};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Native and canonical names of the assessment.
const ASSESSMENT: [(&str, &str); 19] = [
    ("luas", "luas"),
    ("jenis_peruntukan", "jenis_peruntukan"),
    ("koefisien_dasar_bangunan", "koefisien_dasar_bangunan"),
    ("koefisien_lantai_bangunan", "koefisien_lantai_bangunan"),
    ("indikasi_program_pemanfaatan_ruang", "indikasi_program"),
    ("persyaratan_pelaksanaan_kegiatan", "persyaratan_pelaksanaan"),
    ("garis_sempadan_bangunan", "garis_sempadan_bangunan"),
    ("jarak_bebas_bangunan", "jarak_bebas_bangunan"),
    ("koefisien_dasar_hijau", "koefisien_dasar_hijau"),
    ("jaringan_utilitas_kota", "jaringan_utilitas_kota"),
    ("persetujuan", "persetujuan"),
    ("url_peta", "url_peta"),
    ("url_keterangan_peta", "url_keterangan_peta"),
    ("ketentuan_umum", "ketentuan_umum"),
    ("koordinat_batas_bidang", "koordinat_batas_bidang"),
    ("nomor_pertek", "nomor_pertek"),
    ("nomor_perda_rtr", "nomor_perda_rtr"),
    ("nama_perairan", "nama_perairan"),
    ("kedalaman", "kedalaman"),
];

/// Documented as numbers; everything else is text, the area too.
const NUMBERS: [&str; 7] = [
    "koefisien_dasar_bangunan",
    "koefisien_lantai_bangunan",
    "garis_sempadan_bangunan",
    "jarak_bebas_bangunan",
    "koefisien_dasar_hijau",
    "jaringan_utilitas_kota",
    "kedalaman",
];

pub(super) fn operation(setup: &Arc<Setup>) -> Box<dyn Operation> {
    Box::new(Plain {
        spec: writes(
            "izin.kkpr.kirim",
            Text::new(
                "Mengirim hasil penilaian kesesuaian kegiatan pemanfaatan ruang ke OSS.",
                "Sends the result of a spatial conformity assessment to OSS.",
            ),
            "izin_kkpr",
            "izin_tanda_terima",
            &["/id_izin", "/status", "/terjadi_pada"],
        ),
        setup: Arc::clone(setup),
        request,
        reply,
        lookup: Some(Box::new(StatusLookup::new(setup))),
    })
}

fn request(setup: &Setup, input: &Value) -> Result<NativeRequest, Fault> {
    let status = status_kirim::status(input)?;
    let mut body = copied(
        input,
        &[
            ("id_proyek", "id_proyek"),
            ("oss_id", "oss_id"),
            ("id_izin", "id_izin"),
            ("kd_izin", "kode_izin"),
            ("keterangan", "catatan"),
        ],
    );
    let officer = input.get("petugas").unwrap_or(&Value::Null);
    body.extend(copied(officer, &[("nip_status", "nip"), ("nama_status", "nama")]));
    body.insert("kd_status".to_owned(), json!(status.code()));
    body.insert("tgl_status".to_owned(), json!(native_time(setup, input)?));
    let assessment = input.get("data_kkpr").unwrap_or(&Value::Null);
    let mut fields = Map::new();
    for (native, canonical) in ASSESSMENT {
        let Some(value) = assessment.get(canonical) else {
            continue;
        };
        let value = match value.as_str().filter(|_| NUMBERS.contains(&canonical)) {
            Some(text) => scalar::number(text).ok_or_else(|| too_exact(canonical))?,
            None => value.clone(),
        };
        fields.insert(native.to_owned(), value);
    }
    body.insert("data_teknis".to_owned(), Value::Object(fields));
    Ok(tell(
        setup,
        "kkpr",
        "receiveLicenseKKPR",
        json!({ "IZINFINALKKPR": body }),
    ))
}

/// A JSON number could not hold all its digits, and a rounded one would be another value.
fn too_exact(name: &str) -> Fault {
    Fault::invalid(vec![Complaint {
        pointer: format!("/data_kkpr/{name}"),
        text: Text::new(
            "OSS menerima angka ini paling banyak 15 angka penting.",
            "OSS takes this number with at most 15 significant digits.",
        ),
    }])
}

fn reply(setup: &Setup, input: &Value, envelope: &Value) -> Result<Value, Fault> {
    let status = status_kirim::status(input)?;
    let mut out = status_kirim::receipt(setup, input, status);
    let note = text(envelope, "keterangan");
    if !note.trim().is_empty() {
        out.insert("catatan".to_owned(), json!(note));
    }
    Ok(Value::Object(out))
}
