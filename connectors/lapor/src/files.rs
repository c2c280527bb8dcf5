//! A file of a canonical message as a part of a native multipart body. The file name of an anonymous report says
//! nothing: people put their names there. The bytes are the door's; taking the owner and place out of image metadata
//! is done where the bytes are.

use crate::settings::Setup;
use connector_sdk::{Complaint, Content, Fault, Part, Text};
use serde_json::Value;

/// The part named `field` for the file at position `at`.
pub(crate) fn part(setup: &Setup, field: &str, file: &Value, at: usize, anonymous: bool) -> Result<Part, Fault> {
    let text = |name: &str| file.get(name).and_then(Value::as_str);
    let Some(id) = text("id") else {
        return Err(Fault::invalid(vec![Complaint {
            pointer: format!("/lampiran/{at}/id"),
            text: Text::new("Sebutkan id berkas.", "Name the file's id."),
        }]));
    };
    let media_type = text("tipe_media").unwrap_or("application/octet-stream");
    let given = text("nama_berkas").unwrap_or_default();
    let file_name = if anonymous || given.is_empty() {
        let stem = setup.raw.teks.berkas.replace("{nomor}", &(at + 1).to_string());
        ending(media_type, given).map_or_else(|| stem.clone(), |ending| format!("{stem}.{ending}"))
    } else {
        given
            .chars()
            .map(|c| if c.is_control() || "\"\\/;".contains(c) { '_' } else { c })
            .collect()
    };
    Ok(Part {
        name: field.to_owned(),
        file_name: Some(file_name),
        media_type: Some(media_type.to_owned()),
        content: Content::File {
            id: id.to_owned(),
            strip_metadata: anonymous,
        },
    })
}

/// The ending by media type, else a short plain ending of the given name.
fn ending(media_type: &str, given: &str) -> Option<String> {
    let known = match media_type {
        "image/jpeg" => Some("jpg"),
        "image/png" => Some("png"),
        "application/pdf" => Some("pdf"),
        "application/msword" => Some("doc"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some("docx"),
        _ => None,
    };
    let given = given.rsplit_once('.').map(|(_, ending)| ending);
    let given = given.filter(|e| (1..=4).contains(&e.len()) && e.chars().all(|c| c.is_ascii_alphanumeric()));
    known.or(given).map(str::to_ascii_lowercase)
}
