//! `inqueryFileDS` and the download behind every file address.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::super::Oss;
use super::Done;
use super::read::{Form, Need, Refusal};
use crate::frame::Answer;

pub(super) fn inquire(oss: &mut Oss, map: &Map<String, Value>) -> Done {
    let mut form = Form::new(map, oss.options.strict.text_codes);
    let id = form.text("id_permohonan_izin", 25, Need::Filled)?;
    oss.known(&id)
        .ok_or_else(|| Refusal::new(400, "Data izin tidak ditemukan"))?;
    match oss.signed(&id) {
        true => Ok(json!({"url_file_ds": oss.file_url(&id)})),
        false => Err(Refusal::new(400, "File belum digabung atau belum ditandatangani")),
    }
}

/// A file by its id; a doubled slash in front of it is forgiven.
pub(super) fn download(oss: &Oss, id: &str) -> Answer {
    let id = id.trim_start_matches('/');
    let digits = id.strip_prefix('U').unwrap_or_default();
    if digits.len() != 21 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Answer::json(404, &json!({"kode": 404, "keterangan": "File tidak ditemukan"}));
    }
    let licence = format!("I-{digits}");
    let version = oss
        .applications
        .get(&licence)
        .map_or(0, |application| application.updates);
    let pdf = format!("%PDF-1.4\n% berkas contoh {id} versi {version}\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n");
    Answer::bytes(200, "application/pdf", Bytes::from(pdf))
}
