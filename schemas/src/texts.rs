//! Turns the validator's errors into sentences, from the schema's side only: limits, patterns and choices come from
//! the schema, never from the document.

use crate::findings::Violation;
use crate::pointer::{safe_pointer, safe_segment};
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Broken};
use serde_json::Value;

const SHOWN_CHOICES: usize = 20;

/// Adds one violation, or several when one error names several properties.
pub(crate) fn explain(error: &ValidationError<'_>, found: &mut Vec<Violation>) {
    let pointer = safe_pointer(error.instance_path().as_str());
    match error.kind() {
        Broken::AdditionalProperties { unexpected } | Broken::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let pointer = format!("{pointer}/{}", safe_segment(name));
                let id = "Bidang ini tidak dikenal; hapus atau periksa ejaannya.";
                found.push(plain(
                    pointer,
                    "unknown_field",
                    id,
                    "This field is not known; remove it or check its spelling.",
                ));
            }
        }
        Broken::Required { property } => {
            let name = property.as_str().unwrap_or("*");
            let pointer = format!("{pointer}/{}", safe_segment(name));
            found.push(plain(pointer, "required", "Wajib diisi.", "This field is required."));
        }
        Broken::PropertyNames { .. } => {
            let id = "Nama bidang di sini tidak sesuai aturan.";
            found.push(plain(
                pointer,
                "property_names",
                id,
                "A field name here breaks the rule for names.",
            ));
        }
        kind => {
            let (code, id, en) = sentence(kind);
            found.push(Violation { pointer, code, id, en });
        }
    }
}

/// For the case that the validator refuses without giving a reason.
pub(crate) fn unexplained() -> Violation {
    plain(
        String::new(),
        "invalid",
        "Isi tidak sesuai skema.",
        "The content does not satisfy the schema.",
    )
}

fn plain(pointer: String, code: &'static str, id: &str, en: &str) -> Violation {
    Violation {
        pointer,
        code,
        id: id.to_owned(),
        en: en.to_owned(),
    }
}

fn sentence(kind: &Broken) -> (&'static str, String, String) {
    let of = |code, id: String, en: String| (code, id, en);
    match kind {
        Broken::Type { kind } => {
            let (id, en) = types(kind);
            of(
                "type",
                format!("Jenis isi keliru; harus {id}."),
                format!("Wrong type; must be {en}."),
            )
        }
        Broken::Enum { options } => {
            let list = choices(options);
            of(
                "enum",
                format!("Bukan pilihan yang dikenal; pilih salah satu: {list}."),
                format!("Not a known choice; use one of: {list}."),
            )
        }
        Broken::Constant { expected_value } => {
            let one = choice(expected_value);
            of("const", format!("Harus bernilai {one}."), format!("Must be {one}."))
        }
        Broken::Pattern { pattern } => of(
            "pattern",
            format!("Bentuk tidak sesuai pola {pattern}"),
            format!("Does not match the pattern {pattern}"),
        ),
        Broken::Format { format } => {
            let (id, en) = format_hint(format);
            of(
                "format",
                format!("Bentuk keliru; harus {id}."),
                format!("Wrong form; must be {en}."),
            )
        }
        Broken::MinLength { limit } => of(
            "min_length",
            format!("Terlalu pendek; paling sedikit {limit} karakter."),
            format!("Too short; at least {limit} characters."),
        ),
        Broken::MaxLength { limit } => of(
            "max_length",
            format!("Terlalu panjang; paling banyak {limit} karakter."),
            format!("Too long; at most {limit} characters."),
        ),
        Broken::Minimum { limit } => of(
            "minimum",
            format!("Terlalu kecil; paling kecil {limit}."),
            format!("Too small; at least {limit}."),
        ),
        Broken::Maximum { limit } => of(
            "maximum",
            format!("Terlalu besar; paling besar {limit}."),
            format!("Too large; at most {limit}."),
        ),
        Broken::ExclusiveMinimum { limit } => of(
            "exclusive_minimum",
            format!("Harus lebih besar dari {limit}."),
            format!("Must be greater than {limit}."),
        ),
        Broken::ExclusiveMaximum { limit } => of(
            "exclusive_maximum",
            format!("Harus lebih kecil dari {limit}."),
            format!("Must be less than {limit}."),
        ),
        Broken::MultipleOf { multiple_of } => of(
            "multiple_of",
            format!("Harus kelipatan {multiple_of}."),
            format!("Must be a multiple of {multiple_of}."),
        ),
        Broken::MinItems { limit } => of(
            "min_items",
            format!("Paling sedikit {limit} butir."),
            format!("At least {limit} items."),
        ),
        Broken::MaxItems { limit } => of(
            "max_items",
            format!("Paling banyak {limit} butir."),
            format!("At most {limit} items."),
        ),
        Broken::UniqueItems => of(
            "unique_items",
            "Tidak boleh ada butir yang sama.".into(),
            "Items must not repeat.".into(),
        ),
        Broken::MinProperties { limit } => of(
            "min_properties",
            format!("Paling sedikit {limit} bidang."),
            format!("At least {limit} fields."),
        ),
        Broken::MaxProperties { limit } => of(
            "max_properties",
            format!("Paling banyak {limit} bidang."),
            format!("At most {limit} fields."),
        ),
        Broken::AnyOf { context } | Broken::OneOfNotValid { context } => alternatives(kind, context),
        Broken::OneOfMultipleValid { .. } => of(
            "one_of",
            "Sesuai dengan lebih dari satu bentuk; harus tepat satu.".into(),
            "Matches more than one form; exactly one is allowed.".into(),
        ),
        Broken::Not { .. } => of(
            "not",
            "Isi ini dilarang skema.".into(),
            "The schema forbids this content.".into(),
        ),
        Broken::FalseSchema => of(
            "not_allowed",
            "Tidak boleh ada isi di sini.".into(),
            "Nothing is allowed here.".into(),
        ),
        Broken::Contains => of(
            "contains",
            "Butir yang disyaratkan tidak ada.".into(),
            "A required kind of item is missing.".into(),
        ),
        Broken::AdditionalItems { .. } | Broken::UnevaluatedItems { .. } => of(
            "unknown_item",
            "Ada butir yang tidak dikenal.".into(),
            "There is an item that is not known.".into(),
        ),
        Broken::ContentEncoding { .. } | Broken::ContentMediaType { .. } | Broken::FromUtf8 { .. } => of(
            "content",
            "Penyandian isi keliru.".into(),
            "The content is encoded wrongly.".into(),
        ),
        _ => of(
            "invalid",
            "Isi tidak sesuai skema.".into(),
            "The content does not satisfy the schema.".into(),
        ),
    }
}

