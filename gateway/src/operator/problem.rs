//! Problems of the operator port (RFC 9457), with the codes of the public ones. A handler says what is wrong; the outermost
//! layer writes it in the caller's language.

use crate::http::{CODES, Language, code_titles};
use axum::body::Body;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use connector_sdk::Text;
use gateway_core::journal::JournalError;
use gateway_core::person::PersonError;
use serde_json::{Value, json};

/// A problem that was not written yet; travels in the answer's extensions.
#[derive(Debug, Clone)]
struct Problem {
    code: &'static str,
    status: StatusCode,
    detail: Text,
    errors: Vec<(String, Text)>,
}

/// A problem with a code of [`CODES`].
pub(super) fn answer(code: &'static str, detail: &Text) -> Response {
    with_places(code, detail, Vec::new())
}

/// A problem that names places in what was sent.
pub(super) fn with_places(code: &'static str, detail: &Text, errors: Vec<(String, Text)>) -> Response {
    let status = CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(500, |(_, status)| *status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = status.into_response();
    answer.extensions_mut().insert(Problem {
        code,
        status,
        detail: detail.clone(),
        errors,
    });
    answer
}

/// What an answer's problem says, if it carries one: status, title, detail.
pub(super) fn told(answer: &Response, language: Language) -> Option<(StatusCode, String, String)> {
    let problem = answer.extensions().get::<Problem>()?;
    let title = language.pick(&code_titles(problem.code)).to_owned();
    Some((problem.status, title, language.pick(&problem.detail).to_owned()))
}

/// Writes the problem that an answer carries, if it carries one.
pub(super) fn written(mut answer: Response, language: Language) -> Response {
    let Some(problem) = answer.extensions_mut().remove::<Problem>() else {
        return answer;
    };
    let mut body = json!({
        "type": format!("/docs/masalah/{}", problem.code),
        "code": problem.code,
        "status": problem.status.as_u16(),
        "title": language.pick(&code_titles(problem.code)),
        "detail": language.pick(&problem.detail),
    });
    if !problem.errors.is_empty() {
        let place = |(pointer, text): &(String, Text)| json!({"pointer": pointer, "message": language.pick(text)});
        body["errors"] = Value::Array(problem.errors.iter().map(place).collect());
    }
    *answer.body_mut() = Body::from(body.to_string());
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.remove(axum::http::header::CONTENT_LENGTH);
    answer
}

/// The journal did not answer.
pub(super) fn journal(error: &JournalError) -> Response {
    tracing::error!(%error, "journal not usable");
    answer(
        "penyimpanan-penuh",
        &Text::new(
            "Jurnal tidak dapat dipakai saat ini. Tidak ada yang berubah.",
            "The journal cannot be used at the moment. Nothing changed.",
        ),
    )
}

/// Why a person's wish was not granted.
pub(super) fn person(error: &PersonError) -> Response {
    match error {
        PersonError::Missing => answer("tidak-ditemukan", &UNKNOWN),
        PersonError::State(state) => answer(
            "keadaan-tidak-sesuai",
            &Text::owned(
                format!(
                    "Pertukaran ini {}; tindakan itu tidak berlaku. Tidak ada yang berubah.",
                    state.word()
                ),
                format!(
                    "This exchange is {}; that cannot be done with it. Nothing changed.",
                    state.word()
                ),
            ),
        ),
        PersonError::Reason => with_places("isi-tidak-sesuai", &REASON, vec![("/alasan".to_owned(), REASON)]),
        PersonError::SamePerson => answer("hak-tidak-ada", &SAME_PERSON),
        PersonError::NoProposal => answer("keadaan-tidak-sesuai", &NO_PROPOSAL),
        PersonError::Reply(places) => {
            let places = places.split(", ").map(|place| {
                let (pointer, code) = place.split_once(' ').unwrap_or((place, ""));
                (format!("/balasan{pointer}"), Text::owned(code, code))
            });
            with_places("isi-tidak-sesuai", &REPLY, places.collect())
        }
        PersonError::Erased => answer("keadaan-tidak-sesuai", &ERASED),
        PersonError::Operation(_) => answer("belum-terpasang", &NOT_INSTALLED),
        PersonError::Journal(error) => journal(error),
    }
}

pub(super) async fn not_found() -> Response {
    answer("tidak-ditemukan", &NOTHING_HERE)
}

pub(super) async fn wrong_method() -> Response {
    answer("metode-tidak-boleh", &METHOD)
}

pub(super) fn too_slow() -> Response {
    answer("gateway-sibuk", &SLOW)
}

/// No such exchange.
pub(super) const UNKNOWN: Text = Text::new(
    "Tidak ada pertukaran dengan nomor ini.",
    "There is no exchange with this number.",
);
/// A reason is missing.
/// A reason as every deed of a person needs one, trimmed.
pub(super) fn reason(written: &str) -> Result<&str, Response> {
    let written = written.trim();
    if (5..=500).contains(&written.chars().count()) {
        return Ok(written);
    }
    Err(with_places(
        "isi-tidak-sesuai",
        &REASON,
        vec![("/alasan".to_owned(), REASON)],
    ))
}

pub(super) const REASON: Text = Text::new(
    "Alasan wajib, 5 sampai 500 huruf; ia masuk ke bukti.",
    "A reason of 5 to 500 characters is needed; it goes into the evidence.",
);
const SAME_PERSON: Text = Text::new(
    "Petugas lain yang harus menyetujui; Anda sendiri yang mengusulkan.",
    "Another operator must confirm; it was you who proposed it.",
);
const NO_PROPOSAL: Text = Text::new(
    "Tidak ada usulan yang menunggu persetujuan untuk pertukaran ini.",
    "Nothing waits for confirmation on this exchange.",
);
const REPLY: Text = Text::new(
    "Balasan tidak sesuai skema jawaban operasi ini. Tidak ada yang berubah.",
    "The reply does not match the operation's reply schema. Nothing changed.",
);
const ERASED: Text = Text::new(
    "Isi pertukaran ini sudah dihapus menurut masa simpan; tidak dapat dilihat atau dikirim lagi.",
    "The body of this exchange was erased by retention; it can no longer be shown or sent.",
);
const NOT_INSTALLED: Text = Text::new(
    "Operasi pertukaran ini tidak ada dalam konfigurasi yang berlaku, atau isinya tidak terbaca.",
    "The operation of this exchange is not in the configuration in force, or its body is not readable.",
);
const NOTHING_HERE: Text = Text::new(
    "Alamat ini tidak ada di port operator.",
    "There is nothing at this address of the operator port.",
);
const METHOD: Text = Text::new(
    "Metode ini tidak berlaku di alamat ini.",
    "This method does not apply at this address.",
);
const SLOW: Text = Text::new(
    "Jawaban tidak siap tepat waktu. Periksa keadaannya sebelum mengulang.",
    "The answer was not ready in time. Look at the state before trying again.",
);
