//! Native documents to the canonical ones: a NIB, its business actor, projects and applications, a franchise
//! registration. Used by the pushes and by the look-ups, since OSS uses one family of objects for both.
//!
//! Photographs and persons of the foreign-worker plan are not taken over: nobody in the city has a use for them.

use crate::fields::{Kind, Reader, objects, put};
use crate::scalar;
use crate::settings::Setup;
use crate::tables;
use serde_json::{Map, Value, json};

/// A whole NIB, as pushed or looked up. Nothing when it has no valid number.
pub(crate) fn nib(setup: &Setup, native: &Value) -> Option<Value> {
    let mut reader = Reader::new(setup.zone);
    let mut out = reader.object(tables::NIB, native);
    out.get("nib")?;
    put(&mut out, "tipe_dokumen", document_kind(setup, native));
    put(&mut out, "pelaku_usaha", company(&mut reader, native));
    put(&mut out, "proyek", projects(&mut reader, native.get("data_proyek")));
    put(&mut out, "permohonan", applications(setup, &mut reader, native));
    let conditions: Vec<Value> = objects(native.get("data_dni"))
        .filter_map(|row| reader.scalar("kd_dni", Kind::Code, row.get("kd_dni")?))
        .collect();
    put(&mut out, "kode_syarat", conditions);
    if let Some(plan) = native.get("data_rptka") {
        put(&mut out, "rencana_tenaga_asing", reader.object(tables::WORKERS, plan));
    }
    put(&mut out, "pemroses", reader.object(tables::FILER, native));
    reader.finish(&mut out);
    Some(Value::Object(out))
}

/// A franchise registration.
pub(crate) fn stpw(setup: &Setup, native: &Value) -> Option<Value> {
    let mut reader = Reader::new(setup.zone);
    let mut out = reader.object(tables::STPW, native);
    out.get("nib")?;
    put(&mut out, "tipe_dokumen", document_kind(setup, native));
    put(&mut out, "pemroses", reader.object(tables::FILER, native));
    put(&mut out, "permohonan", applications(setup, &mut reader, native));
    reader.finish(&mut out);
    Some(Value::Object(out))
}

/// The head-office part with the people around it.
fn company(reader: &mut Reader, native: &Value) -> Map<String, Value> {
    let mut out = reader.object(tables::COMPANY, native);
    let responsible = reader.rows(tables::RESPONSIBLE, native.get("penanggung_jwb"));
    put(&mut out, "penanggung_jawab", responsible);
    put(
        &mut out,
        "pemegang_saham",
        reader.rows(tables::HOLDER, native.get("pemegang_saham")),
    );
    put(
        &mut out,
        "legalitas",
        reader.rows(tables::DEED, native.get("legalitas")),
    );
    out
}

/// Projects; one without an id is passed over and noted.
pub(crate) fn projects(reader: &mut Reader, native: Option<&Value>) -> Vec<Value> {
    let mut out = Vec::new();
    for row in objects(native) {
        let project = project(reader, row);
        if project.contains_key("id_proyek") {
            out.push(Value::Object(project));
        } else {
            reader.note("id_proyek");
        }
    }
    out
}

fn project(reader: &mut Reader, native: &Value) -> Map<String, Value> {
    let mut plain = native.clone();
    // Two fields are scalars in most methods and lists or objects in others; those are read below.
    let licences = take_structure(&mut plain, "kbli").or_else(|| native.get("data_checklist").cloned());
    let in_one_line = take_structure(&mut plain, "satu_lini");
    let mut out = reader.object(tables::PROJECT, &plain);
    if in_one_line.is_some_and(|line| objects(Some(&line)).next().is_some()) {
        out.insert("satu_lini".to_owned(), json!(true));
    }
    let licences = reader.rows(tables::LICENCE, licences.as_ref());
    if let Some(kbli) = licences.first().and_then(|first| first.get("kbli"))
        && licences.iter().all(|row| row.get("kbli") == Some(kbli))
    {
        out.entry("kbli").or_insert_with(|| kbli.clone());
    }
    put(&mut out, "izin", licences);
    put(&mut out, "lokasi", locations(reader, native.get("data_lokasi_proyek")));
    put(
        &mut out,
        "produk",
        reader.rows(tables::PRODUCT, native.get("data_proyek_produk")),
    );
    put(
        &mut out,
        "fasilitas",
        reader.rows(tables::FACILITY, native.get("fasilitas")),
    );
    out
}

