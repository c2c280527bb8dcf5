//! `checkLicenseStatus`, `inqueryLicense`, `getDataReferensi`.

use serde_json::{Map, Value, json};

use super::super::Oss;
use super::super::codes;
use super::super::days;
use super::Done;
use super::read::{Form, Need, Refusal};
use crate::frame::Fault;

pub(super) fn check_status(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let longest = if oss.options.quirks.declared_lengths { 13 } else { 25 };
    let id = form.text("id_izin", longest, Need::Filled)?;
    let known = oss
        .known(&id)
        .ok_or_else(|| Refusal::new(400, "Data izin tidak ditemukan"))?;
    oss.pass(&id);
    let application = oss.applications.get(&id);
    let code = application.map_or(0, super::super::truth::Application::status);
    let shown = match (oss.options.quirks.unlisted_statuses, code) {
        (true, 50) if known.nib.ends_with('7') => 91,
        (true, 50) => 58,
        (true, 90) => 92,
        (_, code) => code,
    };
    let attachment = application.map(|application| application.attachment.clone());
    let text = if shown == 0 {
        String::new()
    } else {
        format!("{shown:02}")
    };
    Ok(json!({"dataIZIN": {
        "nib": known.nib, "id_proyek": known.id_proyek, "id_izin": id, "kd_status": text,
        "uraian_status": codes::status_name(shown), "file_lampiran": attachment.unwrap_or_default(),
    }}))
}

/// Fields of a project up to the size of its land.
const PROJECT_FIELDS: [&str; 14] = [
    "id_proyek",
    "nomor_proyek",
    "uraian_usaha",
    "jumlah_tki_l",
    "jumlah_tki_p",
    "jumlah_tka_l",
    "jumlah_tka_p",
    "kbli",
    "sektor",
    "memiliki_menguasai",
    "jenis_lokasi",
    "status_tanah",
    "luas_tanah",
    "satuan_luas_tanah",
];

pub(super) fn licence(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = form.text("id_izin", 30, Need::Filled)?;
    let with_requirements = match form.any("data_persyaratan") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(wanted)) => *wanted,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(_) => return Err(Refusal::field("data_persyaratan", "tidak sesuai")),
    };
    let missing = || Refusal {
        field: "id_izin".to_owned(),
        ..Refusal::new(400, "Data izin tidak ditemukan")
    };
    let known = oss.known(&id).ok_or_else(missing)?;
    oss.pass(&id);
    let document = oss.document(&known.nib).ok_or_else(missing)?;
    let rows = members(&document, "data_checklist", |row| row["id_izin"] == id.as_str());
    let projects = members(&document, "data_proyek", |row| {
        row["id_proyek"] == known.id_proyek.as_str()
    });
    let projects = projects.into_iter().map(|mut project| {
        if let Some(map) = project.as_object_mut() {
            map.retain(|key, _| PROJECT_FIELDS.contains(&key.as_str()));
        }
        project
    });
    let projects: Vec<Value> = projects.collect();
    let rows = rows.into_iter().map(|mut row| {
        oss.add_outcome(&mut row);
        if let (false, Some(map)) = (with_requirements, row.as_object_mut()) {
            map.remove("data_persyaratan");
        }
        row
    });
    let rows: Vec<Value> = rows.collect();
    let authority = rows.first().map_or(Value::Null, |row| row["kewenangan"].clone());
    Ok(json!({
        "success": true, "meta": [],
        "data": {"oss_id": known.oss_id, "id_izin": id, "kd_izin": known.kd_izin, "kd_daerah": known.kd_daerah,
            "kewenangan": authority, "data_proyek": projects, "data_checklist": rows},
    }))
}

fn members(document: &Value, list: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let items = document[list].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter(|item| wanted(item)).cloned().collect()
}

pub(super) fn reference(oss: &mut Oss, map: &Map<String, Value>, twists: &[Fault]) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let number = form.text("kode", 3, Need::Filled)?;
    let rows = codes::list(&number).ok_or_else(|| Refusal::new(400, "Data referensi tidak ditemukan"))?;
    let (rows, _) = crate::frame::page(&rows, 1, rows.len(), twists);
    Ok(json!({ "dataReferensi": rows }))
}

impl Oss {
    /// What an inquiry adds to a checklist row: where the application stands and what came of it.
    pub(super) fn add_outcome(&self, row: &mut Value) {
        let id = row["id_izin"].as_str().unwrap_or_default().to_owned();
        let Some(application) = self.applications.get(&id) else {
            row["status_checklist"] = "".into();
            return;
        };
        row["status_checklist"] = match application.status() {
            0 => "".into(),
            code => format!("{code:02}").into(),
        };
        let open = self.options.shows_open_numbers;
        if let Some(number) = application.numbers.iter().find(|number| number.completed || open) {
            row["no_izin"] = number.number.as_str().into();
            row["tgl_izin"] = days::date(number.at).into();
            if number.completed {
                row["file_izin_oss"] = self.file_url(&id).into();
            }
        }
    }
}
