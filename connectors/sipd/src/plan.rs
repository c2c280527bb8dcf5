//! The annual plan and the code mapping between the canonical form and that of the push service, both ways. What was
//! read back is held against what was sent by a fingerprint that forgives trailing dots of codes and white space.

use crate::digest;
use crate::settings::{Outcome, Setup};
use serde_json::{Map, Value, json};

/// Stages and the word behind `push` and `get`.
pub(crate) const STAGES: [(&str, &str); 3] = [("ranwal", "_ranwal"), ("rancangan", "_rancangan"), ("akhir", "")];
/// Word for the mapping in ids of pushes.
pub(crate) const MAPPING: &str = "pemetaan";

fn copy(from: &Value, to: &mut Map<String, Value>, pairs: &[(&str, &str)]) {
    for (source, target) in pairs {
        if let Some(value) = from
            .get(*source)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
        {
            to.insert((*target).to_owned(), value.clone());
        }
    }
}

fn each<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

const FIELD: [(&str, &str); 2] = [
    ("kode_bidang_urusan", "kodebidang"),
    ("nama_bidang_urusan", "uraibidang"),
];
const UNIT: [(&str, &str); 2] = [("kode_skpd", "kodeskpd"), ("nama_skpd", "uraiskpd")];
const HEAD: [(&str, &str); 4] = [
    ("nip", "kepalanip"),
    ("nama", "kepalanama"),
    ("jabatan", "kepalajabatan"),
    ("pangkat", "kepalapangkat"),
];
const PROGRAMME: [(&str, &str); 2] = [("kode_program", "kodeprogram"), ("nama_program", "uraiprogram")];
const PRIORITIES: [(&str, &str); 3] = [
    ("prioritas_nasional", "prioritasnasional"),
    ("prioritas_provinsi", "prioritasprovinsi"),
    ("prioritas_daerah", "prioritasdaerah"),
];
const ROW: [(&str, &str); 4] = [
    ("kode_bidang_urusan", "kodebidang"),
    ("kode_program", "kodeprogram"),
    ("kode_kegiatan", "kodekegiatan"),
    ("nama_kegiatan", "uraikegiatan"),
];

fn turned<const N: usize>(pairs: [(&'static str, &'static str); N]) -> [(&'static str, &'static str); N] {
    pairs.map(|(canonical, native)| (native, canonical))
}

fn results(names: &Outcome) -> [(&str, &str); 5] {
    [
        ("kode_indikator", "kodeindikator"),
        ("indikator", &names.indikator),
        ("target", &names.target),
        ("satuan", &names.satuan),
        ("pagu", &names.pagu),
    ]
}

/// The plan as it is pushed: one element per agency.
pub(crate) fn native(setup: &Setup, plan: &Value) -> Value {
    let year = plan.get("tahun").cloned().unwrap_or_default();
    let unit = |unit: &Value| {
        let mut out = Map::new();
        out.insert("kodepemda".into(), setup.raw.kode_pemda.as_str().into());
        out.insert("tahun".into(), year.clone());
        copy(unit, &mut out, &FIELD);
        copy(unit, &mut out, &UNIT);
        if let Some(head) = unit.get("kepala") {
            let mut officer = Map::new();
            copy(head, &mut officer, &HEAD);
            out.insert("pejabat".into(), officer.into());
        }
        let chosen: Vec<&Value> = each(unit, "pilihan_bidang").collect();
        out.insert("pilihanbidang".into(), json!(chosen));
        let programmes: Vec<Value> = each(unit, "program")
            .map(|programme| written(setup, programme))
            .collect();
        out.insert("program".into(), programmes.into());
        Value::Object(out)
    };
    each(plan, "skpd").map(unit).collect()
}

fn written(setup: &Setup, programme: &Value) -> Value {
    let mut out = Map::new();
    copy(programme, &mut out, &FIELD);
    copy(programme, &mut out, &PROGRAMME);
    let priority = |(canonical, native): (&str, &str)| json!({ native: programme.get(canonical).and_then(Value::as_str).unwrap_or_default() });
    out.insert("prioritas".into(), PRIORITIES.map(priority).to_vec().into());
    let result = |result: &Value| {
        let mut one = Map::new();
        copy(result, &mut one, &results(&setup.raw.capaian));
        Value::Object(one)
    };
    out.insert("capaian".into(), each(programme, "capaian").map(result).collect());
    Value::Object(out)
}