fn take_structure(object: &mut Value, name: &str) -> Option<Value> {
    let structured = object
        .get(name)
        .is_some_and(|value| value.is_array() || value.is_object());
    structured.then(|| object.as_object_mut()?.remove(name)).flatten()
}

fn locations(reader: &mut Reader, native: Option<&Value>) -> Vec<Value> {
    let mut out = Vec::new();
    for row in objects(native) {
        let mut location = reader.object(tables::LOCATION, row);
        // The list of points has the same name as the list it stands in.
        let points: Vec<Value> = objects(row.get("data_lokasi_proyek"))
            .filter_map(|point| coordinates(reader, point))
            .collect();
        put(&mut location, "titik", points);
        let positions: Vec<Value> = objects(row.get("data_posisi_proyek"))
            .filter_map(|position| reader.scalar("posisi_lokasi", Kind::Code, position.get("posisi_lokasi")?))
            .collect();
        put(&mut location, "posisi", positions);
        if !location.is_empty() {
            out.push(Value::Object(location));
        }
    }
    out
}

fn coordinates(reader: &mut Reader, native: &Value) -> Option<Value> {
    let text = scalar::text(native.get("lat_lng")?)?;
    let within = |text: &str, most: f64| text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most);
    let pair = text.split_once(',').map(|(lat, lon)| (lat.trim(), lon.trim()));
    let Some((lat, lon)) = pair.filter(|(lat, lon)| {
        scalar::decimal(lat).is_some() && scalar::decimal(lon).is_some() && within(lat, 90.0) && within(lon, 180.0)
    }) else {
        reader.note("lat_lng");
        return None;
    };
    let mut point = Map::from_iter([("lat".to_owned(), json!(lat)), ("lon".to_owned(), json!(lon))]);
    if let Some(order) = native
        .get("serial")
        .and_then(|serial| reader.scalar("serial", Kind::Count, serial))
    {
        point.insert("urutan".to_owned(), order);
    }
    Some(Value::Object(point))
}

/// Checklist rows; one without an application id is passed over and noted.
pub(crate) fn applications(setup: &Setup, reader: &mut Reader, native: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    for row in objects(native.get("data_checklist")) {
        let mut application = reader.object(tables::APPLICATION, row);
        if !application.contains_key("id_izin") {
            reader.note("id_izin");
            continue;
        }
        if let Some(code) = row.get("status_checklist").and_then(scalar::text) {
            put_status(setup, &mut application, code);
        }
        let requirements = reader.rows(tables::REQUIREMENT, row.get("data_persyaratan"));
        put(&mut application, "persyaratan", requirements);
        put(&mut application, "halal", halal(reader, row.get("data_produk_halal")));
        if let Some(building) = row.get("data_teknis") {
            put(
                &mut application,
                "data_teknis",
                reader.object(tables::BUILDING, building),
            );
        }
        out.push(Value::Object(application));
    }
    out
}

fn halal(reader: &mut Reader, native: Option<&Value>) -> Vec<Value> {
    let mut out = Vec::new();
    for row in objects(native) {
        let mut request = reader.object(tables::HALAL, row);
        put(
            &mut request,
            "produk",
            reader.rows(tables::HALAL_PRODUCT, row.get("list_produk")),
        );
        out.push(Value::Object(request));
    }
    out
}

/// The canonical word of a state and the code it came as.
pub(crate) fn put_status(setup: &Setup, out: &mut Map<String, Value>, code: &str) {
    let code = code.trim();
    out.insert("status".to_owned(), json!(setup.statuses.word(code)));
    if code.chars().count() <= 64 {
        out.insert("kode_status".to_owned(), json!(code));
    }
}

fn document_kind(setup: &Setup, native: &Value) -> Value {
    let Some(code) = native.get("tipe_dokumen").and_then(scalar::text) else {
        return Value::Null;
    };
    json!(match code.trim() {
        "9" => "asli",
        "5" => "perubahan",
        "3" => "pencabutan",
        "4" => "pembatalan",
        other => setup
            .raw
            .tipe_dokumen
            .get(other)
            .map_or(crate::status::UNKNOWN, String::as_str),
    })
}
