//! The place of a report: the native location id, and the sentence in the report's text. The native system has no
//! field for an address, so the place goes into the text, never the reporter's own.

use crate::native_id::NativeId;
use crate::redact::Redactor;
use crate::settings::Setup;
use serde_json::Value;

/// The native location of the report's region code: the code itself, then each wider region, then the default.
pub(crate) fn location_id<'a>(setup: &'a Setup, input: &Value) -> Option<&'a NativeId> {
    let mut code = input.pointer("/lokasi/kode_wilayah").and_then(Value::as_str);
    while let Some(region) = code {
        if let Some(id) = setup.raw.lokasi.get(region) {
            return Some(id);
        }
        code = region.rsplit_once('.').map(|(wider, _)| wider);
    }
    setup.raw.lokasi_bawaan.as_ref()
}

/// The sentences on the place, empty when the report has none.
pub(crate) fn sentences(setup: &Setup, input: &Value, redactor: Option<&Redactor>) -> Vec<String> {
    let Some(place) = input.get("lokasi") else {
        return Vec::new();
    };
    let address = place
        .get("alamat")
        .and_then(Value::as_str)
        .map(|address| match redactor {
            Some(redactor) => redactor.clean(address),
            None => address.to_owned(),
        });
    let region = place.get("kode_wilayah").and_then(Value::as_str);
    let region = region.map(|code| setup.raw.nama_wilayah.get(code).map_or(code, String::as_str).to_owned());
    let words = [address, region].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut sentences = Vec::new();
    if !words.is_empty() {
        sentences.push(setup.raw.teks.lokasi.replace("{tempat}", words.trim_end_matches('.')));
    }
    if let (Some(lat), Some(lon)) = (number(place, "lat"), number(place, "lon")) {
        sentences.push(setup.raw.teks.koordinat.replace("{lat}", &lat).replace("{lon}", &lon));
    }
    sentences
}

fn number(place: &Value, field: &str) -> Option<String> {
    place.get(field).filter(|value| value.is_number()).map(Value::to_string)
}
