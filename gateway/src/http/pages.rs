//! Pages for people at the addresses that answers point to: one per problem code, from `docs/problems`.

use super::Answer;
use bytes::Bytes;
use http::{HeaderValue, header};
use serde_json::{Map, Value};

macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        &[$(($code, include_str!(concat!("../../../docs/problems/", $code, ".md")))),*]
    };
}

const PAGES: &[(&str, &str)] = pages![
    "json-tidak-sah",
    "kunci-idempoten-wajib",
    "parameter-tidak-sesuai",
    "permintaan-tidak-sah",
    "kunci-tidak-sah",
    "hak-kedaluwarsa",
    "hak-tidak-ada",
    "sistem-tanpa-data",
    "tidak-ditemukan",
    "metode-tidak-boleh",
    "terlalu-lama",
    "keadaan-tidak-sesuai",
    "langganan-bentrok",
    "rujukan-ganda",
    "sedang-diproses",
    "sistem-bentrok",
    "versi-berakhir",
    "terlalu-besar",
    "jenis-isi-tidak-didukung",
    "isi-tidak-sesuai",
    "kunci-idempoten-beda",
    "sistem-menolak",
    "batas-terlampaui",
    "kesalahan-gateway",
    "belum-terpasang",
    "konektor-salah",
    "sistem-menyimpang",
    "di-luar-jam-layanan",
    "gateway-sibuk",
    "penyimpanan-penuh",
    "sistem-tidak-tersedia",
    "hasil-belum-pasti",
    "sistem-lambat",
];

/// The page of a problem code, as Markdown text.
pub(super) fn problem(parameters: &Map<String, Value>) -> Option<Answer> {
    let code = parameters.get("kode")?.as_str()?;
    let (_, page) = PAGES.iter().find(|(known, _)| *known == code)?;
    let mut answer = Answer::new(Bytes::from_static(page.as_bytes()).into());
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/markdown; charset=utf-8"),
    );
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::super::problem::CODES;
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        for (code, _) in CODES {
            assert!(PAGES.iter().any(|(known, _)| known == code), "{code}");
        }
    }
}