/// The plan as it was read back (numbers are texts already); nothing when a unit lacks its code.
pub(crate) fn canonical(setup: &Setup, rows: &[Value]) -> Option<Value> {
    let unit = |row: &Value| {
        let mut out = Map::new();
        copy(row, &mut out, &turned(FIELD));
        copy(row, &mut out, &turned(UNIT));
        if let Some(officer) = row.get("pejabat").filter(|officer| officer.is_object()) {
            let mut head = Map::new();
            copy(officer, &mut head, &turned(HEAD));
            if !head.is_empty() {
                out.insert("kepala".into(), head.into());
            }
        }
        let chosen: Vec<&Value> = each(row, "pilihanbidang").filter(|field| field.is_string()).collect();
        if !chosen.is_empty() {
            out.insert("pilihan_bidang".into(), json!(chosen));
        }
        let programmes: Vec<Value> = each(row, "program").map(|programme| read(setup, programme)).collect();
        if !programmes.is_empty() {
            out.insert("program".into(), programmes.into());
        }
        let whole = ["kode_bidang_urusan", "kode_skpd", "nama_skpd"]
            .iter()
            .all(|name| out.contains_key(*name));
        whole.then_some(Value::Object(out))
    };
    rows.iter().map(unit).collect::<Option<Vec<Value>>>().map(Value::from)
}

fn read(setup: &Setup, programme: &Value) -> Value {
    let mut out = Map::new();
    copy(programme, &mut out, &turned(FIELD));
    copy(programme, &mut out, &turned(PROGRAMME));
    for priority in each(programme, "prioritas") {
        copy(priority, &mut out, &turned(PRIORITIES));
    }
    let names = results(&setup.raw.capaian).map(|(canonical, native)| (native, canonical));
    let result = |result: &Value| {
        let mut one = Map::new();
        copy(result, &mut one, &names);
        one.contains_key("indikator").then_some(Value::Object(one))
    };
    let results: Vec<Value> = each(programme, "capaian").filter_map(result).collect();
    if !results.is_empty() {
        out.insert("capaian".into(), results.into());
    }
    Value::Object(out)
}

/// The mapping as it is pushed. An activity without a national code is written as null, not as an empty list.
pub(crate) fn native_mapping(mapping: &Value) -> Value {
    let row = |row: &Value| {
        let mut out = Map::new();
        copy(row, &mut out, &ROW);
        let codes: Vec<&Value> = each(row, "kode_nasional").collect();
        out.insert(
            "mapping".into(),
            if codes.is_empty() { Value::Null } else { json!(codes) },
        );
        Value::Object(out)
    };
    json!({"data": each(mapping, MAPPING).map(row).collect::<Vec<_>>()})
}

/// The mapping as it was read back.
pub(crate) fn canonical_mapping(rows: &[Value]) -> Option<Value> {
    let row = |row: &Value| {
        let mut out = Map::new();
        copy(row, &mut out, &turned(ROW));
        let codes: Vec<&Value> = each(row, "mapping").filter(|code| code.is_string()).collect();
        out.insert("kode_nasional".into(), json!(codes));
        let whole = ["kode_bidang_urusan", "kode_program", "kode_kegiatan"]
            .iter()
            .all(|name| out.contains_key(*name));
        whole.then_some(Value::Object(out))
    };
    rows.iter().map(row).collect::<Option<Vec<Value>>>().map(Value::from)
}

/// The fingerprint of canonical content, the same for what differs only in ways that SIPD changes by itself.
pub(crate) fn fingerprint(content: &Value) -> String {
    digest::of(&evened(content))
}

fn evened(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").trim_end_matches('.').into()
        }
        Value::Array(items) => items.iter().map(evened).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), evened(value))).collect(),
        other => other.clone(),
    }
}
