//! From a refusal of the core to a problem: one exhaustive match, texts in both languages.

use super::problem::Problem;
use connector_sdk::Text;
use gateway_core::Refusal;
use http::header::WWW_AUTHENTICATE;
use schemas::Violation;
use std::time::Duration;

/// What a caller is told when we cannot store for a moment.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// The problem of a refusal.
pub(super) fn problem(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::NoGrant { consumer, operation } => Problem::consumer(
            "hak-tidak-ada",
            Text::owned(
                format!("{consumer} tidak mempunyai hak atas {operation}. Ajukan hak kepada pengelola gateway."),
                format!("{consumer} has no grant for {operation}. Ask the gateway's operator for one."),
            ),
        ),
        Refusal::FieldsNotGranted(outside) => Problem {
            errors: places("hak-tidak-ada", outside).errors,
            ..Problem::consumer(
                "hak-tidak-ada",
                Text::new(
                    "Hak Anda tidak mencakup semua isian ini; lihat errors. Hapus isian itu, atau ajukan hak atasnya.",
                    "Your grant does not cover all these fields; see errors. Leave them out, or ask for a grant for them.",
                ),
            )
        },
        Refusal::NotOpen => Problem::consumer(
            "hak-tidak-ada",
            Text::new(
                "Metode dan jalur ini tidak dibuka untuk panggilan asli. Minta pengelola membukanya di [sistem.asli].",
                "This method and path are not open to native calls. Ask the operator to open them in [sistem.asli].",
            ),
        ),
        Refusal::SubjectRestricted { .. } => Problem::consumer(
            "subjek-dibatasi",
            Text::new(
                "Pemrosesan data pribadi seseorang di dalamnya dibatasi. Tidak ada yang disimpan atau dikirim; hubungi pengelola gateway.",
                "Processing of the personal data of somebody in it is restricted. Nothing was stored or sent; ask the gateway's operator.",
            ),
        ),
        Refusal::GrantExpired { agreement } => Problem::consumer(
            "hak-kedaluwarsa",
            Text::owned(
                format!("Hak menurut perjanjian {agreement} sudah berakhir. Perpanjang perjanjian itu."),
                format!("The grant under agreement {agreement} has expired. Renew the agreement."),
            ),
        ),
        Refusal::GrantNotYet { agreement } => Problem::consumer(
            "hak-kedaluwarsa",
            Text::owned(
                format!("Hak menurut perjanjian {agreement} belum mulai berlaku."),
                format!("The grant under agreement {agreement} is not valid yet."),
            ),
        ),
        Refusal::OverQuota { limit, after } => Problem {
            retry: true,
            after: Some(*after),
            ..Problem::consumer(
                "batas-terlampaui",
                Text::owned(
                    format!("Batas {limit} panggilan per menit tercapai. Coba lagi setelah jeda yang disebut."),
                    format!("The limit of {limit} calls per minute is reached. Try again after the pause named."),
                ),
            )
        },
        Refusal::BodyTooLarge { limit } => Problem::consumer(
            "terlalu-besar",
            Text::owned(
                format!("Isi melebihi batas {limit} bita untuk operasi ini."),
                format!("The body exceeds the limit of {limit} bytes for this operation."),
            ),
        ),
        Refusal::BodyIncomplete => Problem {
            retry: true,
            ..Problem::consumer(
                "terlalu-lama",
                Text::new(
                    "Isi tidak datang lengkap pada waktunya. Tidak ada yang disimpan; aman diulang.",
                    "The body did not arrive complete in time. Nothing was stored; repeating is safe.",
                ),
            )
        },
        Refusal::BodyAltered => unidentified(),
        Refusal::MediaType => Problem::consumer(
            "jenis-isi-tidak-didukung",
            Text::new(
                "Kirim isi sebagai Content-Type: application/json (UTF-8), tanpa Content-Encoding.",
                "Send the body as Content-Type: application/json (UTF-8), without Content-Encoding.",
            ),
        ),
        Refusal::NotJson(error) => Problem {
            errors: vec![(
                error.pointer.clone(),
                error.code.to_string(),
                Text::owned(error.id.to_string(), error.en.to_string()),
            )],
            ..Problem::consumer(
                "json-tidak-sah",
                Text::owned(
                    format!(
                        "Isi tidak dapat dibaca sebagai JSON pada bita ke-{}. {}",
                        error.offset, error.id
                    ),
                    format!("The body cannot be read as JSON at byte {}. {}", error.offset, error.en),
                ),
            )
        },
        Refusal::Invalid(violations) => places("isi-tidak-sesuai", violations),
        Refusal::Parameters(violations) => places("parameter-tidak-sesuai", violations),
        Refusal::KeyRequired => Problem::consumer(
            "kunci-idempoten-wajib",
            Text::new(
                "Operasi ini menulis dan tidak mempunyai nomor rujukan sendiri: sertakan header Idempotency-Key.",
                "This operation writes and has no reference of its own: send the header Idempotency-Key.",
            ),
        ),
        Refusal::KeyMalformed => Problem::consumer(
            "permintaan-tidak-sah",
            Text::new(
                "Idempotency-Key harus 1–255 karakter ASCII yang tampak, tanpa spasi.",
                "Idempotency-Key must be 1–255 visible ASCII characters without spaces.",
            ),
        ),
        Refusal::KeyMismatch { first } => Problem::consumer(
            "kunci-idempoten-beda",
            Text::owned(
                format!(
                    "Idempotency-Key ini sudah dipakai untuk isi lain pada {first}. Pakai kunci baru untuk maksud baru."
                ),
                format!("This Idempotency-Key was used for other content at {first}. Use a new key for a new intent."),
            ),
        ),
        Refusal::ReferenceMismatch { earlier } => Problem::consumer(
            "rujukan-ganda",
            Text::owned(
                format!("Nomor rujukan ini sudah dikirim dengan isi lain; lihat /v1/pertukaran/{earlier}."),
                format!("This reference was sent with other content before; see /v1/pertukaran/{earlier}."),
            ),
        ),
        Refusal::InProgress { exchange, after } => Problem {
            retry: true,
            after: Some(*after),
            ..Problem::consumer(
                "sedang-diproses",
                Text::owned(
                    format!("Permintaan yang sama masih diproses; lihat /v1/pertukaran/{exchange}."),
                    format!("The same request is still in progress; see /v1/pertukaran/{exchange}."),
                ),
            )
        },
        Refusal::CannotStore => Problem {
            after: Some(STORE_PAUSE),
            ..Problem::gateway(
                "penyimpanan-penuh",
                Text::new(
                    "Gateway tidak dapat menyimpan permintaan saat ini. Permintaan TIDAK diterima; kirim ulang nanti.",
                    "The gateway cannot store the request at the moment. It was NOT accepted; send it again later.",
                ),
            )
        },
        Refusal::NotInstalled { system } => Problem {
            retry: false,
            ..Problem::gateway(
                "belum-terpasang",
                Text::owned(
                    format!("Sistem {system} belum dipasang di gateway ini."),
                    format!("System {system} is not set up in this gateway."),
                ),
            )
        },
    }
}

