//! Problem details (RFC 9457), as every refusal and fault is answered. A problem says whose side it is, whether the
//! request landed, whether a retry is safe, and what to do. It never repeats a value it was given.

use super::Answer;
use super::language::Language;
use bytes::Bytes;
use connector_sdk::{Landed, Origin, Text};
use gateway_core::ids::ExchangeId;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use std::time::Duration;

/// Every code with its status; each has a page in `docs/problems` served at its `type` address.
pub const CODES: &[(&str, u16)] = &[
    ("json-tidak-sah", 400),
    ("kunci-idempoten-wajib", 400),
    ("parameter-tidak-sesuai", 400),
    ("permintaan-tidak-sah", 400),
    ("kunci-tidak-sah", 401),
    ("hak-kedaluwarsa", 403),
    ("hak-tidak-ada", 403),
    ("subjek-dibatasi", 403),
    ("sistem-tanpa-data", 404),
    ("tidak-ditemukan", 404),
    ("metode-tidak-boleh", 405),
    ("terlalu-lama", 408),
    ("keadaan-tidak-sesuai", 409),
    ("langganan-bentrok", 409),
    ("rujukan-ganda", 409),
    ("sedang-diproses", 409),
    ("sistem-bentrok", 409),
    ("versi-berakhir", 410),
    ("terlalu-besar", 413),
    ("jenis-isi-tidak-didukung", 415),
    ("harapan-tidak-didukung", 417),
    ("isi-tidak-sesuai", 422),
    ("kunci-idempoten-beda", 422),
    ("sistem-menolak", 422),
    ("batas-terlampaui", 429),
    ("kesalahan-gateway", 500),
    ("belum-terpasang", 501),
    ("konektor-salah", 502),
    ("sistem-menyimpang", 502),
    ("di-luar-jam-layanan", 503),
    ("gateway-sibuk", 503),
    ("penyimpanan-penuh", 503),
    ("sistem-tidak-tersedia", 503),
    ("hasil-belum-pasti", 504),
    ("sistem-lambat", 504),
];

/// Title of a code, both languages.
pub fn code_titles(code: &str) -> Text {
    match code {
        "json-tidak-sah" => Text::new("Isi bukan JSON yang sah", "The body is not valid JSON"),
        "kunci-idempoten-wajib" => Text::new("Header Idempotency-Key wajib", "The header Idempotency-Key is required"),
        "parameter-tidak-sesuai" => Text::new("Parameter tidak sesuai", "A parameter does not fit"),
        "permintaan-tidak-sah" => Text::new("Permintaan HTTP tidak sah", "The HTTP request is malformed"),
        "kunci-tidak-sah" => Text::new("Kunci tidak sah", "The credential is not valid"),
        "hak-kedaluwarsa" => Text::new("Hak sudah kedaluwarsa", "The grant has expired"),
        "hak-tidak-ada" => Text::new("Tidak ada hak atas operasi ini", "There is no grant for this operation"),
        "subjek-dibatasi" => Text::new(
            "Pemrosesan data orang ini dibatasi",
            "Processing of this person's data is restricted",
        ),
        "sistem-tanpa-data" => Text::new("Data tidak ada di sistem tujuan", "The system has no such data"),
        "tidak-ditemukan" => Text::new("Tidak ditemukan", "Not found"),
        "metode-tidak-boleh" => Text::new("Metode tidak boleh", "The method is not allowed"),
        "terlalu-lama" => Text::new("Permintaan terlalu lama datang", "The request took too long to arrive"),
        "keadaan-tidak-sesuai" => Text::new(
            "Keadaan pertukaran tidak mengizinkannya",
            "The state of the exchange does not allow it",
        ),
        "langganan-bentrok" => Text::new(
            "Langganan tidak dalam keadaan yang cocok",
            "The subscription is not in a fitting state",
        ),
        "rujukan-ganda" => Text::new("Rujukan sudah dipakai", "The reference is already used"),
        "sedang-diproses" => Text::new(
            "Permintaan dengan kunci ini sedang diproses",
            "A request with this key is in progress",
        ),
        "sistem-bentrok" => Text::new(
            "Bentrok dengan keadaan di sistem tujuan",
            "It conflicts with the state in the system",
        ),
        "versi-berakhir" => Text::new("Versi sudah berakhir", "The version has ended"),
        "terlalu-besar" => Text::new("Isi terlalu besar", "The body is too large"),
        "jenis-isi-tidak-didukung" => Text::new("Jenis isi tidak didukung", "The content type is not supported"),
        "harapan-tidak-didukung" => Text::new("Harapan tidak didukung", "The expectation is not supported"),
        "isi-tidak-sesuai" => Text::new("Isi tidak sesuai skema", "The body does not match the schema"),
        "kunci-idempoten-beda" => Text::new(
            "Kunci idempotensi dipakai untuk isi lain",
            "The idempotency key was used for another body",
        ),
        "sistem-menolak" => Text::new("Sistem tujuan menolak", "The system refused"),
        "batas-terlampaui" => Text::new("Kuota terlampaui", "The quota is exceeded"),
        "belum-terpasang" => Text::new("Operasi belum terpasang", "The operation is not installed"),
        "konektor-salah" => Text::new("Konektor gagal menerjemahkan", "The connector failed to translate"),
        "sistem-menyimpang" => Text::new(
            "Jawaban sistem menyimpang dari kontrak",
            "The answer of the system departs from the contract",
        ),
        "di-luar-jam-layanan" => Text::new("Di luar jam layanan sistem tujuan", "Outside the hours of the system"),
        "gateway-sibuk" => Text::new("Gateway sedang sibuk", "The gateway is busy"),
        "penyimpanan-penuh" => Text::new("Jurnal tidak dapat ditulis", "The journal cannot be written"),
        "sistem-tidak-tersedia" => Text::new("Sistem tujuan tidak tersedia", "The system is not available"),
        "hasil-belum-pasti" => Text::new("Hasil belum pasti", "The outcome is not known"),
        "sistem-lambat" => Text::new("Sistem tujuan terlambat menjawab", "The system answered too late"),
        _ => Text::new("Kesalahan di dalam gateway", "An error inside the gateway"),
    }
}

