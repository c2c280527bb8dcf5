//! `receiveCertificate` and `inqueryCertificate`: halal and the like.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::days;
use super::Done;
use super::read::{Form, Need, Refusal};
use crate::frame::{Fault, clock};

/// A certificate as sent.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) id: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) received: u32,
}

pub(super) fn receive(oss: &mut Oss, map: &Map<String, Value>, twists: &[Fault]) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = form.text("id_permohonan_izin", 25, Need::Filled)?;
    form.text("nomor_sertifikat", 100, Need::Filled)?;
    if form.url("url_sertifikat")?.is_empty() {
        return Err(Refusal::field("url_sertifikat", "wajib diisi"));
    }
    form.date("tanggal_terbit", Need::Filled)?;
    let years = form.text("masa_berlaku", 5, Need::Filled)?;
    if years.parse::<u32>().is_err() {
        return Err(Refusal::field("masa_berlaku", "harus berupa teks angka"));
    }
    form.text("satuan_waktu", 2, Need::Filled)?;
    form.text("jenis_sertifikat", 2, Need::Filled)?;
    oss.unknown_key(&form)?;
    oss.known(&id)
        .ok_or_else(|| Refusal::new(400, "Data izin tidak ditemukan"))?;
    let now = clock::jakarta(days::instant(oss.now()), "%Y%m%d%H%M%S");
    let number = oss.certificates.len() + 1;
    let kept = oss.certificates.entry(id).or_insert_with(|| Certificate {
        id: format!("SHI-{now}{number:07}"),
        fields: Map::new(),
        received: 0,
    });
    kept.fields.clone_from(map);
    kept.received += 1;
    let mut data = Value::Object(map.clone());
    if !twists.contains(&Fault::CreatedWithoutId) {
        data["id_sertifikat"] = kept.id.as_str().into();
    }
    Ok(json!({ "dataCertificate": data }))
}

pub(super) fn inquire(oss: &mut Oss, id: &str) -> Done {
    let kept = oss.certificates.get(id);
    let kept = kept.ok_or_else(|| Refusal::new(404, "Data sertifikat tidak ditemukan"))?;
    let text = |name: &str| kept.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let unit = if text("satuan_waktu") == "06" { "Tahun" } else { "Bulan" };
    let kind = match (text("jenis_sertifikat"), oss.options.quirks.unicode) {
        ("02", true) => "Sertifikat Halal (شَهَادَةُ حَلَالٍ)",
        ("02", false) => "Sertifikat Halal",
        _ => "Sertifikat Contoh",
    };
    let issued = text("tanggal_terbit");
    let midnight = days::parse_time(&format!("{issued} 00:00:00"));
    let shown = match (oss.options.quirks.utc_instant, midnight) {
        (true, Some(at)) => clock::utc(days::instant(at), "%Y-%m-%dT%H:%M:%S.000Z"),
        _ => issued.to_owned(),
    };
    Ok(json!({"keterangan": null, "dataCertificate": {
        "id_sertifikat": kept.id, "id_permohonan_izin": id, "nomor_sertifikat": text("nomor_sertifikat"),
        "url_sertifikat": text("url_sertifikat"), "tanggal_terbit": shown,
        "masa_berlaku": format!("{} {unit}", text("masa_berlaku")), "satuan_waktu": unit, "jenis_sertifikat": kind,
        "keterangan": null,
    }}))
}
