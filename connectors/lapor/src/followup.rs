//! One item of a report's follow-up list as a canonical follow-up. Shared by the list and by the look-up.

use crate::envelope::text;
use crate::log::LogEntry;
use crate::settings::Setup;
use crate::times::rfc3339;
use serde_json::{Map, Value, json};

/// The canonical follow-up. Whether it is public is not said by the list; only a plain `false` or 0 makes it so.
pub(crate) fn canonical(setup: &Setup, report: &str, item: &Value) -> Value {
    let entry = LogEntry::read(item, setup.zone);
    let template = text(item, "template_code");
    let public = item
        .get("is_secret")
        .is_some_and(|secret| secret == &json!(false) || secret == &json!(0));
    let status = |name: &Option<String>| {
        name.as_deref()
            .map(|name| setup.statuses.canonical(Some(name), None).word())
    };
    let mut follow_up = Map::new();
    if let Some(id) = text(item, "id") {
        follow_up.insert("id".to_owned(), json!(id));
    }
    follow_up.insert("id_laporan".to_owned(), json!(report));
    follow_up.insert("jenis".to_owned(), json!(kind(setup, template.as_deref())));
    follow_up.insert("isi".to_owned(), json!(words(&entry)));
    follow_up.insert("rahasia".to_owned(), json!(!public));
    follow_up.insert("dari_instansi".to_owned(), json!(entry.from));
    follow_up.insert("ke_instansi".to_owned(), json!(entry.to));
    follow_up.insert("kode_templat".to_owned(), json!(template));
    if let Some(at) = &entry.at {
        follow_up.insert("dibuat_pada".to_owned(), json!(rfc3339(at)));
    }
    follow_up.insert("status_lama".to_owned(), json!(status(&entry.status_old)));
    follow_up.insert("status_baru".to_owned(), json!(status(&entry.status_new)));
    follow_up.insert("berkas_asli".to_owned(), Value::Array(files(item.get("attachments"))));
    Value::Object(follow_up)
}

/// An unmapped template is unknown; a line without a template is a note of the system.
fn kind<'a>(setup: &'a Setup, template: Option<&str>) -> &'a str {
    let Some(template) = template else {
        return "catatan";
    };
    setup
        .raw
        .templat
        .iter()
        .find(|(_, code)| *code == template)
        .map_or("tidak_dikenal", |(kind, _)| kind.as_str())
}

fn words(entry: &LogEntry) -> String {
    entry
        .text()
        .unwrap_or_else(|| match (&entry.status_old, &entry.status_new) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (None, Some(new)) => new.clone(),
            _ => "-".to_owned(),
        })
}

/// A map with numeric-string keys and a key `docs`, or an empty list when there is none.
fn files(attachments: Option<&Value>) -> Vec<Value> {
    let mut found = Vec::new();
    collect(attachments.unwrap_or(&Value::Null), &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => match (text(value, "file_name"), text(value, "path")) {
            (Some(name), address) => found.push(json!({ "nama_berkas": name, "alamat": address })),
            (None, None) => map.values().for_each(|item| collect(item, found)),
            (None, Some(_)) => {}
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::setup_with;

    #[test]
    fn a_follow_up_is_read_with_html_inner_json_and_the_odd_attachment_map() {
        let setup = setup_with(|settings| {
            settings["templat"] = json!({"balasan": "reply_contoh"});
        });
        let item = json!({
            "id": 88_001, "created_at": "06-02-2026 10:00:00", "institution_from_name": "Dinas Contoh",
            "institution_to_name": null, "template_code": "reply_contoh", "template_content": "<p>templat</p>",
            "content": "<p>Dari {{institution_from}}: {{ status_new }}</p>",
            "data": "{\"status_old\":{\"name\":\"Dalam Proses\"},\"status_new\":{\"name\":\"Selesai\"}}",
            "attachments": {"0": {"path": "https://contoh.invalid/1.pdf", "file_name": "a.pdf", "extension": "pdf"}, "docs": []},
        });
        assert_eq!(
            canonical(&setup, "7", &item),
            json!({
                "id": "88001", "id_laporan": "7", "jenis": "balasan", "isi": "Dari Dinas Contoh: Selesai",
                "rahasia": true, "dari_instansi": "Dinas Contoh", "ke_instansi": null, "kode_templat": "reply_contoh",
                "dibuat_pada": "2026-02-06T10:00:00+07:00", "status_lama": "diproses", "status_baru": "selesai",
                "berkas_asli": [{"nama_berkas": "a.pdf", "alamat": "https://contoh.invalid/1.pdf"}],
            })
        );
    }
}