/// The id of a signed request was used before.
pub(super) fn repeated() -> Problem {
    Problem::consumer(
        "rujukan-ganda",
        Text::new(
            "X-EXTERNAL-ID ini sudah dipakai hari itu. Permintaan tidak dikerjakan; pakai id baru untuk permintaan baru.",
            "This X-EXTERNAL-ID was used on that day. The request was not carried out; a new request needs a new id.",
        ),
    )
}

/// The caller could not be identified.
pub(super) fn unidentified() -> Problem {
    Problem {
        header: Some((WWW_AUTHENTICATE, "Bearer realm=\"simpul\"".into())),
        ..Problem::consumer(
            "kunci-tidak-sah",
            Text::new(
                "Kunci API, token, sertifikat, atau tanda tangan tidak ada atau salah. Kunci sandbox tidak berlaku di produksi.",
                "The API key, token, certificate or signature is missing or wrong. A sandbox key does not work in production.",
            ),
        )
    }
}

fn places(code: &'static str, violations: &[Violation]) -> Problem {
    let count = violations.len();
    let errors = violations
        .iter()
        .map(|v| {
            (
                v.pointer.clone(),
                v.code.to_owned(),
                Text::owned(v.id.clone(), v.en.clone()),
            )
        })
        .collect();
    Problem {
        errors,
        ..Problem::consumer(
            code,
            Text::owned(
                format!("{count} isian tidak sesuai; lihat errors. Tidak ada yang dikirim."),
                format!("{count} fields do not fit; see errors. Nothing was sent."),
            ),
        )
    }
}
