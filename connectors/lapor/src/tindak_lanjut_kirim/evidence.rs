//! Files of a follow-up, held against the limits that clients of the system keep to.

use crate::complaints::Wrong;
use crate::files;
use crate::settings::Setup;
use connector_sdk::{Fault, Part};
use serde_json::Value;

/// Media types the clients of the system let through.
const MEDIA_TYPES: [&str; 5] = [
    "image/jpeg",
    "image/png",
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
];
/// Most bytes of one file.
const FILE_CAP: u64 = 5 * 1024 * 1024;

/// The parts, named `attachment[0]`, `attachment[1]` …
pub(super) fn evidence(setup: &Setup, input: &Value, secret: bool, wrong: &mut Wrong) -> Result<Vec<Part>, Fault> {
    let given = input
        .get("lampiran")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut parts = Vec::new();
    for (at, file) in given.iter().enumerate() {
        let media_type = file.get("tipe_media").and_then(Value::as_str).unwrap_or_default();
        if !MEDIA_TYPES.contains(&media_type) {
            let pointer = format!("/lampiran/{at}/tipe_media");
            wrong.add(
                &pointer,
                "Pakai jpg, png, pdf, doc atau docx.",
                "Use jpg, png, pdf, doc or docx.",
            );
        }
        if file
            .get("ukuran")
            .and_then(Value::as_u64)
            .is_some_and(|size| size > FILE_CAP)
        {
            wrong.add(&format!("/lampiran/{at}/ukuran"), "Paling besar 5 MB.", "At most 5 MB.");
        }
        parts.push(files::part(setup, &format!("attachment[{at}]"), file, at, secret)?);
    }
    Ok(parts)
}
