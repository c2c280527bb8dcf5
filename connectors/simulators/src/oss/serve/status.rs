//! `receiveLicenseStatus` and `receiveLicenseKKPR`: every change of state, judged and put on record.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::codes::STATUSES;
use super::super::days;
use super::super::truth::By;
use super::Done;
use super::read::{Form, Need, Refusal};

/// Reads the keys of an application and holds them against what was pushed; gives its id.
pub(super) fn keys(oss: &mut Oss, form: &mut Form<'_>, wanted: &[&'static str]) -> Result<String, Refusal> {
    let id = form.text("id_izin", 25, Need::Filled)?;
    let known = oss.known(&id);
    for name in wanted {
        let longest = match *name {
            "nib" | "kd_izin" => 13,
            "kd_daerah" => 10,
            _ => 25,
        };
        let sent = form.text(name, longest, Need::Filled)?;
        let Some(known) = &known else { continue };
        let right = match *name {
            "nib" => &known.nib,
            "kd_izin" => &known.kd_izin,
            "kd_daerah" => &known.kd_daerah,
            "oss_id" => &known.oss_id,
            _ => &known.id_proyek,
        };
        if oss.options.strict.matching_keys && *right != sent {
            oss.counts.mismatched += 1;
            let text = match *name {
                "oss_id" => "OSS ID tidak ditemukan".to_owned(),
                name => format!("Parameter {name} tidak sesuai dengan data permohonan"),
            };
            return Err(Refusal {
                field: (*name).to_owned(),
                ..Refusal::new(400, text)
            });
        }
    }
    match known {
        Some(_) => Ok(id),
        None => Err(Refusal::new(400, "Data izin tidak ditemukan")),
    }
}

pub(super) fn receive(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = keys(oss, &mut form, &["nib", "id_proyek", "oss_id", "kd_izin"])?;
    form.text("id_produk", 25, Need::Key)?;
    form.text("kd_instansi", 3, Need::Filled)?;
    let (code, at) = code_and_time(oss, &mut form)?;
    officer(&mut form)?;
    if form
        .any("persetujuan_form")
        .is_some_and(|value| !(value.is_boolean() || value.is_null()))
    {
        return Err(Refusal::field("persetujuan_form", "harus berupa boolean"));
    }
    let attachment = form.text("file_lampiran", 2048, Need::Optional)?;
    payments(oss, &mut form)?;
    oss.unknown_key(&form)?;
    oss.record(&id, code, By::Status, at)?;
    if !attachment.is_empty() {
        oss.application(&id)?.attachment = attachment;
    }
    Ok(json!({"dataNIB": {}}))
}

pub(super) fn receive_kkpr(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = keys(oss, &mut form, &["id_proyek", "oss_id", "kd_izin"])?;
    let (code, at) = code_and_time(oss, &mut form)?;
    officer(&mut form)?;
    let technical = form.object("data_teknis")?;
    let Some(technical) = technical else {
        return Err(Refusal::field("data_teknis", "tidak ditemukan"));
    };
    let mut technical = Form::new(technical, oss.options.strict.text_codes);
    for (name, longest) in KKPR_TEXTS {
        technical.text(name, longest, Need::Optional)?;
    }
    for name in KKPR_NUMBERS {
        technical.number(name, false)?;
    }
    oss.unknown_key(&form)?;
    oss.record(&id, code, By::Kkpr, at)?;
    Ok(json!({}))
}

const KKPR_TEXTS: [(&str, usize); 12] = [
    ("luas", 20),
    ("jenis_peruntukan", 10),
    ("indikasi_program_pemanfaatan_ruang", 255),
    ("persyaratan_pelaksanaan_kegiatan", 255),
    ("persetujuan", 20),
    ("url_peta", 65_535),
    ("url_keterangan_peta", 65_535),
    ("ketentuan_umum", 65_535),
    ("koordinat_batas_bidang", 65_535),
    ("nomor_pertek", 50),
    ("nomor_perda_rtr", 255),
    ("nama_perairan", 255),
];

const KKPR_NUMBERS: [&str; 7] = [
    "koefisien_dasar_bangunan",
    "koefisien_lantai_bangunan",
    "garis_sempadan_bangunan",
    "jarak_bebas_bangunan",
    "koefisien_dasar_hijau",
    "jaringan_utilitas_kota",
    "kedalaman",
];

fn officer(form: &mut Form<'_>) -> Result<(), Refusal> {
    form.text("nip_status", 50, Need::Filled)?;
    form.text("nama_status", 50, Need::Filled)?;
    form.text("keterangan", 65_535, Need::Filled).map(drop)
}

fn code_and_time(oss: &Oss, form: &mut Form<'_>) -> Result<(u8, i64), Refusal> {
    let text = form.text("kd_status", 2, Need::Filled)?;
    let code: Option<u8> = text.parse().ok().filter(|_| text.len() == 2);
    let code = code.ok_or_else(|| Refusal::field("kd_status", "harus dua angka"))?;
    let unlisted = oss.options.quirks.unlisted_statuses && [58, 91, 92].contains(&code);
    if !unlisted && !STATUSES.iter().any(|(known, _)| *known == code) {
        return Err(Refusal::field("kd_status", "tidak dikenal"));
    }
    let longest = if oss.options.quirks.declared_lengths { 18 } else { 64 };
    let text = form.text("tgl_status", longest, Need::Filled)?;
    let at = days::parse_time(&text)
        .ok_or_else(|| Refusal::field("tgl_status", "harus berformat YYYY-MM-DD HH:MM:SS waktu Jakarta"))?;
    let strict = &oss.options.strict;
    if strict.ahead_seconds.is_some_and(|most| at > oss.now() + most) {
        return Err(Refusal::field("tgl_status", "melewati waktu server"));
    }
    if strict.behind_seconds.is_some_and(|most| at < oss.now() - most) {
        return Err(Refusal::field("tgl_status", "terlalu jauh di belakang waktu server"));
    }
    Ok((code, at))
}

/// `data_pnbp`: an object, or as some clients send it an array of them.
fn payments(oss: &Oss, form: &mut Form<'_>) -> Result<(), Refusal> {
    let several: Vec<&Value> = match form.any("data_pnbp") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    };
    for one in several {
        let map = one
            .as_object()
            .ok_or_else(|| Refusal::field("data_pnbp", "harus berupa objek"))?;
        let mut one = Form::new(map, oss.options.strict.text_codes);
        for name in [
            "kd_akun",
            "kd_penerimaan",
            "kd_billing",
            "tgl_billing",
            "tgl_expire",
            "url_dokumen",
        ] {
            one.text(name, 2048, Need::Optional)?;
        }
        one.number("nominal", false)?;
    }
    Ok(())
}