/// One problem, ready to be written in either language.
#[derive(Debug, Clone)]
pub struct Problem {
    /// A code of [`CODES`].
    pub code: &'static str,
    /// What happened and what to do.
    pub detail: Text,
    /// Side.
    pub origin: Origin,
    /// Effect.
    pub landed: Landed,
    /// Whether repeating the same request is safe and may help.
    pub retry: bool,
    /// When to come back.
    pub after: Option<Duration>,
    /// Places at fault: pointer, stable rule code, text.
    pub errors: Vec<(String, String, Text)>,
    /// Extra header, for `Allow` and `WWW-Authenticate`.
    pub header: Option<(header::HeaderName, String)>,
}

impl Problem {
    /// A consumer's mistake that changed nothing.
    pub fn consumer(code: &'static str, detail: Text) -> Self {
        Self {
            code,
            detail,
            origin: Origin::Consumer,
            landed: Landed::No,
            retry: false,
            after: None,
            errors: Vec::new(),
            header: None,
        }
    }

    /// Our own inability that changed nothing; trying again is safe.
    pub fn gateway(code: &'static str, detail: Text) -> Self {
        Self {
            origin: Origin::Gateway,
            retry: true,
            ..Self::consumer(code, detail)
        }
    }

    /// HTTP status of the code.
    pub fn status(&self) -> StatusCode {
        let status = CODES
            .iter()
            .find(|(code, _)| *code == self.code)
            .map_or(500, |(_, status)| *status);
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Writes it.
    pub fn render(&self, exchange: ExchangeId, language: Language) -> Answer {
        let titles = code_titles(self.code);
        let body = Document {
            kind: format!("/docs/masalah/{}", self.code),
            title: language.pick(&titles),
            status: self.status().as_u16(),
            detail: language.pick(&self.detail),
            instance: format!("/v1/pertukaran/{exchange}"),
            code: self.code,
            origin: self.origin,
            landed: self.landed,
            retry: Retry {
                safe: self.retry,
                after_seconds: self.after.map(|a| a.as_secs_f64().ceil()),
            },
            errors: self
                .errors
                .iter()
                .map(|(pointer, code, text)| Place {
                    pointer,
                    code,
                    message: language.pick(text),
                })
                .collect(),
        };
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut answer = Answer::new(Bytes::from(bytes).into());
        *answer.status_mut() = self.status();
        let headers = answer.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        if let Some(after) = self.after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        if let Some((name, value)) = &self.header
            && let Ok(value) = HeaderValue::try_from(value)
        {
            headers.insert(name.clone(), value);
        }
        answer
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'a str,
    origin: Origin,
    landed: Landed,
    retry: Retry,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Retry {
    safe: bool,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "whole")]
    after_seconds: Option<f64>,
}

#[derive(Serialize)]
struct Place<'a> {
    pointer: &'a str,
    code: &'a str,
    message: &'a str,
}

/// Whole seconds without a decimal point, at least one.
fn whole<S: serde::Serializer>(seconds: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, positive, saturating"
    )]
    to.serialize_u64(seconds.unwrap_or(0.0).max(1.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_titles_of_its_own() {
        let fallback = code_titles("kesalahan-gateway");
        for (code, _) in CODES {
            assert!(
                *code == "kesalahan-gateway" || code_titles(code) != fallback,
                "{code} has no title"
            );
        }
    }
}
