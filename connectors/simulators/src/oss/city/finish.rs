//! The last pass over a document: absent values, types of numbers, encodings and spellings as the quirks want them.

use serde_json::{Map, Value};

use super::super::quirks::{Absent, Authority, Numbers, Quirks};

/// Stands for "no value" until the last pass.
pub(crate) const ABSENT: &str = "\u{1}";

/// Seen as JSON numbers.
const SEEN_NUMBERS: [&str; 15] = [
    "dalam_bentuk_uang",
    "total_modal_dasar",
    "total_modal_ditempatkan",
    "persen_pma",
    "persen_pmdn",
    "kd_kawasan",
    "jumlah_tki_l",
    "jumlah_tki_p",
    "jumlah_tka_l",
    "jumlah_tka_p",
    "nilai_kurs",
    "total_modal_pemegang",
    "id_kewenangan",
    "id_bidang_spesifik",
    "serial",
];

/// Seen as texts though they are numbers.
const SEEN_TEXTS: [&str; 13] = [
    "total_pma",
    "nilai_pma_dominan",
    "nilai_pmdn",
    "luas_tanah",
    "pembelian_pematang_tanah",
    "bangunan_gedung",
    "mesin_peralatan",
    "mesin_peralatan_usd",
    "investasi_lain",
    "sub_jumlah",
    "modal_kerja",
    "jumlah_investasi",
    "kapasitas",
];

pub(crate) fn finish(value: &mut Value, quirks: &Quirks) {
    match value {
        Value::Object(map) => finish_object(map, quirks),
        Value::Array(items) => items.iter_mut().for_each(|item| finish(item, quirks)),
        Value::String(text) if text == ABSENT => *value = absent(quirks).unwrap_or(Value::Null),
        _ => {}
    }
}

fn finish_object(map: &mut Map<String, Value>, quirks: &Quirks) {
    if quirks.absent == Absent::Missing {
        map.retain(|_, value| value != ABSENT);
    }
    for (key, value) in map.iter_mut() {
        retype(key, value, quirks);
        if key == "kewenangan" && quirks.authority == Authority::Stpw {
            let moved = match value.as_str() {
                Some("01") => "02",
                Some("02") => "03",
                _ => "00",
            };
            *value = moved.into();
        }
        finish(value, quirks);
    }
    if quirks.document_type_space
        && let Some(kind) = map.remove("tipe_dokumen")
    {
        map.insert("tipe_dokumen ".to_owned(), kind);
    }
}

fn retype(key: &str, value: &mut Value, quirks: &Quirks) {
    let to_text = quirks.numbers != Numbers::AsSeen && SEEN_NUMBERS.contains(&key);
    if to_text && value.is_number() {
        *value = value.to_string().into();
    }
    let to_number = quirks.numbers == Numbers::Swapped && SEEN_TEXTS.contains(&key);
    if let (true, Some(text)) = (to_number, value.as_str())
        && let Ok(number) = serde_json::from_str::<Value>(text)
        && number.is_number()
    {
        *value = number;
    }
}

fn absent(quirks: &Quirks) -> Option<Value> {
    match quirks.absent {
        Absent::Dash => Some("-".into()),
        Absent::Empty => Some("".into()),
        Absent::Null => Some(Value::Null),
        Absent::Missing => None,
    }
}
