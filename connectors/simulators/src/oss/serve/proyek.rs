//! `inqueryProyek`: flat in, flat out, with the names of the guide's example or of its table.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::city::{Company, Project};
use super::super::days;
use super::Done;
use super::read::{Form, Need, Refusal};

pub(super) fn inquire(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let nib = form.text("nib", 13, Need::Filled)?;
    let id = form.text("id_proyek", 25, Need::Filled)?;
    let kbli = form.text("kbli", 5, Need::Optional)?;
    let company = oss.city.by_nib(&nib);
    let company = company.ok_or_else(|| Refusal {
        field: "nib".to_owned(),
        ..Refusal::new(400, "Data NIB tidak ditemukan")
    })?;
    let wanted = |project: &&Project| project.id == id && (kbli.is_empty() || project.trade.kbli == kbli);
    let project = company.projects.iter().find(wanted).ok_or_else(|| Refusal {
        field: "id_proyek".to_owned(),
        ..Refusal::new(400, "Data proyek tidak ditemukan")
    })?;
    let table = oss.options.quirks.project_table;
    let named = |in_table: &'static str, in_example: &'static str| if table { in_table } else { in_example };
    let mut data = json!({
        "nib": nib, "oss_id": company.oss_id, "nama_perusahaan": company.name,
        "data_proyek": [row(oss, &company, project, table)],
    });
    data[named("alamat_perusahaan", "alamat_perseroan")] = company.street.as_str().into();
    data[named("npwp_perusahaaan", "npwp_perusahaan")] = format!("0{}", company.npwp).into();
    data[named("skala_usaha", "skala_usaha_final")] = company.scale.into();
    Ok(json!({"data": data, "meta": []}))
}

fn row(oss: &Oss, company: &Company, project: &Project, table: bool) -> Value {
    let checklist = project.permits.iter().map(|permit| {
        let application = oss.applications.get(&permit.id);
        let number = application.and_then(|application| application.numbers.iter().find(|number| number.completed));
        json!({
            "id_izin": permit.id, "kd_izin": permit.code(), "nama_izin": permit.licence.name,
            "no_izin": number.map(|number| number.number.as_str()), "tgl_izin": number.map(|number| days::date(number.at)),
        })
    });
    let checklist: Vec<Value> = checklist.collect();
    let line = json!({
        "nib_satu_lini": company.nib, "id_proyek_satu_lini": project.id, "flag_utama": "Y", "kbli": project.trade.kbli,
        "urutan_lini": "1", "jenis_kegiatan_usaha": "01", "upload_flowchart": "", "id_resiko": "1",
        "id_kbli_kewenangan": "4", "kd_resiko": project.trade.risk, "jumlah_investasi": company.investment.to_string(),
    });
    let (checklist, line) = match table {
        true => (checklist.into_iter().next().unwrap_or(Value::Null), line),
        false => (Value::Array(checklist), json!([line])),
    };
    json!({
        "id_proyek": project.id, "kbli": project.trade.kbli, "npwp_kantor_cabang": format!("0{}", company.npwp),
        "skala_usaha": company.scale, "tgl_pengajuan_proyek": days::date(company.filed), "alamat_usaha": company.street,
        "kd_daerah": company.village, "sub_jumlah": company.investment, "modal_kerja": 0,
        "jumlah_investasi": company.investment,
        "fasilitas": [{"flag_fasilitas": "00", "id_permohonan_fasilitas": "", "nomor_kmk_fasilitas": "",
            "tgl_persetujuan_fasilitas": ""}],
        "data_teknis_lokasi": {"luas_tanah_disetujui": "450", "satuan_luas_tanah_disetujui": "01"},
        "data_checklist": checklist, "satu_lini": line,
    })
}