/// When every branch only misses a property, say which; otherwise say that no form fits.
fn alternatives(kind: &Broken, context: &[Vec<ValidationError<'static>>]) -> (&'static str, String, String) {
    let code = if matches!(kind, Broken::AnyOf { .. }) {
        "any_of"
    } else {
        "one_of"
    };
    let mut missing = Vec::new();
    for branch in context {
        match branch.first().map(ValidationError::kind) {
            Some(Broken::Required { property }) => missing.push(property.as_str().unwrap_or("*").to_owned()),
            _ => {
                return (
                    code,
                    "Tidak sesuai dengan satu pun bentuk yang diterima.".into(),
                    "Fits none of the accepted forms.".into(),
                );
            }
        }
    }
    let list = missing.join(", ");
    (
        code,
        format!("Sertakan salah satu dari: {list}."),
        format!("Give one of: {list}."),
    )
}

fn choices(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut list = options
        .iter()
        .take(SHOWN_CHOICES)
        .map(choice)
        .collect::<Vec<_>>()
        .join(", ");
    if options.len() > SHOWN_CHOICES {
        list.push_str(", …");
    }
    list
}

fn choice(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn types(kind: &TypeKind) -> (String, String) {
    let names: Vec<String> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(set) => set.iter().map(|one| one.to_string()).collect(),
    };
    let indonesian: Vec<&str> = names.iter().map(|name| indonesian_type(name)).collect();
    (indonesian.join(" atau "), names.join(" or "))
}

fn indonesian_type(name: &str) -> &str {
    match name {
        "string" => "teks",
        "number" => "bilangan",
        "integer" => "bilangan bulat",
        "boolean" => "true atau false",
        "object" => "objek",
        "array" => "daftar",
        other => other,
    }
}

fn format_hint(format: &str) -> (String, String) {
    let (id, en) = match format {
        "date" => ("tanggal TTTT-BB-HH", "a date YYYY-MM-DD"),
        "date-time" => (
            "waktu RFC 3339 dengan selisih zona, misalnya 2026-02-03T08:00:00+07:00",
            "an RFC 3339 time with zone offset, such as 2026-02-03T08:00:00+07:00",
        ),
        "email" => ("alamat surel", "an e-mail address"),
        "uri" => ("alamat URI lengkap", "an absolute URI"),
        "uuid" => ("UUID", "a UUID"),
        other => return (format!("berbentuk {other}"), format!("of format {other}")),
    };
    (id.to_owned(), en.to_owned())
}
