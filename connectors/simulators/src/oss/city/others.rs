//! The other documents OSS pushes: franchise, KKPR and PSE.

use serde_json::{Value, json};

use super::super::days;
use super::Company;
use super::document::{Revision, Setting, add_user, checklist_row, data_nib};
use super::finish::{ABSENT, finish};

/// The object under `dataNIBSTPW`. Its `kewenangan` is documented as 00, 02, 03.
pub(crate) fn data_stpw(company: &Company, revision: Revision, setting: &Setting<'_>) -> Value {
    let filed = days::date(company.filed);
    let first = company.permits().next();
    let rows = company.permits().map(|(project, permit)| {
        let mut row = checklist_row(company, project, permit, setting);
        row["id_bidang_spesifik"] = "7".into();
        row["kewenangan"] = stpw_authority(permit.authority).into();
        row
    });
    let mut stpw = json!({
        "nib": company.nib, "tgl_pengajuan_nib": filed, "tgl_terbit_nib": filed,
        "tgl_perubahan_nib": revision.changed(company), "oss_id": company.oss_id,
        "id_izin": first.map_or(ABSENT, |(_, permit)| permit.id.as_str()),
        "kd_izin": first.map_or(ABSENT, |(_, permit)| permit.code()), "kd_daerah": company.village, "kewenangan": "03",
        "jenis_pelaku_usaha": "01", "nama_pj": company.person.name, "alamat_pj": company.street, "paspor_pj": ABSENT,
        "email_pj": company.person.email, "asal_negara_pj": "ID", "telp_pj": company.person.phone,
        "nama_perusahaan_ln": "CONTOH FRANCHISE CO. LTD", "alamat_perusahaan_ln": "1-1 Contoh-cho",
        "negara_perusahaan_ln": "JP", "telp_perusahaan_ln": ABSENT, "jangka_waktu": "2031-12-31",
        "file_prospektus": format!("{}/file/download/U{}{:07}", setting.files, &company.oss_id[2..16], company.index),
        "versi_pia": setting.quirks.guide_version, "data_checklist": rows.collect::<Vec<_>>(), "status_nib": "01",
        "tipe_dokumen": revision.tipe_dokumen.to_string(),
    });
    add_user(&mut stpw, company);
    let quirks = super::super::quirks::Quirks {
        authority: super::super::quirks::Authority::Guide,
        ..setting.quirks.clone()
    };
    finish(&mut stpw, &quirks);
    stpw
}

fn stpw_authority(authority: &str) -> &'static str {
    match authority {
        "01" => "02",
        "02" => "03",
        _ => "00",
    }
}

/// `dataNIB` with the fields of a KKPR push, documented for ministries only.
pub(crate) fn data_kkpr(company: &Company, revision: Revision, setting: &Setting<'_>) -> Value {
    let mut nib = data_nib(company, revision, setting);
    let more = json!({
        "tgl_terkirim_oss": days::time(company.filed), "flag_psn": "N", "flag_obyek_vital_nasional": "N",
        "flag_multi_kbli": "N", "jumlah_multi_kbli": 1,
        "id_proyek_utama": company.projects.first().map(|project| project.id.clone()),
        "luas_lantai_bangunan": "120", "jumlah_lantai_bangunan": "2", "file_rencana_teknis": "-", "nama_perairan": "-",
        "kedalaman": "0", "data_lokasi_proyek_shp": [],
        "data_investasi": {"jenis_akumulasi": "01", "jumlah_investasi": company.investment, "modal_kerja": 0},
    });
    if let (Some(nib), Value::Object(more)) = (nib.as_object_mut(), more) {
        nib.extend(more);
    }
    nib
}

/// The object under `dataNIBPSE`, documented for ministries only; little is known of it.
pub(crate) fn data_pse(company: &Company, revision: Revision, setting: &Setting<'_>) -> Value {
    let mut pse = data_nib(company, revision, setting);
    pse["kewenangan"] = "03".into();
    pse["nama_sistem_elektronik"] = format!("aplikasi-{}.contoh.invalid", company.index).into();
    pse
}
