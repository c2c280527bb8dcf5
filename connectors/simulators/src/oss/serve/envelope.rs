//! Envelopes: what each method calls its answer, what stands in it when something is wrong, as which HTTP status.

use serde_json::{Value, json};

use super::super::Oss;
use super::super::quirks::{CheckEnvelope, CodeType, ErrorData, ErrorHttp};
use super::read::Refusal;
use crate::frame::Answer;

/// Name of the envelope; `None` for a flat answer.
pub(crate) fn envelope(oss: &Oss, method: &str, good: bool) -> Option<&'static str> {
    let quirks = &oss.options.quirks;
    Some(match method {
        "receiveLicense" => "responreceiveLicense",
        "updateLicense" => "responupdateLicense",
        "receiveLicenseStatus" => "responreceiveLicenseStatus",
        "receiveLicenseKKPR" if quirks.kkpr_space => "responreceiveLicenseKKPR ",
        "receiveLicenseKKPR" => "responreceiveLicenseKKPR",
        "checkLicenseStatus" => match (quirks.check_envelope, good) {
            (CheckEnvelope::Table, _) => "responcheckLicenseStatus",
            (CheckEnvelope::Examples, true) => "responcheckStatusLicense",
            (CheckEnvelope::Examples, false) => "responsecheckStatusLicense",
        },
        "inqueryLicense" => "dataLicense",
        "inqueryNIB" if quirks.proxy_envelope => "respon",
        "inqueryNIB" => "responinqueryNIB",
        "checkNIB" => "responcheckNIB",
        "inqueryNIBSTPW" => "responinqueryNIBSTPW",
        "fetchNIB" => "responfetchNIB",
        "getDataReferensi" => "respongetDataReferensi",
        "inqueryFileDS" => "responInqueryFileDS",
        "receiveCertificate" => "responReceiveCertificate",
        "inqueryCertificate" => "responInqueryCertificate",
        "sendSecurityKey" => "responsendSecurityKey",
        _ => return None,
    })
}

/// A good answer: `fields` with the code and the word for success in front.
pub(crate) fn good(oss: &mut Oss, method: &str, mut fields: Value) -> Answer {
    let (code_key, text_key) = keys(method);
    fields[code_key] = code(oss, method, 200);
    if fields.get(text_key).is_none() {
        fields[text_key] = "Sukses".into();
    }
    Answer::json(200, &wrap(envelope(oss, method, true), fields))
}

/// A refusal in the form of the method.
pub(crate) fn bad(oss: &mut Oss, method: &str, refusal: &Refusal) -> Answer {
    let mut fields = error_data(oss, method);
    let (code_key, text_key) = keys(method);
    // On errors the certificate methods answer an empty code.
    let empty = method.ends_with("Certificate") && oss.options.quirks.code_type == CodeType::ByMethod;
    fields[code_key] = if empty {
        "".into()
    } else {
        code(oss, method, refusal.code)
    };
    fields[text_key] = refusal.text.as_str().into();
    if ["inqueryLicense", "fetchNIB", "inqueryProyek"].contains(&method) {
        fields["meta"] = json!([{"message": refusal.text, "field": refusal.field}]);
    }
    if method == "inqueryLicense" {
        fields["success"] = false.into();
    }
    let status = match oss.options.quirks.error_http {
        ErrorHttp::Code => refusal.code,
        ErrorHttp::Ok => 200,
        ErrorHttp::Alternating => {
            if oss.turn() {
                200
            } else {
                refusal.code
            }
        }
    };
    Answer::json(status, &wrap(envelope(oss, method, false), fields))
}

fn wrap(envelope: Option<&str>, fields: Value) -> Value {
    match envelope {
        Some(name) => json!({ name: fields }),
        None => fields,
    }
}

fn keys(method: &str) -> (&'static str, &'static str) {
    match method {
        "inqueryLicense" => ("code", "message"),
        "inqueryProyek" => ("kode_status", "keterangan"),
        "inqueryFileDS" => ("status", "keterangan"),
        _ => ("kode", "keterangan"),
    }
}

fn code(oss: &mut Oss, method: &str, code: u16) -> Value {
    let text = match oss.options.quirks.code_type {
        CodeType::ByMethod => matches!(method, "inqueryFileDS" | "sendSecurityKey"),
        CodeType::Number => false,
        CodeType::Text => true,
        CodeType::Alternating => oss.turn(),
    };
    if text { code.to_string().into() } else { code.into() }
}

fn error_data(oss: &Oss, method: &str) -> Value {
    let nothing = json!({});
    let (key, documented) = match method {
        "receiveLicense" | "updateLicense" => return json!({"nomor_izin": ""}),
        "receiveLicenseStatus" => ("dataNIB", json!({})),
        "checkLicenseStatus" => ("dataIZIN", json!({})),
        "inqueryNIB" => ("dataNIB", json!([])),
        "checkNIB" => ("dataNIB", json!({"nib": "", "nama_perusahaan": "", "status": ""})),
        "inqueryNIBSTPW" => ("dataNIBSTPW", json!({})),
        "fetchNIB" => ("dataNIB", Value::Null),
        "inqueryLicense" | "inqueryProyek" => ("data", Value::Null),
        "inqueryFileDS" => return json!({"url_file_ds": ""}),
        "receiveCertificate" | "inqueryCertificate" => ("dataCertificate", json!({})),
        _ => return nothing,
    };
    match oss.options.quirks.error_data {
        ErrorData::ByMethod => json!({ key: documented }),
        ErrorData::EmptyObject => json!({ key: {} }),
        ErrorData::EmptyArray => json!({ key: [] }),
        ErrorData::Null => json!({ key: null }),
        ErrorData::Missing => nothing,
    }
}
