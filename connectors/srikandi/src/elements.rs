//! The metadata elements that the rule demands of a letter that leaves the city (Perka ANRI 21/2011), and where each is
//! found in the canonical letter. A letter that lacks some is not sent; the answer names all of them.

use connector_sdk::{Complaint, Fault, Text};
use serde_json::Value;

/// Element, its places in the canonical letter (any one will do), name for people.
const MANDATORY: [(&str, &[&str], &str, &str); 22] = [
    ("nomor_arsip", &["/arsip/nomor_arsip"], "nomor arsip", "archive number"),
    (
        "kode_klasifikasi",
        &["/klasifikasi"],
        "kode klasifikasi",
        "classification code",
    ),
    ("pencipta", &["/arsip/pencipta"], "pencipta arsip", "creator"),
    ("uraian", &["/ringkasan", "/hal"], "uraian informasi", "description"),
    ("kurun_waktu", &["/arsip/kurun_waktu"], "kurun waktu", "period"),
    ("jumlah", &["/arsip/jumlah_arsip"], "jumlah", "quantity"),
    ("keterangan", &["/arsip/keterangan"], "keterangan", "remark"),
    ("pengelola", &["/arsip/pengelola"], "nama pengelola", "keeper"),
    ("jenis_naskah", &["/jenis_naskah"], "jenis naskah", "kind of letter"),
    (
        "tingkat_perkembangan",
        &["/arsip/tingkat_perkembangan"],
        "tingkat perkembangan",
        "stage of development",
    ),
    ("judul", &["/arsip/judul", "/hal"], "judul", "title"),
    (
        "klasifikasi_akses",
        &["/arsip/klasifikasi_akses"],
        "klasifikasi akses",
        "access class",
    ),
    (
        "klasifikasi_keamanan",
        &["/sifat"],
        "klasifikasi keamanan",
        "security class",
    ),
    ("kategori", &["/arsip/kategori_arsip"], "kategori arsip", "category"),
    ("media", &["/arsip/media"], "media", "medium"),
    ("bahasa", &["/arsip/bahasa"], "bahasa dan tulisan", "language"),
    ("fungsi", &["/arsip/fungsi"], "fungsi", "function"),
    (
        "nama_berkas",
        &["/arsip/nama_berkas"],
        "nama berkas",
        "name of the file",
    ),
    (
        "judul_berkas",
        &["/arsip/judul_berkas"],
        "judul berkas",
        "title of the file",
    ),
    ("status", &["/arsip/status_arsip"], "status", "status"),
    (
        "status_berkas",
        &["/arsip/status_berkas"],
        "status berkas",
        "status of the file",
    ),
    (
        "tanggal_berkas",
        &["/arsip/tanggal_berkas"],
        "tanggal berkas",
        "date of the file",
    ),
];

/// Names of all elements, for settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MANDATORY.iter().map(|(name, ..)| *name)
}

/// Complains about every demanded element that the letter lacks.
pub(crate) fn complete(letter: &Value, not_demanded: &[String]) -> Vec<Complaint> {
    let given = |pointer: &&str| {
        let value = letter.pointer(pointer);
        value.is_some_and(|value| value.as_str().is_some_and(|text| !text.trim().is_empty()))
    };
    MANDATORY
        .iter()
        .filter(|(name, ..)| !not_demanded.iter().any(|other| other == name))
        .filter(|(_, places, ..)| !places.iter().any(given))
        .map(|(_, places, id, en)| Complaint {
            pointer: places.first().copied().unwrap_or_default().to_owned(),
            text: Text::owned(
                format!("Unsur wajib metadata arsip belum ada: {id}."),
                format!("A mandatory archive element is missing: {en}."),
            ),
        })
        .collect()
}

/// Complains about literal template variables: metadata taken from a document before its variables were filled in.
pub(crate) fn variables(letter: &Value, fields: &[&str]) -> Vec<Complaint> {
    let found = fields
        .iter()
        .filter(|field| letter.get(**field).and_then(Value::as_str).is_some_and(has_variable));
    found
        .map(|field| Complaint {
            pointer: format!("/{field}"),
            text: Text::new(
                "Masih berisi variabel templat. Perbarui PDF di SRIKANDI, lalu ambil lagi isiannya.",
                "Still holds a template variable. Update the PDF in SRIKANDI, then take the value again.",
            ),
        })
        .collect()
}

/// Whether a text holds `${…}`.
pub(crate) fn has_variable(text: &str) -> bool {
    text.split_once("${").is_some_and(|(_, rest)| rest.contains('}'))
}

/// A fault with all complaints, or nothing.
pub(crate) fn refuse(complaints: Vec<Complaint>) -> Result<(), Fault> {
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Fault::invalid(complaints))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_missing_is_listed_at_once() {
        assert_eq!(complete(&json!({}), &[]).len(), MANDATORY.len());
        let some = json!({"klasifikasi": "000.5", "sifat": "biasa", "hal": " ", "arsip": {"judul": "Undangan"}});
        let missing = complete(&some, &["bahasa".to_owned()]);
        assert_eq!(missing.len(), MANDATORY.len() - 4);
        assert!(missing.iter().any(|complaint| complaint.pointer == "/ringkasan"));
        assert!(!missing.iter().any(|complaint| complaint.pointer == "/arsip/judul"));
    }

    #[test]
    fn literal_variables_are_found() {
        let letter = json!({"hal": "${hal}", "ringkasan": "biaya $5 {x}", "nomor_naskah": "${nomor"});
        let found = variables(&letter, &["hal", "ringkasan", "nomor_naskah"]);
        assert_eq!(found.iter().map(|c| c.pointer.as_str()).collect::<Vec<_>>(), ["/hal"]);
    }
}
