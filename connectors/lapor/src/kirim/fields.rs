//! The native create fields, exactly those of reference §2.3. Identity never enters title or content; the three
//! reporter fields are sent only when the endpoint creates reporters and the report is not anonymous.

use super::codes::{attachments, category, disposition, incident_date, mapped, text};
use crate::complaints::Wrong;
use crate::place;
use crate::privacy::Protection;
use crate::redact::Redactor;
use crate::settings::Setup;
use connector_sdk::{Call, Fault};
use serde_json::{Map, Value, json};

/// Builds the body, or says every field that cannot be expressed.
pub(super) fn create(setup: &Setup, call: &Call<'_>, input: &Value, documents: &[String]) -> Result<Value, Fault> {
    let raw = &setup.raw;
    let protection = Protection::of(input);
    let redactor = protection.anonymous.then(|| Redactor::of(input, &raw.teks.samaran));
    let mut wrong = Wrong::default();
    let title = title(setup, input, redactor.as_ref(), &mut wrong);
    let content = content(setup, input, redactor.as_ref(), None, &mut wrong);
    let class = mapped(
        &mut wrong,
        "/klasifikasi",
        text(input, "klasifikasi").and_then(|c| raw.klasifikasi.get(c)),
    );
    let category = category(setup, call, input, &mut wrong);
    let location = mapped(&mut wrong, "/lokasi/kode_wilayah", place::location_id(setup, input));
    let disposition = disposition(setup, call, input, &mut wrong);
    let date = incident_date(setup, input, &mut wrong);
    wrong.done()?;
    let mut body = json!({
        "title": title, "content": content, "channel": raw.kanal.json(),
        "is_inbox": raw.sakelar.is_inbox, "is_disposisi_slider": raw.sakelar.is_disposisi_slider,
        "classification_id": class, "disposition_id": disposition, "category_id": category,
        "priority_program_id": null, "location_id": location, "community_id": null,
        "date_of_incident": date, "copy_externals": null,
        "info_disposition": raw.info_disposisi, "info_attachments": raw.info_lampiran,
        "tags_raw": redactor.as_ref().map_or_else(|| raw.tagar.clone(), |r| r.clean(&raw.tagar)),
        "is_approval": raw.sakelar.is_approval, "is_anonymous": protection.anonymous,
        "is_secret": protection.secret, "is_priority": raw.sakelar.is_priority,
        "attachments": attachments(raw.bentuk_lampiran, documents),
    });
    if let Some(body) = body.as_object_mut() {
        owner(setup, input, protection, body);
    }
    Ok(body)
}

/// Who owns the report upstream: the city's service account, or a reporter created from the message.
fn owner(setup: &Setup, input: &Value, protection: Protection, body: &mut Map<String, Value>) {
    let person = |field: &str| {
        input
            .pointer(&format!("/pelapor/{field}"))
            .filter(|value| value.is_string())
    };
    let known = (person("email"), person("nama"), person("telepon"));
    match known {
        (Some(email), Some(name), Some(phone)) if setup.raw.pelapor_baru && !protection.anonymous => {
            body.insert("is_new_user_slider".to_owned(), json!(true));
            body.insert("emailUser".to_owned(), email.clone());
            body.insert("nameUser".to_owned(), name.clone());
            body.insert("phoneUser".to_owned(), phone.clone());
        }
        _ => {
            body.insert("is_new_user_slider".to_owned(), json!(false));
            body.insert("user_id".to_owned(), setup.raw.id_pengguna.json());
        }
    }
}

/// The subject.
pub(crate) fn title(setup: &Setup, input: &Value, redactor: Option<&Redactor>, wrong: &mut Wrong) -> String {
    let title = text(input, "judul").unwrap_or_default();
    let cap = setup.raw.batas_judul;
    if title.trim().is_empty() {
        wrong.add("/judul", "Isi judulnya.", "Give a subject.");
    } else if title.chars().count() > cap {
        wrong.too_long("/judul", cap);
    }
    // A mask may be longer than what it hides; only then is the title cut.
    redactor
        .map_or_else(|| title.to_owned(), |r| r.clean(title))
        .chars()
        .take(cap)
        .collect()
}

/// The text: marker, the title where the dialect has no field for it, the body, the place.
pub(crate) fn content(
    setup: &Setup,
    input: &Value,
    redactor: Option<&Redactor>,
    title: Option<&str>,
    wrong: &mut Wrong,
) -> String {
    let body = text(input, "isi").unwrap_or_default();
    if body.trim().is_empty() {
        wrong.add("/isi", "Isi uraiannya.", "Give the text.");
    }
    let (source, ticket) = (
        text(input, "sumber").unwrap_or_default(),
        text(input, "tiket").unwrap_or_default(),
    );
    for (pointer, value) in [("/sumber", source), ("/tiket", ticket)] {
        if value.is_empty() {
            wrong.add(
                pointer,
                "Wajib: dengan ini laporan dikenali lagi.",
                "Required: it names the report.",
            );
        }
    }
    let body = redactor.map_or_else(|| body.to_owned(), |r| r.clean(body));
    let length = body.chars().count();
    let mut parts = vec![setup.marker.write(source, ticket)];
    parts.extend(title.map(|title| format!("{title}.")));
    parts.push(body);
    parts.extend(place::sentences(setup, input, redactor));
    let content = parts.join(" ");
    if content.chars().count() > setup.raw.batas_isi {
        let around = content.chars().count() - length;
        let room = setup.raw.batas_isi.saturating_sub(around);
        wrong.too_long("/isi", room);
    }
    content
}
