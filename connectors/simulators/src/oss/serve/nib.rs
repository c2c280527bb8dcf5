//! `inqueryNIB`, `checkNIB`, `inqueryNIBSTPW`, `fetchNIB`.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::city::{Company, others};
use super::super::days;
use super::Done;
use super::read::{Form, Need, Refusal};

fn missing(field: &str) -> Refusal {
    Refusal {
        field: field.to_owned(),
        ..Refusal::new(400, "Data NIB tidak ditemukan")
    }
}

/// The NIB that is meant: by NIB, or by one of the other names a method allows.
fn wanted(oss: &Oss, map: &Map<String, Value>, others: &[&'static str]) -> Result<String, Refusal> {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let nib = form.text("nib", 13, Need::Optional)?;
    if !nib.is_empty() {
        return Ok(nib);
    }
    for name in others {
        let text = form.text(name, 25, Need::Optional)?;
        if text.is_empty() {
            continue;
        }
        let company = match *name {
            "oss_id" => oss.city.by_oss_id(&text),
            _ => oss.city.by_npwp(&text),
        };
        return company.map(|company| company.nib).ok_or_else(|| missing(name));
    }
    Err(Refusal::field("nib", "wajib diisi"))
}

pub(super) fn inquire(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let nib = wanted(oss, map, &["oss_id", "npwp"])?;
    let mut document = oss.document(&nib).ok_or_else(|| missing("nib"))?;
    if let Some(map) = document.as_object_mut() {
        map.remove("id_izin");
        map.remove("kd_izin");
    }
    for row in document["data_checklist"].as_array_mut().into_iter().flatten() {
        oss.pass(row["id_izin"].as_str().unwrap_or_default());
        oss.add_outcome(row);
        row["data_teknis"] = json!({
            "id_komitmen": "", "nama_bangunan": "", "luas_bangunan": "", "jumlah_lantai": "", "tinggi_bangunan": "",
            "luas_basement": "", "jumlah_lantai_basement": "", "perancang_dokumen_teknis": "",
        });
        let spaced = oss.options.quirks.inner_space;
        if let Some(row) = row.as_object_mut().filter(|_| spaced)
            && let Some(name) = row.remove("nm_dokumen")
        {
            row.insert("nm_ dokumen".to_owned(), name);
        }
    }
    Ok(json!({ "dataNIB": document }))
}

pub(super) fn check(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let nib = wanted(oss, map, &[])?;
    let document = oss.document(&nib).ok_or_else(|| missing("nib"))?;
    Ok(json!({"dataNIB": {
        "nib": nib, "nama_perusahaan": document["nama_perseroan"], "status": document["status_nib"],
    }}))
}

pub(super) fn stpw(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let nib = wanted(oss, map, &[])?;
    let company = oss.city.by_nib(&nib).filter(Company::franchise);
    let company = company.ok_or_else(|| missing("nib"))?;
    let revision = oss.revision(company.index);
    Ok(json!({"dataNIBSTPW": others::data_stpw(&company, revision, &oss.setting())}))
}

pub(super) fn fetch(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let nib = wanted(oss, map, &["npwp_perusahaan"])?;
    let company = oss.city.by_nib(&nib).ok_or_else(|| missing("nib"))?;
    let filed = days::date(company.filed);
    let projects = company.projects.iter().map(|project| {
        let permits = project.permits.iter().map(|permit| {
            let application = oss.applications.get(&permit.id);
            let number = application.and_then(|application| application.numbers.iter().find(|number| number.completed));
            json!({
                "kbli": project.trade.kbli, "nama_kbli": project.trade.trade, "id_izin": permit.id,
                "no_izin": number.map(|number| number.number.as_str()), "kd_izin": permit.code(), "tipe_oss": "RBA",
                "jenis_perizinan": permit.licence.kind, "tgl_masa_berlaku": null,
            })
        });
        json!({
            "id_proyek": project.id, "kd_resiko": project.trade.risk, "jenis_proyek": "01",
            "uraian_usaha": null, "kbli": permits.collect::<Vec<_>>(),
        })
    });
    let revision = oss.revision(company.index);
    Ok(json!({"meta": null, "dataNIB": {
        "_id": format!("66667f2c{:016x}", company.index), "nib": company.nib, "tgl_pengajuan_nib": filed,
        "tgl_terbit_nib": filed, "tgl_perubahan_nib": revision.changed(&company), "oss_id": company.oss_id,
        "jenis_pelaku_usaha": "01", "jenis_perusahaan": company.form, "skala_usaha": company.scale,
        "status_penanaman_modal": null, "nama_perseroan": company.name,
        "alamat_perseroan": super::super::city::document::address(&company, revision), "rt_rw_perseroan": null,
        "perseroan_daerah_id": company.village, "data_proyek": projects.collect::<Vec<_>>(),
    }}))
}
