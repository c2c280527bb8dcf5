//! Values of the create that come from tables or have several native spellings.

use crate::complaints::Wrong;
use crate::native_id::NativeId;
use crate::settings::{AttachmentsForm, Setup};
use crate::times;
use connector_sdk::Call;
use serde_json::Value;

/// The native category: the configured table first, then the synchronised list.
pub(super) fn category(setup: &Setup, call: &Call<'_>, input: &Value, wrong: &mut Wrong) -> Value {
    let code = text(input, "kategori").unwrap_or_default();
    let native = setup
        .raw
        .kategori
        .get(code)
        .cloned()
        .or_else(|| call.lists.native("lapor.kategori", code).map(NativeId::new));
    mapped(wrong, "/kategori", native.as_ref())
}

/// The institution that receives the report.
pub(super) fn disposition(setup: &Setup, call: &Call<'_>, input: &Value, wrong: &mut Wrong) -> Value {
    match text(input, "opd_tujuan") {
        None => setup.default_disposition().json(),
        Some(code) => mapped(wrong, "/opd_tujuan", setup.institution(call.lists, code).as_ref()),
    }
}

/// The date of the incident in the configured form.
pub(super) fn incident_date(setup: &Setup, input: &Value, wrong: &mut Wrong) -> Value {
    let Some(date) = text(input, "tanggal_kejadian") else {
        return Value::Null;
    };
    match times::date(date, &setup.raw.format_tanggal) {
        Some(date) => Value::String(date),
        None => {
            wrong.add(
                "/tanggal_kejadian",
                "Tulis tanggal sebagai YYYY-MM-DD.",
                "Write the date as YYYY-MM-DD.",
            );
            Value::Null
        }
    }
}

/// A list inside a string, or `false` when there is none.
pub(super) fn attachments(form: AttachmentsForm, documents: &[String]) -> Value {
    if documents.is_empty() {
        return Value::Bool(false);
    }
    let ids: Vec<String> = documents
        .iter()
        .map(|id| NativeId::new(id.as_str()).json().to_string())
        .collect();
    let list = format!("[{}]", ids.join(","));
    Value::String(match form {
        AttachmentsForm::JsonList => list,
        AttachmentsForm::JsonListDot => format!("{list}."),
    })
}

/// A native id, or a complaint at the code that has none.
pub(super) fn mapped(wrong: &mut Wrong, pointer: &str, native: Option<&NativeId>) -> Value {
    native.map_or_else(
        || {
            wrong.unmapped(pointer);
            Value::Null
        },
        NativeId::json,
    )
}

/// A text field.
pub(super) fn text<'a>(input: &'a Value, field: &str) -> Option<&'a str> {
    input.get(field).and_then(Value::as_str)
}
